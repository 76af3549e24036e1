import type { RecordedEvent } from "./events.ts";

/** Version of the wire format, which the recorder sends as `v`. */
export const WIRE_VERSION = 1;

/**
 * Body of `POST /events`: JSON, plain or gzip (detected by `Content-Encoding` or by the first two bytes).
 * The recorder numbers a batch once, and a retry sends the same bytes. Only the query differs between attempts: `at` is
 * the sender's clock in epoch milliseconds (`/events?at=1790000000000`).
 */
export interface Batch {
	/** `WIRE_VERSION`; absent in batches of Sentiero's recorder (the Ruby gem). */
	v?: number;
	/** Project ID, if the page sets one. */
	project?: string;
	sessionId: string;
	windowId: string;
	/** Number of the batch within its window and page, from 0; absent in batches of third-party recorders. */
	seq?: number;
	events: RecordedEvent[];
	metadata?: Record<string, unknown>;
}

/** Response to an accepted batch. */
export interface BatchResponse {
	status: "ok";
	/** Tells the recorder to stop: nothing more of this session will be stored. */
	stop?: true;
}

/** Response to a rejected request. `retryAfter` (seconds) is present if the same request may be retried later. */
export interface Refusal {
	error: string;
	retryAfter?: number;
}

/** Metadata keys that the recorder sets, and the user ID. If a session has too many keys, these are dropped last. */
export const RECORDER_METADATA_KEYS = [
	"user_id",
	"url",
	"title",
	"referrer",
	"viewport",
	"userAgent",
	"entry_url",
	"entry_referrer",
	"language",
] as const;

/** Metadata keys that only the Worker may set. */
export const SERVER_METADATA_KEYS = ["has_errors", "geo_country", "geo_city", "geo_region", "geo_timezone"] as const;
