import type { RecordedEvent } from "../contract/events.ts";
import { isId } from "../contract/ids.ts";
import { isRecord } from "../contract/redact.ts";
import type { Batch } from "../contract/wire.ts";
import type { Config } from "../env.ts";
import { fail } from "../http/errors.ts";

/** A body that is known to be a batch. Nothing in it is trusted beyond its shape. */
export interface Decoded {
	batch: Batch;
	/** The JSON as it came, inflated, and its bytes. */
	text: string;
	bytes: Uint8Array;
	/** The bytes as they came, when they came as gzip. */
	gzip: Uint8Array | null;
}

/**
 * @throws body_too_large, invalid_gzip, invalid_json, body_not_object, invalid_session_id, invalid_window_id,
 * invalid_seq, invalid_events, too_many_events, invalid_timestamp
 */
export async function decode(request: Request, config: Config): Promise<Decoded> {
	const max = config.maxBatchBytes;
	const said = request.headers.get("content-length");
	if (Number(said ?? 0) > max) fail("body_too_large", { max });
	// HTTP holds a body to its length; one without is not known to end.
	const raw = said ? new Uint8Array(await request.arrayBuffer()) : await readAtMost(request.body, max);
	const isGzip = (raw[0] === 0x1f && raw[1] === 0x8b) || /^gzip$/i.test(request.headers.get("content-encoding") ?? "");
	const bytes = isGzip ? await inflate(raw, max) : raw;
	const text = textOf(bytes);
	return { batch: batchOf(parse(text), config.maxEventsPerRequest), text, bytes, gzip: isGzip ? raw : null };
}

/** Stops reading as soon as it is too much: a bomb is never held in memory. */
async function readAtMost(stream: ReadableStream<Uint8Array> | null, max: number): Promise<Uint8Array> {
	const pieces: Uint8Array[] = [];
	let length = 0;
	for await (const piece of stream ?? []) {
		length += piece.byteLength;
		if (length > max) fail("body_too_large", { max });
		pieces.push(piece);
	}
	const whole = new Uint8Array(length);
	let at = 0;
	for (const piece of pieces) {
		whole.set(piece, at);
		at += piece.byteLength;
	}
	return whole;
}

/**
 * Into a buffer of the length that the gzip's last four bytes tell, filled in one go: piece by piece costs four times as
 * much. What is longer than it says is damaged.
 */
async function inflate(gzip: Uint8Array, max: number): Promise<Uint8Array> {
	if (gzip.length < MIN_GZIP_BYTES) fail("invalid_gzip");
	const length = new DataView(gzip.buffer, gzip.byteOffset + gzip.length - 4, 4).getUint32(0, true);
	if (length > gzip.length * MAX_GZIP_RATIO) fail("invalid_gzip");
	if (length > max) fail("body_too_large", { max });
	try {
		const inflated = new Blob([gzip]).stream().pipeThrough(new DecompressionStream("gzip"));
		const reader = inflated.getReader({ mode: "byob" });
		const { value } = await reader.readAtLeast(length + 1, new Uint8Array(length + 1));
		if (value?.byteLength === length) return value;
		await reader.cancel();
	} catch {
		// Told below.
	}
	return fail("invalid_gzip");
}

/** Head and tail of an empty one; and as far as deflate can shrink anything. */
const MIN_GZIP_BYTES = 18;
const MAX_GZIP_RATIO = 1032;

function textOf(bytes: Uint8Array): string {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		return fail("invalid_json");
	}
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return fail("invalid_json");
	}
}

function batchOf(body: unknown, maxEvents: number): Batch {
	if (!isRecord(body)) fail("body_not_object");
	if (!isId(body.sessionId)) fail("invalid_session_id");
	if (!isId(body.windowId)) fail("invalid_window_id");
	if (body.seq !== undefined && !isSeq(body.seq)) fail("invalid_seq");
	const events = body.events;
	if (!Array.isArray(events) || !events.length || !events.every(isRecord)) fail("invalid_events");
	if (events.length > maxEvents) fail("too_many_events", { max: maxEvents });
	// Known keys only, in the order they came in, so that an untouched batch gives its own text again.
	const batch: Record<string, unknown> = {};
	for (const [key, value] of Object.entries(body)) {
		if (key === "events") batch.events = events.map(withTime);
		else if (key === "metadata" && isRecord(value)) batch.metadata = value;
		else if (key === "project" && isId(value)) batch.project = value;
		else if (key === "v" && typeof value === "number") batch.v = value;
		else if (key === "sessionId" || key === "windowId" || key === "seq") batch[key] = value;
	}
	return batch as unknown as Batch;
}

function isSeq(value: unknown): value is number {
	return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 99_999;
}

/** A time that is there must be a number, or a numeral. */
function withTime(event: RecordedEvent): RecordedEvent {
	if (!("timestamp" in event)) return event;
	const time: unknown = event.timestamp;
	if (typeof time === "number" && Number.isFinite(time)) return event;
	if (typeof time !== "string" || !/^-?\d{1,15}(\.\d{1,10})?$/.test(time)) fail("invalid_timestamp");
	return { ...event, timestamp: Number(time) };
}
