import type { Facts } from "../analytics/digest.ts";
import type { Filter } from "../contract/filter.ts";
import { FACT_COLUMNS, parseFacts, type RawFacts } from "./facts.ts";
import { filterSql } from "./filter.ts";
import { yieldToEventLoop } from "./yield.ts";

/** Queries for facts and sessions that match a filter. */

/** First and last day of the facts (yyyymmdd, both included), and a filter that their sessions must match. */
interface FactsQuery {
	since: number;
	until: number;
	filter: Filter;
}

/**
 * Limit of IDs per query. A query looks up each ID in `sessions`; 5,000 lookups block a local D1 for 25 milliseconds.
 */
const IDS_PER_QUERY = 1_250;

/** Returns those of the given session IDs whose session matches a filter. */
export async function filterIds(
	db: D1Database,
	project: string,
	filter: Filter,
	ids: readonly string[],
): Promise<Set<string>> {
	const found = new Set<string>();
	for (let i = 0; i < ids.length; i += IDS_PER_QUERY) {
		const values: unknown[] = [project, JSON.stringify(ids.slice(i, i + IDS_PER_QUERY))];
		const { results } = await db
			.prepare(
				`SELECT sessions.id FROM (SELECT value FROM json_each(?2)) ids
				CROSS JOIN sessions ON sessions.project = ?1 AND sessions.id = ids.value WHERE 1${filterSql(filter, values)}`,
			)
			.bind(...values)
			.all<{ id: string }>();
		await yieldToEventLoop();
		for (const { id } of results) found.add(id);
	}
	return found;
}

/** Returns an SQL condition to append to a WHERE clause: the session of the facts (`f`) matches the filter. */
function sessionFilterSql(filter: Filter, values: unknown[]): string {
	if (!Object.keys(filter).length) return "";
	return ` AND EXISTS (SELECT 1 FROM sessions
		WHERE sessions.project = ?1 AND sessions.id = f.session_id${filterSql(filter, values)})`;
}

/** Returns the facts that match a query, by day and session ID in ascending order, starting after a position. */
export async function readFacts(
	db: D1Database,
	project: string,
	{ since, until, filter }: FactsQuery,
	after: { day: number; sessionId: string },
	limit: number,
): Promise<(Facts & { sessionId: string })[]> {
	const values: unknown[] = [project, Math.max(since, after.day), until, after.day, after.sessionId, limit];
	const { results } = await db
		.prepare(
			`SELECT ${FACT_COLUMNS} FROM facts f WHERE project = ?1 AND rolled IN (0, 1) AND day BETWEEN ?2 AND ?3
			AND (day, session_id) > (?4, ?5)${sessionFilterSql(filter, values)} ORDER BY day, session_id LIMIT ?6`,
		)
		.bind(...values)
		.all<RawFacts>();
	return results.map(parseFacts);
}

/**
 * Returns the IDs of the newest sessions that match a query and whose journey contains a text.
 * @param needle JSON string, with its quotes, that the JSON of the journey contains
 */
export async function findByStep(
	db: D1Database,
	project: string,
	{ since, until, filter }: FactsQuery,
	needle: string,
	limit: number,
): Promise<string[]> {
	const values: unknown[] = [project, since, until, limit, needle];
	const condition = sessionFilterSql(filter, values);
	// Both queries return rows in the order of the index and are merged lazily, so that reading stops at the limit.
	const queries = [0, 1].map(
		(rolled) => `SELECT day, session_id AS id FROM facts f
			WHERE project = ?1 AND rolled = ${rolled} AND day BETWEEN ?2 AND ?3 AND instr(steps, ?5)${condition}`,
	);
	const { results } = await db
		.prepare(`${queries.join(" UNION ALL ")} ORDER BY day DESC, id DESC LIMIT ?4`)
		.bind(...values)
		.all<{ id: string }>();
	return results.map(({ id }) => id);
}
