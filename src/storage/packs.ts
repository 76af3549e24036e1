import {
	type ChunkRef,
	type ChunkStore,
	checksumFromId,
	chunkKey,
	chunkReader,
	deleteKeys,
	jsonResponseOf,
	packSize,
	putPack,
	readPack,
	type StoredChunk,
} from "./chunks.ts";
import { checksumOf, MAX_PACK_JSON, type Packed, pack } from "./pack.ts";

/**
 * Packing: combines chunks of a window that were received on the same day, when their session is old. This halves the
 * bytes at rest and replaces a dozen objects with one. The steps have a fixed order, so that an interrupted run can be
 * repeated: insert the row, write the pack, read it back, delete the chunks' objects, complete the row. An existing
 * pack is never overwritten, even if an interrupted run wrote it.
 */

/**
 * Limits of a pack: number of chunks, and bytes of gzip that they have together. They let one step of reindexing
 * rebuild the rows of all chunks in a pack, which takes a call to D1 and some CPU time for each chunk.
 */
const PACK_CHUNKS = 20;
const PACK_BYTES = 64 * 1024;
/** Chunks that have fewer bytes of gzip together are not packed: the pack would not be worth the write to R2. */
const MIN_PACK_BYTES = 8 * 1024;

/** Limits of one step: sessions and chunks whose rows it reads, and R2 calls for each pack that it may write. */
const MAX_SESSIONS_READ = 50;
const MAX_CHUNKS_READ = 200;
const CALLS_PER_PACK = PACK_CHUNKS + 10;

const HOUR_MS = 3_600_000;

/** Sessions are packed if they started, and last received data, no later than these times, epoch milliseconds. */
interface Cutoffs {
	started: number;
	received: number;
}

/** Sessions that started two days ago and have received nothing for a day are rarely replayed. */
const cutoffsAt = (now: number): Cutoffs => ({ started: now - 48 * HOUR_MS, received: now - 24 * HOUR_MS });

/** Progress of packing: project → position of its last processed chunk (null: none yet). Stored as the job's cursor. */
export type PackPositions = Record<string, string | null>;

export function parsePositions(cursor: string | null): PackPositions {
	return JSON.parse(cursor ?? "{}");
}

interface Row {
	startedAt: number;
	sessionId: string;
	windowId: string;
	id: string;
	day: number;
	bytes: number;
	/** ID of the first chunk, and `saved`, of the row in `packs` whose range contains this chunk; null: there is none. */
	pack: string | null;
	saved: number | null;
}

/**
 * Runs one step of packing, in the order in which the sessions started.
 * @param after where the previous step ended; null: start with the first session
 * @param maxPacks limit of packs written
 * @returns number of packs written, and where the step ended
 */
export async function packStep(
	db: D1Database,
	store: ChunkStore,
	project: string,
	after: string | null,
	now: number,
	maxPacks: number,
): Promise<{ packed: number; position: string | null }> {
	const rows = await nextRows(db, project, after, cutoffsAt(now));
	const runs = runsOf(rows, rows.length === MAX_CHUNKS_READ);
	let packed = 0;
	let calls = maxPacks * CALLS_PER_PACK;
	let position = after;
	for (let run = runs.shift(); run && packed < maxPacks && calls > 0; run = runs.shift()) {
		const done = await packRun(db, store, project, run);
		packed += done.packed;
		calls -= done.calls;
		const { startedAt, sessionId, windowId, id } = run[done.rows - 1]!;
		position = [startedAt, sessionId, windowId, id].join("/");
		if (done.rows < run.length) runs.unshift(run.slice(done.rows));
	}
	return { packed, position };
}

/**
 * Returns the start of the oldest session that is due for packing, epoch milliseconds; null: none.
 * @param after where the last step of packing ended; null: packing has not started
 */
export async function oldestUnpackedStart(
	db: D1Database,
	project: string,
	after: string | null,
	now: number,
): Promise<number | null> {
	const [startedAt = "0", sessionId = ""] = after?.split("/") ?? [];
	const cutoffs = cutoffsAt(now);
	return db
		.prepare(
			`SELECT started_at FROM sessions WHERE project = ?1 AND (started_at, id) > (?2, ?3)
			AND started_at <= ?4 AND received_at <= ?5 ORDER BY started_at, id LIMIT 1`,
		)
		.bind(project, Number(startedAt), sessionId, cutoffs.started, cutoffs.received)
		.first<number>("started_at");
}

