import type { RecordedEvent } from "../contract/events.ts";
import { isId } from "../contract/ids.ts";
import { isRecord } from "../contract/redact.ts";
import type { Batch } from "../contract/wire.ts";
import type { Config } from "../env.ts";
import { fail } from "../http/errors.ts";
import { type Body, readBody } from "./body.ts";

/** Body that has the shape of a batch. The values in it are still untrusted. */
export interface Decoded extends Omit<Body, "value"> {
	batch: Batch;
}

/**
 * Reads and validates a batch.
 * @throws body_too_large, invalid_gzip, invalid_json, body_not_object, invalid_session_id, invalid_window_id,
 * invalid_seq, invalid_events, too_many_events, invalid_timestamp
 */
export async function decode(request: Request, config: Config): Promise<Decoded> {
	const { value, ...body } = await readBody(request, config.maxBatchBytes);
	return { batch: batchOf(value, config.maxEventsPerRequest), ...body };
}

function batchOf(body: unknown, maxEvents: number): Batch {
	if (!isRecord(body)) fail("body_not_object");
	if (!isId(body.sessionId)) fail("invalid_session_id");
	if (!isId(body.windowId)) fail("invalid_window_id");
	if (body.seq !== undefined && !isSeq(body.seq)) fail("invalid_seq");
	const events = body.events;
	if (!Array.isArray(events) || !events.length || !events.every(isRecord)) fail("invalid_events");
	if (events.length > maxEvents) fail("too_many_events", { max: maxEvents });
	// Keeps only known keys, in the order sent. A batch in which nothing is redacted is then serialized to the same text
	// as was sent.
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

/**
 * Converts a timestamp that was sent as a numeric string.
 * @throws invalid_timestamp if the timestamp is neither a number nor a numeric string
 */
function withTime(event: RecordedEvent): RecordedEvent {
	if (!("timestamp" in event)) return event;
	const time: unknown = event.timestamp;
	if (typeof time === "number" && Number.isFinite(time)) return event;
	if (typeof time !== "string" || !/^-?\d{1,15}(\.\d{1,10})?$/.test(time)) fail("invalid_timestamp");
	return { ...event, timestamp: Number(time) };
}
