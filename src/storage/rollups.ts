import type { Facts } from "../analytics/digest.ts";
import type { Filter } from "../contract/filter.ts";
import { FACT_COLUMNS, FACT_COLUMNS_BUT_STEPS, factsOf, OF_DAY, type RawFacts } from "./facts.ts";
import { filterSql } from "./filter.ts";

/** Rollups: the facts of each day summed up, some at a time, so that a page reads as many rows as it shows days. */

/** `part/cell` → JSON of its sums. */
export type DayRollups = Map<string, string>;

export const rollupName = (part: string, cell: string) => `${part}/${cell}`;

export interface Unrolled {
	day: number;
	/** For `writeRollups`: of which state this was read. */
	rev: number;
	closed: boolean;
	facts: (Facts & { sessionId: string })[];
	rollups: DayRollups;
}

/** Facts of one day that its rollups do not have yet, with these; the oldest day first. null: there are none. */
export async function readUnrolled(
	db: D1Database,
	project: string,
	limit: number,
	ofDay?: number,
): Promise<Unrolled | null> {
	const day =
		ofDay ??
		(await db
			.prepare("SELECT day FROM facts WHERE project = ?1 AND rolled = 0 ORDER BY day LIMIT 1")
			.bind(project)
			.first<number>("day"));
	if (day === null) return null;
	const [facts, rollups, state] = (await db.batch([
		db
			.prepare(`SELECT ${FACT_COLUMNS} FROM facts WHERE project = ?1 AND rolled = 0 AND day = ?2 LIMIT ?3`)
			.bind(project, day, limit),
		db.prepare(`SELECT part, cell, data FROM rollups WHERE project = ?1 AND ${OF_DAY} AND day = ?2`).bind(project, day),
		db.prepare("SELECT rev, closed FROM rollup_days WHERE project = ?1 AND day = ?2").bind(project, day),
	])) as [
		D1Result<RawFacts>,
		D1Result<{ part: string; cell: string; data: string }>,
		D1Result<{ rev: number; closed: number }>,
	];
	const { rev = 0, closed = 0 } = state.results[0] ?? {};
	return {
		...{ day, rev, closed: closed === 1 },
		facts: facts.results.map(factsOf),
		rollups: new Map(rollups.results.map(({ part, cell, data }) => [rollupName(part, cell), data])),
	};
}

/**
 * What a day adds up to now, and that these facts are in it. Nothing, when the day changed since it was read.
 * @returns whether it was written
 */
export async function writeRollups(
	db: D1Database,
	project: string,
	{ day, rev, facts }: Pick<Unrolled, "day" | "rev" | "facts">,
	rollups: DayRollups,
	isClosing = false,
): Promise<boolean> {
	const ids = JSON.stringify(facts.map(({ sessionId }) => sessionId));
	const asRead = `coalesce((SELECT rev FROM rollup_days WHERE project = ?1 AND day = ?2), 0) = ?3
		AND (SELECT count(*) FROM facts WHERE project = ?1 AND rolled = 0 AND day = ?2
			AND session_id IN (SELECT value FROM json_each(?4))) = ${facts.length}`;
	const common = [project, day, rev, ids] as const;
	const results = await db.batch([
		...[...rollups].map(([name, data]) => {
			const [part, cell] = name.split("/");
			return db
				.prepare(
					`INSERT OR REPLACE INTO rollups (project, part, cell, day, data) SELECT ?1, ?5, ?6, ?2, ?7 WHERE ${asRead}`,
				)
				.bind(...common, part, cell, data);
		}),
		db
			.prepare(
				`INSERT INTO rollup_days (project, day, rev, closed) SELECT ?1, ?2, ?3 + 1, ${isClosing ? 1 : 0} WHERE ${asRead}
				ON CONFLICT DO UPDATE SET rev = excluded.rev, closed = max(closed, excluded.closed)`,
			)
			.bind(...common),
		db
			.prepare(
				`UPDATE facts SET rolled = 1 WHERE project = ?1 AND rolled = 0 AND day = ?2
				AND session_id IN (SELECT value FROM json_each(?4))
				AND (SELECT rev FROM rollup_days WHERE project = ?1 AND day = ?2) = ?3 + 1`,
			)
			.bind(...common),
	]);
	return results.at(-2)!.meta.changes > 0;
}

