import type { Filter } from "../contract/filter.ts";
import { filterSql, METADATA_TEXT } from "./filter.ts";

/** Queries on metadata and user IDs. They read `sessions`, because rollups must not contain personal data. */

export interface MetadataRow {
	key: string;
	value: string;
	sessions: number;
}

const MAX_ROWS = 500;

/** Which sessions a query counts: those that started in a period and match a filter. */
interface MetadataScope {
	/** Period in which the sessions started, epoch milliseconds, both ends included. */
	since: number;
	until: number;
	filter: Filter;
	/** See `FilterOptions`. */
	liveIds: readonly string[];
}

/**
 * Returns metadata values with the number of sessions that have them, most frequent first. Of the newest `limit`
 * sessions of the period, counts those that match the filter.
 * @param exclude keys to leave out
 * @returns `isCut`: the period has more sessions than `limit`, or more values than `MAX_ROWS`
 */
export async function countMetadata(
	db: D1Database,
	project: string,
	{ since, until, filter, liveIds }: MetadataScope,
	exclude: readonly string[],
	limit: number,
): Promise<{ rows: MetadataRow[]; isCut: boolean }> {
	const values: unknown[] = [project, since, until, limit, JSON.stringify(exclude)];
	const period = [project, since, until, limit];
	const [rows, count] = (await db.batch([
		db
			.prepare(
				`WITH newest AS (SELECT metadata FROM (SELECT * FROM sessions WHERE project = ?1 AND started_at BETWEEN ?2 AND ?3
				ORDER BY started_at DESC LIMIT ?4) sessions WHERE 1 ${filterSql(filter, values, { liveIds })})
			SELECT meta.key AS key, ${METADATA_TEXT} AS value, count(*) AS sessions FROM newest, json_each(newest.metadata) meta
			WHERE meta.key NOT IN (SELECT value FROM json_each(?5))
			GROUP BY 1, 2 ORDER BY sessions DESC, 1, 2 LIMIT ${MAX_ROWS}`,
			)
			.bind(...values),
		db
			.prepare(
				`SELECT count(*) AS n FROM (SELECT 1 FROM sessions WHERE project = ?1 AND started_at BETWEEN ?2 AND ?3
				LIMIT ?4 + 1)`,
			)
			.bind(...period),
	])) as [D1Result<MetadataRow>, D1Result<{ n: number }>];
	return { rows: rows.results, isCut: rows.results.length === MAX_ROWS || count.results[0]!.n > limit };
}

/**
 * Returns pairs of a person and the number of a week in which a session of the person started.
 * @param weekMs length of a week in milliseconds
 * @param from start of week 0, epoch milliseconds
 */
export async function seenInWeeks(
	db: D1Database,
	project: string,
	{ since, until, filter, liveIds }: MetadataScope,
	{ weekMs, from }: { weekMs: number; from: number },
	limit: number,
): Promise<{ seen: { person: string; week: number }[]; isCut: boolean }> {
	const values: unknown[] = [project, since, until, from, weekMs, limit + 1];
	const { results } = await db
		.prepare(
			`SELECT user_id AS person, (started_at - CAST(?4 AS INTEGER)) / CAST(?5 AS INTEGER) AS week
			FROM sessions INDEXED BY sessions_by_user
			WHERE project = ?1 AND user_id IS NOT NULL AND started_at BETWEEN ?2 AND ?3${filterSql(filter, values, { liveIds })}
			GROUP BY 1, 2 LIMIT ?6`,
		)
		.bind(...values)
		.all<{ person: string; week: number }>();
	return { seen: results.slice(0, limit), isCut: results.length > limit };
}