async function nextRows(db: D1Database, project: string, after: string | null, cutoffs: Cutoffs): Promise<Row[]> {
	const [startedAt = "0", sessionId = "", windowId = "", id = ""] = after?.split("/") ?? [];
	const { results } = await db
		.prepare(
			`SELECT s.started_at AS startedAt, s.id AS sessionId, c.window_id AS windowId, c.id, c.day, c.bytes,
				p.first_id AS pack, p.saved
			FROM (SELECT id, started_at FROM sessions
				WHERE project = ?1 AND (started_at, id) >= (?2, ?3) AND started_at <= ?6 AND received_at <= ?7
				ORDER BY started_at, id LIMIT ${MAX_SESSIONS_READ}) s
			CROSS JOIN chunks c ON c.project = ?1 AND c.session_id = s.id
			LEFT JOIN packs p ON p.project = ?1 AND p.session_id = s.id AND p.window_id = c.window_id AND p.day = c.day
				AND c.id BETWEEN p.first_id AND p.last_id
			WHERE s.id <> ?3 OR (c.window_id, c.id) > (?4, ?5)
			ORDER BY s.started_at, s.id, c.window_id, c.id LIMIT ${MAX_CHUNKS_READ}`,
		)
		.bind(project, Number(startedAt), sessionId, windowId, id, cutoffs.started, cutoffs.received)
		.all<Row>();
	return results;
}

/**
 * Groups consecutive rows of chunks that are in the same pack, or that can be packed together.
 * @param isCut more rows follow: the last group may be incomplete and is left out, unless it is the only one
 */
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

/**
 * Packs the chunks of one group.
 * @returns `packed`: 1 if the attempt counts towards the limit of packs; `calls`: estimated R2 calls; `rows`: number of
 * rows done, at least one
 */
async function packRun(
	db: D1Database,
	store: ChunkStore,
	project: string,
	run: readonly Row[],
): Promise<{ packed: number; calls: number; rows: number }> {
	const refs = run.map(({ day, sessionId, windowId, id }): ChunkRef => ({ project, day, sessionId, windowId, id }));
	const [first] = run as [Row];
	const { pack: begunId, saved } = first;
	const isSmall = run.length < 2 || run.reduce((sum, { bytes }) => sum + bytes, 0) < MIN_PACK_BYTES;
	if ((saved ?? 0) > 0 || (isSmall && begunId === null)) return { packed: 0, calls: 0, rows: run.length };
	const ref = { ...refs[0]!, pack: begunId ?? first.id };
	const rowsUntil = (id: string | null) => run.filter((row) => id !== null && row.id <= id).length || run.length;
	// The pack may exist already, because an earlier tick was interrupted or D1 lost the row.
	const known = await adoptPack(db, store, ref);
	if (known) return { packed: 1, calls: 3, rows: rowsUntil(known) };
	// Gives up after two attempts, because writing this pack may be what interrupts the tick.
	if (begunId !== null && (begunId !== first.id || (saved ?? 0) < 0)) return { packed: 0, calls: 3, rows: run.length };
	if ((await beginPack(db, ref, run.at(-1)!.id, begunId !== null)) !== "begun") {
		return { packed: 0, calls: 3, rows: run.length };
	}
	const { chunks, rows, inOther } = await readAll(store, refs);
	const calls = 2 * rows + 6;
	if (inOther && !chunks.length) {
		await endPack(db, ref, null);
		return { packed: 1, calls, rows: rowsUntil(await adoptPack(db, store, { ...ref, pack: inOther })) };
	}
	const content = chunks.length > 1 ? pack(chunks) : null;
	const bytes = chunks.reduce((sum, it) => sum + it.bytes, 0);
	if (!content || content.length >= bytes) {
		await endPack(db, ref, null);
		return { packed: content ? 1 : 0, calls, rows };
	}
	await putPack(store, ref, content);
	await adoptPack(db, store, ref);
	return { packed: 1, calls, rows };
}

/**
 * Adopts a pack that exists in R2: deletes the separate objects of its chunks and completes its row.
 * @param chunks content of the pack, if the caller has read it
 * @returns ID of the pack's last chunk; null: there is no valid pack
 * @throws when D1 or R2 does not answer
 */
export async function adoptPack(
	db: D1Database,
	store: ChunkStore,
	ref: ChunkRef,
	chunks?: readonly Packed[],
): Promise<string | null> {
	const packed = chunks ?? (await tryReadPack(store, ref));
	const lastId = packed?.at(-1)?.id;
	const size = lastId && (await packSize(store, ref));
	if (!packed || !lastId || !size || !packed.every(isIntact)) return null;
	const state = await beginPack(db, ref, lastId);
	if (state === "erased") await deleteKeys(store.bucket, [chunkKey(ref)]);
	if (state !== "begun") return lastId;
	await deleteKeys(
		store.bucket,
		packed.map(({ id }) => chunkKey({ ...ref, id, pack: null })),
	);
	await endPack(db, ref, { lastId, saved: packed.reduce((sum, { bytes }) => sum + bytes, 0) - size });
	return lastId;
}

