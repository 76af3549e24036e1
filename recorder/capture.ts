import { record } from "@rrweb/record";
import { FULL_SNAPSHOT, META, type RecordedEvent } from "../src/contract/events.ts";
import type { Redactor } from "../src/contract/redact.ts";
import type { PageCause } from "../src/contract/trail.ts";
import type { RecorderConfig } from "./config.ts";
import type { Cost } from "./cost.ts";
import type { Masking } from "./masking.ts";
import { createScrubber } from "./scrub.ts";
import { createThrottle } from "./throttle.ts";

/** What people write in these is as private as in a field. */
const EDITABLE = '[contenteditable]:not([contenteditable="false" i])';
/** Nobody sees it where we run. */
const UNSEEN = "noscript";

export interface Capture {
	/** A fresh full snapshot of the page as it stands. */
	checkout(): void;
	stop(): void;
}

export interface CaptureOptions {
	config: RecorderConfig;
	redactor: Pick<Redactor, "url" | "file">;
	masking: Masking;
	cost: Cost;
	/** The document's, as it may be told. */
	title(): string;
	/** Why the page is recorded from here on. */
	cause: PageCause;
	/** Every event, in order; urgent is the first full snapshot. */
	emit(event: RecordedEvent, urgent: boolean): void;
	/** The page changes more than the limit; capture is to be stopped. */
	onLimit(changes: number): void;
}

/** The only room that knows rrweb. @throws what rrweb throws */
export function startCapture(options: CaptureOptions): Capture {
	const { config, redactor, masking, cost, emit } = options;
	const given = config.recorderOptions as Parameters<typeof record>[0] & object;
	const { scrub } = createScrubber({
		...redactor,
		masking,
		element: (id) => {
			const node = record.mirror.getNode(id);
			// Not by its class: an element in a frame is of another one.
			return node?.nodeType === Node.ELEMENT_NODE ? (node as Element) : null;
		},
		keep: config.keepAttributes,
	});
	const maskTextSelector = config.maskAllText
		? "*"
		: [config.maskTextSelector, EDITABLE, UNSEEN].filter(Boolean).join(",");
	let sawSnapshot = false;
	let isOver = false;
	const onRrwebEvent = (event: RecordedEvent) => {
		if (isOver || !throttle.pass(event)) return;
		scrub(event);
		const isFirstSnapshot = event.type === FULL_SNAPSHOT && !sawSnapshot;
		sawSnapshot ||= isFirstSnapshot;
		emit(event, isFirstSnapshot);
	};
	const later = (event: RecordedEvent) => {
		scrub(event);
		emit(event, false);
	};
	const styleOf = (id: unknown) => (record.mirror.getNode(Number(id)) as Element | null)?.getAttribute("style") ?? "";
	const throttle = createThrottle(config.mutationLimit, later, options.onLimit, styleOf);
	(record as Measured).cost = cost.begin;
	const stop = cost.measure(() =>
		record({
			inlineStylesheet: countRules() <= config.stylesheetLimit,
			// Scripts, comments and what only search engines read.
			slimDOMOptions: true,
			...given,
			emit(event, isCheckout) {
				if (event.type === META)
					Object.assign(event.data, { title: options.title(), cause: isCheckout ? "checkout" : options.cause });
				onRrwebEvent(event as unknown as RecordedEvent);
			},
			// Whatever is given: what a mask is for is decided by the masks.
			maskAllInputs: true,
			maskInputOptions: { password: true },
			maskInputFn: masking.input,
			maskTextFn: masking.text,
			blockSelector: config.blockSelector,
			maskTextSelector,
			ignoreSelector: config.ignoreSelector,
			sampling: { scroll: 150, input: "last", ...given.sampling },
			recordAfter: "DOMContentLoaded",
			recordCanvas: false,
			recordCrossOriginIframes: false,
			// An error inside rrweb is ours to swallow, not the page's to see.
			errorHandler: () => true,
		}),
	);
	return {
		checkout: () => cost.measure(() => record.takeFullSnapshot(true)),
		stop() {
			isOver = true;
			throttle.stop();
			stop?.();
		},
	};
}

/** The build puts this into rrweb. */
type Measured = typeof record & { cost?: Cost["begin"] };

/** Of the linked sheets; those of other origins cannot be read, and are not copied. */
function countRules(): number {
	let count = 0;
	for (const sheet of document.styleSheets) {
		try {
			if (sheet.href) count += sheet.cssRules.length;
		} catch {
			// Of another origin.
		}
	}
	return count;
}
