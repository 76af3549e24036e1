/** Limits shared by recorder, Worker and dashboard. Names end with the unit or with the things counted. */

/** Limit of a batch after decompression. A full snapshot of a heavy page is 1 to 5 MB of JSON. */
export const MAX_BATCH_BYTES = 8 * 1024 * 1024;
/** Limit of session, window and project IDs. */
export const MAX_ID_CHARS = 128;
/**
 * Limit of metadata keys in a batch, and in a session. The keys that the recorder itself sets are the last to be
 * dropped.
 */
export const MAX_METADATA_KEYS = 50;
export const MAX_METADATA_KEY_CHARS = 128;
export const MAX_METADATA_VALUE_CHARS = 1024;
/** Redaction replaces objects that are nested deeper than this in a payload. */
export const MAX_PAYLOAD_DEPTH = 32;

/** Event times are clamped to the range from 7 days before to 10 minutes after the receipt of their batch. */
export const MAX_EVENT_AGE_MS = 7 * 86_400_000;
export const MAX_EVENT_LEAD_MS = 10 * 60_000;

/** A session ends after 30 minutes of inactivity, and after 24 hours at the latest. */
export const SESSION_IDLE_MS = 30 * 60_000;
export const SESSION_MAX_AGE_MS = 24 * 3_600_000;
/**
 * A batch is rejected if its session began longer ago than this. A session lasts up to 24 hours, with third-party
 * recorders up to a week, and a browser may keep unsent batches for another day.
 */
export const MAX_ACCEPTED_AGE_MS = 8 * 86_400_000;

/**
 * The recorder sends a batch when the batch has this estimated size (gzip) or this age. In the first minute of a page,
 * a shorter age applies.
 */
export const FLUSH_BYTES = 48 * 1024;
export const FLUSH_FIRST_MINUTE_MS = 15_000;
export const FLUSH_MS = 30_000;
/**
 * Limit of what a page sends when it is hidden or closed. Stays below the 64 KiB that browsers allow in flight for
 * `sendBeacon` and `fetch` with keepalive together.
 */
export const BEACON_BUDGET_BYTES = 60_000;
/** Limit of the unsent batches that a page keeps in memory. Beyond it, old batches are dropped. */
export const MAX_QUEUED_BATCHES = 60;
/** Delay before the recorder sends a batch again. Doubles with each failure, from the first value to the second. */
export const RETRY_FIRST_MS = 1_000;
export const RETRY_MAX_MS = 60_000;

/** Limit of the JSON of a trail. Lists are shortened to meet the limit; `Trail.cut` names these lists. */
export const MAX_TRAIL_BYTES = 16 * 1024;
/** Two events that are further apart than this belong to different bursts of activity. */
export const BURST_GAP_MS = 5_000;
/** A change of the page that comes later than this after a click is not a response to the click. */
export const ANSWER_HORIZON_MS = 5_000;
/** A click to which the page does not respond within this time is a dead click. */
export const ANSWER_MS = 500;

/** Limit of the names of custom events, whether passed to the API or set in `data-sentiero-track-*`. */
export const MAX_TAG_CHARS = 100;

/** Limits of the segments (saved filters) of a project. */
export const MAX_SEGMENTS = 100;
export const MAX_SEGMENT_NAME_CHARS = 60;

/** A session is shown as live if its last batch arrived less than this time ago. An active page sends every 30 s. */
export const LIVE_MS = 2 * 60_000;

/** Limits of the annotations of a session. */
export const MAX_LABELS = 8;
export const MAX_LABEL_CHARS = 24;
export const MAX_NOTES = 200;
export const MAX_NOTE_CHARS = 2000;
/** Limit of the server exceptions shown with a session, and of its server events. The newest are shown. */
export const MAX_SERVER_ITEMS = 500;
/** Limit of the share links of a session that are valid at the same time. */
export const MAX_SHARES = 20;
/** Lifetimes of a share link to choose from. */
export const SHARE_DAYS = [1, 7, 30] as const;

/** Limit of a report from a server, both as sent and after decompression. */
export const MAX_REPORT_BYTES = 512 * 1024;
/** A context or payload whose JSON is longer is replaced by `{_truncated: true}`. */
export const MAX_CONTEXT_BYTES = 16_384;
export const MAX_EXCEPTION_CLASS_CHARS = 200;
export const MAX_MESSAGE_CHARS = 4_000;
export const MAX_FRAMES = 100;
export const MAX_FRAME_CHARS = 1_000;
export const MAX_BACKTRACE_CHARS = 32_768;
export const MAX_EVENT_NAME_CHARS = 200;
export const MAX_PLATFORM_CHARS = 32;
