import { INCREMENTAL, MUTATION, type RecordedEvent, STATE_ATTRIBUTE } from "../src/contract/events.ts";
import { now } from "./clock.ts";
import { listen } from "./instruments/instrument.ts";
import { replaceProperty } from "./replace-property.ts";

/**
 * Records the state of elements that is not in their attributes and that rrweb does not record: open popovers, focus,
 * disabled style sheets, and the final styles of script animations that fill forwards. The state is recorded as
 * attributes, so that a replay also shows it after a seek.
 */
export interface LiveState {
	/**
	 * Adds the state of an element to its recorded attributes.
	 * @param isWhole whether `attributes` contains all attributes of the element, not only changed ones
	 */
	add(element: Element, attributes: Record<string, unknown>, isWhole: boolean): void;
	/** Listens to toggle events in a shadow root, because they do not reach the document. */
	observe(root: ShadowRoot): void;
	stop(): void;
}

/** CSS declarations that an animation leaves in effect after its end, by property. */
type Fill = Record<string, string>;

/**
 * @param idOf returns rrweb's ID of an element; less than 1 if the element is not recorded
 * @param emit receives the events
 */
export function createLiveState(
	idOf: (element: Element) => number,
	emit: (event: RecordedEvent) => void,
	guard: <T>(act: () => T) => T | undefined,
): LiveState {
	const stops: (() => void)[] = [];
	const fills = new WeakMap<Element, Map<Animation, Fill>>();
	let focused: Element | null = null;

	const record = (element: Element, attributes: Record<string, unknown>) => {
		const id = idOf(element);
		if (id < 1) return;
		const change = { source: MUTATION, texts: [], attributes: [{ id, attributes }], removes: [], adds: [] };
		emit({ type: INCREMENTAL, data: change, timestamp: now() });
	};
	const stateOf = (element: Element) =>
		[
			element.hasAttribute("popover") && element.matches(":popover-open") && "popover",
			element === focused && "focus",
			element === focused && element.matches(":focus-visible") && "focus-visible",
		]
			.filter(Boolean)
			.join(" ");
	const update = (element: Element) => record(element, { [STATE_ATTRIBUTE]: stateOf(element) || null });
	const onToggle = ({ target }: Event) => target instanceof Element && target.hasAttribute("popover") && update(target);
	const onFocus = (event: Event) => {
		const [target] = event.composedPath();
		const [before, after] = [focused, event.type === "focusin" && target instanceof Element ? target : null];
		focused = after;
		for (const element of [before, after]) if (element?.isConnected) update(element);
	};
	stops.push(
		listen(document, "toggle", onToggle),
		listen(document, "focusin", onFocus),
		listen(document, "focusout", onFocus),
	);
	focused = deepActiveElement();

	/** Returns the declarations that animations have left in effect on an element. */
	const fillOf = (element: Element): Fill => Object.assign({}, ...(fills.get(element)?.values() ?? []));
	const onAnimation = (animation: Animation) => {
		const { effect } = animation;
		if (!(effect instanceof KeyframeEffect) || !effect.target || effect.pseudoElement) return;
		const { target } = effect;
		const fill = endOf(effect);
		const known = fills.get(target) ?? new Map<Animation, Fill>();
		if (!fill || known.has(animation)) return;
		fills.set(target, known.set(animation, fill));
		record(target, { style: fill });
		animation.addEventListener("cancel", () =>
			guard(() => {
				known.delete(animation);
				const own = (target as HTMLElement).style;
				const restored = Object.keys(fill).map((name) => [name, own?.getPropertyValue(name) || false]);
				record(target, { style: { ...Object.fromEntries(restored), ...fillOf(target) } });
			}),
		);
	};
	const wrap = <K extends string>(holder: Record<K, unknown>, name: K, after: (self: never, result: never) => void) => {
		const original = holder[name] as (...args: unknown[]) => unknown;
		if (typeof original !== "function") return;
		const wrapped = new Proxy(original, {
			apply(target, self, args) {
				const result = Reflect.apply(target, self, args);
				guard(() => after(self as never, result as never));
				return result;
			},
		});
		guard(() => {
			holder[name] = wrapped as never;
		});
		stops.push(() => {
			if (holder[name] === wrapped) holder[name] = original as never;
		});
	};
	if (document.getAnimations) {
		wrap(Element.prototype as never, "animate", (_: never, animation: Animation) => onAnimation(animation));
		wrap(Animation.prototype as never, "play", (animation: Animation) => onAnimation(animation));
		for (const animation of document.getAnimations()) guard(() => onAnimation(animation));
	}

	stops.push(
		replaceProperty(StyleSheet.prototype, "disabled", ({ get, set }) => ({
			get,
			set(this: StyleSheet, value: boolean) {
				set!.call(this, value);
				guard(() => this.ownerNode instanceof Element && record(this.ownerNode, { media: mediaOf(this.ownerNode) }));
			},
		})),
	);
	watchRules(stops, guard);

	return {
		add(element, attributes, isWhole) {
			if (isWhole) {
				const state = (element === focused || "popover" in attributes) && stateOf(element);
				if (state) attributes[STATE_ATTRIBUTE] = state;
				if ((element as HTMLStyleElement).sheet?.disabled) attributes.media = mediaOf(element);
			}
			if (!fills.has(element) || (!isWhole && typeof attributes.style !== "string")) return;
			const declarations = Object.entries(fillOf(element)).map(([name, value]) => `${name}:${value}`);
			attributes.style = [attributes.style, ...declarations].filter(Boolean).join(";");
		},
		observe(root) {
			stops.push(listen(root, "toggle", onToggle));
		},
		stop() {
			for (const stop of stops.splice(0)) guard(stop);
		},
	};
}