/** Returns whether a chunk's JSON matches the checksum in its ID. */
const isIntact = ({ id, json }: Packed) => checksumOf(json) === checksumFromId(id);

/** Reads a pack; null if it is missing, damaged, or encrypted with a missing key. @throws when R2 does not answer */
async function tryReadPack(store: ChunkStore, ref: ChunkRef): Promise<Packed[] | null> {
	try {
		return await readPack(store, ref);
	} catch (error) {
		// Throws if R2 does not answer, so that an outage is not taken for a damaged pack.
		await packSize(store, ref);
		console.error(`the pack ${chunkKey(ref)} could not be read`, error);
		return null;
	}
}

/**
 * Reads the content of chunks, until a chunk cannot be read or does not fit into the pack.
 * @returns `rows`: number of chunks that need no further attempt; `inOther`: the pack that already contains the next
 * chunk
 * @throws when R2 does not answer
 */
async function readAll(
	store: ChunkStore,
	refs: readonly ChunkRef[],
): Promise<{ chunks: Packed[]; rows: number; inOther?: string }> {
	const read = chunkReader(store);
	const chunks: Packed[] = [];
	let room = MAX_PACK_JSON;
	for (const ref of refs) {
		try {
			const chunk = await read(ref);
			// Skips the missing chunk, and packs the chunks before it.
			if (!chunk) return { chunks, rows: chunks.length + 1 };
			if (chunk.pack) return { chunks, rows: chunks.length, inOther: chunk.pack };
			const json = await jsonWithin(chunk, room);
			if (!json) return { chunks, rows: Math.max(1, chunks.length) };
			const { bytes, receipt } = chunk;
			room -= json.length;
			chunks.push({ id: ref.id, receipt, bytes, json });
		} catch (error) {
			// Throws if R2 does not answer, so that an outage is not taken for a damaged chunk.
			await store.bucket.head(chunkKey(ref));
			// The chunk is damaged, or encrypted with a missing key. If it is the first chunk, skips all of them, because the
			// others are likely to fail for the same reason.
			console.error(`${ref.sessionId}/${ref.windowId}/${ref.id} could not be packed`, error);
			return { chunks, rows: chunks.length ? chunks.length + 1 : refs.length };
		}
	}
	return { chunks, rows: chunks.length };
}

/**
 * Returns the JSON of a chunk; null if it has more than `room` bytes. The last four bytes of a gzip are the length of
 * its content.
 */
async function jsonWithin(chunk: StoredChunk, room: number): Promise<Uint8Array | null> {
	const body = new Uint8Array(await new Response(chunk.body).arrayBuffer());
	const length = chunk.isGzip ? new DataView(body.buffer, body.length - 4).getUint32(0, true) : body.length;
	if (length > room) return null;
	return new Uint8Array(await jsonResponseOf({ ...chunk, body: new Blob([body]).stream() }).arrayBuffer());
}

/**
 * Inserts the row of a pack, unless the session was erased or does not exist.
 * @param isAgain true: an earlier attempt left a row without a pack
 * @returns begun: the row exists; erased: the session or window was erased or purged; gone: there is no such session
 */
async function beginPack(
	db: D1Database,
	{ project, sessionId, windowId, day, pack: firstId }: ChunkRef,
	lastId: string,
	isAgain = false,
): Promise<"begun" | "erased" | "gone"> {
	const erased = `EXISTS (SELECT 1 FROM erasures WHERE project = ?1 AND session_id = ?2 AND window_id IN ('', ?3))`;
	const primaryKey = [project, sessionId, windowId, firstId];
	const results = await db.batch<{ erased: number; begun: number }>([
		db
			.prepare(
				`INSERT OR IGNORE INTO packs (project, session_id, window_id, first_id, last_id, day, saved)
				SELECT ?1, ?2, ?3, ?4, ?5, ?6, 0 FROM sessions WHERE project = ?1 AND id = ?2 AND NOT ${erased}`,
			)
			.bind(...primaryKey, lastId, day),
		...(isAgain
			? [db.prepare(`UPDATE packs SET saved = -1 WHERE ${HAS_PRIMARY_KEY} AND saved = 0`).bind(...primaryKey)]
			: []),
		db
			.prepare(`SELECT ${erased} AS erased, EXISTS (SELECT 1 FROM packs WHERE ${HAS_PRIMARY_KEY}) AS begun`)
			.bind(...primaryKey),
	]);
	const { erased: isErased, begun } = results.at(-1)!.results[0]!;
	return isErased ? "erased" : begun ? "begun" : "gone";
}

