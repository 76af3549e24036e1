import type { Client } from "../contract/client.ts";
import { dayOf } from "../contract/days.ts";
import type { Filter } from "../contract/filter.ts";
import { MAX_ACCEPTED_AGE_MS, MAX_METADATA_KEYS } from "../contract/limits.ts";
import type { Trail } from "../contract/trail.ts";
import { RECORDER_METADATA_KEYS } from "../contract/wire.ts";
import { deleteAnnotations } from "./annotations.ts";
import { type ChunkRef, chunkKey, deleteKeys, type IndexEntry, seqOf } from "./chunks.ts";
import { filterSql, HAS_ERRORS, SERVER_ERRORS } from "./filter.ts";
import { MARK_COLUMN, type Mark, parseMark } from "./marks.ts";
import { deletePacks, IN_PACK } from "./packs.ts";
import { parseTrail, serializeTrail } from "./trail-codec.ts";

/**
 * Session rows: the sums of each session's chunks. `indexChunk` is commutative and idempotent: the rows are the same in
 * whatever order, and however often, the batches arrive.
 */

/**
 * Writes the rows of one chunk in one D1 batch, which is one call and one transaction. Deletes the chunk's object if
 * the session or window was deleted, or if the same batch was already stored on another day.
 * @param uncounted bytes of earlier chunks that the day's counter does not include yet
 * @returns the session after the write; null when no rows were written; "erased" when the session or window was deleted
 */
export async function indexChunk(
	db: D1Database,
	bucket: R2Bucket,
	entry: IndexEntry,
	uncounted = 0,
): Promise<IndexedSession | "erased" | null> {
	const { ref, receipt, summary } = entry;
	const metadata = Object.entries(summary.metadata).map(([key, value]) => [key, [value]]);
	const counterValues = [ref.project, dayOf(receipt.receivedAt), uncounted + entry.bytes];
	const [inserted, , , , , found] = await db.batch<ChunkState>([
		db
			.prepare(INSERT_CHUNK)
			.bind(
				...[ref.project, ref.sessionId, ref.windowId, ref.id, ref.day, seqOf(ref.id)],
				...[summary.firstAt, summary.lastAt, summary.events, entry.bytes, summary.snapshots],
				...[summary.pages, summary.clicks, summary.errors, JSON.stringify(receipt.client)],
				...[JSON.stringify(Object.fromEntries(metadata)), serializeTrail(summary.trail)],
			),
		db
			.prepare(UPSERT_SESSION)
			.bind(ref.project, ref.sessionId, ref.windowId, ref.id, receipt.receivedAt, RECORDER_KEYS),
		db.prepare(MOVE_START).bind(ref.project, ref.sessionId, ref.windowId, ref.id),
		db.prepare(SET_USER_ID).bind(ref.project, ref.sessionId, ref.windowId, ref.id),
		db.prepare(COUNT_DAY).bind(...counterValues, ref.sessionId, ref.windowId, ref.id),
		db.prepare(READ_STATE).bind(ref.project, ref.sessionId, ref.windowId, ref.id),
	]);
	const row = found!.results[0];
	if (inserted!.meta.changes > 0 && row) {
		const { chunks, events, startedAt } = row;
		return { isNewSession: chunks === 1, events: events ?? 0, startedAt: startedAt ?? summary.firstAt };
	}
	if (row?.erased || (row?.day && row.day !== ref.day)) await deleteKeys(bucket, [chunkKey(ref)]);
	return row?.erased ? "erased" : null;
}

/** State of a session after a chunk was indexed. */
export interface IndexedSession {
	isNewSession: boolean;
	events: number;
	/** Epoch milliseconds. */
	startedAt: number;
}

interface ChunkState {
	day: number | null;
	erased: number;
	chunks: number | null;
	events: number | null;
	startedAt: number | null;
}

const RECORDER_KEYS = JSON.stringify(RECORDER_METADATA_KEYS);

