import { record } from "@rrweb/record";
import { FULL_SNAPSHOT, META, type RecordedEvent } from "../src/contract/events.ts";
import type { Redactor } from "../src/contract/redact.ts";
import type { PageCause } from "../src/contract/trail.ts";
import type { RecorderConfig } from "./config.ts";
import type { Cost } from "./cost.ts";
import type { Masking } from "./masking.ts";
import { createScrubber } from "./scrub.ts";
import { createThrottle } from "./throttle.ts";

/** Editable elements, masked like form fields. */
const EDITABLE = '[contenteditable]:not([contenteditable="false" i])';
/** Content that is never visible where the recorder runs, because scripts are enabled. */
const INVISIBLE = "noscript";

export interface Capture {
	/** Takes a new full snapshot. */
	checkout(): void;
	stop(): void;
}

export interface CaptureOptions {
	config: RecorderConfig;
	redactor: Pick<Redactor, "url" | "file">;
	masking: Masking;
	cost: Cost;
	/** Returns the document's title, masked where the page asks for it. */
	title(): string;
	/** Why capture starts here. */
	cause: PageCause;
	/** Receives every event in order; the first full snapshot is urgent. */
	emit(event: RecordedEvent, urgent: boolean): void;
	/** Called when the page changes more than the limit; the caller stops the capture. */
	onLimit(changes: number): void;
}

/** Starts rrweb; the only module that imports it. @throws what rrweb throws */
export function startCapture(options: CaptureOptions): Capture {
	const { config, redactor, masking, cost, emit } = options;
	const rrwebOptions = config.recorderOptions as Parameters<typeof record>[0] & object;
	const { scrub } = createScrubber({
		...redactor,
		masking,
		element: (id) => {
			const node = record.mirror.getNode(id);
			// Not `instanceof Element`: elements of a frame belong to another realm.
			return node?.nodeType === Node.ELEMENT_NODE ? (node as Element) : null;
		},
		keep: config.keepAttributes,
	});
	const maskTextSelector = config.maskAllText
		? "*"
		: [config.maskTextSelector, EDITABLE, INVISIBLE].filter(Boolean).join(",");
	let sawSnapshot = false;
	let isStopped = false;
	const onRrwebEvent = (event: RecordedEvent) => {
		if (isStopped || !throttle.pass(event)) return;
		scrub(event);
		const isFirstSnapshot = event.type === FULL_SNAPSHOT && !sawSnapshot;
		sawSnapshot ||= isFirstSnapshot;
		emit(event, isFirstSnapshot);
	};
	const emitDeferred = (event: RecordedEvent) => {
		scrub(event);
		emit(event, false);
	};
	const styleOf = (id: unknown) => (record.mirror.getNode(Number(id)) as Element | null)?.getAttribute("style") ?? "";
	const throttle = createThrottle(config.mutationLimit, emitDeferred, options.onLimit, styleOf);
	(record as Measured).cost = cost.begin;
	const stop = cost.measure(() =>
		record({
			inlineStylesheet: countRules() <= config.stylesheetLimit,
			// Drops scripts, comments and tags that only search engines read.
			slimDOMOptions: true,
			...rrwebOptions,
			emit(event, isCheckout) {
				if (event.type === META)
					Object.assign(event.data, { title: options.title(), cause: isCheckout ? "checkout" : options.cause });
				onRrwebEvent(event as unknown as RecordedEvent);
			},
			// Overrides `recorderOptions`: the masking functions decide what is masked.
			maskAllInputs: true,
			maskInputOptions: { password: true },
			maskInputFn: masking.input,
			maskTextFn: masking.text,
			blockSelector: config.blockSelector,
			maskTextSelector,
			ignoreSelector: config.ignoreSelector,
			sampling: { scroll: 150, input: "last", ...rrwebOptions.sampling },
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
			stop?.();
		},
	};
}

/** The build adds this hook to rrweb. */
type Measured = typeof record & { cost?: Cost["begin"] };

/** Counts the rules of linked style sheets that can be read. */
function countRules(): number {
	let count = 0;
	for (const sheet of document.styleSheets) {
		try {
			if (sheet.href) count += sheet.cssRules.length;
		} catch {
			// Cross-origin: not readable, and not inlined either.
		}
	}
	return count;
}
