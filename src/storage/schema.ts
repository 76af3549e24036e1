import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/**
 * Every table is WITHOUT ROWID (drizzle cannot say so: it is written into each migration by hand, and a test looks).
 * No foreign keys, no cascades; deletion order is code. Times are epoch milliseconds.
 */

/** One row per stored chunk; with its columns it is known without reading R2. */
export const chunks = sqliteTable(
	"chunks",
	{
		project: text().notNull(),
		sessionId: text("session_id").notNull(),
		windowId: text("window_id").notNull(),
		/** `{first timestamp, 13 digits}-{seq, 5 digits, or x}-{CRC-32 of the body, 8 hex digits}`: sorts by time. */
		id: text().notNull(),
		/** The day of receipt in the object's key, yyyymmdd. */
		day: integer().notNull(),
		/** −1: a foreign recorder's, which may re-send a batch grown by newer events. */
		seq: integer().notNull(),
		firstAt: integer("first_at").notNull(),
		lastAt: integer("last_at").notNull(),
		events: integer().notNull(),
		/** As stored in R2. */
		bytes: integer().notNull(),
		snapshots: integer().notNull(),
		pages: integer().notNull(),
		clicks: integer().notNull(),
		errors: integer().notNull(),
		/** JSON of `Client`, as this chunk's request had it. */
		client: text().notNull(),
		/** JSON, key → [value]: what this chunk said; mostly empty. Older rows have it as in `sessions`. */
		metadata: text().notNull(),
		trail: text().notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.sessionId, t.windowId, t.id] })],
);

/** What the chunks of a session add up to, whatever the order in which they came. */
export const sessions = sqliteTable(
	"sessions",
	{
		project: text().notNull(),
		id: text().notNull(),
		startedAt: integer("started_at").notNull(),
		lastAt: integer("last_at").notNull(),
		/** The server's clock at the newest receipt; what "live" goes by. */
		receivedAt: integer("received_at").notNull(),
		windows: integer().notNull(),
		chunks: integer().notNull(),
		events: integer().notNull(),
		bytes: integer().notNull(),
		pages: integer().notNull(),
		clicks: integer().notNull(),
		errors: integer().notNull(),
		/** The stamp of the earliest chunk, whose request says where and on what the session began. */
		firstStamp: text("first_stamp").notNull(),
		/** JSON of `Client`: place, browser, system, device. */
		client: text().notNull(),
		/** JSON, key → [stamp of the chunk that said it, value]: the latest chunk's word counts. */
		metadata: text().notNull(),
		/** Whose visit it is, by the site's own word: `user_id` of the metadata. */
		userId: text("user_id"),
		/** 1: its facts are written, and nothing came since. */
		settled: integer().notNull().default(0),
	},
	(t) => [
		primaryKey({ columns: [t.project, t.id] }),
		index("sessions_by_start").on(t.project, t.startedAt),
		// Most have none, and cost nothing.
		index("sessions_by_user").on(t.project, t.userId).where(sql`user_id IS NOT NULL`),
	],
);

/** Chunks of a window that are one object in R2 by now: those of one day of receipt from one to another. */
export const packs = sqliteTable(
	"packs",
	{
		project: text().notNull(),
		sessionId: text("session_id").notNull(),
		windowId: text("window_id").notNull(),
		/** Of the chunks: of the first, which the object is named by, and the last. */
		firstId: text("first_id").notNull(),
		lastId: text("last_id").notNull(),
		day: integer().notNull(),
		/** By how many bytes they are less at rest than each for itself; 0: it is being made; −1: for the second time. */
		saved: integer().notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.sessionId, t.windowId, t.firstId] })],
);

