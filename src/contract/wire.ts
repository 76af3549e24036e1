import type { RecordedEvent } from "./events.ts";

/** The wire version that this tree speaks. Clients that send none are Sentiero's own. */
export const WIRE_VERSION = 1;

/**
 * The body of `POST /events`, JSON, plain or gzip (recognised by `Content-Encoding` or by its first two bytes).
 * The recorder freezes these bytes when it numbers a batch and re-sends them unchanged; what changes from try to try
 * (`at`, the sender's clock in epoch milliseconds) rides in the query: `/events?at=1790000000000`.
 */
export interface Batch {
	/** Wire version; absent from Sentiero's own recorder. */
	v?: number;
	/** Project id, if the page names one. */
	project?: string;
	sessionId: string;
	windowId: string;
	/** Running number of the batch within its window and page, from 0; absent from foreign recorders. */
	seq?: number;
	events: RecordedEvent[];
	metadata?: Record<string, unknown>;
}

/** What the recorder does with the answer to a batch. */
export interface BatchResponse {
	status: "ok";
	/** Nothing more of this session will be stored: stop recording it. */
	stop?: true;
}

/** Every refusal is `{error}`; `retryAfter` (seconds) says that the same bytes are welcome later. */
export interface Refusal {
	error: string;
	retryAfter?: number;
}

/** Metadata keys the recorder sends by itself, and whose visit it is; they are kept first when a session has too many keys. */
export const OWN_METADATA_KEYS = [
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

/** Metadata that only the server may say. */
export const SERVER_METADATA_KEYS = ["has_errors", "geo_country", "geo_city", "geo_region", "geo_timezone"] as const;