const INSERT_CHUNK = `
INSERT OR IGNORE INTO chunks
(project, session_id, window_id, id, day, seq, first_at, last_at, events, bytes, snapshots, pages, clicks, errors,
	client, metadata, trail)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17
WHERE NOT EXISTS (SELECT 1 FROM erasures WHERE project = ?1 AND session_id = ?2 AND window_id IN ('', ?3))`;

/**
 * SQL that converts the metadata of a row of `chunks` to the format of `sessions.metadata`, by adding the chunk's ID.
 * Older rows already contain the IDs of chunk and window. Values are copied as text, so that no number is rounded.
 */
const CHUNK_METADATA = `SELECT meta.key, CASE json_array_length(meta.value) WHEN 1
	THEN '["' || chunks.id || '",' || substr(meta.value, 2) ELSE meta.value END AS value`;

/**
 * Returns SQL that merges the metadata of several chunks: for each key, the value of the latest chunk. When there are
 * too many keys, the recorder's own keys are kept first, then the others by name, so that the result does not depend on
 * the order of arrival.
 * @param sources SELECT statements with the columns `key` and `value`; `value` is the JSON of [chunk ID, value]
 * @param ownKeys SQL of a JSON list of the recorder's own keys
 */
const foldMetadata = (sources: string, ownKeys: string) => `(
	SELECT json_group_object(key, json(pair)) FROM (
		SELECT key, max(pair) AS pair FROM (SELECT key, value AS pair FROM (${sources})) GROUP BY key
		ORDER BY key NOT IN (SELECT value FROM json_each(${ownKeys})), key LIMIT ${MAX_METADATA_KEYS}
	))`;

/**
 * Returns SQL of the amount that a chunk adds to a column of its session. A third-party recorder resends a failed batch
 * with newer events appended and the same first timestamp. Of such chunks only the largest counts: each adds its
 * surplus over the largest one so far, which gives the same sum in any order.
 */
const surplus = (column: string) =>
	`max(0, excluded.${column} - coalesce((SELECT max(c.${column}) FROM chunks c
		WHERE ${isResendable("?4")} AND c.project = ?1 AND c.session_id = ?2 AND c.window_id = ?3 AND c.id <> ?4
		AND c.id >= substr(?4, 1, 14) AND c.id < substr(?4, 1, 13) || '.'), 0))`;

/**
 * Returns an SQL condition: the chunk's batch may be resent with more events. Numbered batches never change when they
 * are resent. Resends without a first timestamp (thirteen zeros) cannot be recognized. The comparison excludes their
 * IDs, because `.` sorts after `-`.
 */
function isResendable(id: string): string {
	return `substr(${id}, 14, 3) = '-x-' AND ${id} > '0000000000000.'`;
}

/**
 * Adds a chunk to its session, only if the statement before has inserted the chunk's row (`changes() = 1`). Updates no
 * column with an index: D1 would count a written row for the index, even if the value stays the same.
 */
const UPSERT_SESSION = `
INSERT INTO sessions
(project, id, started_at, last_at, received_at, windows, chunks, events, bytes, pages, clicks, errors,
	first_stamp, client, metadata)
SELECT ?1, ?2, first_at, last_at, ?5, 1, 1, events, bytes, pages, clicks, errors,
	id || '/' || window_id, client, ${foldMetadata(`${CHUNK_METADATA} FROM json_each(chunks.metadata) meta`, "?6")}
FROM chunks WHERE project = ?1 AND session_id = ?2 AND window_id = ?3 AND id = ?4 AND changes() = 1
ON CONFLICT (project, id) DO UPDATE SET
	settled = 0,
	last_at = max(last_at, excluded.last_at),
	received_at = max(received_at, excluded.received_at),
	windows = windows + NOT EXISTS (SELECT 1 FROM chunks c
		WHERE c.project = ?1 AND c.session_id = ?2 AND c.window_id = ?3 AND c.id <> ?4),
	chunks = chunks + 1,
	bytes = bytes + excluded.bytes,
	events = events + ${surplus("events")},
	pages = pages + ${surplus("pages")},
	clicks = clicks + ${surplus("clicks")},
	errors = errors + ${surplus("errors")},
	client = CASE WHEN excluded.first_stamp < first_stamp THEN excluded.client ELSE client END,
	first_stamp = min(first_stamp, excluded.first_stamp),
	metadata = CASE WHEN excluded.metadata = '{}' THEN metadata ELSE ${foldMetadata(
		"SELECT key, value FROM json_each(sessions.metadata) UNION ALL SELECT key, value FROM json_each(excluded.metadata)",
		"?6",
	)} END`;

