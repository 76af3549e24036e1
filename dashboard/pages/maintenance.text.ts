import { count, sessionsOf } from "../ui/table.tsx";

/** Texts of the maintenance page, in the order in which they appear. */

export const title = "Maintenance";

/* Retention */
export const retention = "Retention";
export const keptForever = "Sessions are kept forever. Set RETENTION_DAYS to delete them automatically.";
export const deletedAfter = (days: number) =>
	`Sessions are deleted automatically ${days === 1 ? "1 day" : `${count(days)} days`} after their last activity.`;
export const deleteExpired = "Delete expired sessions";
export const deletedSoFar = (n: number) => `${sessionsOf(n)} deleted`;

/* Background jobs */
export const backgroundJobs = "Background jobs";
export const lastRan = "The background jobs last ran";
export const neverRan = "The background jobs have not run yet. In production they run every minute.";
export const jobFailed = (job: string) => `The background job “${job}” failed`;

/* Index */
export const index = "Index";
export const aboutIndex =
	"Lists and timelines are read from D1, which can be rebuilt from the recordings in R2 at any time. If the rebuild stops halfway, no data is lost: start it again.";
export const rebuildIndex = "Rebuild the index";
export const reindexed = (n: number) => `${count(n)} indexed`;

/* Storage */
export const storage = "Storage";
export const notPacked =
	"Recordings are not packed. Set PACKS_PER_MINUTE to pack those older than two days, which saves about half their space.";
export const packed = "Recordings are packed when they are two days old, which saves about half their space.";
export const packingBehind = (days: number, perMinute: number) =>
	`Packing is ${days === 1 ? "1 day" : `${count(days)} days`} behind. If the delay grows, raise PACKS_PER_MINUTE (now ${perMinute}).`;

/* Encryption */
export const encryption = "Encryption";
export const encrypted = (key: string) =>
	`New recordings are encrypted with the key ${key}. Older recordings keep their keys until they are re-encrypted: do not remove those keys before.`;
export const notEncrypted = "Recordings are not encrypted. Set ENCRYPTION_KEYS to encrypt them.";
export const reencryptAll = "Re-encrypt all with this key";
export const reencrypted = (n: number) => `${count(n)} re-encrypted`;

/** Progress of a job over all chunks: "120 chunks checked, 3 indexed, 1 unreadable." */
export const chunksChecked = (seen: number, changed: string, unreadable: number, isDone: boolean) =>
	[`${count(seen)} chunks checked`, changed, ...(unreadable ? [`${count(unreadable)} unreadable`] : [])].join(", ") +
	(isDone ? "." : "…");

/* Not recorded */
export const notRecorded = "Not recorded";
export const aboutNotRecorded = "Batches rejected in the last seven days, by reason.";
export const none = "None.";
export const reason = "Reason";
export const batches = "Batches";
export const reasons: Record<string, string> = {
	origin_refused: "The origin is not in CORS_ORIGINS",
	origin_required: "No Origin header, which REQUIRE_ORIGIN demands",
	opted_out: "The visitor opted out",
	global_privacy_control: "The visitor's browser sends Global Privacy Control",
	body_too_large: "A batch was larger than MAX_BATCH_BYTES, or a server report larger than 512 KiB",
	too_many_events: "A batch had more events than MAX_EVENTS_PER_REQUEST",
	bot: "Bot traffic (set STORE_BOTS to record it)",
	sampled_out: "Not sampled (SAMPLE_RATE)",
	session_too_old: "The session started more than eight days ago",
	session_full: "The session reached MAX_EVENTS_PER_SESSION",
	day_full: "The day reached MAX_SESSIONS_PER_DAY or MAX_BYTES_PER_DAY",
	rate_limited: "Too many batches or server reports in a minute; the recorder tries again",
	storage_unavailable: "R2 was not available; the recorder tries again",
	method_not_allowed: "Not a POST request",
	invalid_ingest_key: "A server sent a key that is not in INGEST_KEYS",
	exception_class_required: "A server exception without exception_class",
	message_required: "A server exception without message",
	name_required: "A server event without name",
	invalid_report_session: "A server report with an invalid session_id",
	invalid_report_window: "A server report with an invalid window_id",
};
export const malformed = (code: string) => `Malformed batch (${code})`;