/** Days up to `last` that still have their facts in them and are summed up. */
export async function openDays(db: D1Database, project: string, last: number, limit: number): Promise<number[]> {
	const { results } = await db
		.prepare("SELECT day FROM rollup_days WHERE project = ?1 AND closed = 0 AND day <= ?2 ORDER BY day LIMIT ?3")
		.bind(project, last, limit)
		.all<{ day: number }>();
	return results.map(({ day }) => day);
}

export interface PeriodSums {
	/** JSON of the sums of each day. */
	rollups: { day: number; data: string }[];
	/** Settled, and not summed up yet. */
	facts: (Facts & { sessionId: string })[];
}

/**
 * What a period adds up to: the sums of its days, and what is not in them yet, of one moment.
 * @param cell a device, or empty for all
 * @param limit of facts that are not summed up yet
 */
export async function readPeriod(
	db: D1Database,
	project: string,
	part: string,
	cell: string,
	{ since, until }: { since: number; until: number },
	limit: number,
): Promise<PeriodSums> {
	const [rollups, facts] = (await db.batch([
		db
			.prepare("SELECT day, data FROM rollups WHERE project = ?1 AND part = ?2 AND cell = ?3 AND day BETWEEN ?4 AND ?5")
			.bind(project, part, cell, since, until),
		db
			.prepare(
				`SELECT ${FACT_COLUMNS} FROM facts WHERE project = ?1 AND rolled = 0 AND day BETWEEN ?2 AND ?3
				ORDER BY day DESC LIMIT ?4`,
			)
			.bind(project, since, until, limit),
	])) as [D1Result<{ day: number; data: string }>, D1Result<RawFacts>];
	return { rollups: rollups.results, facts: facts.results.map(factsOf) };
}

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

type RawCoverage = D1Result<{ isCut: number; goneUntil: number | null }>;

function coverageOf({ results: [row] }: RawCoverage): Coverage {
	return { isCut: row?.isCut === 1, goneUntil: row?.goneUntil ?? null };
}

/**
 * Facts of sessions that are like a filter, of the newest `limit` rows of a period.
 * @returns whether the period has more rows than were looked at
 */
export async function readMatching(
	db: D1Database,
	project: string,
	{ since, until, filter }: Range,
	limit: number,
): Promise<Coverage & { facts: (Facts & { sessionId: string })[] }> {
	const values: unknown[] = [project, since, until, limit];
	const [rows, count] = (await db.batch([
		db
			.prepare(
				// What came after what is asked for elsewhere.
				`WITH ${NEWEST_KEYS} SELECT ${FACT_COLUMNS_BUT_STEPS} FROM ${OF_NEWEST} WHERE 1 ${likeSql(filter, values)}`,
			)
			.bind(...values),
		db.prepare(COVERAGE).bind(project, since, until, limit),
	])) as [D1Result<RawFacts>, RawCoverage];
	return { facts: rows.results.map(factsOf), ...coverageOf(count) };
}

export interface ScoreRow extends Pick<Facts, "startedAt" | "durationMs" | "score" | "signals" | "head"> {
	sessionId: string;
}

/** Sessions that began in a period, by score or duration; and how many there are in each fifth of the score. */
export async function readScores(
	db: D1Database,
	project: string,
	{ since, until, filter }: Range,
	looked: number,
	sort: "score" | "duration",
	limit: number,
): Promise<Coverage & { rows: ScoreRow[]; scores: number[] }> {
	const values: unknown[] = [project, since, until, looked];
	const fifths = Array.from(
		{ length: 5 },
		(_, i) => `count(*) FILTER (WHERE min(f.score / 20, 4) = ${i}) OVER () AS n${i}`,
	);
	const [rows, count] = (await db.batch([
		db
			.prepare(
				`WITH ${NEWEST_KEYS} SELECT f.session_id AS sessionId, f.started_at AS startedAt, f.duration_ms AS durationMs,
					f.score, f.signals, f.head, ${fifths}
				FROM ${OF_NEWEST} WHERE f.begins = 1 ${likeSql(filter, values)}
				ORDER BY ${sort === "score" ? "f.score" : "f.duration_ms"} DESC, f.session_id LIMIT ${limit}`,
			)
			.bind(...values),
		db.prepare(COVERAGE).bind(project, since, until, looked),
	])) as [D1Result<RawScore>, RawCoverage];
	const { n0 = 0, n1 = 0, n2 = 0, n3 = 0, n4 = 0 } = rows.results[0] ?? {};
	return {
		rows: rows.results.map(({ n0: _0, n1: _1, n2: _2, n3: _3, n4: _4, signals, head, ...row }) => ({
			...{ ...row, signals: JSON.parse(signals), head: JSON.parse(head) },
		})),
		scores: [n0, n1, n2, n3, n4],
		...coverageOf(count),
	};
}