/** Moves the start back when an earlier batch arrives late. A separate statement, because `started_at` is indexed. */
const MOVE_START = `
UPDATE sessions SET started_at = c.first_at FROM chunks c
WHERE sessions.project = ?1 AND sessions.id = ?2 AND sessions.started_at > c.first_at
AND c.project = ?1 AND c.session_id = ?2 AND c.window_id = ?3 AND c.id = ?4`;

const USER_ID = `json_extract(metadata, '$.user_id[1]')`;
/** Sets the user ID. A separate statement that runs only when the ID changes, because the column is indexed. */
const SET_USER_ID = `
UPDATE sessions SET user_id = cast(${USER_ID} AS TEXT)
WHERE project = ?1 AND id = ?2 AND user_id IS NOT cast(${USER_ID} AS TEXT)
AND EXISTS (SELECT 1 FROM chunks WHERE project = ?1 AND session_id = ?2 AND window_id = ?3 AND id = ?4)`;

/**
 * Counts a new session and the uncounted bytes on the day of receipt. Writes only with a session's first chunk, so that
 * later chunks cost no additional written row.
 */
const COUNT_DAY = `
INSERT INTO counters (project, day, sessions, bytes)
SELECT ?1, ?2, 1, ?3 FROM sessions s JOIN chunks c ON c.project = s.project AND c.session_id = s.id
WHERE s.project = ?1 AND s.id = ?4 AND s.chunks = 1 AND c.window_id = ?5 AND c.id = ?6 AND c.day = ?2
ON CONFLICT DO UPDATE SET sessions = sessions + 1, bytes = bytes + excluded.bytes`;

/** SQL of the bytes that packs save for a session. */
const BYTES_SAVED = "(SELECT coalesce(sum(max(saved, 0)), 0) FROM packs WHERE project = ?1 AND session_id = ?2)";

/** Recomputes an existing session row from its chunks. The result is the same as of `UPSERT_SESSION` for each chunk. */
const FOLD_SESSION = `
UPDATE sessions SET settled = 0, (started_at, last_at, windows, chunks, bytes, events, pages, clicks, errors) = (
	SELECT min(first_at), max(last_at), count(DISTINCT window_id), sum(n), sum(bytes) - ${BYTES_SAVED},
		sum(events), sum(pages), sum(clicks), sum(errors)
	FROM (
		SELECT window_id, min(first_at) AS first_at, max(last_at) AS last_at, count(*) AS n, sum(bytes) AS bytes,
			max(events) AS events, max(pages) AS pages, max(clicks) AS clicks, max(errors) AS errors
		FROM chunks WHERE project = ?1 AND session_id = ?2
		GROUP BY window_id, CASE WHEN ${isResendable("id")} THEN substr(id, 1, 13) ELSE id END
	)
), (first_stamp, client) = (
	SELECT id || '/' || window_id AS stamp, client FROM chunks
	WHERE project = ?1 AND session_id = ?2 ORDER BY stamp LIMIT 1
), metadata = ${foldMetadata(
	`${CHUNK_METADATA} FROM chunks, json_each(chunks.metadata) meta WHERE project = ?1 AND session_id = ?2`,
	"?3",
)}
WHERE project = ?1 AND id = ?2`;

const DELETE_IF_EMPTY = `DELETE FROM sessions WHERE project = ?1 AND id = ?2
AND NOT EXISTS (SELECT 1 FROM chunks WHERE project = ?1 AND session_id = ?2)`;

const FOLD_USER = `UPDATE sessions SET user_id = cast(${USER_ID} AS TEXT)
WHERE project = ?1 AND id = ?2 AND user_id IS NOT cast(${USER_ID} AS TEXT)`;

