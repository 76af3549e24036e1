import type { Facts, Head } from "../analytics/digest.ts";
import type { Filter } from "../contract/filter.ts";
import { FACT_COLUMNS, FACT_COLUMNS_BUT_STEPS, factsOf, type RawFacts } from "./facts.ts";
import { filterSql } from "./filter.ts";
import { giveWay, inTurns } from "./turns.ts";

/** Scans: what no sums tell, from the facts of a period's newest sessions. */

/** Days, yyyymmdd, both included; and which of their sessions. */
interface Range {
	since: number;
	until: number;
	filter: Filter;
}

/** Facts (`row`) of sessions that are like a filter, which says something. */
function likeSql(row: string, filter: Filter, values: unknown[]): string {
	if (!Object.keys(filter).length) return "";
	return ` AND EXISTS (SELECT 1 FROM sessions
		WHERE sessions.project = ?1 AND sessions.id = ${row}.session_id${filterSql(filter, values)})`;
}

/**
 * What `facts_in_order` has of facts (`f`), since ?2 and before those of ?5 and ?6, the newest first. Both halves come out
 * of the index in order and are merged as they come, so that no more is read than is asked for, and nothing is sorted.
 */
const inOrder = (where = "") =>
	`${([1, 0] as const)
		.map(
			(rolled) => `SELECT day, session_id, begins, score, duration_ms, head, steps FROM facts f
			WHERE project = ?1 AND rolled = ${rolled} AND day >= ?2 AND (day, session_id) < (?5, ?6)${where}`,
		)
		.join(" UNION ALL ")} ORDER BY day DESC, session_id DESC`;

/** As `newest n`: ?4 of them. Reading them again takes less than keeping them. */
const NEWEST = `WITH newest AS NOT MATERIALIZED (${inOrder()} LIMIT ?4)`;
const LAST = `${NEWEST} SELECT day, session_id AS sessionId FROM newest LIMIT 1 OFFSET ?4 - 1`;

/** The same rows whole, `f`: for some of them. */
const WHOLE = "CROSS JOIN facts f ON f.project = ?1 AND f.session_id = n.session_id AND f.day = n.day";

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
 * Looks at the newest `limit` rows of facts of a period, some after the other.
 * @param ask a query of `newest n`, or more of what it is made of; values of its own are added to those of the statement
 * @param atATime rows of a call: to be fewer where much is read of each
 */
async function scan<Row>(
	db: D1Database,
	project: string,
	{ since, until }: Range,
	limit: number,
	ask: (values: unknown[]) => string,
	atATime = limit,
): Promise<{ found: Row[]; coverage: Coverage }> {
	const found: Row[] = [];
	let coverage: Coverage | undefined;
	let before = { day: until + 1, sessionId: "" };
	for (let left = limit; ; left -= atATime) {
		const common = [project, since, until, Math.min(left, atATime), before.day, before.sessionId];
		const values: unknown[] = [...common];
		const sql = `${NEWEST} ${ask(values)}`;
		const results = await db.batch([
			db.prepare(sql).bind(...values),
			...(coverage ? [] : [db.prepare(COVERAGE).bind(project, since, until, limit)]),
			...(left > atATime ? [db.prepare(LAST).bind(...common)] : []),
		]);
		// What came meanwhile, before what is done with them.
		await giveWay();
		found.push(...(results[0]!.results as Row[]));
		if (!coverage) {
			const { isCut, goneUntil } = results[1]!.results[0] as { isCut: number; goneUntil: number | null };
			coverage = { isCut: isCut === 1, goneUntil };
		}
		const last = left > atATime ? (results.at(-1)!.results[0] as typeof before | undefined) : undefined;
		if (!last) return { found, coverage };
		before = last;
	}
}

