import { and, eq, lt } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { jobs } from "./schema.ts";

/** State of the background jobs. The row named `lease` holds the lease, which prevents two ticks at the same time. */

const LEASE = "lease";

/**
 * Acquires the lease until `until` (epoch milliseconds) unless another tick holds it.
 * @returns whether the lease was acquired
 */
export async function takeLease(db: D1Database, now: number, until: number): Promise<boolean> {
	const taken = await drizzle(db)
		.insert(jobs)
		.values({ name: LEASE, ranAt: now, leaseUntil: until })
		.onConflictDoUpdate({
			target: jobs.name,
			set: { ranAt: now, leaseUntil: until },
			setWhere: lt(jobs.leaseUntil, now),
		})
		.returning({ name: jobs.name });
	return taken.length > 0;
}

export async function releaseLease(db: D1Database, until: number): Promise<void> {
	await drizzle(db)
		.update(jobs)
		.set({ leaseUntil: 0 })
		.where(and(eq(jobs.name, LEASE), eq(jobs.leaseUntil, until)));
}

export interface JobState {
	/** Epoch milliseconds; 0 before the first run. */
	ranAt: number;
	/** Where the next run continues; null when the last run reached the end. */
	cursor: string | null;
	/** Error of the last run; null: it succeeded. */
	error: string | null;
}

export async function readJobs(db: D1Database): Promise<Map<string, JobState>> {
	const rows = await drizzle(db).select().from(jobs);
	return new Map(rows.map(({ name, ranAt, cursor, error }) => [name, { ranAt, cursor, error }]));
}

export async function writeJob(db: D1Database, name: string, state: JobState): Promise<void> {
	await drizzle(db)
		.insert(jobs)
		.values({ name, leaseUntil: 0, ...state })
		.onConflictDoUpdate({ target: jobs.name, set: state });
}
