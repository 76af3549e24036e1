import { and, eq, lt, or } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { dayOf, startOfDay } from "../contract/days.ts";
import { createdAtOf } from "../contract/ids.ts";
import { MAX_ACCEPTED_AGE_MS } from "../contract/limits.ts";
import { deleteAnnotations } from "./annotations.ts";
import { type ChunkRef, chunkKey, dayPrefix, deleteKeys, listKeys, possibleKeys } from "./chunks.ts";
import { subtractFromTotals } from "./counters.ts";
import { BUMP_DAY_REVISIONS, deleteFacts } from "./facts.ts";
import { deletePacks, listPacks } from "./packs.ts";
import { chunks, erasures, sessions } from "./schema.ts";
import { eraseReports, purgeReports } from "./server-retention.ts";
import { refoldSession } from "./sessions.ts";

/**
 * Deletion of sessions. The steps have a fixed order, so that an interrupted deletion can be repeated: write the
 * tombstone, delete the objects in R2, delete the rows in D1.
 */

/**
 * Lifetime of tombstones of sessions deleted by hand. Long, because batches of third-party recorders are accepted at
 * any age if the session ID does not contain the start time.
 */
const DELETED_MS = 90 * 86_400_000;
/** Lifetime of tombstones of purged sessions. Batches that arrive later are too old, see `MAX_ACCEPTED_AGE_MS`. */
const PURGED_MS = 8 * 86_400_000;

const DAY_MS = 86_400_000;

/** Time after a tombstone in which a pack may still be written: longer than a tick of the background jobs can run. */
const PACKING_MS = 10 * 60_000;

export interface Erasure {
	project: string;
	sessionId: string;
	/** null: the whole session. */
	windowId: string | null;
}

export interface ErasureResult {
	/** Number of deleted chunks that had a row in D1. */
	chunks: number;
	/** UTC days on which deleted chunks were received, yyyymmdd. */
	days: number[];
}

/**
 * Deletes a session or one of its windows from R2 and D1, and leaves a tombstone. An unknown session is not an error:
 * its future data will be rejected.
 */
export async function erase(db: D1Database, bucket: R2Bucket, erasure: Erasure, now: number): Promise<ErasureResult> {
	await writeTombstone(db, erasure, now);
	return finishErasure(db, bucket, erasure, now);
}

/** Writes the tombstone of a deletion by hand. It replaces the tombstone of a purge, which has a shorter lifetime. */
async function writeTombstone(db: D1Database, erasure: Erasure, now: number): Promise<void> {
	await drizzle(db)
		.insert(erasures)
		.values({ ...erasure, windowId: erasure.windowId ?? "", reason: "deleted", erasedAt: now })
		.onConflictDoUpdate({
			target: [erasures.project, erasures.sessionId, erasures.windowId],
			set: { reason: "deleted", erasedAt: now },
		});
}

/**
 * Deletes the data of a session or window that has a tombstone. Can be repeated: a background job calls it for erasures
 * that were interrupted.
 */
export async function finishErasure(
	db: D1Database,
	bucket: R2Bucket,
	erasure: Erasure,
	now: number,
): Promise<ErasureResult> {
	await bucket.put(ledgerKey(erasure), "", { customMetadata: { erasedAt: String(now) } });
	const refs = await chunkRefsOf(db, erasure);
	const objects = [
		...refs,
		...(await listPacks(db, erasure.project, JSON.stringify([erasure.sessionId]), erasure.windowId)),
	];
	const keys = new Set(objects.flatMap(possibleKeys));
	const days = new Set(objects.map((ref) => ref.day));
	// Chunks without a row are found by listing the keys of every day on which a batch may have been accepted.
	const earliest = days.size ? startOfDay(Math.min(...days)) : now - MAX_ACCEPTED_AGE_MS;
	const first = Math.min(createdAtOf(erasure.sessionId) ?? earliest, earliest, now);
	const last = Math.min(first + MAX_ACCEPTED_AGE_MS + DAY_MS, now);
	for (let at = first; at < last + DAY_MS; at += DAY_MS) {
		const day = dayOf(Math.min(at, last));
		const found = await listKeys(bucket, chunkPrefix(erasure, day));
		for (const key of found) keys.add(key);
		if (found.length) days.add(day);
	}
	await deleteKeys(bucket, [...keys]);
	const { project, sessionId, windowId } = erasure;
	const erasedUntil = now - PACKING_MS;
	await (windowId === null
		? deleteSessionRows(db, project, sessionId, erasedUntil)
		: deleteWindowRows(db, project, sessionId, windowId, erasedUntil));
	return { chunks: refs.length, days: [...days] };
}

