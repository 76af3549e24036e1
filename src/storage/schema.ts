import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/**
 * Schema of D1. Every table is WITHOUT ROWID. drizzle cannot express this, so the clause is added to each migration by
 * hand, and a test checks that it is there. There are no foreign keys and no cascades: the code deletes dependent rows
 * itself. Times are epoch milliseconds.
 */

/** One row per stored chunk, with all data that lists, timelines and reports need, so that they do not read R2. */
export const chunks = sqliteTable(
	"chunks",
	{
		project: text().notNull(),
		sessionId: text("session_id").notNull(),
		windowId: text("window_id").notNull(),
		/** `{first timestamp, 13 digits}-{seq, 5 digits, or x}-{CRC-32 of the body, 8 hex digits}`; sorts by time. */
		id: text().notNull(),
		/** Day of receipt as in the object's key, yyyymmdd. */
		day: integer().notNull(),
		/** Number of the batch; −1: the batch is from a third-party recorder, which sends no number. */
		seq: integer().notNull(),
		firstAt: integer("first_at").notNull(),
		lastAt: integer("last_at").notNull(),
		events: integer().notNull(),
		/** Size of the chunk's gzip in bytes, without encryption and outside of a pack. */
		bytes: integer().notNull(),
		snapshots: integer().notNull(),
		pages: integer().notNull(),
		clicks: integer().notNull(),
		errors: integer().notNull(),
		/** JSON of `Client`, from the request that delivered this chunk. */
		client: text().notNull(),
		/**
		 * JSON, key → [value]: metadata sent with this chunk, mostly empty. Older rows have the format of
		 * `sessions.metadata`.
		 */
		metadata: text().notNull(),
		trail: text().notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.sessionId, t.windowId, t.id] })],
);

/** One row per session: the sums of its chunks, independent of the order in which they arrive. */
export const sessions = sqliteTable(
	"sessions",
	{
		project: text().notNull(),
		id: text().notNull(),
		startedAt: integer("started_at").notNull(),
		lastAt: integer("last_at").notNull(),
		/** Server time of the newest receipt; decides whether a session is live. */
		receivedAt: integer("received_at").notNull(),
		windows: integer().notNull(),
		chunks: integer().notNull(),
		events: integer().notNull(),
		bytes: integer().notNull(),
		pages: integer().notNull(),
		clicks: integer().notNull(),
		errors: integer().notNull(),
		/** IDs of the earliest chunk and its window: `{chunk}/{window}`. `client` is from the request with this chunk. */
		firstStamp: text("first_stamp").notNull(),
		/** JSON of `Client`: location, browser, OS, device. */
		client: text().notNull(),
		/**
		 * JSON, key → [ID of the chunk with the value, value]. If several chunks have the key, the latest one counts. In
		 * older rows, the ID is `{chunk}/{window}`.
		 */
		metadata: text().notNull(),
		/** `user_id` of the metadata, as set by `identify`. */
		userId: text("user_id"),
		/** 1: the session's facts are written, and no chunk has arrived since. */
		settled: integer().notNull().default(0),
	},
	(t) => [
		primaryKey({ columns: [t.project, t.id] }),
		index("sessions_by_start").on(t.project, t.startedAt),
		// Partial, because most sessions have no user ID.
		index("sessions_by_user").on(t.project, t.userId).where(sql`user_id IS NOT NULL`),
	],
);

/** Packs: consecutive chunks of a window and day of receipt that are stored as one object in R2. */
export const packs = sqliteTable(
	"packs",
	{
		project: text().notNull(),
		sessionId: text("session_id").notNull(),
		windowId: text("window_id").notNull(),
		/** IDs of the first and the last chunk. The first ID is part of the object's key. */
		firstId: text("first_id").notNull(),
		lastId: text("last_id").notNull(),
		day: integer().notNull(),
		/** Bytes saved compared to separate objects; 0: being written; −1: being written for the second time. */
		saved: integer().notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.sessionId, t.windowId, t.firstId] })],
);

