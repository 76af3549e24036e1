import type { Facts } from "../analytics/digest.ts";
import type { Filter } from "../contract/filter.ts";
import { FACT_COLUMNS, FACT_COLUMNS_BUT_STEPS, factsOf, type RawFacts } from "./facts.ts";
import { filterSql } from "./filter.ts";
import { giveWay } from "./turns.ts";

/** Scans: what no sums tell, from the facts of a period's newest sessions, in one call. */

/** Days, yyyymmdd, both included; and which of their sessions. */
interface Range {
	since: number;
	until: number;
	filter: Filter;
}

/** Facts (`f`) of sessions that are like a filter, which says something. */
function likeSql(filter: Filter, values: unknown[]): string {
	if (!Object.keys(filter).length) return "";
	return ` AND EXISTS (SELECT 1 FROM sessions
		WHERE sessions.project = f.project AND sessions.id = f.session_id${filterSql(filter, values)})`;
}

/**
 * The newest `?4` rows of facts of a period, ?2 to ?3, as `f`. Their keys come out of the index in order, so that no more
 * rows are read than that.
 */
const NEWEST_KEYS = (() => {
	const keys = (rolled: 0 | 1) => `SELECT * FROM (SELECT day, session_id FROM facts
		WHERE project = ?1 AND rolled = ${rolled} AND day BETWEEN ?2 AND ?3 ORDER BY day DESC, session_id DESC LIMIT ?4)`;
	return `newest AS MATERIALIZED (${keys(1)} UNION ALL ${keys(0)} ORDER BY day DESC, session_id DESC LIMIT ?4)`;
})();
const OF_NEWEST = "newest n CROSS JOIN facts f ON f.project = ?1 AND f.session_id = n.session_id AND f.day = n.day";

/** How much of a period its facts tell. */
export interface Coverage {
	/** There are older ones than those that were looked at. */
	isCut: boolean;
	/** The last day, yyyymmdd, of which recordings are gone; null: none is. */
	goneUntil: number | null;
}

const COVERAGE = `SELECT count(*) > ?4 AS isCut,
	(SELECT max(day) FROM rollup_days WHERE project = ?1 AND closed = 1 AND day BETWEEN ?2 AND ?3) AS goneUntil
	FROM (SELECT 1 FROM facts WHERE project = ?1 AND rolled IN (0, 1) AND day BETWEEN ?2 AND ?3 LIMIT ?4 + 1)`;

/**
 * Looks at the newest `limit` rows of facts of a period.
 * @param select what of `OF_NEWEST`, and of which; values of its own are added to those of the statement
 */
async function scan<Row>(
	db: D1Database,
	project: string,
	{ since, until }: Range,
	limit: number,
	select: (values: unknown[]) => string,
): Promise<{ found: Row[]; coverage: Coverage }> {
	const values: unknown[] = [project, since, until, limit];
	const sql = `WITH ${NEWEST_KEYS} SELECT ${select(values)}`;
	const [rows, told] = (await db.batch([
		db.prepare(sql).bind(...values),
		db.prepare(COVERAGE).bind(project, since, until, limit),
	])) as [D1Result<Row>, D1Result<{ isCut: number; goneUntil: number | null }>];
	// What came meanwhile, before what is done with them.
	await giveWay();
	const [row] = told.results;
	return { found: rows.results, coverage: { isCut: row?.isCut === 1, goneUntil: row?.goneUntil ?? null } };
}

/** Facts of sessions that are like a filter, of the newest `limit` rows of a period; their steps are left out. */
export async function readMatching(
	db: D1Database,
	project: string,
	range: Range,
	limit: number,
): Promise<Coverage & { facts: (Facts & { sessionId: string })[] }> {
	const { found, coverage } = await scan<RawFacts>(
		...([db, project, range, limit] as const),
		// What came after what is asked for elsewhere.
		(values) => `${FACT_COLUMNS_BUT_STEPS} FROM ${OF_NEWEST} WHERE 1 ${likeSql(range.filter, values)}`,
	);
	return { facts: found.map(factsOf), ...coverage };
}

export interface ScoreRow extends Pick<Facts, "startedAt" | "durationMs" | "score" | "signals" | "head"> {
	sessionId: string;
}