function chunkPrefix({ project, sessionId, windowId }: Erasure, day: number): string {
	return `${dayPrefix(project, day)}${sessionId}/${windowId ? `${windowId}/` : ""}`;
}

/**
 * Erases a chunk again if the ledger in R2 contains its session or window: restores the tombstone and deletes the
 * chunk.
 * @returns whether the ledger contains the session or window
 */
export async function eraseIfInLedger(db: D1Database, bucket: R2Bucket, ref: ChunkRef): Promise<boolean> {
	const { project, sessionId } = ref;
	for (const windowId of [null, ref.windowId]) {
		const erasure = { project, sessionId, windowId };
		const entry = await bucket.head(ledgerKey(erasure));
		if (!entry) continue;
		await writeTombstone(db, erasure, Number(entry.customMetadata?.erasedAt) || entry.uploaded.getTime());
		await deleteKeys(bucket, [chunkKey(ref)]);
		return true;
	}
	return false;
}

/** Returns those of the given session IDs that have no tombstone of a deletion by hand, or that still have rows. */
export async function idsToErase(
	db: D1Database,
	project: string,
	ids: readonly string[],
	limit: number,
): Promise<string[]> {
	const { results } = await db
		.prepare(
			`SELECT value AS id FROM json_each(?2) WHERE NOT EXISTS (SELECT 1 FROM erasures WHERE project = ?1
				AND session_id = value AND window_id = '' AND reason = 'deleted')
			OR EXISTS (SELECT 1 FROM sessions WHERE project = ?1 AND id = value)
			OR EXISTS (SELECT 1 FROM occurrences WHERE project = ?1 AND session_id = value)
			OR EXISTS (SELECT 1 FROM server_events WHERE project = ?1 AND session_id = value) LIMIT ?3`,
		)
		.bind(project, JSON.stringify(ids), limit)
		.all<{ id: string }>();
	return results.map(({ id }) => id);
}

/** Returns erasures that were interrupted: those whose session or window still has rows. */
export async function unfinishedErasures(db: D1Database, limit: number, now: number): Promise<Erasure[]> {
	const { results } = await db
		.prepare(
			`SELECT e.project AS project, e.session_id AS sessionId, nullif(e.window_id, '') AS windowId FROM erasures e
			WHERE e.reason = 'deleted' AND (EXISTS (SELECT 1 FROM chunks c WHERE c.project = e.project
				AND c.session_id = e.session_id AND e.window_id IN ('', c.window_id))
			OR e.erased_at <= ?2 AND EXISTS (SELECT 1 FROM packs p WHERE p.project = e.project
				AND p.session_id = e.session_id AND e.window_id IN ('', p.window_id))
			OR e.window_id = '' AND (
				EXISTS (SELECT 1 FROM occurrences o WHERE o.project = e.project AND o.session_id = e.session_id)
				OR EXISTS (SELECT 1 FROM server_events v WHERE v.project = e.project AND v.session_id = e.session_id)
			)) LIMIT ?1`,
		)
		.bind(limit, now - PACKING_MS)
		.all<Erasure>();
	return results;
}

/** Limits of one purge step per project: sessions and chunks. */
const PURGE_SESSIONS = 50;
const PURGE_CHUNKS = 1000;

/**
 * Runs one step of data retention: deletes sessions whose last event is older than the retention of their project. A
 * session with more than `PURGE_CHUNKS` chunks takes several steps.
 * @returns number of sessions deleted, and whether there may be more
 */
export async function purgeStep(
	db: D1Database,
	bucket: R2Bucket,
	projects: readonly { id: string; retentionMs: number | null }[],
	now: number,
): Promise<{ purged: number; more: boolean }> {
	let purged = 0;
	let more = false;
	for (const { id, retentionMs } of projects) {
		if (retentionMs === null) continue;
		const step = await purgeOlder(db, bucket, id, now - retentionMs, now);
		purged += step.purged;
		more ||= step.more;
	}
	return { purged, more };
}

async function purgeOlder(db: D1Database, bucket: R2Bucket, project: string, cutoff: number, now: number) {
	const due = await drizzle(db)
		.select({ id: sessions.id })
		.from(sessions)
		.where(and(eq(sessions.project, project), lt(sessions.startedAt, cutoff), lt(sessions.lastAt, cutoff)))
		.orderBy(sessions.startedAt)
		.limit(PURGE_SESSIONS);
	return purge(db, bucket, project, due, now);
}

/**
 * Runs one step of enforcing caps: deletes the oldest sessions of a project until it is within its caps.
 * @param excess sessions and bytes at rest above the caps
 * @returns `lastDay`: UTC day on which the newest deleted session started, yyyymmdd; `dayOf(0)`: none was deleted
 */
