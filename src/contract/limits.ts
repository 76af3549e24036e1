/** Every limit that both ends of the wire keep to, with its unit in its name. */

/** One batch, inflated. A full snapshot of a heavy page is 1 to 5 MB of JSON. */
export const MAX_BATCH_BYTES = 8 * 1024 * 1024;
/** Session, window and project ids. */
export const MAX_ID_CHARS = 128;
/** Keys of a session's metadata after every merge; the recorder's own keys come first. */
export const MAX_METADATA_KEYS = 50;
export const MAX_METADATA_KEY_CHARS = 128;
export const MAX_METADATA_VALUE_CHARS = 1024;
/** Objects nested deeper than this inside a payload are redacted whole: nobody reads them. */
export const MAX_PAYLOAD_DEPTH = 32;

/** Event times outside [receipt − 7 days, receipt + 10 minutes] are pulled to the nearer end. */
export const MAX_EVENT_AGE_MS = 7 * 86_400_000;
export const MAX_EVENT_LEAD_MS = 10 * 60_000;

/** A session ends after half an hour of silence, and after a day in any case. */
export const SESSION_IDLE_MS = 30 * 60_000;
export const SESSION_MAX_AGE_MS = 24 * 3_600_000;
/**
 * No batch of a session is taken that began longer ago. A session lives for a day, a foreign recorder's for a week; and a
 * browser may keep for a day what it could not send.
 */
export const MAX_ACCEPTED_AGE_MS = 8 * 86_400_000;

/** When the recorder sends: by size, or by age; the first minute of a page is sent sooner. */
export const FLUSH_BYTES = 48 * 1024;
export const FLUSH_FIRST_MINUTE_MS = 15_000;
export const FLUSH_MS = 30_000;
/** `sendBeacon` and `fetch` with keepalive share 64 KiB in flight; the rest is the browser's own use. */
export const BEACON_BUDGET_BYTES = 60_000;
/** Unsent batches a page keeps in memory; older ones are given up first. */
export const MAX_QUEUED_BATCHES = 60;
export const RETRY_FIRST_MS = 1_000;
export const RETRY_MAX_MS = 60_000;

/** A trail is at most this long as JSON; what a cap cut is flagged. */
export const MAX_TRAIL_BYTES = 16 * 1024;
/** Two events further apart than this belong to two bursts of activity. */
export const BURST_GAP_MS = 5_000;
/** How long after a click something must have happened for the click to have been answered at all. */
export const ANSWER_HORIZON_MS = 5_000;
/** A click that nothing answers for longer is a dead one. */
export const ANSWER_MS = 500;

/** Custom event names; also what `data-sentiero-track-*` accepts. */
export const MAX_TAG_CHARS = 100;

/** Filters with a name, of a project. */
export const MAX_SEGMENTS = 100;
export const MAX_SEGMENT_NAME_CHARS = 60;

/** A session shows as live while its last batch is younger than this: an active page sends every 30 s. */
export const LIVE_MS = 2 * 60_000;

/** What people add to a session. */
export const MAX_LABELS = 8;
export const MAX_LABEL_CHARS = 24;
export const MAX_NOTES = 200;
export const MAX_NOTE_CHARS = 2000;
/** Exceptions of servers, and events, that are read of one session: the newest. */
export const MAX_REPORTED = 500;
/** Public links to one session, at a time. */
export const MAX_SHARES = 20;
export const SHARE_DAYS = [1, 7, 30] as const;

/** One report of a server, as it came and inflated. */
export const MAX_REPORT_BYTES = 512 * 1024;
/** A context or payload that is longer as JSON is left out. */
export const MAX_CONTEXT_BYTES = 16_384;
export const MAX_CLASS_CHARS = 200;
export const MAX_MESSAGE_CHARS = 4_000;
export const MAX_FRAMES = 100;
export const MAX_FRAME_CHARS = 1_000;
export const MAX_BACKTRACE_CHARS = 32_768;
export const MAX_EVENT_NAME_CHARS = 200;
export const MAX_PLATFORM_CHARS = 32;