/**
 * Returns statements that recompute a session after some of its chunks were deleted, or delete it if none are left.
 * @param erasedUntil see `deletePacks`
 */
export function refoldSession(
	db: D1Database,
	project: string,
	sessionId: string,
	erasedUntil?: number,
): D1PreparedStatement[] {
	return [
		db.prepare(DELETE_IF_EMPTY).bind(project, sessionId),
		deletePacks(db, project, JSON.stringify([sessionId]), erasedUntil),
		db.prepare(FOLD_SESSION).bind(project, sessionId, RECORDER_KEYS),
		db.prepare(FOLD_USER).bind(project, sessionId),
		...deleteAnnotations(db, project, JSON.stringify([sessionId])),
	];
}

const READ_STATE = `
SELECT
	(SELECT day FROM chunks WHERE project = ?1 AND session_id = ?2 AND window_id = ?3 AND id = ?4) AS day,
	EXISTS (SELECT 1 FROM erasures WHERE project = ?1 AND session_id = ?2 AND window_id IN ('', ?3)) AS erased,
	s.chunks, s.events, s.started_at AS startedAt
FROM (SELECT 1) LEFT JOIN sessions s ON s.project = ?1 AND s.id = ?2`;

export interface SessionRow {
	project: string;
	id: string;
	/** Epoch milliseconds, as are all times here. */
	startedAt: number;
	lastAt: number;
	receivedAt: number;
	windows: number;
	events: number;
	/** Bytes at rest. */
	bytes: number;
	pages: number;
	clicks: number;
	errors: number;
	client: Client;
	metadata: Record<string, string | number | boolean>;
	/** As set by `identify`. */
	userId: string | null;
	mark: Mark;
}

/** Period that a session must overlap to be listed, epoch milliseconds, both ends included; null: unbounded. */
export interface ListPeriod {
	since: number | null;
	until: number | null;
	/** Lists only sessions that received data at or after this time, epoch milliseconds. */
	liveSince?: number | undefined;
}

/** Sort orders of the session list. All are descending; sessions with equal values are sorted by start. */
export const SESSION_SORTS = [
	...(["start", "activity", "duration", "events", "pages", "clicks", "errors", "score"] as const),
] as const;
export type SessionSort = (typeof SESSION_SORTS)[number];

const SORT_KEYS: Record<Exclude<SessionSort, "start">, string> = {
	activity: "last_at",
	duration: "last_at - started_at",
	events: "events",
	pages: "pages",
	clicks: "clicks",
	errors: `errors + (SELECT count(*) ${SERVER_ERRORS})`,
	score:
		"coalesce((SELECT f.score FROM facts f WHERE f.project = sessions.project AND f.session_id = sessions.id AND f.begins = 1), -1)",
};

export interface SessionPosition {
	startedAt: number;
	id: string;
}

/** Last session of a page, with the value that the list is sorted by. */
export interface SessionCursor extends SessionPosition {
	rank: number;
}

/** Which sessions a list contains: those of a project in a period that match a filter. */
export interface ListScope extends ListPeriod {
	project: string;
	filter: Filter;
	/** See `FilterOptions`. */
	liveIds: readonly string[];
}

/** Limit of rows that one call scans for matches of a filter. */
export const MAX_SCANNED_SESSIONS = 5_000;

/**
 * Returns SQL that selects the newest sessions of a period, before any filter is applied. The limit `max` prevents a
 * filter with few matches from scanning the whole project.
 * @param values empty list, to which the parameters of the statement are added
 * @param from selects only sessions that the list shows after this one; null: starts with the newest session
 */
