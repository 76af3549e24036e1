import type { Facts } from "../analytics/digest.ts";
import { ALL_ROLLUPS, FACT_COLUMNS, parseFacts, type RawFacts } from "./facts.ts";

/** Rollups: sums of the facts of a day, updated in steps. A report reads the sums of each day instead of its facts. */

/** Rollups of one day: `rollupName` (`section/cell`) → JSON of the sums. */
export type DayRollups = Map<string, string>;

export const rollupName = (section: string, cell: string) => `${section}/${cell}`;

/** Facts of a day that are not rolled up yet, and the day's rollups. */
export interface Unrolled {
	day: number;
	/** Revision of the day when it was read; `writeRollups` checks that it has not changed. */
	rev: number;
	closed: boolean;
	facts: (Facts & { sessionId: string })[];
	rollups: DayRollups;
}

/**
 * Reads facts of one day that are not rolled up yet, together with the day's rollups.
 * @param onlyDay UTC day, yyyymmdd; absent: the oldest day with such facts
 * @returns null when no day has such facts
 */
export async function readUnrolled(
	db: D1Database,
	project: string,
	limit: number,
	onlyDay?: number,
): Promise<Unrolled | null> {
	const day =
		onlyDay ??
		(await db
			.prepare("SELECT day FROM facts WHERE project = ?1 AND rolled = 0 ORDER BY day LIMIT 1")
			.bind(project)
			.first<number>("day"));
	if (day === null) return null;
	const [facts, rollups, state] = (await db.batch([
		db
			.prepare(`SELECT ${FACT_COLUMNS} FROM facts WHERE project = ?1 AND rolled = 0 AND day = ?2 LIMIT ?3`)
			.bind(project, day, limit),
		db
			.prepare(`SELECT part, cell, data FROM rollups WHERE project = ?1 AND ${ALL_ROLLUPS} AND day = ?2`)
			.bind(project, day),
		db.prepare("SELECT rev, closed FROM rollup_days WHERE project = ?1 AND day = ?2").bind(project, day),
	])) as [
		D1Result<RawFacts>,
		D1Result<{ part: string; cell: string; data: string }>,
		D1Result<{ rev: number; closed: number }>,
	];
	const { rev = 0, closed = 0 } = state.results[0] ?? {};
	return {
		...{ day, rev, closed: closed === 1 },
		facts: facts.results.map(parseFacts),
		rollups: new Map(rollups.results.map(({ part, cell, data }) => [rollupName(part, cell), data])),
	};
}

/** Returns a revision that no other writer produces, so that a statement can check whether this writer succeeded. */
const nextRev = (rev: number) => Math.max(rev, Date.now() * 1000) + 1 + Math.floor(Math.random() * 998);

/**
 * Writes the rollups of a day and marks the facts as included, unless the day changed since it was read.
 * @param isAnonymizing true: also marks the day as anonymized, so that its rollups no longer change
 * @returns whether the rollups were written
 */
export async function writeRollups(
	db: D1Database,
	project: string,
	{ day, rev, facts }: Pick<Unrolled, "day" | "rev" | "facts">,
	rollups: DayRollups,
	isAnonymizing = false,
): Promise<boolean> {
	const ids = JSON.stringify(facts.map(({ sessionId }) => sessionId));
	const isUnchanged = `coalesce((SELECT rev FROM rollup_days WHERE project = ?1 AND day = ?2), 0) = ?3
		AND (SELECT count(*) FROM facts WHERE project = ?1 AND rolled = 0 AND day = ?2
			AND session_id IN (SELECT value FROM json_each(?4))) = ${facts.length}`;
	const common = [project, day, rev, ids] as const;
	const next = nextRev(rev);
	const results = await db.batch([
		...[...rollups].map(([name, data]) => {
			const [part, cell] = name.split("/");
			return db
				.prepare(
					`INSERT OR REPLACE INTO rollups (project, part, cell, day, data) SELECT ?1, ?5, ?6, ?2, ?7 WHERE ${isUnchanged}`,
				)
				.bind(...common, part, cell, data);
		}),
		db
			.prepare(
				`INSERT INTO rollup_days (project, day, rev, closed) SELECT ?1, ?2, ?5, ${isAnonymizing ? 1 : 0} WHERE ${isUnchanged}
				ON CONFLICT DO UPDATE SET rev = excluded.rev, closed = max(closed, excluded.closed)`,
			)
			.bind(...common, next),
		db
			.prepare(
				`UPDATE facts SET rolled = 1 WHERE project = ?1 AND rolled = 0 AND day = ?2
				AND session_id IN (SELECT value FROM json_each(?4))
				AND (SELECT rev FROM rollup_days WHERE project = ?1 AND day = ?2) = ?3`,
			)
			.bind(project, day, next, ids),
	]);
	return results.at(-2)!.meta.changes > 0;
}