/** Sessions that began in a period, the first by score or duration; and how many there are in each fifth of the score. */
export async function readScores(
	db: D1Database,
	project: string,
	range: Range,
	looked: number,
	sort: "score" | "durationMs",
	limit: number,
): Promise<Coverage & { rows: ScoreRow[]; scores: number[] }> {
	const fifths = Array.from(
		{ length: 5 },
		(_, i) => `count(*) FILTER (WHERE min(f.score / 20, 4) = ${i}) OVER () AS n${i}`,
	);
	const { found, coverage } = await scan<RawScore>(
		...([db, project, range, looked] as const),
		(values) => `f.session_id AS sessionId, f.started_at AS startedAt, f.duration_ms AS durationMs,
			f.score, f.signals, f.head, ${fifths}
			FROM ${OF_NEWEST} WHERE f.begins = 1 ${likeSql(range.filter, values)}
			ORDER BY ${sort} DESC, f.session_id LIMIT ${limit}`,
	);
	const scores = [0, 1, 2, 3, 4].map((i) => found[0]?.[`n${i as Fifth}`] ?? 0);
	const rows = found.map(({ n0: _0, n1: _1, n2: _2, n3: _3, n4: _4, signals, head, ...row }) => ({
		...{ ...row, signals: JSON.parse(signals), head: JSON.parse(head) },
	}));
	return { rows, scores, ...coverage };
}

type Fifth = 0 | 1 | 2 | 3 | 4;

type RawScore = Omit<ScoreRow, "signals" | "head"> & { signals: string; head: string } & Record<`n${Fifth}`, number>;

export interface SequenceRow extends Pick<Facts, "startedAt" | "head" | "steps"> {
	sessionId: string;
}

/**
 * What settled sessions did one after another: of the newest `limit` rows of facts.
 * @param needle a text as it stands in the JSON of the steps; the steps of the others are left out
 * @param onlyThose the others are left out altogether, but not another day of the same session
 */
export async function readSequences(
	db: D1Database,
	project: string,
	range: Range,
	limit: number,
	needle: string,
	onlyThose: boolean,
): Promise<Coverage & { rows: SequenceRow[] }> {
	const { found, coverage } = await scan<Omit<SequenceRow, "head" | "steps"> & { head: string; steps: string }>(
		...([db, project, range, limit] as const),
		(values) => {
			const at = `?${values.push(needle)}`;
			const has = (row: string) => `instr(${row}.steps, ${at})`;
			const steps = onlyThose ? "f.steps" : `CASE WHEN ${has("f")} THEN f.steps ELSE '{"words":[],"list":[]}' END`;
			const isOne = `${has("f")} OR EXISTS (SELECT 1 FROM facts other WHERE other.project = f.project
				AND other.session_id = f.session_id AND other.day <> f.day AND ${has("other")})`;
			return `f.session_id AS sessionId, f.started_at AS startedAt, f.head, ${steps} AS steps
				FROM ${OF_NEWEST} WHERE ${onlyThose ? `(${isOne})` : "1"} ${likeSql(range.filter, values)}`;
		},
	);
	const rows = found.map((row) => ({ ...row, head: JSON.parse(row.head), steps: JSON.parse(row.steps) }));
	return { rows, ...coverage };
}

/** Facts of a period by day and session, from after one of them. */
export async function readFacts(
	db: D1Database,
	project: string,
	{ since, until, filter }: Range,
	after: { day: number; sessionId: string },
	limit: number,
): Promise<(Facts & { sessionId: string })[]> {
	const values: unknown[] = [project, Math.max(since, after.day), until, after.day, after.sessionId, limit];
	const { results } = await db
		.prepare(
			`SELECT ${FACT_COLUMNS} FROM facts f WHERE project = ?1 AND rolled IN (0, 1) AND day BETWEEN ?2 AND ?3
			AND (day, session_id) > (?4, ?5)${likeSql(filter, values)} ORDER BY day, session_id LIMIT ?6`,
		)
		.bind(...values)
		.all<RawFacts>();
	return results.map(factsOf);
}

/** The newest sessions of a period in whose steps a text stands. */
export async function findByStep(
	db: D1Database,
	project: string,
	{ since, until, filter }: Range,
	needle: string,
	limit: number,
): Promise<string[]> {
	const values: unknown[] = [project, since, until, needle, limit];
	const like = likeSql(filter, values);
	// Each walks its part of the index from the end, and stops as soon as it has enough.
	const found = (rolled: 0 | 1) => `SELECT * FROM (SELECT day, session_id FROM facts f
		WHERE project = ?1 AND rolled = ${rolled} AND day BETWEEN ?2 AND ?3 AND instr(steps, ?4)${like}
		ORDER BY day DESC, session_id DESC LIMIT ?5)`;
	const { results } = await db
		.prepare(
			`SELECT session_id AS id FROM (${found(1)} UNION ALL ${found(0)}) ORDER BY day DESC, session_id DESC LIMIT ?5`,
		)
		.bind(...values)
		.all<{ id: string }>();
	return results.map(({ id }) => id);
}
