import type { Facts, Sums } from "../analytics/digest.ts";
import type { Client } from "../contract/client.ts";
import type { Filter } from "../contract/filter.ts";
import type { Trail } from "../contract/trail.ts";
import { FACT_FILTERS, filterSql } from "./filter.ts";
import { trailsOf } from "./sessions.ts";
import { yieldToEventLoop } from "./yield.ts";

/** Facts: what settled sessions add up to, and the sessions that are not settled yet. */

/** A session whose facts are not written. What was received when, and how many chunks, tell whether more has come. */
export interface LiveRow {
	id: string;
	receivedAt: number;
	chunks: number;
	client: Client;
	metadata: Record<string, string | number | boolean>;
}

/** With all that its facts are made of. */
export interface LiveSession extends LiveRow {
	windows: Map<string, Trail[]>;
}

export interface LiveQuery {
	/** Epoch milliseconds: sessions that began then or later, and not after the second. */
	since: number;
	until?: number | null;
	/** Of so many at most, the newest. */
	maxScanned?: number;
	/** Only those that something was received of since then. */
	liveSince?: number | undefined;
	/** Only those that nothing was received of since then. */
	inactiveSince?: number;
	/** Not those that were settled before more came: they are counted as they were until they are settled anew. */
	neverSettled?: boolean;
	/** As far as it does not take facts to tell. */
	filter?: Filter;
	limit: number;
}

/** Chunks that are read for one call, whatever the number of sessions; and at a time. */
const MAX_CHUNKS = 1_600;
const MAX_SLICE_CHUNKS = 400;

/** Newest first, as many as fit. */
export async function readLiveSessions(
	db: D1Database,
	project: string,
	query: LiveQuery,
): Promise<{ sessions: LiveSession[]; isCut: boolean }> {
	const { rows, isCut } = await listLiveSessions(db, project, query);
	return { sessions: await withTrails(db, project, rows), isCut };
}

/** The same without what they did. */
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

/** Ids of sessions, so many at a time as have few chunks together. */
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

/** In the order of `INSERT`. */
const COLUMNS =
	"project, session_id, day, rolled, begins, started_at, duration_ms, active_ms, score, events, views, clicks, errors, rages, deads, signals, head, steps, moments";

/**
 * Facts in the place of those that were there, and their sessions settled, unless more has come of one meanwhile. Writing
 * the same again changes nothing but that its days are summed up anew.
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
							// Not of one that was erased, or lost a window, since it was read.
							`INSERT INTO facts (${COLUMNS}) SELECT ?1, ${values.slice(0, 2)}, 0, ${values.slice(2)} FROM json_each(?2)
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

/** Days whose sums the sessions of ?2, a JSON list, are in. */
const ROLLED_UP_DAYS = `SELECT f.day FROM facts f WHERE f.project = ?1 AND f.rolled = 1
	AND f.session_id IN (SELECT value FROM json_each(?2))`;

/**
 * Before facts that are summed up change, or go: who knows them by their day's number reads them again, and who sums the
 * day up begins anew. Never the same as `nextRev`, which adds less than a thousand.
 */
export const BUMP_DAY_REVISIONS = `UPDATE rollup_days SET rev = max(rev + 1000, cast(unixepoch('subsec') * 1000 AS INTEGER) * 1000)
	WHERE project = ?1 AND day IN (${ROLLED_UP_DAYS})`;

const REBUILDABLE_DAYS = `${ROLLED_UP_DAYS}
	AND NOT EXISTS (SELECT 1 FROM rollup_days d WHERE d.project = ?1 AND d.day = f.day AND d.closed = 1)`;

/** Every rollup there may be of a day, so that it is found by its key. */
export const CELLS = ["", "Desktop", "Mobile", "Tablet"] as const;
export const ALL_ROLLUPS = `part IN ('overview', 'pages', 'heat', 'forms', 'errors')
	AND cell IN (${CELLS.map((cell) => `'${cell}'`).join()})`;

/**
 * The facts of sessions go, and out of what their days were summed up to: those are to be summed up anew, but for days
 * that are closed.
 * @param ids a JSON list
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

/** What `facts_in_order` has, and what it has not. */
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