/** What a settled session adds up to, a row for each of its days (UTC, yyyymmdd); see `Facts`. */
export const facts = sqliteTable(
	"facts",
	{
		project: text().notNull(),
		sessionId: text("session_id").notNull(),
		day: integer().notNull(),
		/** 1: it is in the day's rollups. */
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
		/** JSON of the fields of the same names. */
		signals: text().notNull(),
		profile: text("head").notNull(),
		journey: text("steps").notNull(),
		details: text("moments").notNull(),
	},
	(t) => [
		primaryKey({ columns: [t.project, t.sessionId, t.day] }),
		// With all that scans look at. To find a row by its key takes ten times as long as to read the next one here: most rows
		// have more than the 1,002 bytes that a page keeps of one, and each that a search passes is read whole.
		index("facts_in_order").on(
			...([t.project, t.inRollup, t.day, t.sessionId] as const),
			...([t.isFirstDay, t.score, t.durationMs, t.profile, t.journey] as const),
		),
	],
);

/** The facts of a day summed up; what is left of it when its recordings are gone. */
export const rollups = sqliteTable(
	"rollups",
	{
		project: text().notNull(),
		part: text({ enum: ["overview", "pages", "heat", "forms", "errors"] }).notNull(),
		/** A device, or empty for all. */
		cell: text().notNull(),
		day: integer().notNull(),
		/** JSON of `Counts`. */
		data: text().notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.part, t.cell, t.day] })],
);

/**
 * Guards the rollups of a day against two who change them at once, and against changes when its recordings are gone; and
 * tells who knows its facts whether they are still the same.
 */
export const rollupDays = sqliteTable(
	"rollup_days",
	{
		project: text().notNull(),
		day: integer().notNull(),
		/**
		 * Rises with every change of facts that are in its rollups. It is of the time (epoch microseconds), so that a D1 that was
		 * put back to a moment before does not come to the same number with other facts.
		 */
		rev: integer().notNull(),
		closed: integer().notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.day] })],
);

/** Filters that somebody gave a name: a part of an address. */
export const segments = sqliteTable(
	"segments",
	{
		project: text().notNull(),
		id: text().notNull(),
		name: text().notNull(),
		/** `device=Mobile&country=DE`: as in the address of a page. */
		query: text().notNull(),
		createdAt: integer("created_at").notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.id] })],
);

/** What people noted of a session: a star, labels, that somebody looked at it. */
export const marks = sqliteTable(
	"marks",
	{
		project: text().notNull(),
		sessionId: text("session_id").notNull(),
		starred: integer().notNull(),
		/** When its replay was first opened; null: not yet. */
		viewedAt: integer("viewed_at"),
		/** JSON, a list of short words. */
		labels: text().notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.sessionId] })],
);

/** What people wrote beside a moment of a recording. */
export const notes = sqliteTable(
	"notes",
	{
		project: text().notNull(),
		sessionId: text("session_id").notNull(),
		id: text().notNull(),
		windowId: text("window_id").notNull(),
		/** The moment, not when it was written. */
		at: integer().notNull(),
		text: text().notNull(),
		createdAt: integer("created_at").notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.sessionId, t.id] })],
);

/** Public links to one session each. */
export const shares = sqliteTable(
	"shares",
	{
		project: text().notNull(),
		sessionId: text("session_id").notNull(),
		/** What stands in the link; nothing can be told from it. */
		id: text().notNull(),
		/** SHA-256 of the token, hexadecimal: the token itself is nowhere. */
		tokenHash: text("token_hash").notNull(),
		createdAt: integer("created_at").notNull(),
		expiresAt: integer("expires_at").notNull(),
		views: integer().notNull(),
		viewedAt: integer("viewed_at"),
	},
	(t) => [primaryKey({ columns: [t.project, t.sessionId, t.id] }), uniqueIndex("shares_by_id").on(t.id)],
);

/** What left the dashboard, and when. */
export const audit = sqliteTable(
	"audit",
	{
		project: text().notNull(),
		at: integer().notNull(),
		id: text().notNull(),
		action: text({ enum: ["share_created", "share_viewed", "share_revoked", "recording_exported"] }).notNull(),
		/** The id of a share, or empty; never that of a session or a person. */
		subject: text().notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.at, t.id] })],
);

