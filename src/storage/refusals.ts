import { desc, eq, lt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { dayOf } from "../contract/days.ts";
import { refusals } from "./schema.ts";

/** Counts of rejected requests by reason, for the operator. */

export interface Refusal {
	project: string;
	reason: string;
	/** Rejected origin if `reason` is `origin_refused`, otherwise empty. */
	origin: string;
	count: number;
}

/** Limit of distinct origins per project and day, so that a flood of invented origins cannot fill the table. */
const MAX_ORIGINS_PER_DAY = 50;

export async function addRefusals(db: D1Database, counted: readonly Refusal[], now: number): Promise<void> {
	const day = dayOf(now);
	await db.batch(
		counted.map(({ project, reason, origin, count }) =>
			db
				.prepare(
					`INSERT INTO refusals (project, day, reason, origin, count)
					SELECT ?1, ?2, ?3, CASE WHEN (SELECT count(*) FROM refusals
						WHERE project = ?1 AND day = ?2 AND reason = ?3) < ${MAX_ORIGINS_PER_DAY}
						OR EXISTS (SELECT 1 FROM refusals WHERE project = ?1 AND day = ?2 AND reason = ?3 AND origin = ?4)
						THEN ?4 ELSE '(other)' END, ?5
					WHERE true
					ON CONFLICT DO UPDATE SET count = count + excluded.count`,
				)
				.bind(project, day, reason, origin, count),
		),
	);
}

export async function listRefusals(db: D1Database, project: string): Promise<Omit<Refusal, "project">[]> {
	const count = sql<number>`sum(${refusals.count})`;
	return drizzle(db)
		.select({ reason: refusals.reason, origin: refusals.origin, count })
		.from(refusals)
		.where(eq(refusals.project, project))
		.groupBy(refusals.reason, refusals.origin)
		.orderBy(desc(count))
		.limit(50);
}

export async function deleteOldRefusals(db: D1Database, now: number): Promise<void> {
	await drizzle(db)
		.delete(refusals)
		.where(lt(refusals.day, dayOf(now - 7 * 86_400_000)));
}
