/** Limits shared by recorder, Worker and dashboard. Their names have the unit. */

/** Limit of a batch, decompressed. A full snapshot of a heavy page is 1 to 5 MB of JSON. */
export const MAX_BATCH_BYTES = 8 * 1024 * 1024;
/** Limit of session, window and project IDs. */
export const MAX_ID_CHARS = 128;
/** Limit of the metadata keys of a batch and a session. If there are more, the recorder's own keys are kept first. */
export const MAX_METADATA_KEYS = 50;
export const MAX_METADATA_KEY_CHARS = 128;
export const MAX_METADATA_VALUE_CHARS = 1024;
/** Objects nested deeper than this in a payload are replaced by the redaction mark. */
export const MAX_PAYLOAD_DEPTH = 32;

/** Event times are clamped to [receipt − 7 days, receipt + 10 minutes]. */
export const MAX_EVENT_AGE_MS = 7 * 86_400_000;
export const MAX_EVENT_LEAD_MS = 10 * 60_000;

/** A session ends after 30 minutes of inactivity, and after 24 hours at the latest. */
export const SESSION_IDLE_MS = 30 * 60_000;
export const SESSION_MAX_AGE_MS = 24 * 3_600_000;
/**
 * Batches of sessions that started earlier are rejected. A session lasts up to a day, one of another recorder up to a
 * week, and a browser may keep unsent batches for a day.
 */
export const MAX_ACCEPTED_AGE_MS = 8 * 86_400_000;

/** The recorder sends a batch when it reaches this size or age. In the first minute of a page it sends more often. */
export const FLUSH_BYTES = 48 * 1024;
export const FLUSH_FIRST_MINUTE_MS = 15_000;
export const FLUSH_MS = 30_000;
/** `sendBeacon` and `fetch` with keepalive share 64 KiB in flight; this leaves some room for the browser. */
export const BEACON_BUDGET_BYTES = 60_000;
/** Unsent batches that a page keeps in memory; the oldest are dropped first. */
export const MAX_QUEUED_BATCHES = 60;
export const RETRY_FIRST_MS = 1_000;
export const RETRY_MAX_MS = 60_000;

/** Limit of a trail as JSON. Lists that were shortened are named in `cut`. */
export const MAX_TRAIL_BYTES = 16 * 1024;
/** Events further apart than this belong to different bursts of activity. */
export const BURST_GAP_MS = 5_000;
/** A response of the page later than this is not attributed to the click. */
export const ANSWER_HORIZON_MS = 5_000;
/** A click without a response within this time is a dead click. */
export const ANSWER_MS = 500;

/** Limit of custom event names, also of those in `data-sentiero-track-*`. */
export const MAX_TAG_CHARS = 100;

/** Segments (saved filters) of a project. */
export const MAX_SEGMENTS = 100;
export const MAX_SEGMENT_NAME_CHARS = 60;

/** A session is shown as live if its last batch is younger than this. An active page sends every 30 s. */
export const LIVE_MS = 2 * 60_000;

/** Annotations of a session. */
export const MAX_LABELS = 8;
export const MAX_LABEL_CHARS = 24;
export const MAX_NOTES = 200;
export const MAX_NOTE_CHARS = 2000;
/** Server exceptions and server events that are read per session; the newest are kept. */
export const MAX_SERVER_ITEMS = 500;
/** Share links of a session that are valid at the same time. */
export const MAX_SHARES = 20;
export const SHARE_DAYS = [1, 7, 30] as const;

/** Limit of a server's report, both as received and decompressed. */
export const MAX_REPORT_BYTES = 512 * 1024;
/** A context or payload that is longer as JSON is dropped. */
export const MAX_CONTEXT_BYTES = 16_384;
export const MAX_CLASS_CHARS = 200;
export const MAX_MESSAGE_CHARS = 4_000;
export const MAX_FRAMES = 100;
export const MAX_FRAME_CHARS = 1_000;
export const MAX_BACKTRACE_CHARS = 32_768;
export const MAX_EVENT_NAME_CHARS = 200;
export const MAX_PLATFORM_CHARS = 32;
