import type { Facts, Sums } from "../analytics/digest.ts";
import type { Client } from "../contract/client.ts";
import type { Filter } from "../contract/filter.ts";
import type { Trail } from "../contract/trail.ts";
import { FACT_FILTERS, filterSql } from "./filter.ts";
import { trailsOf } from "./sessions.ts";
import { yieldToEventLoop } from "./yield.ts";

/** Facts of settled sessions; live sessions, whose facts are missing or outdated. */

/** Session without current facts. If it receives more data after it was read, `receivedAt` or `chunks` changes. */
export interface LiveRow {
	id: string;
	receivedAt: number;
	chunks: number;
	client: Client;
	metadata: Record<string, string | number | boolean>;
}

/** Live session with the trails that its facts are computed from. */
export interface LiveSession extends LiveRow {
	windows: Map<string, Trail[]>;
}

export interface LiveQuery {
	/** Period in which the sessions started, epoch milliseconds, both ends included. */
	since: number;
	until?: number | null;
	/** Limit of sessions scanned, from the newest on; absent: no limit. */
	maxScanned?: number;
	/** Reads only sessions that received data at or after this time, epoch milliseconds. */
	liveSince?: number | undefined;
	/** Reads only sessions that received no data after this time, epoch milliseconds. */
	inactiveSince?: number;
	/** Omits sessions that were settled and then received more data: their old facts count until the next settling. */
	neverSettled?: boolean;
	/** Filter that the sessions must match. Its parts in `FACT_FILTERS` are ignored. */
	filter?: Filter;
	limit: number;
}

/** Limits of chunks whose trails are read: by one call of `readLiveSessions`, and by one query. */
const MAX_CHUNKS = 1_600;
const MAX_SLICE_CHUNKS = 400;

/**
 * Reads live sessions with their trails, newest first.
 * @returns `isCut`: older sessions were left out, because there are more than `limit` or they exceed `MAX_CHUNKS`
 */
export async function readLiveSessions(
	db: D1Database,
	project: string,
	query: LiveQuery,
): Promise<{ sessions: LiveSession[]; isCut: boolean }> {
	const { rows, isCut } = await listLiveSessions(db, project, query);
	return { sessions: await withTrails(db, project, rows), isCut };
}

/** Reads live sessions without their trails, see `readLiveSessions`. */
export async function listLiveSessions(
	db: D1Database,
	project: string,
	{ neverSettled = false, filter = {}, limit, ...query }: LiveQuery,
): Promise<{ rows: LiveRow[]; isCut: boolean }> {
	const { since, until, inactiveSince, liveSince = 0, maxScanned } = query;
	const values: unknown[] = [project, since, inactiveSince ?? Number.MAX_SAFE_INTEGER, limit + 1];
	values.push(until ?? Number.MAX_SAFE_INTEGER, liveSince);
	const inPeriod = "project = ?1 AND started_at BETWEEN ?2 AND ?5";
	const newest = `(SELECT * FROM sessions WHERE ${inPeriod} ORDER BY started_at DESC LIMIT ${maxScanned})`;
	const { results: found } = await db
		.prepare(
			`SELECT id, received_at AS receivedAt, chunks, client, metadata FROM ${maxScanned ? newest : "sessions"} AS sessions
			WHERE ${inPeriod} AND settled = 0 AND received_at BETWEEN ?6 AND ?3
			${neverSettled ? "AND NOT EXISTS (SELECT 1 FROM facts f WHERE f.project = ?1 AND f.session_id = sessions.id)" : ""}
			${filterSql(filter, values, { exclude: FACT_FILTERS })}
			ORDER BY started_at DESC LIMIT ?4`,
		)
		.bind(...values)
		.all<Omit<LiveRow, "client" | "metadata"> & { client: string; metadata: string }>();
	await yieldToEventLoop();
	let remaining = MAX_CHUNKS;
	const fitting = found.slice(0, limit).filter(({ chunks }, i) => {
		remaining -= chunks;
		return i === 0 || remaining >= 0;
	});
	const rows = fitting.map(({ client, metadata, ...row }) => ({
		...row,
		client: JSON.parse(client),
		metadata: Object.fromEntries(
			Object.entries(JSON.parse(metadata) as Record<string, [string, string]>).map(([key, [, value]]) => [key, value]),
		),
	}));
	return { rows, isCut: rows.length < found.length };
}

export async function withTrails(db: D1Database, project: string, rows: readonly LiveRow[]): Promise<LiveSession[]> {
	const trails = new Map<string, Map<string, Trail[]>>();
	for (const [i, ids] of sliceByChunks(rows).entries()) {
		if (i > 0) await yieldToEventLoop();
		for (const [id, windows] of await trailsOf(db, project, ids)) trails.set(id, windows);
	}
	return rows.map((row) => ({ ...row, windows: trails.get(row.id) ?? new Map() }));
}

/** Splits sessions into lists of IDs. The sessions of a list have at most `MAX_SLICE_CHUNKS` chunks together. */
function sliceByChunks(sessions: readonly { id: string; chunks: number }[]): string[][] {
	const slices: string[][] = [];
	let remaining = 0;
	for (const { id, chunks } of sessions) {
		if (chunks > remaining) {
			slices.push([]);
			remaining = MAX_SLICE_CHUNKS;
		}
		slices.at(-1)!.push(id);
		remaining -= chunks;
	}
	return slices;
}

export interface SettledSession {
	session: Pick<LiveSession, "id" | "receivedAt" | "chunks">;
	facts: readonly Facts[];
}

const UNCHANGED_SINCE_READ = (list: string) => `(id, received_at, chunks)
	IN (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(${list}))`;