/** Exceptions of the operator's servers, of which those with one fingerprint are one. */
export const issues = sqliteTable(
	"issues",
	{
		project: text().notNull(),
		/** 40 hexadecimal digits, see `analytics/fingerprint.ts`. */
		fingerprint: text().notNull(),
		exceptionClass: text("exception_class").notNull(),
		/** The newest one's. */
		message: text().notNull(),
		/** Of all that ever came, but for those of sessions that somebody deleted. */
		count: integer().notNull(),
		status: text({ enum: ["open", "resolved", "ignored"] }).notNull(),
		firstSeen: integer("first_seen").notNull(),
		lastSeen: integer("last_seen").notNull(),
		/** Only while it is resolved. */
		resolvedAt: integer("resolved_at"),
		/** When it came again after it was resolved. */
		regressedAt: integer("regressed_at"),
		/** JSON, UTC day (yyyymmdd) → how many. */
		days: text().notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.fingerprint] })],
);

/** One of them, with where it happened. */
export const occurrences = sqliteTable(
	"occurrences",
	{
		project: text().notNull(),
		fingerprint: text().notNull(),
		/** A UUIDv7 of the moment it happened: sorts by time. */
		id: text().notNull(),
		at: integer().notNull(),
		message: text().notNull(),
		/** JSON, a list of frames, the innermost first. */
		backtrace: text().notNull(),
		/** JSON; null: none was sent. */
		context: text(),
		platform: text(),
		/** The visit it happened in, if the server knew. */
		sessionId: text("session_id"),
		windowId: text("window_id"),
	},
	(t) => [
		primaryKey({ columns: [t.project, t.fingerprint, t.id] }),
		index("occurrences_by_session").on(t.project, t.sessionId).where(sql`session_id IS NOT NULL`),
	],
);

/** What the operator's servers say that happened. */
export const serverEvents = sqliteTable(
	"server_events",
	{
		project: text().notNull(),
		/** A UUIDv7 of the moment it happened: sorts by time. */
		id: text().notNull(),
		at: integer().notNull(),
		name: text().notNull(),
		level: text({ enum: ["debug", "info", "warn", "error"] }).notNull(),
		/** JSON; null: none was sent. */
		payload: text(),
		sessionId: text("session_id"),
	},
	(t) => [
		primaryKey({ columns: [t.project, t.id] }),
		index("server_events_by_session").on(t.project, t.sessionId).where(sql`session_id IS NOT NULL`),
	],
);

/** What came in on a UTC day (yyyymmdd), and on day 0 what is there in all: what caps go by. */
export const counters = sqliteTable(
	"counters",
	{
		project: text().notNull(),
		day: integer().notNull(),
		/** New sessions; exact. */
		sessions: integer().notNull(),
		/** At rest. An isolate that dies takes what it had not written yet along. */
		bytes: integer().notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.day] })],
);

/** Tombstones: a late batch of these is deleted again. `window_id` is empty for a whole session. */
export const erasures = sqliteTable(
	"erasures",
	{
		project: text().notNull(),
		sessionId: text("session_id").notNull(),
		windowId: text("window_id").notNull(),
		/** deleted: by a person; purged: by retention. */
		reason: text({ enum: ["deleted", "purged"] }).notNull(),
		erasedAt: integer("erased_at").notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.sessionId, t.windowId] })],
);

/** Upkeep: when each job last ran, where it stands, and the lease that keeps two ticks apart. */
export const jobs = sqliteTable("jobs", {
	name: text().primaryKey(),
	ranAt: integer("ran_at").notNull(),
	leaseUntil: integer("lease_until").notNull(),
	cursor: text(),
	/** What went wrong at its last run; null when nothing did. */
	error: text(),
});

/** Why something was not recorded, per project and UTC day. */
export const refusals = sqliteTable(
	"refusals",
	{
		project: text().notNull(),
		day: integer().notNull(),
		reason: text().notNull(),
		/** The refused origin, where that is the reason; else empty. */
		origin: text().notNull(),
		count: integer().notNull(),
	},
	(t) => [primaryKey({ columns: [t.project, t.day, t.reason, t.origin] })],
);