export async function purgeExcess(
	db: D1Database,
	bucket: R2Bucket,
	project: string,
	excess: { sessions: number; bytes: number },
	now: number,
): Promise<{ purged: number; more: boolean; lastDay: number }> {
	const oldest = await drizzle(db)
		.select({ id: sessions.id, bytes: sessions.bytes, startedAt: sessions.startedAt })
		.from(sessions)
		.where(eq(sessions.project, project))
		.orderBy(sessions.startedAt)
		.limit(PURGE_SESSIONS);
	let bytes = 0;
	const due = oldest.filter((session, i) => {
		const isNeeded = i < excess.sessions || bytes < excess.bytes;
		bytes += session.bytes;
		return isNeeded;
	});
	const lastDay = dayOf(due.at(-1)?.startedAt ?? 0);
	return { ...(await purge(db, bucket, project, due, now)), lastDay };
}

async function purge(db: D1Database, bucket: R2Bucket, project: string, due: readonly { id: string }[], now: number) {
	if (!due.length) return { purged: 0, more: false };
	const ids = JSON.stringify(due.map(({ id }) => id));
	const [, { results: rows }] = (await db.batch([
		db.prepare(INSERT_TOMBSTONES).bind(project, ids, now),
		db.prepare(DUE_CHUNKS).bind(project, ids),
	])) as [D1Result, D1Result<Omit<ChunkRef, "project">>];
	await deleteKeys(
		bucket,
		rows.flatMap((row) => possibleKeys({ project, ...row })),
	);
	const [, , , , deletedSessions] = await db.batch([
		db.prepare(DELETE_CHUNKS).bind(project, JSON.stringify(rows.map((row) => [row.sessionId, row.windowId, row.id]))),
		subtractFromTotals(db, project, ids),
		db.prepare(BUMP_DAY_REVISIONS).bind(project, ids),
		db.prepare(DELETE_FACTS).bind(project, ids),
		db.prepare(DELETE_EMPTY).bind(project, ids),
		deletePacks(db, project, ids, now),
		...deleteAnnotations(db, project, ids),
		...purgeReports(db, project, ids),
	]);
	return { purged: deletedSessions!.meta.changes, more: due.length === PURGE_SESSIONS || rows.length === PURGE_CHUNKS };
}

/**
 * Counts the R2 objects and D1 rows that are left of a session after its erasure; any number but 0 is a fault.
 * @param days days on which chunks of the session were received, yyyymmdd; only objects of these days are counted
 */
export async function countRemains(
	db: D1Database,
	bucket: R2Bucket,
	project: string,
	id: string,
	days: readonly number[],
): Promise<number> {
	const row = await db
		.prepare(
			`SELECT (SELECT count(*) FROM chunks WHERE project = ?1 AND session_id = ?2)
			+ (SELECT count(*) FROM packs WHERE project = ?1 AND session_id = ?2 AND saved > 0)
			+ (SELECT count(*) FROM facts WHERE project = ?1 AND session_id = ?2)
			+ (SELECT count(*) FROM marks WHERE project = ?1 AND session_id = ?2)
			+ (SELECT count(*) FROM notes WHERE project = ?1 AND session_id = ?2)
			+ (SELECT count(*) FROM shares WHERE project = ?1 AND session_id = ?2)
			+ (SELECT count(*) FROM occurrences WHERE project = ?1 AND session_id = ?2)
			+ (SELECT count(*) FROM server_events WHERE project = ?1 AND session_id = ?2)
			+ (SELECT count(*) FROM sessions WHERE project = ?1 AND id = ?2) AS n`,
		)
		.bind(project, id)
		.first<{ n: number }>();
	let n = row?.n ?? 0;
	for (const day of days) {
		n += (await listKeys(bucket, chunkPrefix({ project, sessionId: id, windowId: null }, day))).length;
	}
	return n;
}

const INSERT_TOMBSTONES = `INSERT OR IGNORE INTO erasures (project, session_id, window_id, reason, erased_at)
SELECT ?1, value, '', 'purged', ?3 FROM json_each(?2)`;

const DUE_CHUNKS = `SELECT day, session_id AS sessionId, window_id AS windowId, id FROM chunks
WHERE project = ?1 AND session_id IN (SELECT value FROM json_each(?2)) LIMIT ${PURGE_CHUNKS}`;

const DELETE_CHUNKS = `DELETE FROM chunks WHERE project = ?1
AND (session_id, window_id, id) IN (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?2))`;