/** Columns of `facts`, in the order in which `writeFacts` gives the values. */
const INSERTED_COLUMNS =
	"project, session_id, day, rolled, begins, started_at, duration_ms, active_ms, score, events, views, clicks, errors, rages, deads, signals, head, steps, moments";

/**
 * Replaces the facts of sessions and marks the sessions as settled. A session that received more data since it was read
 * only loses its old facts, and stays live. If the facts are the same as before, their days are still rolled up again.
 */
export async function writeFacts(db: D1Database, project: string, settled: readonly SettledSession[]): Promise<void> {
	const ids = JSON.stringify(settled.map(({ session }) => session.id));
	const rows = settled.flatMap(({ session, facts }) =>
		facts.map((row) => [
			...[session.id, row.day, row.isFirstDay ? 1 : 0, row.startedAt, row.durationMs, row.activeMs, row.score],
			...[row.events, row.views, row.clicks, row.errors, row.rageClicks, row.deadClicks],
			...[row.signals, row.profile, row.journey, row.details].map((part) => JSON.stringify(part)),
		]),
	);
	const readStates = JSON.stringify(settled.map(({ session }) => [session.id, session.receivedAt, session.chunks]));
	const values = rows[0]?.map((_, i) => `value ->> ${i}`) ?? [];
	await db.batch([
		...deleteFacts(db, project, ids),
		...(rows.length
			? [
					db
						.prepare(
							// Skips sessions that received data, lost a window or were deleted since they were read.
							`INSERT INTO facts (${INSERTED_COLUMNS}) SELECT ?1, ${values.slice(0, 2)}, 0, ${values.slice(2)} FROM json_each(?2)
							WHERE value ->> 0 IN (SELECT id FROM sessions WHERE project = ?1 AND ${UNCHANGED_SINCE_READ("?3")})`,
						)
						.bind(project, JSON.stringify(rows), readStates),
				]
			: []),
		db
			.prepare(`UPDATE sessions SET settled = 1 WHERE project = ?1 AND ${UNCHANGED_SINCE_READ("?2")}`)
			.bind(project, readStates),
	]);
}

/** SQL that selects the days whose rollups include sessions in ?2, a JSON list of IDs. */
const ROLLED_UP_DAYS = `SELECT f.day FROM facts f WHERE f.project = ?1 AND f.rolled = 1
	AND f.session_id IN (SELECT value FROM json_each(?2))`;

/**
 * Statement that raises the revisions of the days in `ROLLED_UP_DAYS`. Must run before rolled-up facts change or are
 * deleted, so that caches and running roll-ups notice the change. It gives other numbers than `nextRev`: that function
 * adds 1 to 998 to the old revision or to the clock, this statement adds 1,000 to the revision or nothing to the clock.
 */
export const BUMP_DAY_REVISIONS = `UPDATE rollup_days SET rev = max(rev + 1000, cast(unixepoch('subsec') * 1000 AS INTEGER) * 1000)
	WHERE project = ?1 AND day IN (${ROLLED_UP_DAYS})`;

const REBUILDABLE_DAYS = `${ROLLED_UP_DAYS}
	AND NOT EXISTS (SELECT 1 FROM rollup_days d WHERE d.project = ?1 AND d.day = f.day AND d.closed = 1)`;

/** Values of `rollups.cell`: empty for all devices, or a type of device. */
export const ROLLUP_DEVICES = ["", "Desktop", "Mobile", "Tablet"] as const;
/** SQL condition on rollups that is always true. It lists every possible value, so that SQLite uses the primary key. */
export const ALL_ROLLUPS = `part IN ('overview', 'pages', 'heat', 'forms', 'errors')
	AND cell IN (${ROLLUP_DEVICES.map((cell) => `'${cell}'`).join()})`;

/**
 * Returns statements that delete the facts of sessions, and the rollups that include these facts, so that the rollups
 * are rebuilt without them. Anonymized days keep their rollups.
 * @param ids JSON list of session IDs
 */
export function deleteFacts(db: D1Database, project: string, ids: string): D1PreparedStatement[] {
	return [
		BUMP_DAY_REVISIONS,
		`DELETE FROM rollups WHERE project = ?1 AND ${ALL_ROLLUPS} AND day IN (${REBUILDABLE_DAYS})`,
		`UPDATE facts SET rolled = 0 WHERE project = ?1 AND rolled = 1 AND day IN (${REBUILDABLE_DAYS})`,
		`DELETE FROM facts WHERE project = ?1 AND session_id IN (SELECT value FROM json_each(?2))`,
	].map((sql) => db.prepare(sql).bind(project, ids));
}

export interface RawFacts extends Sums {
	sessionId: string;
	day: number;
	isFirstDay: number;
	startedAt: number;
	durationMs: number;
	activeMs: number;
	score: number;
	signals: string;
	profile: string;
	journey: string;
	details: string;
}

/** SQL columns of `RawFacts`: those in the index `facts_in_order`, and the others. */
export const FACT_COLUMNS_IN_ORDER =
	"day, session_id AS sessionId, begins AS isFirstDay, score, duration_ms AS durationMs, head AS profile, steps AS journey";
export const OTHER_FACT_COLUMNS =
	"started_at AS startedAt, active_ms AS activeMs, events, views, clicks, errors, rages AS rageClicks, deads AS deadClicks, signals, moments AS details";
export const FACT_COLUMNS = `${FACT_COLUMNS_IN_ORDER}, ${OTHER_FACT_COLUMNS}`;

export function parseFacts({
	isFirstDay,
	signals,
	profile,
	journey,
	details,
	...row
}: RawFacts): Facts & { sessionId: string } {
	return {
		...row,
		isFirstDay: isFirstDay === 1,
		signals: JSON.parse(signals),
		profile: JSON.parse(profile),
		journey: JSON.parse(journey),
		details: JSON.parse(details),
	};
}
