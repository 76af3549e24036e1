import { record } from "@rrweb/record";
import { FULL_SNAPSHOT, META, type RecordedEvent } from "../src/contract/events.ts";
import type { Redactor } from "../src/contract/redact.ts";
import type { RecorderConfig } from "./config.ts";
import { createMasking } from "./masking.ts";
import { createScrubber } from "./scrub.ts";

/** What people write in these is as private as in a field. */
const EDITABLE = '[contenteditable]:not([contenteditable="false" i])';

/**
 * The only room that knows rrweb.
 * @param emit every event, in order; urgent is the page's first full snapshot
 * @returns stop
 * @throws what rrweb throws
 */
export function startCapture(
	config: RecorderConfig,
	{ url, file }: Pick<Redactor, "url" | "file">,
	emit: (event: RecordedEvent, urgent: boolean) => void,
): () => void {
	const masking = createMasking(config.maskLength);
	const { scrub } = createScrubber({
		url,
		file,
		masking,
		element: (id) => {
			const node = record.mirror.getNode(id);
			return node instanceof HTMLElement || node instanceof SVGElement ? node : null;
		},
		keep: config.keepAttributes,
	});
	const maskTextSelector = config.maskAllText ? "*" : [config.maskTextSelector, EDITABLE].filter(Boolean).join(",");
	let sawSnapshot = false;
	const stop = record({
		emit(event, isCheckout) {
			if (event.type === META)
				Object.assign(event.data, { title: document.title, cause: isCheckout ? "checkout" : "load" });
			scrub(event as unknown as RecordedEvent);
			const isFirstSnapshot = event.type === FULL_SNAPSHOT && !sawSnapshot;
			sawSnapshot ||= isFirstSnapshot;
			emit(event as unknown as RecordedEvent, isFirstSnapshot);
		},
		maskAllInputs: true,
		maskInputOptions: { password: true },
		maskInputFn: masking.input,
		maskTextFn: masking.text,
		blockSelector: config.blockSelector,
		maskTextSelector,
		ignoreSelector: config.ignoreSelector,
		sampling: { scroll: 150, input: "last" },
		recordAfter: "DOMContentLoaded",
		// An error inside rrweb is ours to swallow, not the page's to see.
		errorHandler: () => true,
	});
	return () => stop?.();
}
