import { FULL_SNAPSHOT, META, type RecordedEvent } from "../src/contract/events.ts";
import { FLUSH_BYTES, FLUSH_FIRST_MINUTE_MS, FLUSH_MS, MAX_BATCH_BYTES } from "../src/contract/limits.ts";
import { isRecord } from "../src/contract/redact.ts";
import { guard } from "./guard.ts";
import type { BatchLabel, PendingBatch } from "./pending-batch.ts";

/** Buffers events as JSON text, so that no event is serialized twice. */
export interface Buffer {
	add(event: RecordedEvent, urgent: boolean): void;
	/** Sends the buffered events now, as one batch. */
	flush(): void;
	/** Sends the buffered events of a hidden or closed page in several batches, most of which are already compressed. */
	leave(): void;
	/** Discards the buffered events and accepts no more. */
	discard(): void;
}

export interface BatchSink {
	/** Freezes a JSON list of events as a batch and begins to compress it, without sending it. */
	freeze(eventsJson: string, label: Pick<BatchLabel, "from" | "isStart">): PendingBatch;
	send(batch: PendingBatch): void;
	/** Called when an event is dropped because it is too large to be sent. */
	onTooLarge(problem: string): void;
	/** Makes the numbers of batches that are not sent available again. Their events are sent in another batch. */
	unfreeze(batches: readonly PendingBatch[]): void;
}

export interface FlushRule {
	/** Age of the oldest buffered event, in milliseconds, at which all events are sent; 0: the default rule. */
	flushIntervalMs: number;
	/** Number of buffered events at which all events are sent; 0: the default rule. */
	flushEventThreshold: number;
}

/** Maximum size of a batch's events, which leaves room for IDs and metadata. */
const MAX_EVENTS_BYTES = MAX_BATCH_BYTES - 100_000;
/** Estimated compression ratio, used only to decide when to send. */
const GZIP_RATIO = 8;
/**
 * Buffered text is compressed in advance in pieces of this size, because a closing page cannot wait for compression and
 * a beacon holds at most 64 KB. While the page stays open, all buffered events are sent as one batch instead.
 */
const SPLIT_CHARS = 32 * 1024;

/**
 * Creates a buffer. Urgent events are sent at once. Other events are sent when they reach a certain size, or when the
 * oldest reaches a certain age: 15 s in the page's first minute, 30 s after it. Without events, no timer runs and
 * nothing is sent.
 */
export function createBuffer(startedAt: number, rule: FlushRule, sink: BatchSink): Buffer {
	let waiting: string[] = [];
	/** For each waiting event, the label of a batch that would begin with it. */
	let labels: Pick<BatchLabel, "from" | "isStart">[] = [];
	let chars = 0;
	let bytes = 0;
	/** Batches compressed in advance; together they hold the first `frozenCount` waiting events. */
	let frozen: PendingBatch[] = [];
	let frozenCount = 0;
	let unfrozenChars = 0;
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
		unfrozenChars = 0;
		frozenCount = 0;
	};
	const flush = () => {
		if (!waiting.length) return;
		const isFrozen = frozen.length === 1 && frozenCount === waiting.length;
		if (!isFrozen) sink.unfreeze(frozen);
		const batch = isFrozen ? frozen[0]! : freeze(0);
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
			let text = toJson(event);
			// An upper bound: counting the bytes of a snapshot takes longer than serializing it.
			let size = text.length * 3;
			if (size > MAX_EVENTS_BYTES && sizeOf(text) > MAX_EVENTS_BYTES) {
				// One picture or style sheet must not cost the whole snapshot.
				text = toJson(withoutLargeTexts(event));
				size = sizeOf(text);
				if (size > MAX_EVENTS_BYTES) {
					sink.onTooLarge(event.type === FULL_SNAPSHOT ? "snapshot too large" : "event too large");
					return;
				}
			}
			if (bytes + size > MAX_EVENTS_BYTES) flush();
			waiting.push(text);
			labels.push({ from: event.timestamp ?? 0, isStart: event.type === META });
			chars += text.length + 1;
			bytes += size + 1;
			unfrozenChars += text.length + 1;
			const isFull = chars > FLUSH_BYTES * GZIP_RATIO || waiting.length === rule.flushEventThreshold;
			if (unfrozenChars > SPLIT_CHARS && !urgent && !isFull) {
				frozen.push(freeze(frozenCount));
				frozenCount = waiting.length;
				unfrozenChars = 0;
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

/** Returns the size in UTF-8 bytes. */
const sizeOf = (text: string) => new Blob([text]).size;

/** Serializes as JSON without `Array.prototype.toJSON`, with which old libraries turn arrays into strings. */
export function toJson(value: unknown): string {
	const { prototype } = Array as { prototype: { toJSON?: unknown } };
	const override = "toJSON" in prototype ? Object.getOwnPropertyDescriptor(prototype, "toJSON") : undefined;
	if (!override?.configurable) return JSON.stringify(value);
	delete prototype.toJSON;
	try {
		return JSON.stringify(value);
	} finally {
		Object.defineProperty(prototype, "toJSON", override);
	}
}

/** In an event that is too large, texts of this length or more, in characters, lose embedded data or are emptied. */
const LARGE_TEXT_CHARS = 64 * 1024;

function withoutLargeTexts(value: unknown): unknown {
	if (typeof value === "string") return value.length < LARGE_TEXT_CHARS ? value : withoutData(value);
	if (Array.isArray(value)) return value.map(withoutLargeTexts);
	if (!isRecord(value)) return value;
	return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, withoutLargeTexts(field)]));
}

/** Removes embedded fonts and images from a style sheet; returns an empty string for other large texts. */
function withoutData(text: string): string {
	const rest = text.replace(/url\(\s*["']?data:[^)]*\)/g, 'url("data:,")');
	return rest.length < LARGE_TEXT_CHARS * 8 && rest !== text ? rest : "";
}
