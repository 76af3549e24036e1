import {
	type ChunkRef,
	checksumIn,
	chunkKey,
	chunkReader,
	deleteKeys,
	inflated,
	putPack,
	readPack,
	type Vault,
} from "./chunks.ts";
import { checksumOf, MAX_PACK_JSON, type Packed, pack } from "./pack.ts";

/**
 * Chunks of sessions that are long over are put together, those of one window and day of receipt: half the bytes at rest,
 * and one object where there were a dozen. Always in this order, so that whatever is interrupted can be done again: the
 * pack, what R2 gives back of it, its row; and only then the chunks' own objects go.
 */

/** So that rows can be made of a pack again in one step: of calls and, in its chunks' gzip, of work. */
const PACK_CHUNKS = 20;
const PACK_BYTES = 64 * 1024;
/** What is less is not worth a write. */
const LEAST_BYTES = 8 * 1024;

/** What one step looks at. */
const LOOKED_AT_SESSIONS = 50;
const LOOKED_AT_CHUNKS = 200;

const HOUR_MS = 3_600_000;

/** Until when a session must have begun, and been received, epoch milliseconds. */
interface Over {
	began: number;
	received: number;
}

/** It began two days ago, and a day ago the last was heard of it: whoever still looks at it does so rarely. */
const overAt = (now: number): Over => ({ began: now - 48 * HOUR_MS, received: now - 24 * HOUR_MS });

/** Where the packing of each project is, as upkeep remembers it. */
export type Places = Record<string, string | null>;

export function placesIn(cursor: string | null): Places {
	return JSON.parse(cursor ?? "{}");
}

interface Row {
	startedAt: number;
	sessionId: string;
	windowId: string;
	id: string;
	day: number;
	bytes: number;
	/** The first chunk's id of the pack that spans it. */
	pack: string | null;
}

/**
 * One step: sessions in the order of their beginning.
 * @param after where the step before it ended; null: at the very first
 * @param most packs that it may make
 * @returns how many it made, and where it ended
 */
export async function packStep(
	db: D1Database,
	vault: Vault,
	project: string,
	after: string | null,
	now: number,
	most: number,
): Promise<{ packed: number; place: string | null }> {
	const rows = await nextRows(db, project, after, overAt(now));
	const runs = runsOf(rows, rows.length === LOOKED_AT_CHUNKS);
	let packed = 0;
	let place = after;
	for (let run = runs.shift(); run && packed < most; run = runs.shift()) {
		const done = await packRun(db, vault, project, run);
		packed += done.packed;
		const { startedAt, sessionId, windowId, id } = run[done.rows - 1]!;
		place = [startedAt, sessionId, windowId, id].join("/");
		if (done.rows < run.length) runs.unshift(run.slice(done.rows));
	}
	return { packed, place };
}

/** When the oldest session that waits for its turn began; null: none does. */
export async function waitingSince(
	db: D1Database,
	project: string,
	after: string | null,
	now: number,
): Promise<number | null> {
	const [startedAt = "0", sessionId = ""] = after?.split("/") ?? [];
	const over = overAt(now);
	return db
		.prepare(
			`SELECT started_at FROM sessions WHERE project = ?1 AND (started_at, id) > (?2, ?3)
			AND started_at <= ?4 AND received_at <= ?5 ORDER BY started_at, id LIMIT 1`,
		)
		.bind(project, Number(startedAt), sessionId, over.began, over.received)
		.first<number>("started_at");
}

async function nextRows(db: D1Database, project: string, after: string | null, over: Over): Promise<Row[]> {
	const [startedAt = "0", sessionId = "", windowId = "", id = ""] = after?.split("/") ?? [];
	const { results } = await db
		.prepare(
			`SELECT s.started_at AS startedAt, s.id AS sessionId, c.window_id AS windowId, c.id, c.day, c.bytes,
				p.first_id AS pack
			FROM (SELECT id, started_at FROM sessions
				WHERE project = ?1 AND (started_at, id) >= (?2, ?3) AND started_at <= ?6 AND received_at <= ?7
				ORDER BY started_at, id LIMIT ${LOOKED_AT_SESSIONS}) s
			CROSS JOIN chunks c ON c.project = ?1 AND c.session_id = s.id
			LEFT JOIN packs p ON p.project = ?1 AND p.session_id = s.id AND p.window_id = c.window_id AND p.day = c.day
				AND c.id BETWEEN p.first_id AND p.last_id
			WHERE s.id <> ?3 OR (c.window_id, c.id) > (?4, ?5)
			ORDER BY s.started_at, s.id, c.window_id, c.id LIMIT ${LOOKED_AT_CHUNKS}`,
		)
		.bind(project, Number(startedAt), sessionId, windowId, id, over.began, over.received)
		.all<Row>();
	return results;
}

/** Neighbours that may be in one pack, or are. @param isCut the last of them may go on */
function runsOf(rows: readonly Row[], isCut: boolean): Row[][] {
	const runs: Row[][] = [];
	let bytes = 0;
	for (const row of rows) {
		const last = runs.at(-1)?.at(-1);
		const isNeighbour =
			last?.sessionId === row.sessionId &&
			last.windowId === row.windowId &&
			last.day === row.day &&
			last.pack === row.pack;
		bytes += row.bytes;
		const isFull = row.pack === null && (bytes > PACK_BYTES || runs.at(-1)?.length === PACK_CHUNKS);
		if (isNeighbour && !isFull) runs.at(-1)!.push(row);
		else {
			runs.push([row]);
			bytes = row.bytes;
		}
	}
	return isCut && runs.length > 1 ? runs.slice(0, -1) : runs;
}

