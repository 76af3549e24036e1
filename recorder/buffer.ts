import type { RecordedEvent } from "../src/contract/events.ts";
import { FLUSH_BYTES, FLUSH_FIRST_MINUTE_MS, FLUSH_MS, MAX_BATCH_BYTES } from "../src/contract/limits.ts";

/** Events on their way into a batch, already text: what waits costs no second serialisation. */
export interface Buffer {
	add(event: RecordedEvent, urgent: boolean): void;
	/** Hands over what waits, now. */
	flush(): void;
	/** Forgets what waits, and takes no more. */
	discard(): void;
}

/** Room left in a batch for ids and metadata. */
const MAX_EVENTS_CHARS = MAX_BATCH_BYTES - 100_000;
/** Recordings shrink to about an eighth; only a guess, for when to send. */
const GZIP_RATIO = 8;

/**
 * The flush rule: at once for what is urgent; else by size, or by the age of the oldest event: 15 s in the page's first
 * minute, 30 s after it. Without events there is no timer, and nothing is sent.
 * @param deliver takes a JSON list of events
 */
export function createBuffer(startedAt: number, deliver: (eventsJson: string) => void): Buffer {
	let waiting: string[] = [];
	let chars = 0;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let due = Number.POSITIVE_INFINITY;
	let closed = false;

	const flush = () => {
		clearTimeout(timer);
		due = Number.POSITIVE_INFINITY;
		if (!waiting.length) return;
		const json = `[${waiting.join(",")}]`;
		waiting = [];
		chars = 0;
		deliver(json);
	};
	const flushBy = (at: number) => {
		if (at >= due) return;
		due = at;
		clearTimeout(timer);
		timer = setTimeout(flush, Math.max(0, at - Date.now()));
	};
	return {
		add(event, urgent) {
			if (closed) return;
			const text = JSON.stringify(event);
			if (text.length > MAX_EVENTS_CHARS) {
				console.warn("Sentiero: one event is too large to be sent", text.length);
				return;
			}
			if (chars + text.length > MAX_EVENTS_CHARS) flush();
			waiting.push(text);
			chars += text.length + 1;
			const now = Date.now();
			if (urgent || chars > FLUSH_BYTES * GZIP_RATIO) flushBy(now);
			else flushBy(now + (now - startedAt < 60_000 ? FLUSH_FIRST_MINUTE_MS : FLUSH_MS));
		},
		flush,
		discard() {
			closed = true;
			clearTimeout(timer);
			waiting = [];
			chars = 0;
		},
	};
}