function newestSessionsSql(
	{ project, since, until, liveSince = 0 }: ListScope,
	values: unknown[],
	from: SessionPosition | null,
	max = MAX_SCANNED_SESSIONS,
): string {
	values.push(project, since === null ? 0 : since - MAX_ACCEPTED_AGE_MS, until ?? Number.MAX_SAFE_INTEGER, since ?? 0);
	values.push(liveSince, from?.startedAt ?? Number.MAX_SAFE_INTEGER, from?.id ?? "");
	return `(SELECT * FROM (SELECT * FROM sessions
			WHERE project = ?1 AND started_at BETWEEN ?2 AND ?3 AND (started_at, id) < (?6, ?7) AND last_at >= ?4
			ORDER BY started_at DESC, id DESC LIMIT ${max})
		WHERE received_at >= ?5) sessions`;
}

/**
 * Returns one page of sessions. Sorted by start, the pages reach all sessions; in other orders, only the newest
 * `MAX_SCANNED_SESSIONS`.
 * @returns `next`: cursor of the next page (null: the end); `isCut`: older sessions were not scanned
 */
export async function listSessions(
	db: D1Database,
	scope: ListScope,
	sort: SessionSort,
	limit: number,
	after: SessionCursor | null,
): Promise<{ sessions: ListedSession[]; next: SessionCursor | null; isCut: boolean }> {
	const rank = sort === "start" ? null : SORT_KEYS[sort];
	const values: unknown[] = [];
	// If the list is sorted by start and has no filter, it is enough to scan one page of rows.
	const isPlain = !rank && !scope.liveSince && !Object.keys(scope.filter).length;
	const scanned = newestSessionsSql(scope, values, rank ? null : after, isPlain ? limit + 1 : MAX_SCANNED_SESSIONS);
	const bind = (value: unknown) => `?${values.push(value)}`;
	const condition = filterSql(scope.filter, values, { liveIds: scope.liveIds });
	const afterCursor =
		rank && after ? ` AND (${rank}, started_at, id) < (${[after.rank, after.startedAt, after.id].map(bind)})` : "";
	const order = (start: string) => `${rank ? "rank DESC, " : ""}${start} DESC, id DESC`;
	const [found, scanEnd] = (await db.batch([
		db
			.prepare(
				`SELECT *, ${LISTED_COLUMNS} FROM (
					SELECT ${SESSION_COLUMNS}, ${rank ?? "started_at"} AS rank FROM ${scanned}
					WHERE 1 ${condition}${afterCursor} ORDER BY ${order("started_at")} LIMIT ${limit + 1}
				) sessions ORDER BY ${order("startedAt")}`,
			)
			.bind(...values),
		...(isPlain ? [] : [lastScannedSession(db, values)]),
	])) as [D1Result<RawListed>, D1Result<SessionPosition>?];
	const rows = found.results.slice(0, limit);
	const [last] = found.results.length > limit ? rows.slice(-1) : [];
	const lastScanned = scanEnd?.results[0];
	const sessions = rows.map(({ rank: _, ...row }) => parseSession(row));
	const continuation = !rank && lastScanned ? { rank: 0, ...lastScanned } : null;
	return { sessions, next: last ? toCursor(last) : continuation, isCut: lastScanned !== undefined };
}

/**
 * Returns a query for the last session that a scan of `MAX_SCANNED_SESSIONS` reaches. It finds none if there are fewer.
 * @param values parameters of the statement, from `newestSessionsSql`
 */
function lastScannedSession(db: D1Database, values: readonly unknown[]): D1PreparedStatement {
	return db
		.prepare(
			`SELECT started_at AS startedAt, id FROM sessions
			WHERE project = ?1 AND started_at BETWEEN ?2 AND ?3 AND (started_at, id) < (?4, ?5) AND last_at >= ?6
			ORDER BY started_at DESC, id DESC LIMIT 1 OFFSET ${MAX_SCANNED_SESSIONS - 1}`,
		)
		.bind(values[0], values[1], values[2], values[5], values[6], values[3]);
}

type RawListed = RawSession & Pick<ListedSession, "score" | "snapshots" | "serverErrors"> & { rank: number };

export interface SessionSums {
	sessions: number;
	/** Number of sessions with errors. */
	errored: number;
	/** Sum of all durations, milliseconds. */
	durationMs: number;
	/** Older sessions were not scanned. */
	isCut: boolean;
}

