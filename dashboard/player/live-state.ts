import type Player from "rrweb-player";
import { STATE_ATTRIBUTE } from "../../src/contract/events.ts";

type Replayer = ReturnType<Player["getReplayer"]>;

/** CSS rule that draws the recorded focus ring. Because of `:where`, styles of the page override the ring. */
export const FOCUS_RULE = `:where([${STATE_ATTRIBUTE}~="focus-visible"]) { outline: auto 1px -webkit-focus-ring-color }`;

/** Names of custom elements that the recorded page had defined. */
const customElements = new Set<string>();

export function noteCustomElement(name: string): void {
	customElements.add(name);
}

/**
 * Applies to the replayed document what rrweb does not replay: opens and closes popovers, defines custom elements,
 * empties selects whose choice is masked, and ends animations after a seek. Whether a popover is open is recorded in
 * `STATE_ATTRIBUTE`, which rrweb replays like any attribute.
 */
export function applyLiveState(replayer: Replayer): void {
	/** Shadow roots of the replayed document. */
	const shadowRoots = new Set<ShadowRoot>();
	const roots = () => {
		for (const root of shadowRoots) if (!root.isConnected) shadowRoots.delete(root);
		const document = replayer.iframe.contentDocument;
		return document ? [document, ...shadowRoots] : [];
	};
	const observer = new MutationObserver((records) => {
		for (const { target } of records) applyPopover(target as HTMLElement);
	});
	const observe = (root: Node) =>
		observer.observe(root, { subtree: true, attributes: true, attributeFilter: [STATE_ATTRIBUTE] });
	const afterSeek = () => {
		for (const root of roots()) {
			for (const element of root.querySelectorAll<HTMLElement>("[popover]")) applyPopover(element);
			root.getAnimations().forEach(endAnimation);
		}
	};
	replayer.on("fullsnapshot-rebuilded", () => {
		const document = replayer.iframe.contentDocument;
		if (document) observe(document);
		if (replayer.service.state.matches("paused")) afterSeek();
	});
	replayer.config.plugins ??= [];
	replayer.config.plugins.push({
		onBuild(node) {
			if (node.nodeType !== Node.ELEMENT_NODE) return;
			const element = node as HTMLElement;
			defineElement(element);
			if (element.shadowRoot) {
				shadowRoots.add(element.shadowRoot);
				observe(element.shadowRoot);
			}
			if (element.hasAttribute(STATE_ATTRIBUTE)) queueMicrotask(() => applyPopover(element));
			if (element.localName === "select") showMaskedChoice(element as HTMLSelectElement);
		},
	});
	replayer.on("flush", afterSeek);
}

/**
 * Ends an animation or transition after a seek. rrweb does not know when the animation began, and a paused replay would
 * show the first frame of the animation.
 */
function endAnimation(animation: Animation): void {
	const end = animation.effect?.getComputedTiming().endTime;
	if (typeof end === "number" && Number.isFinite(end)) animation.finish();
}

/** Opens or closes a popover as recorded. An attribute alone cannot do so: open popovers are in the top layer. */
function applyPopover(element: HTMLElement): void {
	if (!element.isConnected || !element.hasAttribute("popover")) return;
	const isWanted = element.getAttribute(STATE_ATTRIBUTE)?.split(" ").includes("popover") ?? false;
	try {
		if (isWanted !== element.matches(":popover-open")) element.togglePopover(isWanted);
	} catch {
		// Some recorded popovers cannot be shown.
	}
}

function defineElement({ localName, ownerDocument }: HTMLElement): void {
	const view = ownerDocument.defaultView as (Window & typeof globalThis) | null;
	if (!view || !customElements.has(localName) || view.customElements.get(localName)) return;
	view.customElements.define(localName, class extends view.HTMLElement {});
}

/** Selects no option if the choice is masked or missing. Otherwise, the first option would look like the choice. */
function showMaskedChoice(select: HTMLSelectElement): void {
	if (/^\**$/.test(select.getAttribute("value") ?? "")) select.selectedIndex = -1;
}
