import { dayOf } from "./chunks.ts";

/** What came in on each day, in one small row for each project: caps ask it, and never count rows. */

export interface Counted {
	sessions: number;
	bytes: number;
}

/** Of the day that holds `now`. */
export async function readDay(db: D1Database, project: string, now: number): Promise<Counted> {
	const row = await db
		.prepare("SELECT sessions, bytes FROM counters WHERE project = ?1 AND day = ?2")
		.bind(project, dayOf(now))
		.first<Counted>();
	return row ?? { sessions: 0, bytes: 0 };
}

/** Counts the sessions that are there: reads every row, and so is for cron alone. */
export async function countTotal(db: D1Database, project: string): Promise<Counted> {
	const counted = await db
		.prepare(
			`INSERT INTO counters (project, day, sessions, bytes)
			SELECT ?1, 0, count(*), coalesce(sum(bytes), 0) FROM sessions WHERE project = ?1
			ON CONFLICT DO UPDATE SET sessions = excluded.sessions, bytes = excluded.bytes
			RETURNING sessions, bytes`,
		)
		.bind(project)
		.first<Counted>();
	return counted!;
}

/** Days that nobody asks about any more. */
export async function dropOldCounters(db: D1Database, now: number): Promise<void> {
	await db
		.prepare("DELETE FROM counters WHERE day > 0 AND day < ?1")
		.bind(dayOf(now - 30 * 86_400_000))
		.run();
}