/** Returns the totals of a list, over its newest `MAX_SCANNED_SESSIONS`. */
export async function sumSessions(db: D1Database, scope: ListScope): Promise<SessionSums> {
	const values: unknown[] = [];
	const scanned = newestSessionsSql(scope, values, null);
	const [sums, lastScanned] = (await db.batch([
		db
			.prepare(
				`SELECT count(*) AS sessions, coalesce(sum(${HAS_ERRORS}), 0) AS errored,
					coalesce(sum(last_at - started_at), 0) AS durationMs
				FROM ${scanned} WHERE 1 ${filterSql(scope.filter, values, { liveIds: scope.liveIds })}`,
			)
			.bind(...values),
		lastScannedSession(db, values),
	])) as [D1Result<Omit<SessionSums, "isCut">>, D1Result<SessionPosition>];
	return { ...sums.results[0]!, isCut: lastScanned.results.length > 0 };
}

export interface ListedSession extends SessionRow {
	/** Frustration score; null: not settled yet. */
	score: number | null;
	/** Number of full snapshots; 0: nothing to replay. */
	snapshots: number;
	/** Number of exceptions reported by servers; `errors` is the number of errors in the browser. */
	serverErrors: number;
}

/** Columns that are computed only for the rows of a page. */
const LISTED_COLUMNS = `
	(SELECT count(*) ${SERVER_ERRORS}) AS serverErrors,
	(SELECT f.score FROM facts f WHERE f.project = sessions.project AND f.session_id = sessions.id AND f.begins = 1) AS score,
	(SELECT coalesce(sum(c.snapshots), 0) FROM chunks c
		WHERE c.project = sessions.project AND c.session_id = sessions.id) AS snapshots`;

const toCursor = ({ rank, startedAt, id }: SessionCursor): SessionCursor => ({ rank, startedAt, id });

/** Returns the IDs of projects that have data. Finds each by one index lookup. */
export async function storedProjects(db: D1Database): Promise<string[]> {
	const { results } = await db
		.prepare(
			["sessions", "issues", "server_events"]
				.map(
					(table) => `SELECT id FROM (WITH RECURSIVE found(id) AS (
				SELECT min(project) FROM ${table}
				UNION ALL SELECT (SELECT min(project) FROM ${table} WHERE project > found.id) FROM found WHERE id IS NOT NULL
			) SELECT id FROM found WHERE id IS NOT NULL)`,
				)
				.join(" UNION "),
		)
		.all<{ id: string }>();
	return results.map(({ id }) => id);
}

export async function findSession(db: D1Database, projects: readonly string[], id: string): Promise<SessionRow | null> {
	const row = await db
		.prepare(
			`SELECT ${SESSION_COLUMNS} FROM sessions
			WHERE id = ?1 AND project IN (SELECT value FROM json_each(?2)) LIMIT 1`,
		)
		.bind(id, JSON.stringify(projects))
		.first<RawSession>();
	return row ? parseSession(row) : null;
}

/** Returns the sessions of a person, newest first. */
export async function sessionsOfUser(
	db: D1Database,
	project: string,
	userId: string,
	limit: number,
): Promise<SessionRow[]> {
	const { results } = await db
		.prepare(
			`SELECT ${SESSION_COLUMNS} FROM sessions WHERE project = ?1 AND user_id = ?2
			ORDER BY started_at DESC, id DESC LIMIT ?3`,
		)
		.bind(project, userId, limit)
		.all<RawSession>();
	return results.map(parseSession);
}

const SESSION_COLUMNS = `project, id, started_at AS startedAt, last_at AS lastAt, received_at AS receivedAt,
	windows, events, bytes, pages, clicks, errors, client, metadata, user_id AS userId, ${MARK_COLUMN}`;

type RawSession = Omit<SessionRow, "client" | "metadata" | "mark"> & {
	client: string;
	metadata: string;
	mark: string | null;
};

