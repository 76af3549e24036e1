import { record } from "@rrweb/record";
import { FULL_SNAPSHOT, INCREMENTAL, META, MUTATION, type RecordedEvent } from "../src/contract/events.ts";
import { MEDIA_FEATURES } from "../src/contract/media.ts";
import type { Redactor } from "../src/contract/redact.ts";
import type { PageCause } from "../src/contract/trail.ts";
import { createAssets } from "./assets.ts";
import type { RecorderConfig } from "./config.ts";
import type { Cost } from "./cost.ts";
import { guard } from "./guard.ts";
import { createLiveState } from "./live-state.ts";
import type { Masking } from "./masking.ts";
import type { FetchPart } from "./parts.ts";
import type { PrivacyRules } from "./privacy.ts";
import { createScrubber } from "./scrub.ts";
import { createSelectedValue } from "./selectors.ts";
import { createThrottle } from "./throttle.ts";

export interface Capture {
	/** Takes a new full snapshot. */
	checkout(): void;
	stop(): void;
}

export interface CaptureOptions {
	config: RecorderConfig;
	/** Options for rrweb, as `checkOptions` returns them. */
	rrwebOptions: Record<string, unknown>;
	redactor: Pick<Redactor, "url" | "file">;
	masking: Masking;
	privacy: PrivacyRules;
	cost: Cost;
	fetchPart: FetchPart;
	/** Returns the document's title, masked if the privacy rules mask or block the `<title>` element. */
	title(): string;
	/** Cause of the first snapshot; later ones are checkouts. */
	cause: PageCause;
	/** Receives the events in the order of recording. The first full snapshot is urgent: it must be sent at once. */
	emit(event: RecordedEvent, urgent: boolean): void;
	/** Called when the page exceeds the limit of DOM changes. The caller must then stop the capture. */
	onLimit(changes: number): void;
}

/**
 * Starts rrweb, which only this module imports.
 * @throws what rrweb throws
 */
export function startCapture(options: CaptureOptions): Capture {
	const { config, redactor, masking, privacy, cost, emit } = options;
	const rrwebOptions = options.rrwebOptions as Parameters<typeof record>[0] & object;
	const { scrub } = createScrubber({
		...redactor,
		masking,
		privacy,
		node: (id) => record.mirror.getNode(id),
		selectedValue: createSelectedValue(),
		addState: (element, attributes, isWhole) => liveState.add(element, attributes, isWhole),
		keep: config.keepAttributes,
		onAsset: createAssets(options.fetchPart, (element, attributes, added) => {
			const id = idOf(element);
			const data = {
				source: MUTATION,
				texts: [],
				removes: [],
				adds: [] as unknown[],
				attributes: [{ id, attributes }],
			};
			const event = { type: INCREMENTAL, timestamp: Date.now(), data };
			if (isStopped || id < 1 || !scrub(event)) return;
			const siblingParent = idOf(element.parentNode as Element);
			data.adds = added.map(({ parentId, node }) => ({ parentId: parentId ?? siblingParent, nextId: null, node }));
			emit(event, false);
		}),
	});
	let sawSnapshot = false;
	let isStopped = false;
	const onRrwebEvent = (event: RecordedEvent) => {
		if (isStopped || !throttle.pass(event)) return;
		if (!scrub(event)) return;
		const isFirstSnapshot = event.type === FULL_SNAPSHOT && !sawSnapshot;
		sawSnapshot ||= isFirstSnapshot;
		emit(event, isFirstSnapshot);
	};
	const emitDeferred = (event: RecordedEvent) => {
		if (scrub(event)) emit(event, false);
	};
	const styleOf = (id: unknown) => (record.mirror.getNode(Number(id)) as Element | null)?.getAttribute("style") ?? "";
	const throttle = createThrottle(config.mutationLimit, emitDeferred, options.onLimit, styleOf);
	const idOf = (element: Element) => record.mirror.getId(element);
	const liveState = createLiveState(idOf, (event) => isStopped || emitDeferred(event), guard);
	(record as Measured).cost = cost.begin;
	(record as Measured).onShadowRoot = liveState.observe;
	const stop = cost.measure(() =>
		record({
			inlineStylesheet: countRules() <= config.stylesheetLimit,
			...rrwebOptions,
			emit(event, isCheckout) {
				if (event.type === META)
					Object.assign(event.data, {
						title: options.title(),
						cause: isCheckout ? "checkout" : options.cause,
						media: mediaOf(),
					});
				onRrwebEvent(event as unknown as RecordedEvent);
			},
			// rrweb calls `maskInputFn` for every field; masking.ts decides which ones to mask. The scrubber masks other
			// text.
			maskAllInputs: true,
			maskInputFn: masking.input,
			blockSelector: privacy.blockSelector,
			ignoreSelector: config.ignoreSelector,
			sampling: { scroll: 150, ...rrwebOptions.sampling },
			recordAfter: "DOMContentLoaded",
			recordCanvas: false,
			recordCrossOriginIframes: false,
			// Errors inside rrweb must not reach the page.
			errorHandler: () => true,
		}),
	);
	return {
		checkout: () => cost.measure(() => record.takeFullSnapshot(true)),
		stop() {
			isStopped = true;
			throttle.stop();
			liveState.stop();
			stop?.();
		},
	};
}

/** Returns the visitor's values of the CSS media features as `name:value`, separated by spaces. */
function mediaOf(): string {
	return Object.entries(MEDIA_FEATURES)
		.flatMap(([name, values]) => {
			const value = values.find((value) => matchMedia(`(${name}:${value})`).matches);
			return value ? `${name}:${value}` : [];
		})
		.join(" ");
}

/** rrweb's `record` with the hooks that the build adds to it; see slim-rrweb.ts. */
type Measured = typeof record & { cost?: Cost["begin"]; onShadowRoot?(root: ShadowRoot): void };

/** Counts the CSS rules of the linked style sheets that are readable. */
function countRules(): number {
	let count = 0;
	for (const sheet of document.styleSheets) {
		try {
			if (sheet.href) count += sheet.cssRules.length;
		} catch {
			// A cross-origin style sheet cannot be read, so rrweb does not inline it either.
		}
	}
	return count;
}
