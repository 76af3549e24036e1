import { METADATA_TEXT } from "./filter.ts";

/** Sessions selected by ID, person, metadata or period, for deletion and export. */

/** Criteria. A session is selected if it meets all that are present. */
export interface Selection {
	sessionIds?: readonly string[];
	/** User ID that the site passed to `identify`. */
	userId?: string;
	metadata?: { key: string; value: string };
	/** Period in which the sessions started, epoch milliseconds, both ends included. */
	since?: number;
	until?: number;
}

const WHERE = `FROM sessions WHERE project = ?1
AND (?2 IS NULL OR id IN (SELECT value FROM json_each(?2)))
AND (?3 IS NULL OR user_id = ?3)
AND (?4 IS NULL OR EXISTS (SELECT 1 FROM json_each(sessions.metadata) meta
	WHERE meta.key = ?4 AND ${METADATA_TEXT} = ?5))
AND started_at BETWEEN ?6 AND ?7`;

const valuesOf = (project: string, { sessionIds, userId, metadata, since, until }: Selection) => [
	project,
	sessionIds ? JSON.stringify(sessionIds) : null,
	userId ?? null,
	metadata?.key ?? null,
	metadata?.value ?? null,
	since ?? 0,
	until ?? Number.MAX_SAFE_INTEGER,
];

/**
 * Returns the IDs of selected sessions in ascending order. The recorder's IDs are UUIDv7, so this is the order in which
 * the sessions started.
 */
export async function selectSessions(
	db: D1Database,
	project: string,
	selection: Selection,
	limit: number,
	after = "",
): Promise<string[]> {
	const { results } = await db
		.prepare(`SELECT id ${WHERE} AND id > ?8 ORDER BY id LIMIT ?9`)
		.bind(...valuesOf(project, selection), after, limit)
		.all<{ id: string }>();
	return results.map(({ id }) => id);
}

export async function countSessions(db: D1Database, project: string, selection: Selection): Promise<number> {
	const row = await db
		.prepare(`SELECT count(*) AS n ${WHERE}`)
		.bind(...valuesOf(project, selection))
		.first<{ n: number }>();
	return row?.n ?? 0;
}