function parseSession<T extends RawSession>(row: T): Omit<T, keyof RawSession> & SessionRow {
	const entries = JSON.parse(row.metadata) as Record<string, [string, string | number | boolean]>;
	const metadata = Object.fromEntries(Object.entries(entries).map(([key, [, value]]) => [key, value]));
	return { ...row, client: JSON.parse(row.client), metadata, mark: parseMark(row.mark) };
}

export interface ChunkRow {
	ref: ChunkRef;
	firstAt: number;
	lastAt: number;
	events: number;
	snapshots: number;
}

type RawChunk = Omit<ChunkRow, "ref"> & {
	windowId: string;
	id: string;
	day: number;
	seq: number;
	pack?: string | null;
};

const CHUNK_COLUMNS = `window_id AS windowId, id, day, seq, first_at AS firstAt, last_at AS lastAt, events, snapshots`;

/** Returns the chunks of a session in time order, without superseded resends. */
export async function listChunks(db: D1Database, project: string, sessionId: string): Promise<ChunkRow[]> {
	const { results } = await db
		.prepare(
			`SELECT ${CHUNK_COLUMNS}, ${IN_PACK} FROM chunks WHERE project = ?1 AND session_id = ?2 ORDER BY id, window_id`,
		)
		.bind(project, sessionId)
		.all<RawChunk>();
	return dropSupersededChunks(project, sessionId, results);
}

/** Returns the chunks of one window in time order, each with its trail. */
export async function listTrails(
	db: D1Database,
	project: string,
	sessionId: string,
	windowId: string,
): Promise<(ChunkRow & { trail: Trail })[]> {
	const { results } = await db
		.prepare(
			`SELECT ${CHUNK_COLUMNS}, trail FROM chunks
			WHERE project = ?1 AND session_id = ?2 AND window_id = ?3 ORDER BY id`,
		)
		.bind(project, sessionId, windowId)
		.all<RawChunk & { trail: string }>();
	return dropSupersededChunks(project, sessionId, results).map(({ trail, ...row }) => ({
		...row,
		trail: parseTrail(trail),
	}));
}

/**
 * Returns the clock corrections (`Trail.shift`) of a session's chunks: `{window}/{chunk}` → milliseconds. Chunks
 * without a correction are absent.
 */
export async function clockShiftsOf(db: D1Database, project: string, sessionId: string): Promise<Map<string, number>> {
	const { results } = await db
		.prepare("SELECT window_id || '/' || id AS chunk, trail FROM chunks WHERE project = ?1 AND session_id = ?2")
		.bind(project, sessionId)
		.all<{ chunk: string; trail: string }>();
	return new Map(
		results.flatMap(({ chunk, trail }) => {
			const { shift } = parseTrail(trail);
			return shift === undefined ? [] : [[chunk, shift]];
		}),
	);
}

/** Limit of chunks read per session: hours of activity. Only a page that emits events in a loop exceeds it. */
const MAX_TRAILS = 400;

/** Returns the trails of sessions, by session and window, in time order. */
export async function trailsOf(
	db: D1Database,
	project: string,
	ids: readonly string[],
): Promise<Map<string, Map<string, Trail[]>>> {
	const found = new Map<string, Map<string, Trail[]>>();
	if (!ids.length) return found;
	const { results } = await db
		.prepare(
			`SELECT session_id AS sessionId, ${CHUNK_COLUMNS}, trail FROM (
				SELECT *, row_number() OVER (PARTITION BY session_id ORDER BY id) AS n FROM chunks
				WHERE project = ?1 AND session_id IN (SELECT value FROM json_each(?2))
			) WHERE n <= ${MAX_TRAILS} ORDER BY session_id, id`,
		)
		.bind(project, JSON.stringify(ids))
		.all<RawChunk & { sessionId: string; trail: string }>();
	const rows = new Map(ids.map((id) => [id, [] as typeof results]));
	for (const row of results) rows.get(row.sessionId)!.push(row);
	for (const [id, chunks] of rows) {
		const windows = new Map<string, Trail[]>();
		for (const { ref, trail } of dropSupersededChunks(project, id, chunks)) {
			const trails = windows.get(ref.windowId) ?? [];
			trails.push(parseTrail(trail));
			windows.set(ref.windowId, trails);
		}
		found.set(id, windows);
	}
	return found;
}