/** Facts of settled sessions, one row per session and UTC day (yyyymmdd); see `Facts`. */
export const facts = sqliteTable(
	"facts",
	{
		project: text().notNull(),
		sessionId: text("session_id").notNull(),
		day: integer().notNull(),
		/** 1: included in the day's rollups. */
		inRollup: integer("rolled").notNull(),
		isFirstDay: integer("begins").notNull(),
		startedAt: integer("started_at").notNull(),
		durationMs: integer("duration_ms").notNull(),
		activeMs: integer("active_ms").notNull(),
		score: integer().notNull(),
		events: integer().notNull(),
		views: integer().notNull(),
		clicks: integer().notNull(),
		errors: integer().notNull(),
		rageClicks: integer("rages").notNull(),
		deadClicks: integer("deads").notNull(),
		/** This column and the next three hold JSON of the `Facts` property with the same name. */
		signals: text().notNull(),
		profile: text("head").notNull(),
		journey: text("steps").notNull(),
		details: text("moments").notNull(),
	},
	(t) => [
		primaryKey({ columns: [t.project, t.sessionId, t.day] }),
		// Covers every column that scans read. A lookup in the table takes ten times as long as reading the next row of
		// this index: most rows of the table exceed the 1,002 bytes that a page stores of a row, and a lookup also reads
		// the overflow page of each row that it passes.
		index("facts_in_order").on(
			...([t.project, t.inRollup, t.day, t.sessionId] as const),
			...([t.isFirstDay, t.score, t.durationMs, t.profile, t.journey] as const),
		),
	],
);

/** Sums of a day's facts. They remain when the recordings are deleted, see `anonymizeDays`. */
export const rollups = sqliteTable(
	"rollups",
	{
		project: text().notNull(),
		part: text({ enum: ["overview", "pages", "heat", "forms", "errors"] }).notNull(),
		/** Type of device, see `ROLLUP_DEVICES`; empty for all devices. */
		cell: text().notNull(),
		day: integer().notNull(),
		/** JSON of `Counts`. */
		data: text().notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.part, t.cell, t.day] })],
);

/**
 * One row per day with rollups. The revision shows writers whether another one has written meanwhile, and caches
 * whether facts of the day have changed. `closed` prevents changes of an anonymized day.
 */
export const rollupDays = sqliteTable(
	"rollup_days",
	{
		project: text().notNull(),
		day: integer().notNull(),
		/**
		 * Revision, which rises with every change of the rollups or of the facts in them. It is taken from the clock (epoch
		 * microseconds), so that a D1 restored to an earlier state does not give the same number to different facts.
		 */
		rev: integer().notNull(),
		/** 1: the day is anonymized and no longer changes. */
		closed: integer().notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.day] })],
);

/** Segments: named filters. */
export const segments = sqliteTable(
	"segments",
	{
		project: text().notNull(),
		id: text().notNull(),
		name: text().notNull(),
		/** Query string of a dashboard URL, such as `device=Mobile&country=DE`. */
		query: text().notNull(),
		createdAt: integer("created_at").notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.id] })],
);

/** Star, labels and viewed state of a session. */
export const marks = sqliteTable(
	"marks",
	{
		project: text().notNull(),
		sessionId: text("session_id").notNull(),
		starred: integer().notNull(),
		/** Time at which the replay was first opened; null: not yet. */
		viewedAt: integer("viewed_at"),
		/** JSON list of strings. */
		labels: text().notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.sessionId] })],
);

/** Notes at moments of a recording. */
export const notes = sqliteTable(
	"notes",
	{
		project: text().notNull(),
		sessionId: text("session_id").notNull(),
		id: text().notNull(),
		windowId: text("window_id").notNull(),
		/** Moment of the recording, not the time of writing. */
		at: integer().notNull(),
		text: text().notNull(),
		createdAt: integer("created_at").notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.sessionId, t.id] })],
);

/** Share links. Each is a public link to one session. */
export const shares = sqliteTable(
	"shares",
	{
		project: text().notNull(),
		sessionId: text("session_id").notNull(),
		/** Random ID in the link. */
		id: text().notNull(),
		/** SHA-256 of the token, hexadecimal. The token is not stored. */
		tokenHash: text("token_hash").notNull(),
		createdAt: integer("created_at").notNull(),
		expiresAt: integer("expires_at").notNull(),
		views: integer().notNull(),
		viewedAt: integer("viewed_at"),
	},
	(t) => [primaryKey({ columns: [t.project, t.sessionId, t.id] }), uniqueIndex("shares_by_id").on(t.id)],
);

/** Audit log of share links and exported recordings. */
export const audit = sqliteTable(
	"audit",
	{
		project: text().notNull(),
		at: integer().notNull(),
		id: text().notNull(),
		action: text({ enum: ["share_created", "share_viewed", "share_revoked", "recording_exported"] }).notNull(),
		/** ID of a share, or empty; never the ID of a session or a person. */
		subject: text().notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.at, t.id] })],
);