/** Returns days up to `last` that have rollups and are not anonymized yet, oldest first. */
export async function daysToAnonymize(db: D1Database, project: string, last: number, limit: number): Promise<number[]> {
	const { results } = await db
		.prepare("SELECT day FROM rollup_days WHERE project = ?1 AND closed = 0 AND day <= ?2 ORDER BY day LIMIT ?3")
		.bind(project, last, limit)
		.all<{ day: number }>();
	return results.map(({ day }) => day);
}

export interface PeriodSums<S extends string> {
	/** `data`: JSON of the day's sums. */
	rollups: { part: S; day: number; data: string }[];
	/** Facts that are not rolled up yet. */
	facts: (Facts & { sessionId: string })[];
}

/**
 * Reads the rollups of a period and the facts that are not rolled up yet, in one transaction.
 * @param cell a device, or empty for all devices
 * @param limit limit of facts that are not rolled up yet
 */
export async function readPeriod<S extends string>(
	db: D1Database,
	project: string,
	sections: readonly S[],
	cell: string,
	{ since, until }: { since: number; until: number },
	limit: number,
): Promise<PeriodSums<S>> {
	const [rollups, facts] = (await db.batch([
		db
			.prepare(
				`SELECT part, day, data FROM rollups WHERE project = ?1 AND part IN (SELECT value FROM json_each(?2)) AND cell = ?3
				AND day BETWEEN ?4 AND ?5`,
			)
			.bind(project, JSON.stringify(sections), cell, since, until),
		db
			.prepare(
				`SELECT ${FACT_COLUMNS} FROM facts WHERE project = ?1 AND rolled = 0 AND day BETWEEN ?2 AND ?3
				ORDER BY day DESC LIMIT ?4`,
			)
			.bind(project, since, until, limit),
	])) as [D1Result<{ part: S; day: number; data: string }>, D1Result<RawFacts>];
	return { rollups: rollups.results, facts: facts.results.map(parseFacts) };
}

/**
 * Prefix of copies of anonymized days in R2. The rollups of such a day cannot be rebuilt once its recordings are
 * deleted. No chunk has this prefix, because a project ID cannot start with a dot.
 */
export const ANONYMIZED_DAYS = ".rollups/";

const anonymizedDayKey = (project: string, day: number) => `${ANONYMIZED_DAYS}${project}/${day}.json.gz`;

export async function saveAnonymizedDay(
	bucket: R2Bucket,
	project: string,
	day: number,
	rollups: DayRollups,
): Promise<void> {
	const gzip = new Blob([JSON.stringify([...rollups])]).stream().pipeThrough(new CompressionStream("gzip"));
	await bucket.put(anonymizedDayKey(project, day), await new Response(gzip).arrayBuffer());
}

/** Restores an anonymized day from R2 to D1. @param key starts with `ANONYMIZED_DAYS` */
export async function restoreAnonymizedDay(db: D1Database, bucket: R2Bucket, key: string): Promise<void> {
	const [project, file] = key.slice(ANONYMIZED_DAYS.length).split("/");
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
				`INSERT INTO rollup_days (project, day, rev, closed) VALUES (?1, ?2, ?3, 1)
				ON CONFLICT DO UPDATE SET rev = max(rev + 1, excluded.rev), closed = 1`,
			)
			.bind(project, day, nextRev(0)),
	]);
}