/** Limit of chunks with a snapshot that are checked per session. */
const MAX_SNAPSHOTS = 40;

/**
 * Returns the newest chunk of the given sessions that has a full snapshot and a matching trail; null: there is none.
 */
export async function findSnapshot(
	db: D1Database,
	project: string,
	ids: readonly string[],
	matches: (trail: Trail) => boolean,
): Promise<{ sessionId: string; windowId: string; id: string } | null> {
	const { results } = await db
		.prepare(
			`SELECT session_id AS sessionId, window_id AS windowId, id, trail FROM (
				SELECT *, row_number() OVER (PARTITION BY session_id ORDER BY first_at DESC) AS n FROM chunks
				WHERE project = ?1 AND session_id IN (SELECT value FROM json_each(?2)) AND snapshots > 0
			) WHERE n <= ${MAX_SNAPSHOTS} ORDER BY first_at DESC`,
		)
		.bind(project, JSON.stringify(ids))
		.all<{ sessionId: string; windowId: string; id: string; trail: string }>();
	return results.find(({ trail }) => matches(parseTrail(trail))) ?? null;
}

/** Rows read to find a chunk and the next one. Resends of a batch may lie between the two, and are skipped. */
const LOOK_AHEAD = 25;

/** Returns a chunk of a window (the first one if `id` is null) and the ID of the next; null: there is no such chunk. */
export async function findChunk(
	db: D1Database,
	project: string,
	sessionId: string,
	windowId: string,
	id: string | null,
): Promise<{ ref: ChunkRef; next: string | null } | null> {
	const { results } = await db
		.prepare(
			`SELECT ${CHUNK_COLUMNS}, ${IN_PACK} FROM chunks
			WHERE project = ?1 AND session_id = ?2 AND window_id = ?3 AND id >= ?4 ORDER BY id LIMIT ${LOOK_AHEAD}`,
		)
		.bind(project, sessionId, windowId, id ?? "")
		.all<RawChunk>();
	const [found, next] = dropSupersededChunks(project, sessionId, results);
	return found && (id === null || found.ref.id === id) ? { ref: found.ref, next: next?.ref.id ?? null } : null;
}

/**
 * Removes resends of the same batch, except the largest. Third-party recorders resend with the same first timestamp.
 */
function dropSupersededChunks<T extends RawChunk>(project: string, sessionId: string, rows: T[]) {
	const batchKey = ({ windowId, id, seq }: RawChunk) =>
		`${windowId} ${seq < 0 && Number(id.slice(0, 13)) > 0 ? id.slice(0, 13) : id}`;
	const largest = new Map<string, T>();
	for (const row of rows) {
		const known = largest.get(batchKey(row));
		if (!known || row.events > known.events) largest.set(batchKey(row), row);
	}
	return rows
		.filter((row) => largest.get(batchKey(row)) === row)
		.map(({ windowId, id, day, seq: _, pack, ...row }) => ({
			...row,
			ref: { project, day, sessionId, windowId, id, ...(pack && { pack }) },
		}));
}

/**
 * Returns the chunks without a row for their day of receipt. Makes one D1 call, which can check a few thousand chunks.
 */
export async function findUnindexed(db: D1Database, refs: readonly ChunkRef[]): Promise<ChunkRef[]> {
	if (!refs.length) return [];
	const { results } = await db
		.prepare(
			`SELECT key AS i FROM json_each(?1) WHERE NOT EXISTS (SELECT 1 FROM chunks c
			WHERE c.project = value ->> 0 AND c.session_id = value ->> 1
			AND c.window_id = value ->> 2 AND c.id = value ->> 3 AND c.day = value ->> 4)`,
		)
		.bind(JSON.stringify(refs.map((ref) => [ref.project, ref.sessionId, ref.windowId, ref.id, ref.day])))
		.all<{ i: number }>();
	return results.map(({ i }) => refs[i]!);
}
