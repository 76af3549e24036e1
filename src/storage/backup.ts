import { getTableColumns } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { dayOf, startOfDay } from "../contract/days.ts";
import { dropErased } from "./added.ts";
import { chunkKey, listKeys, parseChunkKey, type Vault } from "./chunks.ts";
import { ROWS_A_STATEMENT } from "./erasures.ts";
import { audit, erasures, marks, notes, refusals, segments, shares } from "./schema.ts";
import { foldSession } from "./sessions.ts";

/**
 * Copies. Sessions are rebuilt from R2; what R2 does not hold of itself is written there each night, and the whole of R2
 * can be read and written object by object, by whoever keeps a copy elsewhere.
 */

/** Beside the projects' own prefixes: a project id cannot begin with a dot. */
const EXPORTS = ".export/";

/** Tables that no chunk tells of. (Counters are counted anew with the chunks.) */
const TABLES = { erasures, refusals, segments, marks, notes, shares, audit };

/** Long ones, in any script, stay below the 2 MB of D1's longest string. */
const NOTES_A_STATEMENT = 200;

/** One object a day: gzip of JSON, table name → rows. @returns its key */
export async function writeExport(db: D1Database, bucket: R2Bucket, now: number): Promise<string> {
	const tables: Export["tables"] = {};
	for (const [name, table] of Object.entries(TABLES)) tables[name] = await drizzle(db).select().from(table);
	const key = `${EXPORTS}${dayOf(now)}.json.gz`;
	await putExport(bucket, key, { exportedAt: now, tables });
	return key;
}

/** Seven days', four Sundays' and three first-of-months' exports stay. @returns the keys of those that went */
export async function dropOldExports(bucket: R2Bucket, now: number): Promise<string[]> {
	const old = (await listKeys(bucket, EXPORTS)).filter(
		(key) => !isKept(Number(key.slice(EXPORTS.length).split(".")[0]), now),
	);
	if (old.length) await bucket.delete(old);
	return old;
}

function isKept(day: number, now: number): boolean {
	const at = startOfDay(day);
	const age = Math.floor((now - at) / 86_400_000);
	const date = new Date(at);
	return age < 7 || (date.getUTCDay() === 0 && age < 28) || (date.getUTCDate() === 1 && age < 92);
}

interface Export {
	exportedAt: number;
	tables: Record<string, Record<string, unknown>[]>;
}

const ADDED = ["marks", "notes", "shares"];

/**
 * Takes what people added to sessions that are gone since out of one export: they are told to be gone.
 * @param after the export before it
 * @returns its key; null when there is none
 */
export async function scrubExport(db: D1Database, bucket: R2Bucket, after: string | null): Promise<string | null> {
	const key = (await listKeys(bucket, EXPORTS)).find((it) => after === null || it > after);
	const content = key ? await exportIn(bucket, key) : null;
	if (!key || !content) return null;
	const idOf = (row: Record<string, unknown>) => `${row.project}/${row.sessionId}`;
	const rows = ADDED.flatMap((name) => content.tables[name] ?? []);
	const ids = [...new Map(rows.map((row) => [idOf(row), [row.project, row.sessionId]])).values()];
	// By their tombstones, not by what is missing: where D1 was lost, everything is.
	const gone = new Set<string>();
	for (let i = 0; i < ids.length; i += ROWS_A_STATEMENT) {
		const { results } = await db
			.prepare(
				`SELECT project, session_id AS sessionId, window_id AS windowId FROM erasures
				WHERE (project, session_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))`,
			)
			.bind(JSON.stringify(ids.slice(i, i + ROWS_A_STATEMENT)))
			.all<{ project: string; sessionId: string; windowId: string }>();
		for (const row of results) gone.add(row.windowId ? `${idOf(row)}/${row.windowId}` : idOf(row));
	}
	const isGone = (row: Record<string, unknown>) => gone.has(idOf(row)) || gone.has(`${idOf(row)}/${row.windowId}`);
	if (!rows.some(isGone)) return key;
	for (const name of ADDED) content.tables[name] = (content.tables[name] ?? []).filter((row) => !isGone(row));
	await putExport(bucket, key, content);
	return key;
}

async function exportIn(bucket: R2Bucket, key: string): Promise<Export | null> {
	const object = await bucket.get(key);
	return object && new Response(object.body.pipeThrough(new DecompressionStream("gzip"))).json<Export>();
}

