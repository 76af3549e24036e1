import { dayOf } from "../contract/days.ts";

/** Usage counters, one row per project and UTC day, so that caps can be checked without counting all sessions. */

export interface Usage {
	sessions: number;
	bytes: number;
}

/** Reads the usage of the UTC day of `now`. */
export async function readDayUsage(db: D1Database, project: string, now: number): Promise<Usage> {
	const row = await db
		.prepare("SELECT sessions, bytes FROM counters WHERE project = ?1 AND day = ?2")
		.bind(project, dayOf(now))
		.first<Usage>();
	return row ?? { sessions: 0, bytes: 0 };
}

/** Reads the total usage: the sum of all rows of a project, including the correction in the row of day 0. */
export async function readTotalUsage(db: D1Database, project: string): Promise<Usage> {
	const row = await db
		.prepare("SELECT sum(sessions) AS sessions, sum(bytes) AS bytes FROM counters WHERE project = ?1")
		.bind(project)
		.first<Partial<Usage>>();
	return { sessions: row?.sessions ?? 0, bytes: row?.bytes ?? 0 };
}

/**
 * Counts all sessions of a project, and corrects the total by writing the difference to the row of day 0. Runs only
 * once a day, because it reads every row of `sessions`.
 */
export async function recount(db: D1Database, project: string): Promise<void> {
	await db
		.prepare(
			`INSERT INTO counters (project, day, sessions, bytes)
			SELECT ?1, 0, count(*) - (SELECT coalesce(sum(sessions), 0) FROM counters WHERE project = ?1 AND day > 0),
				coalesce(sum(bytes), 0) - (SELECT coalesce(sum(bytes), 0) FROM counters WHERE project = ?1 AND day > 0)
			FROM sessions WHERE project = ?1
			ON CONFLICT DO UPDATE SET sessions = excluded.sessions, bytes = excluded.bytes`,
		)
		.bind(project)
		.run();
}

/**
 * Returns a statement that subtracts sessions from the total before their rows are deleted. Sessions that still have
 * chunks are skipped.
 * @param ids JSON list of session IDs
 */
export function subtractFromTotals(db: D1Database, project: string, ids: string): D1PreparedStatement {
	return db
		.prepare(
			`INSERT INTO counters (project, day, sessions, bytes)
			SELECT ?1, 0, -count(*), -coalesce(sum(bytes), 0) FROM sessions
			WHERE project = ?1 AND id IN (SELECT value FROM json_each(?2))
			AND NOT EXISTS (SELECT 1 FROM chunks WHERE chunks.project = ?1 AND chunks.session_id = sessions.id)
			HAVING count(*) > 0
			ON CONFLICT DO UPDATE SET sessions = sessions + excluded.sessions, bytes = bytes + excluded.bytes`,
		)
		.bind(project, ids);
}

/** Deletes the counters of days that are more than 30 days ago. `recount` must run afterwards to correct the total. */
export async function deleteOldCounters(db: D1Database, now: number): Promise<void> {
	await db
		.prepare("DELETE FROM counters WHERE day > 0 AND day < ?1")
		.bind(dayOf(now - 30 * 86_400_000))
		.run();
}