type RawScore = Omit<ScoreRow, "signals" | "head"> & { signals: string; head: string } & Record<
		"n0" | "n1" | "n2" | "n3" | "n4",
		number
	>;

export interface SequenceRow extends Pick<Facts, "startedAt" | "head" | "steps"> {
	sessionId: string;
}

/**
 * What settled sessions did one after another: of the newest `limit` rows of facts.
 * @param needle a text as it stands in the JSON of the steps; the steps of the others are left out
 * @param onlyThose the others are left out altogether
 */
export async function readSequences(
	db: D1Database,
	project: string,
	{ since, until, filter }: Range,
	limit: number,
	needle: string,
	onlyThose: boolean,
): Promise<Coverage & { rows: SequenceRow[] }> {
	const values: unknown[] = [project, since, until, limit, needle];
	const [rows, count] = (await db.batch([
		db
			.prepare(
				`WITH ${NEWEST_KEYS}, picked AS MATERIALIZED (
					SELECT f.project, f.session_id, f.started_at, f.head, f.steps FROM ${OF_NEWEST})
				SELECT session_id AS sessionId, started_at AS startedAt, head,
					CASE WHEN ${onlyThose ? "1 OR " : ""}instr(steps, ?5) THEN steps ELSE '{"words":[],"list":[]}' END AS steps
				FROM picked f WHERE 1 ${onlyThose ? "AND session_id IN (SELECT session_id FROM picked WHERE instr(steps, ?5))" : ""}
				${likeSql(filter, values)}`,
			)
			.bind(...values),
		db.prepare(COVERAGE).bind(project, since, until, limit),
	])) as [D1Result<{ sessionId: string; startedAt: number; head: string; steps: string }>, RawCoverage];
	return {
		rows: rows.results.map((row) => ({ ...row, head: JSON.parse(row.head), steps: JSON.parse(row.steps) })),
		...coverageOf(count),
	};
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

/** Beside the projects' own prefixes. What is left of days whose recordings are gone is in R2 as well as in D1. */
export const CLOSED_DAYS = ".rollups/";

const closedKey = (project: string, day: number) => `${CLOSED_DAYS}${project}/${day}.json.gz`;

export async function keepClosedDay(
	bucket: R2Bucket,
	project: string,
	day: number,
	rollups: DayRollups,
): Promise<void> {
	const gzip = new Blob([JSON.stringify([...rollups])]).stream().pipeThrough(new CompressionStream("gzip"));
	await bucket.put(closedKey(project, day), await new Response(gzip).arrayBuffer());
}

/** Puts a closed day back where D1 lost it. @param key of those under `CLOSED_DAYS` */
export async function restoreClosedDay(db: D1Database, bucket: R2Bucket, key: string): Promise<void> {
	const [project, file] = key.slice(CLOSED_DAYS.length).split("/");
	const day = Number.parseInt(file ?? "", 10);
	const object = await bucket.get(key);
	if (!object || !project || !day) return;
	const rollups = await new Response(object.body.pipeThrough(new DecompressionStream("gzip"))).json<
		[string, string][]
	>();
	await db.batch([
		...rollups.map(([name, data]) =>
			db
				.prepare("INSERT OR REPLACE INTO rollups (project, part, cell, day, data) VALUES (?1, ?2, ?3, ?4, ?5)")
				.bind(project, ...name.split("/"), day, data),
		),
		db
			.prepare(
				`INSERT INTO rollup_days (project, day, rev, closed) VALUES (?1, ?2, 1, 1)
				ON CONFLICT DO UPDATE SET rev = rev + 1, closed = 1`,
			)
			.bind(project, day),
	]);
}