async function putExport(bucket: R2Bucket, key: string, content: Export): Promise<void> {
	const gzip = new Blob([JSON.stringify(content)]).stream().pipeThrough(new CompressionStream("gzip"));
	await bucket.put(key, await new Response(gzip).arrayBuffer());
}

/** Puts the newest export's rows back where there are none. @returns how many, or null without an export */
export async function readExport(db: D1Database, bucket: R2Bucket): Promise<number | null> {
	const key = (await listKeys(bucket, EXPORTS)).at(-1);
	const content = key ? await exportIn(bucket, key) : null;
	if (!content) return null;
	const { tables } = content;
	let count = 0;
	for (const [name, table] of Object.entries(TABLES)) {
		const columns = Object.entries(getTableColumns(table));
		const sql = `INSERT OR IGNORE INTO ${name} (${columns.map(([, { name }]) => name).join()})
			SELECT ${columns.map(([key]) => `value ->> '${key}'`).join()} FROM json_each(?1)`;
		const rows = tables[name] ?? [];
		const step = table === notes ? NOTES_A_STATEMENT : ROWS_A_STATEMENT;
		for (let i = 0; i < rows.length; i += step) {
			const some = JSON.stringify(rows.slice(i, i + step));
			count += (await db.prepare(sql).bind(some).run()).meta.changes;
		}
	}
	await db.batch(dropErased(db));
	return count;
}

export interface ObjectInfo {
	key: string;
	size: number;
	etag: string;
}

/** Of everything in R2, a page. */
export async function listObjects(
	bucket: R2Bucket,
	after: string | null,
): Promise<{ objects: ObjectInfo[]; cursor: string | null }> {
	const page = await bucket.list({ limit: 500, startAfter: after ?? undefined });
	const objects = page.objects.map(({ key, size, etag }) => ({ key, size, etag }));
	return { objects, cursor: page.truncated ? objects.at(-1)!.key : null };
}

/** An object as it is, sealed or not, with what stands beside it. */
export async function readObject(
	bucket: R2Bucket,
	key: string,
): Promise<{ body: ArrayBuffer; beside: Record<string, unknown> } | null> {
	const object = await bucket.get(key);
	if (!object) return null;
	const { httpMetadata, customMetadata } = object;
	return { body: await object.arrayBuffer(), beside: { httpMetadata, customMetadata } };
}

/**
 * Puts one back, unless it is there, or of a session that was erased: a copy must not bring it back.
 * @returns whether it was put
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

/** Rows that a step of looking for lost chunks takes: each costs a call, of the free plan's 50. */
const CHECKED = 15;

/**
 * One step of looking whether the chunks that D1 knows are in R2: after R2 was restored to an older state than D1, some
 * are not. Their rows go, and their sessions are folded anew.
 */
export async function checkStep(
	db: D1Database,
	{ bucket }: Vault,
	after: string | null,
): Promise<{ seen: number; dropped: number; cursor: string | null }> {
	const [project, sessionId, windowId, id] = (after ?? "///").split("/");
	const { results } = await db
		.prepare(
			`SELECT project, day, session_id AS sessionId, window_id AS windowId, id FROM chunks
			WHERE (project, session_id, window_id, id) > (?1, ?2, ?3, ?4)
			ORDER BY project, session_id, window_id, id LIMIT ${CHECKED}`,
		)
		.bind(project, sessionId, windowId, id)
		.all<{ project: string; day: number; sessionId: string; windowId: string; id: string }>();
	const heads = await Promise.all(results.map((ref) => bucket.head(chunkKey(ref))));
	const lost = results.filter((_, i) => heads[i] === null);
	for (const ref of lost) {
		await db.batch([
			db
				.prepare("DELETE FROM chunks WHERE project = ?1 AND session_id = ?2 AND window_id = ?3 AND id = ?4")
				.bind(ref.project, ref.sessionId, ref.windowId, ref.id),
			...foldSession(db, ref.project, ref.sessionId),
		]);
	}
	const last = results.at(-1);
	const cursor =
		last && results.length === CHECKED ? [last.project, last.sessionId, last.windowId, last.id].join("/") : null;
	return { seen: results.length, dropped: lost.length, cursor };
}
