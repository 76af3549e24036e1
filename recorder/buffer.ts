import type { RecordedEvent } from "../src/contract/events.ts";
import { FLUSH_BYTES, FLUSH_FIRST_MINUTE_MS, FLUSH_MS, MAX_BATCH_BYTES } from "../src/contract/limits.ts";
import type { Parcel } from "./transport.ts";

/** Events on their way into a batch, already text: what waits costs no second serialisation. */
export interface Buffer {
	add(event: RecordedEvent, urgent: boolean): void;
	/** Hands over what waits, now, as one batch. */
	flush(): void;
	/** Hands it over in pieces that are compressed already, as far as they are: for a page that is going. */
	leave(): void;
	/** Forgets what waits, and takes no more. */
	discard(): void;
}

export interface Outlet {
	/** Freezes a JSON list of events as a batch and begins to compress it, without sending it. */
	seal(eventsJson: string): Parcel;
	send(parcel: Parcel): void;
}

/** Room left in a batch for ids and metadata. */
const MAX_EVENTS_CHARS = MAX_BATCH_BYTES - 100_000;
/** Recordings shrink to about an eighth; only a guess, for when to send. */
const GZIP_RATIO = 8;
/**
 * A page that goes can wait for no compression, and a beacon takes 64 KB: so whenever this much waits it is compressed
 * ahead. Usually the page stays, and all that waits is sent as one batch instead.
 */
const SEAL_CHARS = 32 * 1024;

/**
 * The flush rule: at once for what is urgent; else by size, or by the age of the oldest event: 15 s in the page's first
 * minute, 30 s after it. Without events there is no timer, and nothing is sent.
 */
export function createBuffer(startedAt: number, outlet: Outlet): Buffer {
	let waiting: string[] = [];
	let chars = 0;
	/** Compressed ahead: together the first events of `waiting`. */
	let sealed: Parcel[] = [];
	let sealedCount = 0;
	let openChars = 0;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let due = Number.POSITIVE_INFINITY;
	let closed = false;

	const listOf = (events: string[]) => `[${events.join(",")}]`;
	const reset = () => {
		clearTimeout(timer);
		due = Number.POSITIVE_INFINITY;
		waiting = [];
		sealed = [];
		chars = 0;
		openChars = 0;
		sealedCount = 0;
	};
	const flush = () => {
		if (!waiting.length) return;
		const isSealed = sealed.length === 1 && sealedCount === waiting.length;
		const parcel = isSealed ? sealed[0]! : outlet.seal(listOf(waiting));
		reset();
		outlet.send(parcel);
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
			openChars += text.length + 1;
			const isFull = chars > FLUSH_BYTES * GZIP_RATIO;
			if (openChars > SEAL_CHARS && !urgent && !isFull) {
				sealed.push(outlet.seal(listOf(waiting.slice(sealedCount))));
				sealedCount = waiting.length;
				openChars = 0;
			}
			const now = Date.now();
			if (urgent || isFull) flushBy(now);
			else flushBy(now + (now - startedAt < 60_000 ? FLUSH_FIRST_MINUTE_MS : FLUSH_MS));
		},
		flush,
		leave() {
			const parcels = sealed;
			const rest = waiting.slice(sealedCount);
			if (rest.length) parcels.push(outlet.seal(listOf(rest)));
			reset();
			for (const parcel of parcels) outlet.send(parcel);
		},
		discard() {
			closed = true;
			reset();
		},
	};
}
