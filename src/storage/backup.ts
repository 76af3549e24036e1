import { getTableColumns, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { getTableConfig, type SQLiteTable } from "drizzle-orm/sqlite-core";
import { dayOf, startOfDay } from "../contract/days.ts";
import { deleteErasedAnnotations } from "./annotations.ts";
import {
	type ChunkRef,
	type ChunkStore,
	chunkKey,
	chunkReader,
	deleteKeys,
	listKeys,
	parseChunkKey,
	type ReadChunk,
} from "./chunks.ts";
import { ROWS_PER_STATEMENT } from "./erasures.ts";
import { deletePackRow, IN_PACK } from "./packs.ts";
import {
	audit,
	erasures,
	issues,
	marks,
	notes,
	occurrences,
	refusals,
	segments,
	serverEvents,
	shares,
} from "./schema.ts";
import { eraseReportsOfErased } from "./server-retention.ts";
import { refoldSession } from "./sessions.ts";

/**
 * Backups. Sessions can be rebuilt from the chunks in R2; tables that cannot be rebuilt are exported to R2 every night.
 * All objects in R2 can be read and written one by one, for `npm run backup` and `npm run restore`.
 */

/** Prefix of the keys of nightly exports. No chunk has it, because a project ID cannot start with a dot. */
const EXPORTS = ".export/";

/** Tables that cannot be rebuilt from chunks. `counters` is not among them: indexing the chunks counts again. */
const TABLES = { erasures, refusals, segments, marks, notes, shares, audit, issues };
/** Tables that cannot be rebuilt either and may become large. They are exported in parts. */
const LARGE_TABLES = { occurrences, server_events: serverEvents };
const ALL_TABLES: Record<string, SQLiteTable> = { ...TABLES, ...LARGE_TABLES };

/** Limits of a part in rows and in characters of JSON, which keep the use of memory and CPU time low. */
const ROWS_PER_PART = 500;
const CHARS_PER_PART = 300_000;
/**
 * Limit of the JSON list that one statement binds, in UTF-16 code units. Each of them takes at most 3 bytes in UTF-8,
 * and D1 limits a string to 2 MB.
 */
const CHARS_PER_STATEMENT = 500_000;

/**
 * Runs one step of a day's export: writes parts of large tables, and in the last step also an object with the small
 * tables. Without this last object, the export is incomplete and its parts are ignored. Each object is the JSON of an
 * `Export`, as gzip.
 * @param after result of the previous step; null: this is the first step
 * @returns where the next step continues; null: the export is complete
 */
export async function writeExport(
	db: D1Database,
	bucket: R2Bucket,
	now: number,
	after: string | null,
): Promise<string | null> {
	const [day = String(dayOf(now)), fromTable = "", number = "0", ...key] = after?.split("/") ?? [];
	let part = Number(number);
	for (const [name, table] of Object.entries(LARGE_TABLES)) {
		if (name < fromTable) continue;
		const keyColumns = getTableConfig(table).primaryKeys[0]!.columns;
		const afterKey = name === fromTable ? sql`(${sqlList(keyColumns)}) > (${sqlList(key)})` : undefined;
		const found = await drizzle(db)
			.select()
			.from(table)
			.where(afterKey)
			.orderBy(...keyColumns)
			.limit(ROWS_PER_PART);
		if (!found.length) continue;
		let chars = 0;
		const rows = found.filter((row, i) => {
			chars += JSON.stringify(row).length;
			return i === 0 || chars <= CHARS_PER_PART;
		});
		const object = `${EXPORTS}${day}.${String(part++).padStart(5, "0")}.json.gz`;
		await putExport(bucket, object, { exportedAt: now, tables: { [name]: rows } });
		if (rows.length === found.length && rows.length < ROWS_PER_PART) continue;
		const last: Record<string, unknown> = rows.at(-1)!;
		const columns = Object.entries(getTableColumns(table));
		const lastKey = keyColumns.map(({ name }) => last[columns.find(([, column]) => column.name === name)![0]]);
		return [day, name, part, ...lastKey].join("/");
	}
	const tables: Export["tables"] = {};
	for (const [name, table] of Object.entries(TABLES)) tables[name] = await drizzle(db).select().from(table);
	// Leaves out the messages of issues, because `scrubExports` deletes messages only with their occurrences. A restore
	// copies the messages from the occurrences.
	for (const issue of tables.issues!) issue.message = "";
	await putExport(bucket, `${EXPORTS}${day}.json.gz`, { exportedAt: now, tables });
	return null;
}

/**
 * Deletes old exports. Keeps those of the last seven days, of the Sundays in the last four weeks, and of the first days
 * of the last three months. Keeps the parts of large tables only for the last two complete exports, because they change
 * little from day to day.
 */
export async function deleteOldExports(bucket: R2Bucket, now: number): Promise<void> {
	const keys = await listKeys(bucket, EXPORTS);
	const [firstDayWithParts = 0] = keys.flatMap(dayIfComplete).slice(-2);
	const dayIn = (key: string) => Number(key.slice(EXPORTS.length).split(".")[0]);
	await deleteKeys(
		bucket,
		keys.filter(
			(key) => !isRetained(dayIn(key), now) || (!dayIfComplete(key).length && dayIn(key) < firstDayWithParts),
		),
	);
}

/** Returns the export's day (yyyymmdd) in a list if the key is that of its last object; otherwise an empty list. */
function dayIfComplete(key: string): number[] {
	const [, day] = /^(\d{8})\.json\.gz$/.exec(key.slice(EXPORTS.length)) ?? [];
	return day ? [Number(day)] : [];
}

function isRetained(day: number, now: number): boolean {
	const at = startOfDay(day);
	const age = Math.floor((now - at) / 86_400_000);
	const date = new Date(at);
	return age < 7 || (date.getUTCDay() === 0 && age < 28) || (date.getUTCDate() === 1 && age < 92);
}

interface Export {
	exportedAt: number;
	tables: Record<string, Record<string, unknown>[]>;
}

const SESSION_TABLES = ["marks", "notes", "shares", "occurrences", "server_events"];

/** Limit of objects that one step of scrubbing processes. */
const EXPORTS_PER_STEP = 4;

/**
 * Runs one step of scrubbing exports: removes the annotations and server reports of sessions that were erased after the
 * export, and server reports that are older than the data retention.
 * @param after result of the previous step; null: this is the first step
 * @param cutoffOf returns the time before which a project's server reports are too old, epoch milliseconds
 * @returns where the next step continues; null: there are no more exports
 */
export async function scrubExports(
	db: D1Database,
	bucket: R2Bucket,
	after: string | null,
	cutoffOf: (project: string) => number,
): Promise<string | null> {
	const keys = (await listKeys(bucket, EXPORTS)).filter((key) => key > (after ?? "")).slice(0, EXPORTS_PER_STEP);
	for (const key of keys) await scrub(db, bucket, key, cutoffOf);
	return keys.at(-1) ?? null;
}

async function scrub(db: D1Database, bucket: R2Bucket, key: string, cutoffOf: (project: string) => number) {
	const content = await loadExport(bucket, key);
	if (!content) return;
	const idOf = (row: Record<string, unknown>) => `${row.project}/${row.sessionId}`;
	const rows = SESSION_TABLES.flatMap((name) => content.tables[name] ?? []).filter(
		({ sessionId }) => sessionId !== null,
	);
	const ids = [...new Map(rows.map((row) => [idOf(row), [row.project, row.sessionId]])).values()];
	// Checks for tombstones, not for missing rows of `sessions`: after a loss of D1, all these rows are missing.
	const erased = new Set<string>();
	for (let i = 0; i < ids.length; i += ROWS_PER_STATEMENT) {
		const { results } = await db
			.prepare(
				`SELECT project, session_id AS sessionId, window_id AS windowId FROM erasures
				WHERE (project, session_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))`,
			)
			.bind(JSON.stringify(ids.slice(i, i + ROWS_PER_STATEMENT)))
			.all<{ project: string; sessionId: string; windowId: string }>();
		for (const row of results) erased.add(row.windowId ? `${idOf(row)}/${row.windowId}` : idOf(row));
	}
	// Erasing a window deletes the window's notes, but no marks, shares or server reports.
	const isErased = (row: Record<string, unknown>, table: string) =>
		row.sessionId !== null &&
		(erased.has(idOf(row)) || (table === "notes" && erased.has(`${idOf(row)}/${row.windowId}`)));
	const isExpired = ({ project, at }: Record<string, unknown>) => Number(at) < cutoffOf(String(project));
	let isChanged = false;
	for (const [name, rows] of Object.entries(content.tables)) {
		if (!SESSION_TABLES.includes(name)) continue;
		const retained = rows.filter((row) => !isErased(row, name) && !(name in LARGE_TABLES && isExpired(row)));
		isChanged ||= retained.length < rows.length;
		content.tables[name] = retained;
	}
	if (isChanged) await putExport(bucket, key, content);
}

async function loadExport(bucket: R2Bucket, key: string): Promise<Export | null> {
	const object = await bucket.get(key);
	return object && new Response(object.body.pipeThrough(new DecompressionStream("gzip"))).json<Export>();
}

async function putExport(bucket: R2Bucket, key: string, content: Export): Promise<void> {
	const gzip = new Blob([JSON.stringify(content)]).stream().pipeThrough(new CompressionStream("gzip"));
	await bucket.put(key, await new Response(gzip).arrayBuffer());
}

/** Limit of objects that one step of restoring processes. */
const PARTS_PER_STEP = 10;

/**
 * Runs one step of restoring the newest complete export. Existing rows are not changed.
 * @param after `cursor` of the previous step; null: this is the first step
 * @returns `rows`: number of rows inserted (null: there is no export); `cursor`: where the next step continues (null:
 * the export is restored)
 */
export async function restoreExport(
	db: D1Database,
	bucket: R2Bucket,
	after: string | null = null,
): Promise<{ rows: number | null; cursor: string | null }> {
	const all = await listKeys(bucket, EXPORTS);
	// Continues with the day of the first step, even if a newer export was written meanwhile.
	const [day] = after ? after.slice(EXPORTS.length).split(".") : all.flatMap(dayIfComplete).slice(-1);
	if (!day) return { rows: null, cursor: null };
	const keys = all.filter((key) => key.startsWith(`${EXPORTS}${day}.`) && key > (after ?? ""));
	const step = keys.slice(0, PARTS_PER_STEP);
	let rows = 0;
	for (const key of step) rows += await insertRows(db, (await loadExport(bucket, key))?.tables ?? {});
	const cursor = keys.length > step.length ? step.at(-1)! : null;
	if (!cursor) {
		await db.batch(deleteErasedAnnotations(db));
		await eraseReportsOfErased(db);
	}
	return { rows, cursor };
}

async function insertRows(db: D1Database, tables: Export["tables"]): Promise<number> {
	let count = 0;
	for (const [name, table] of Object.entries(ALL_TABLES)) {
		const columns = Object.entries(getTableColumns(table));
		const insert = `INSERT OR IGNORE INTO ${name} (${columns.map(([, { name }]) => name).join()})
			SELECT ${columns.map(([key]) => `value ->> '${key}'`).join()} FROM json_each(?1)`;
		const rows = tables[name] ?? [];
		for (const list of jsonLists(rows)) count += (await db.prepare(insert).bind(list).run()).meta.changes;
	}
	return count;
}

/** Splits rows into JSON lists of at most `CHARS_PER_STATEMENT` characters. A longer row gets a list of its own. */
function* jsonLists(rows: readonly unknown[]): Generator<string> {
	let list: string[] = [];
	let chars = 0;
	for (const row of rows) {
		const json = JSON.stringify(row);
		if (list.length && chars + json.length > CHARS_PER_STATEMENT) {
			yield `[${list.join()}]`;
			list = [];
			chars = 0;
		}
		list.push(json);
		chars += json.length;
	}
	if (list.length) yield `[${list.join()}]`;
}

const sqlList = (values: readonly unknown[]) =>
	sql.join(
		values.map((value) => sql`${value}`),
		sql`, `,
	);

export interface ObjectInfo {
	key: string;
	size: number;
	etag: string;
}

/** Returns one page of the list of all objects in R2. */
export async function listObjects(
	bucket: R2Bucket,
	after: string | null,
): Promise<{ objects: ObjectInfo[]; cursor: string | null }> {
	const page = await bucket.list({ limit: 500, startAfter: after ?? undefined });
	const objects = page.objects.map(({ key, size, etag }) => ({ key, size, etag }));
	return { objects, cursor: page.truncated ? objects.at(-1)!.key : null };
}

/** Reads an object and its metadata. Does not decrypt the object. */
export async function readObject(
	bucket: R2Bucket,
	key: string,
): Promise<{ body: ArrayBuffer; metadata: Record<string, unknown> } | null> {
	const object = await bucket.get(key);
	if (!object) return null;
	const { httpMetadata, customMetadata } = object;
	return { body: await object.arrayBuffer(), metadata: { httpMetadata, customMetadata } };
}

/**
 * Writes an object from a backup to R2, unless the object exists or is a chunk of an erased session or window.
 * @returns whether the object was written
 */
export async function writeObject(
	db: D1Database,
	bucket: R2Bucket,
	key: string,
	body: ArrayBuffer,
	{ httpMetadata, customMetadata }: Pick<R2PutOptions, "httpMetadata" | "customMetadata">,
): Promise<boolean> {
	const ref = parseChunkKey(key);
	if (ref) {
		const erased = await db
			.prepare("SELECT 1 FROM erasures WHERE project = ?1 AND session_id = ?2 AND window_id IN ('', ?3)")
			.bind(ref.project, ref.sessionId, ref.windowId)
			.first();
		if (erased) return false;
	}
	const onlyIf = { etagDoesNotMatch: "*" };
	return (await bucket.put(key, body, { onlyIf, httpMetadata, customMetadata })) !== null;
}

/** Limit of chunks checked per step. Each costs about three calls to D1 and R2; the free plan allows 50 per request. */
const CHUNKS_PER_STEP = 15;

/**
 * Runs one step of checking that the chunks with a row in D1 exist in R2. Chunks are missing if R2 was restored to an
 * older state than D1. Deletes the rows of missing chunks, and recomputes the sessions of these chunks.
 */
export async function checkStep(
	db: D1Database,
	store: ChunkStore,
	after: string | null,
): Promise<{ seen: number; dropped: number; cursor: string | null }> {
	const [project, sessionId, windowId, id] = (after ?? "///").split("/");
	const { results } = await db
		.prepare(
			`SELECT project, day, session_id AS sessionId, window_id AS windowId, id, ${IN_PACK} FROM chunks
			WHERE (project, session_id, window_id, id) > (?1, ?2, ?3, ?4)
			ORDER BY project, session_id, window_id, id LIMIT ${CHUNKS_PER_STEP}`,
		)
		.bind(project, sessionId, windowId, id)
		.all<ChunkRef>();
	const heads = await Promise.all(results.map((ref) => store.bucket.head(chunkKey({ ...ref, pack: null }))));
	const missing = results.filter((_, i) => heads[i] === null);
	const read = chunkReader(store);
	const lost: ChunkRef[] = [];
	// Reads the rows again, because the chunks may have been packed meanwhile.
	for (const ref of await refreshRefs(db, missing)) {
		if (!(await existsInR2(store, read, ref))) lost.push(ref);
	}
	const packs = new Map(results.filter(({ pack }) => pack).map((ref) => [chunkKey(ref), ref]));
	for (const [key, ref] of packs) {
		if (await store.bucket.head(key)) continue;
		await db.batch([deletePackRow(db, ref), ...refoldSession(db, ref.project, ref.sessionId)]);
	}
	for (const ref of lost) {
		await db.batch([
			db
				.prepare("DELETE FROM chunks WHERE project = ?1 AND session_id = ?2 AND window_id = ?3 AND id = ?4")
				.bind(ref.project, ref.sessionId, ref.windowId, ref.id),
			...refoldSession(db, ref.project, ref.sessionId),
		]);
	}
	const last = results.at(-1);
	const cursor =
		last && results.length === CHUNKS_PER_STEP
			? [last.project, last.sessionId, last.windowId, last.id].join("/")
			: null;
	return { seen: results.length, dropped: lost.length, cursor };
}

/**
 * Returns whether a chunk exists in R2. Also true if the chunk is damaged or its encryption key is missing.
 * @throws when R2 does not answer
 */
async function existsInR2(store: ChunkStore, read: ReadChunk, ref: ChunkRef): Promise<boolean> {
	try {
		return (await read(ref)) !== null;
	} catch {
		await store.bucket.head(chunkKey(ref));
		return true;
	}
}

/** Reads the rows of chunks again, and returns the chunks that have a row, with their current packs. */
async function refreshRefs(db: D1Database, refs: readonly ChunkRef[]): Promise<ChunkRef[]> {
	if (!refs.length) return [];
	const { results } = await db
		.prepare(
			`SELECT project, day, session_id AS sessionId, window_id AS windowId, id, ${IN_PACK} FROM chunks
			WHERE (project, session_id, window_id, id)
				IN (SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?1))
			ORDER BY project, session_id, window_id, id`,
		)
		.bind(JSON.stringify(refs.map(({ project, sessionId, windowId, id }) => [project, sessionId, windowId, id])))
		.all<ChunkRef>();
	return results;
}