/** Rows that are made something of before others get their turn, some two milliseconds: facts, and steps alone. */
const FACTS_AT_A_TIME = 250;
const STEPS_AT_A_TIME = 1_000;
/** Rows of a call that are read whole: of 5,000 a D1 on the same machine would make 60 milliseconds in one go. */
const WHOLE_AT_A_TIME = 1_250;

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
		(values) => `SELECT ${FACT_COLUMNS_BUT_STEPS} FROM newest n ${WHOLE} WHERE 1${likeSql("n", range.filter, values)}`,
		WHOLE_AT_A_TIME,
	);
	return { facts: await inTurns(found, FACTS_AT_A_TIME, factsOf), ...coverage };
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
		(_, i) => `count(*) FILTER (WHERE min(score / 20, 4) = ${i}) OVER () AS n${i}`,
	);
	const column = sort === "score" ? "score" : "duration_ms";
	const { found, coverage } = await scan<RawScore>(
		...([db, project, range, looked] as const),
		(values) => `, first AS (SELECT day, session_id, ${fifths} FROM newest n
			WHERE begins = 1${likeSql("n", range.filter, values)} ORDER BY ${column} DESC, session_id LIMIT ${limit})
			SELECT f.session_id AS sessionId, f.started_at AS startedAt, f.duration_ms AS durationMs,
			f.score, f.signals, f.head, n0, n1, n2, n3, n4 FROM first n ${WHOLE} ORDER BY f.${column} DESC, f.session_id`,
	);
	const scores = [0, 1, 2, 3, 4].map((i) => found[0]?.[`n${i as Fifth}`] ?? 0);
	const rows = found.map(({ n0: _0, n1: _1, n2: _2, n3: _3, n4: _4, signals, head, ...row }) => ({
		...{ ...row, signals: JSON.parse(signals), head: JSON.parse(head) },
	}));
	return { rows, scores, ...coverage };
}

type Fifth = 0 | 1 | 2 | 3 | 4;

type RawScore = Omit<ScoreRow, "signals" | "head"> & { signals: string; head: string } & Record<`n${Fifth}`, number>;

export interface SequenceRow extends Pick<Facts, "head" | "steps"> {
	sessionId: string;
	/** How many sessions this is, the named one the newest of them. */
	sessions: number;
}

export interface SequenceQuery {
	/** A text as it stands in the JSON of the steps. */
	needle: string;
	/** What of the head is asked for: all of it, or nothing, comes along. */
	told: readonly (keyof Head)[];
	/**
	 * The sessions without the needle are left out; else those that are told the same are one row without steps. Another day
	 * of a session is there with all its steps.
	 */
	onlyThose: boolean;
	/** Sessions that are counted elsewhere. */
	but: readonly string[];
}

/** Sessions that go over midnight, so that there may be another row of them. */
const NIGHTS = ", nights AS MATERIALIZED (SELECT session_id FROM newest WHERE begins = 0)";

/** What settled sessions did one after another, the newest first: of the newest `limit` rows of facts. */
export async function readSequences(
	db: D1Database,
	project: string,
	range: Range,
	limit: number,
	{ needle, told, onlyThose, but }: SequenceQuery,
): Promise<Coverage & { rows: SequenceRow[] }> {
	const { found, coverage } = await scan<RawSequence>(...([db, project, range, limit] as const), (values) => {
		const bind = (value: unknown) => `?${values.push(value)}`;
		const head = told.length ? "head" : "'{}' AS head";
		const itself = `instr(steps, ${bind(needle)}) OR session_id IN nights`;
		const asked = `session_id NOT IN (SELECT value FROM json_each(${bind(JSON.stringify(but))}))
				${likeSql("n", range.filter, values)}`;
		const those = (more = "") => `${NIGHTS} SELECT session_id AS sessionId, ${head}, steps${more}
				FROM newest n WHERE (${itself}) AND ${asked}`;
		if (onlyThose) return those();
		const paths = told.map((name) => bind(`$.${name}`));
		return `${those(", 1 AS sessions, day || session_id AS place")}
				UNION ALL SELECT session_id, ${head}, '{"words":[],"list":[]}', count(*), max(day || session_id)
				FROM newest n WHERE NOT (${itself}) AND ${asked} GROUP BY json_extract(head, ${paths}) ORDER BY place DESC`;
	});
	const rows = await inTurns(found, STEPS_AT_A_TIME, ({ sessionId, sessions = 1, head, steps }) => ({
		...{ sessionId, sessions, head: JSON.parse(head), steps: JSON.parse(steps) },
	}));
	return { rows, ...coverage };
}

interface RawSequence {
	sessionId: string;
	sessions?: number;
	head: string;
	steps: string;
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
			AND (day, session_id) > (?4, ?5)${likeSql("f", filter, values)} ORDER BY day, session_id LIMIT ?6`,
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
	const values: unknown[] = [project, since, until, limit, until + 1, "", needle];
	const found = inOrder(` AND instr(steps, ?7)${likeSql("f", filter, values)}`);
	const { results } = await db
		.prepare(`SELECT session_id AS id FROM (${found} LIMIT ?4)`)
		.bind(...values)
		.all<{ id: string }>();
	return results.map(({ id }) => id);
}