/** Returns the `media` attribute to record. A disabled sheet is recorded with media that never match. */
function mediaOf(element: Element): string | null {
	return (element as HTMLStyleElement).sheet?.disabled ? "not all" : element.getAttribute("media");
}

function deepActiveElement(): Element | null {
	let active = document.activeElement;
	while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
	return active === document.body ? null : active;
}

/** Returns the declarations that stay in effect after the animation's end; null if none do. */
function endOf(effect: KeyframeEffect): Fill | null {
	const { fill, direction } = effect.getComputedTiming();
	if (fill !== "forwards" && fill !== "both") return null;
	const frames = effect.getKeyframes();
	const last = direction?.endsWith("reverse") ? frames[0] : frames.at(-1);
	const { offset, computedOffset, easing, composite, ...declarations } = last ?? {};
	const named = Object.entries(declarations).map(([name, value]) => [
		name === "cssFloat" ? "float" : name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
		String(value),
	]);
	return named.length ? Object.fromEntries(named) : null;
}

/** Times after a script reads the `style` of a rule at which the declarations are compared. */
const CHECK_AFTER_MS = [0, 250];

/**
 * Detects changes such as `rule.style.color = "red"`, which rrweb misses because it patches only `setProperty`. A
 * script that changes a rule reads the rule's `style` first. Therefore, a little after a read, the declarations are
 * compared with those at the read, and changed values are set again with `setProperty`, which rrweb records.
 */
function watchRules(stops: (() => void)[], guard: <T>(act: () => T) => T | undefined): void {
	const read = new Map<CSSStyleDeclaration, Map<string, string>>();
	const snapshot = (of: CSSStyleDeclaration) =>
		new Map(
			Array.prototype.map.call(of, (name: string) => [name, declarationOf(of, name)] as const) as [string, string][],
		);
	const check = () => {
		for (const [declared, before] of read) {
			const after = snapshot(declared);
			read.set(declared, after);
			for (const [name, value] of after) {
				if (before.get(name) === value) continue;
				declared.setProperty(name, declared.getPropertyValue(name), declared.getPropertyPriority(name));
			}
			for (const name of before.keys()) if (!after.has(name)) declared.removeProperty(name);
		}
	};
	let timers: ReturnType<typeof setTimeout>[] = [];
	const restore = replaceProperty(CSSStyleRule.prototype, "style", (original) => ({
		...original,
		get(this: CSSStyleRule) {
			const declared = original.get!.call(this) as CSSStyleDeclaration;
			guard(() => {
				if (read.has(declared) || read.size >= MAX_WATCHED_RULES) return;
				read.set(declared, snapshot(declared));
				if (timers.length) return;
				timers = CHECK_AFTER_MS.map((ms, i) =>
					setTimeout(() => {
						guard(check);
						if (i < CHECK_AFTER_MS.length - 1) return;
						read.clear();
						timers = [];
					}, ms),
				);
			});
			return declared;
		},
	}));
	stops.push(() => {
		for (const timer of timers) clearTimeout(timer);
		restore();
	});
}

const MAX_WATCHED_RULES = 200;

const declarationOf = (declared: CSSStyleDeclaration, name: string) =>
	declared.getPropertyValue(name) + declared.getPropertyPriority(name);