/** Deletes the facts of sessions without chunks. Unlike `deleteFacts`, keeps the rollups that include these facts. */
const DELETE_FACTS = `DELETE FROM facts WHERE project = ?1 AND session_id IN (SELECT value FROM json_each(?2))
AND NOT EXISTS (SELECT 1 FROM chunks WHERE chunks.project = ?1 AND chunks.session_id = facts.session_id)`;

const DELETE_EMPTY = `DELETE FROM sessions WHERE project = ?1 AND id IN (SELECT value FROM json_each(?2))
AND NOT EXISTS (SELECT 1 FROM chunks WHERE chunks.project = ?1 AND chunks.session_id = sessions.id)`;

/** Deletes tombstones that are past their lifetime. */
export async function deleteOldTombstones(db: D1Database, now: number): Promise<void> {
	await drizzle(db)
		.delete(erasures)
		.where(
			or(
				and(eq(erasures.reason, "purged"), lt(erasures.erasedAt, now - PURGED_MS)),
				lt(erasures.erasedAt, now - DELETED_MS),
			),
		);
}

/** Restores tombstones of deleted sessions and windows from the ledger in R2. Must run before a reindex. */
export async function restoreTombstones(db: D1Database, bucket: R2Bucket): Promise<void> {
	const rows = (await listKeys(bucket, LEDGER)).map((key) => {
		const [project, sessionId, windowId] = key.slice(LEDGER.length).split("/");
		return [project, sessionId, windowId === WHOLE_SESSION ? "" : windowId];
	});
	for (let i = 0; i < rows.length; i += ROWS_PER_STATEMENT) {
		await db
			.prepare(
				`INSERT OR IGNORE INTO erasures (project, session_id, window_id, reason, erased_at)
				SELECT value ->> 0, value ->> 1, value ->> 2, 'deleted', ?2 FROM json_each(?1)`,
			)
			.bind(JSON.stringify(rows.slice(i, i + ROWS_PER_STATEMENT)), Date.now())
			.run();
	}
}

/** Limit of rows in a JSON parameter, which keeps the parameter far below D1's limit of 2 MB for a string. */
export const ROWS_PER_STATEMENT = 1_000;

/**
 * Prefix of the ledger in R2, which lists deleted sessions and windows in case D1 is lost. No chunk has this prefix,
 * because a project ID cannot start with a dot.
 */
const LEDGER = ".erased/";
/** Stands for all windows of a session, in place of a window ID. */
const WHOLE_SESSION = "*";

function ledgerKey({ project, sessionId, windowId }: Erasure): string {
	return `${LEDGER}${project}/${sessionId}/${windowId ?? WHOLE_SESSION}`;
}

async function chunkRefsOf(db: D1Database, erasure: Erasure): Promise<ChunkRef[]> {
	return drizzle(db)
		.select({
			project: chunks.project,
			day: chunks.day,
			sessionId: chunks.sessionId,
			windowId: chunks.windowId,
			id: chunks.id,
		})
		.from(chunks)
		.where(
			and(
				eq(chunks.project, erasure.project),
				eq(chunks.sessionId, erasure.sessionId),
				erasure.windowId === null ? undefined : eq(chunks.windowId, erasure.windowId),
			),
		);
}

async function deleteSessionRows(
	db: D1Database,
	project: string,
	sessionId: string,
	erasedUntil: number,
): Promise<void> {
	await db.batch([
		...deleteFacts(db, project, JSON.stringify([sessionId])),
		db.prepare("DELETE FROM chunks WHERE project = ?1 AND session_id = ?2").bind(project, sessionId),
		deletePacks(db, project, JSON.stringify([sessionId]), erasedUntil),
		subtractFromTotals(db, project, JSON.stringify([sessionId])),
		db.prepare("DELETE FROM sessions WHERE project = ?1 AND id = ?2").bind(project, sessionId),
		...deleteAnnotations(db, project, JSON.stringify([sessionId])),
		...eraseReports(db, project, JSON.stringify([sessionId])),
	]);
}

/**
 * Deletes the rows of a window, and recomputes the session from its remaining windows. If no window remains, deletes
 * the session.
 */
async function deleteWindowRows(
	db: D1Database,
	project: string,
	sessionId: string,
	windowId: string,
	erasedUntil: number,
): Promise<void> {
	await db.batch([
		...deleteFacts(db, project, JSON.stringify([sessionId])),
		db
			.prepare("DELETE FROM chunks WHERE project = ?1 AND session_id = ?2 AND window_id = ?3")
			.bind(project, sessionId, windowId),
		db
			.prepare("DELETE FROM notes WHERE project = ?1 AND session_id = ?2 AND window_id = ?3")
			.bind(project, sessionId, windowId),
		...refoldSession(db, project, sessionId, erasedUntil),
	]);
}
