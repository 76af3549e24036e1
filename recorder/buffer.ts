import { META, type RecordedEvent } from "../src/contract/events.ts";
import { FLUSH_BYTES, FLUSH_FIRST_MINUTE_MS, FLUSH_MS, MAX_BATCH_BYTES } from "../src/contract/limits.ts";
import { guard } from "./guard.ts";
import type { BatchLabel, PendingBatch } from "./pending-batch.ts";

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

export interface BatchSink {
	/** Freezes a JSON list of events as a batch and begins to compress it, without sending it. */
	freeze(eventsJson: string, label: Pick<BatchLabel, "from" | "isStart">): PendingBatch;
	send(batch: PendingBatch): void;
	/** The last ones that were sealed go another way: their numbers are free again. */
	unfreeze(batches: readonly PendingBatch[]): void;
}

export interface FlushRule {
	/** Age of the oldest event, milliseconds, and number of events at which all are sent; 0: the usual rule. */
	flushIntervalMs: number;
	flushEventThreshold: number;
}

/** Room left in a batch for ids and metadata. */
const MAX_EVENTS_BYTES = MAX_BATCH_BYTES - 100_000;
/** Recordings shrink to about an eighth; only a guess, for when to send. */
const GZIP_RATIO = 8;
/**
 * A page that goes can wait for no compression, and a beacon takes 64 KB: so whenever this much waits it is compressed
 * ahead. Usually the page stays, and all that waits is sent as one batch instead.
 */
const SPLIT_CHARS = 32 * 1024;

/**
 * The flush rule: at once for what is urgent; else by size, or by the age of the oldest event: 15 s in the page's first
 * minute, 30 s after it. Without events there is no timer, and nothing is sent.
 */
export function createBuffer(startedAt: number, rule: FlushRule, sink: BatchSink): Buffer {
	let waiting: string[] = [];
	/** Of `waiting`, as far as a batch could begin there. */
	let labels: Pick<BatchLabel, "from" | "isStart">[] = [];
	let chars = 0;
	let bytes = 0;
	/** Compressed ahead: together the first events of `waiting`. */
	let frozen: PendingBatch[] = [];
	let frozenCount = 0;
	let openChars = 0;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let due = Number.POSITIVE_INFINITY;
	let closed = false;

	const freeze = (from: number) => sink.freeze(`[${waiting.slice(from).join(",")}]`, labels[from]!);
	const reset = () => {
		clearTimeout(timer);
		due = Number.POSITIVE_INFINITY;
		waiting = [];
		labels = [];
		frozen = [];
		chars = 0;
		bytes = 0;
		openChars = 0;
		frozenCount = 0;
	};
	const flush = () => {
		if (!waiting.length) return;
		const isSealed = frozen.length === 1 && frozenCount === waiting.length;
		if (!isSealed) sink.unfreeze(frozen);
		const batch = isSealed ? frozen[0]! : freeze(0);
		reset();
		sink.send(batch);
	};
	const flushBy = (at: number) => {
		if (at >= due) return;
		due = at;
		clearTimeout(timer);
		timer = setTimeout(() => guard(flush), Math.max(0, at - Date.now()));
	};
	return {
		add(event, urgent) {
			if (closed) return;
			const text = textOf(event);
			const size = sizeOf(text);
			if (size > MAX_EVENTS_BYTES) {
				console.warn("Sentiero: one event is too large to be sent", size);
				return;
			}
			if (bytes + size > MAX_EVENTS_BYTES) flush();
			waiting.push(text);
			labels.push({ from: event.timestamp ?? 0, isStart: event.type === META });
			chars += text.length + 1;
			bytes += size + 1;
			openChars += text.length + 1;
			const isFull = chars > FLUSH_BYTES * GZIP_RATIO || waiting.length === rule.flushEventThreshold;
			if (openChars > SPLIT_CHARS && !urgent && !isFull) {
				frozen.push(freeze(frozenCount));
				frozenCount = waiting.length;
				openChars = 0;
			}
			const now = Date.now();
			if (urgent || isFull) flushBy(now);
			else flushBy(now + (rule.flushIntervalMs || (now - startedAt < 60_000 ? FLUSH_FIRST_MINUTE_MS : FLUSH_MS)));
		},
		flush,
		leave() {
			const batches = frozen;
			if (frozenCount < waiting.length) batches.push(freeze(frozenCount));
			reset();
			for (const batch of batches) sink.send(batch);
		},
		discard() {
			closed = true;
			reset();
		},
	};
}

/** UTF-8; a short text is not worth counting, and taken for the most it can be. */
const sizeOf = (text: string) => (text.length < 10_000 ? text.length * 3 : new Blob([text]).size);

/** Old libraries give every array a `toJSON` that makes a text of it. */
export function textOf(value: unknown): string {
	const { prototype } = Array as { prototype: { toJSON?: unknown } };
	const meddler = Object.getOwnPropertyDescriptor(prototype, "toJSON");
	if (meddler?.configurable) delete prototype.toJSON;
	try {
		return JSON.stringify(value);
	} finally {
		if (meddler?.configurable) Object.defineProperty(prototype, "toJSON", meddler);
	}
}