const HAS_PRIMARY_KEY = "project = ?1 AND session_id = ?2 AND window_id = ?3 AND first_id = ?4";

/**
 * Completes the row of a pack, and subtracts the bytes that the pack saves from its session. Does nothing if the row is
 * complete already.
 * @param made last chunk of the pack, and bytes saved; null: no pack was written, and the row is deleted
 */
async function endPack(
	db: D1Database,
	{ project, sessionId, windowId, pack: firstId }: ChunkRef,
	made: { lastId: string; saved: number } | null,
): Promise<void> {
	const primaryKey = [project, sessionId, windowId, firstId];
	if (!made) {
		await db
			.prepare(`DELETE FROM packs WHERE ${HAS_PRIMARY_KEY} AND saved <= 0`)
			.bind(...primaryKey)
			.run();
		return;
	}
	await db.batch([
		db
			.prepare(`UPDATE packs SET last_id = ?5, saved = ?6 WHERE ${HAS_PRIMARY_KEY} AND saved <= 0`)
			.bind(...primaryKey, made.lastId, made.saved),
		db
			.prepare("UPDATE sessions SET bytes = bytes - ?3 WHERE project = ?1 AND id = ?2 AND changes() = 1")
			.bind(project, sessionId, made.saved),
	]);
}

/** SQL column with `ChunkRef.pack` of a row of `chunks`. */
export const IN_PACK = `(SELECT first_id FROM packs WHERE packs.project = chunks.project
	AND packs.session_id = chunks.session_id AND packs.window_id = chunks.window_id AND packs.day = chunks.day
	AND chunks.id BETWEEN first_id AND last_id AND saved > 0) AS pack`;

/**
 * Returns the packs of sessions, including unfinished packs.
 * @param ids JSON list of session IDs
 * @param windowId null: all windows
 */
export async function listPacks(
	db: D1Database,
	project: string,
	ids: string,
	windowId: string | null,
): Promise<ChunkRef[]> {
	const { results } = await db
		.prepare(
			`SELECT project, session_id AS sessionId, window_id AS windowId, day, first_id AS id, first_id AS pack FROM packs
			WHERE project = ?1 AND session_id IN (SELECT value FROM json_each(?2)) AND (?3 IS NULL OR window_id = ?3)`,
		)
		.bind(project, ids, windowId)
		.all<ChunkRef>();
	return results;
}

/**
 * Returns a statement that deletes the rows of packs without chunks. It must run in the D1 batch that deletes the
 * chunks' rows, after that deletion. The row of an unfinished pack stays until its session's tombstone is old enough:
 * until then, a background job may write the pack and be interrupted, and only the row tells that the object exists.
 * @param ids JSON list of session IDs
 * @param erasedUntil deletes rows of unfinished packs if the tombstone is from this time or earlier, epoch milliseconds
 */
export function deletePacks(db: D1Database, project: string, ids: string, erasedUntil = 0): D1PreparedStatement {
	return db
		.prepare(
			`DELETE FROM packs WHERE project = ?1 AND session_id IN (SELECT value FROM json_each(?2))
			AND NOT EXISTS (SELECT 1 FROM chunks c WHERE c.project = ?1 AND c.session_id = packs.session_id
				AND c.window_id = packs.window_id AND c.day = packs.day AND c.id BETWEEN packs.first_id AND packs.last_id)
			AND (saved > 0 OR EXISTS (SELECT 1 FROM erasures e WHERE e.project = ?1 AND e.session_id = packs.session_id
				AND e.window_id IN ('', packs.window_id) AND e.erased_at <= ?3))`,
		)
		.bind(project, ids, erasedUntil);
}

/**
 * Returns a statement that deletes the row of a pack that is missing in R2. It must run in one D1 batch with
 * `refoldSession`, which corrects the session's number of bytes.
 */
export function deletePackRow(db: D1Database, { project, sessionId, windowId, pack }: ChunkRef): D1PreparedStatement {
	return db
		.prepare(`DELETE FROM packs WHERE ${HAS_PRIMARY_KEY} AND saved > 0`)
		.bind(project, sessionId, windowId, pack);
}