/** Exceptions reported by servers, grouped by fingerprint. */
export const issues = sqliteTable(
	"issues",
	{
		project: text().notNull(),
		/** 40 hexadecimal digits, see `analytics/fingerprint.ts`. */
		fingerprint: text().notNull(),
		exceptionClass: text("exception_class").notNull(),
		/** Message of the newest occurrence. */
		message: text().notNull(),
		/** Number of occurrences ever received, except those of sessions that were deleted by hand. */
		count: integer().notNull(),
		status: text({ enum: ["open", "resolved", "ignored"] }).notNull(),
		firstSeen: integer("first_seen").notNull(),
		lastSeen: integer("last_seen").notNull(),
		/** Set only while the issue is resolved. */
		resolvedAt: integer("resolved_at"),
		/** Time of the occurrence that last reopened the issue after it was resolved; null: none. */
		regressedAt: integer("regressed_at"),
		/** JSON, UTC day (yyyymmdd) → number of occurrences. */
		days: text().notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.fingerprint] })],
);

/** Single exceptions reported by servers. */
export const occurrences = sqliteTable(
	"occurrences",
	{
		project: text().notNull(),
		fingerprint: text().notNull(),
		/** UUIDv7 with the time `at`, so that IDs sort by time. */
		id: text().notNull(),
		at: integer().notNull(),
		message: text().notNull(),
		/** JSON list of frames, innermost first. */
		backtrace: text().notNull(),
		/** JSON; null: not sent, or invalid, or the session was deleted by hand. */
		context: text(),
		platform: text(),
		/** Session in which the exception happened; null: not sent, or erased. */
		sessionId: text("session_id"),
		windowId: text("window_id"),
	},
	(t) => [
		primaryKey({ columns: [t.project, t.fingerprint, t.id] }),
		index("occurrences_by_session").on(t.project, t.sessionId).where(sql`session_id IS NOT NULL`),
	],
);

/** Server events: events reported by servers through `POST /track`. */
export const serverEvents = sqliteTable(
	"server_events",
	{
		project: text().notNull(),
		/** UUIDv7 with the time `at`, so that IDs sort by time. */
		id: text().notNull(),
		at: integer().notNull(),
		name: text().notNull(),
		level: text({ enum: ["debug", "info", "warn", "error"] }).notNull(),
		/** JSON; null: not sent, or invalid, or the session was deleted by hand. */
		payload: text(),
		sessionId: text("session_id"),
	},
	(t) => [
		primaryKey({ columns: [t.project, t.id] }),
		index("server_events_by_session").on(t.project, t.sessionId).where(sql`session_id IS NOT NULL`),
	],
);

/**
 * Usage that is checked against caps, per UTC day of receipt (yyyymmdd). The row of day 0 holds a correction: the real
 * total at rest minus the sum of the other rows.
 */
export const counters = sqliteTable(
	"counters",
	{
		project: text().notNull(),
		day: integer().notNull(),
		/** Number of new sessions, exact. */
		sessions: integer().notNull(),
		/** Bytes of new chunks, approximately: an isolate that ends loses the bytes that it has not added here yet. */
		bytes: integer().notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.day] })],
);

/**
 * Tombstones of deleted sessions and windows. Late batches of these are rejected. `window_id` is empty if the whole
 * session was deleted.
 */
export const erasures = sqliteTable(
	"erasures",
	{
		project: text().notNull(),
		sessionId: text("session_id").notNull(),
		windowId: text("window_id").notNull(),
		/** deleted: by hand; purged: by data retention or a cap. */
		reason: text({ enum: ["deleted", "purged"] }).notNull(),
		erasedAt: integer("erased_at").notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.sessionId, t.windowId] })],
);

/** State of the background jobs, and the lease that keeps two ticks from running at once. */
export const jobs = sqliteTable("jobs", {
	name: text().primaryKey(),
	ranAt: integer("ran_at").notNull(),
	leaseUntil: integer("lease_until").notNull(),
	cursor: text(),
	/** Error of the last run; null: it succeeded. */
	error: text(),
});

/** Counts of rejected requests, per project, UTC day and reason. */
export const refusals = sqliteTable(
	"refusals",
	{
		project: text().notNull(),
		day: integer().notNull(),
		reason: text().notNull(),
		/** The rejected origin if `reason` is `origin_refused`, otherwise empty. */
		origin: text().notNull(),
		count: integer().notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.day, t.reason, t.origin] })],
);