/** @returns how many packs it made, and how many rows need no more of it */
async function packRun(
	db: D1Database,
	vault: Vault,
	project: string,
	run: readonly Row[],
): Promise<{ packed: number; rows: number }> {
	const refs = run.map(({ day, sessionId, windowId, id }): ChunkRef => ({ project, day, sessionId, windowId, id }));
	const [first] = run as [Row];
	const all = { packed: 0, rows: run.length };
	if (first.pack !== null) {
		// Perhaps it was stopped before they went.
		const held = await heldOf(vault, { ...refs[0]!, pack: first.pack }, refs);
		await deleteKeys(vault.bucket, held.map(chunkKey));
		return all;
	}
	if (run.length < 2 || run.reduce((sum, { bytes }) => sum + bytes, 0) < LEAST_BYTES) return all;
	const chunks = await readAll(vault, refs);
	if (chunks.length < 2) return { packed: 0, rows: 1 };
	const members = refs.slice(0, chunks.length);
	const ref = { ...members[0]!, pack: first.id };
	const content = pack(chunks);
	const saved = chunks.reduce((sum, { bytes }) => sum + bytes, 0) - content.length;
	if (saved <= 0) return { packed: 1, rows: chunks.length };
	await putPack(vault, ref, content);
	const { length } = await heldOf(vault, ref, members);
	const isThere = length === chunks.length && (await writePack(db, ref, members.at(-1)!.id, saved));
	// If not, it was erased meanwhile.
	await deleteKeys(vault.bucket, isThere ? members.map(chunkKey) : [chunkKey(ref)]);
	return { packed: 1, rows: chunks.length };
}

/** Which of these chunks are in a pack, by what R2 gives back of it. */
async function heldOf(vault: Vault, ref: ChunkRef, refs: readonly ChunkRef[]): Promise<ChunkRef[]> {
	const chunks = (await readPack(vault, ref)) ?? [];
	const ids = new Set(chunks.filter(({ id, json }) => checksumOf(json) === checksumIn(id)).map(({ id }) => id));
	return refs.filter(({ id }) => ids.has(id));
}

/** As far as they can be read, and fit. @throws when R2 does not answer */
async function readAll(vault: Vault, refs: readonly ChunkRef[]): Promise<Packed[]> {
	const read = chunkReader(vault);
	const found: Packed[] = [];
	let room = MAX_PACK_JSON;
	for (const ref of refs) {
		try {
			const chunk = await read(ref);
			if (!chunk) return found;
			const { bytes, receipt } = chunk;
			const json = new Uint8Array(await inflated(chunk).arrayBuffer());
			room -= json.length;
			if (room < 0) return found;
			found.push({ id: ref.id, receipt, bytes, json });
		} catch (error) {
			await vault.bucket.head(chunkKey(ref));
			// Damaged, or sealed with a key that is gone: it stays as it is.
			console.error(`${ref.sessionId}/${ref.windowId}/${ref.id} could not be put into a pack`, error);
			return found;
		}
	}
	return found;
}

/**
 * A pack's row, and its session's bytes, unless that is gone.
 * @param ref of its first chunk @param saved see `packs.saved` @returns whether it is there
 */
export async function writePack(
	db: D1Database,
	{ project, sessionId, windowId, day, id }: ChunkRef,
	lastId: string,
	saved: number,
): Promise<boolean> {
	const place = [project, sessionId, windowId, id];
	const [, , found] = await db.batch([
		db
			.prepare(
				`INSERT OR IGNORE INTO packs (project, session_id, window_id, first_id, last_id, day, saved)
				SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 FROM sessions WHERE project = ?1 AND id = ?2
				AND NOT EXISTS (SELECT 1 FROM erasures
					WHERE project = ?1 AND session_id = ?2 AND window_id IN ('', ?3))`,
			)
			.bind(...place, lastId, day, saved),
		db
			.prepare("UPDATE sessions SET bytes = bytes - ?3 WHERE project = ?1 AND id = ?2 AND changes() = 1")
			.bind(project, sessionId, saved),
		db
			.prepare(
				`SELECT 1 FROM packs WHERE project = ?1 AND session_id = ?2 AND window_id = ?3 AND first_id = ?4
				AND last_id >= ?5`,
			)
			.bind(...place, lastId),
	]);
	return found!.results.length > 0;
}

/** Of a row of `chunks`, for who reads it from R2: `ChunkRef.pack`. */
export const IN_PACK = `(SELECT first_id FROM packs WHERE packs.project = chunks.project
	AND packs.session_id = chunks.session_id AND packs.window_id = chunks.window_id AND packs.day = chunks.day
	AND chunks.id BETWEEN first_id AND last_id) AS pack`;

/** Keys of the packs of sessions. @param ids a JSON list */
export async function packKeys(db: D1Database, project: string, ids: string): Promise<string[]> {
	const { results } = await db
		.prepare(
			`SELECT session_id AS sessionId, window_id AS windowId, day, first_id AS id, first_id AS pack FROM packs
			WHERE project = ?1 AND session_id IN (SELECT value FROM json_each(?2))`,
		)
		.bind(project, ids)
		.all<Omit<ChunkRef, "project">>();
	return results.map((row) => chunkKey({ project, ...row }));
}

/** Of sessions, or windows, whose chunks are gone: run after those are deleted, in the same batch. @param ids a JSON list */
export function dropPacks(db: D1Database, project: string, ids: string): D1PreparedStatement {
	return db
		.prepare(
			`DELETE FROM packs WHERE project = ?1 AND session_id IN (SELECT value FROM json_each(?2))
			AND NOT EXISTS (SELECT 1 FROM chunks c WHERE c.project = ?1 AND c.session_id = packs.session_id
				AND c.window_id = packs.window_id AND c.id BETWEEN packs.first_id AND packs.last_id)`,
		)
		.bind(project, ids);
}
