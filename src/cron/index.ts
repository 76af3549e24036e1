import { configOf, type Env } from "../env.ts";
import { type JobState, readJobs, releaseLease, takeLease, writeJob } from "../storage/jobs.ts";
import { enforceCaps } from "./caps.ts";
import { deleteExpiredRows, finishErasures } from "./erasures.ts";
import { exportRows, scrubOldExports } from "./export.ts";
import type { Job } from "./job.ts";
import { packOldChunks } from "./pack.ts";
import { capReports, purge, purgeExpiredReports, purgeRemovedProjects, purgeStrays } from "./retention.ts";
import { anonymize, rollUp, settle, settleOld } from "./settle.ts";
import { sweepDays, sweepRecent } from "./sweep.ts";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/**
 * All background jobs, in the order in which they run, with their minimum interval in milliseconds. An unfinished job
 * continues at the next tick.
 */
const JOBS: { name: string; every: number; run: Job }[] = [
	{ name: "sweep recent", every: 0, run: sweepRecent },
	{ name: "anonymize days", every: 0, run: anonymize },
	{ name: "retention", every: 0, run: purge },
	{ name: "removed projects", every: 60 * MINUTE, run: purgeRemovedProjects },
	{ name: "reports", every: 60 * MINUTE, run: purgeExpiredReports },
	{ name: "report caps", every: 180 * MINUTE, run: capReports },
	{ name: "erasures", every: 10 * MINUTE, run: finishErasures },
	{ name: "settle", every: 0, run: settle },
	{ name: "rollups", every: 0, run: rollUp },
	{ name: "caps", every: 60 * MINUTE, run: enforceCaps },
	{ name: "sweep days", every: DAY, run: sweepDays },
	{ name: "stray objects", every: DAY, run: purgeStrays },
	{ name: "export", every: DAY, run: exportRows },
	{ name: "tombstones", every: DAY, run: deleteExpiredRows },
	{ name: "settle old", every: DAY, run: settleOld },
	{ name: "scrub exports", every: DAY, run: scrubOldExports },
	// Packing is last, because it is the most work and the least urgent.
	{ name: "packs", every: 0, run: packOldChunks },
];

/** Name of the row in `jobs` whose cursor stores the name of the daily job that ran last. */
const LAST_DAILY = "turn";

/** Lifetime of the lease: longer than a tick may take. If a tick is terminated, its lease expires after this time. */
const LEASE_MS = 5 * MINUTE;

/**
 * Runs all jobs that are due. If a job fails, its error is recorded, its cursor is kept and it is retried at the next
 * tick; the other jobs still run.
 */
export async function tick(env: Env, now: number): Promise<void> {
	configOf(env);
	const until = now + LEASE_MS;
	if (!(await takeLease(env.DB, now, until))) return;
	try {
		const states = await readJobs(env.DB);
		const stateOf = (name: string): JobState => states.get(name) ?? { ranAt: 0, cursor: null, error: null };
		const due = JOBS.filter(({ name, every }) => stateOf(name).cursor !== null || now - stateOf(name).ranAt >= every);
		// Only one daily job runs per tick, because all of them together need too many calls. The daily jobs take turns, so
		// that a job that fails or takes long does not block the others.
		const daily = due.filter(({ every }) => every === DAY);
		const lastIndex = JOBS.findIndex(({ name }) => name === states.get(LAST_DAILY)?.cursor);
		const nextDaily = daily.find((job) => JOBS.indexOf(job) > lastIndex) ?? daily[0];
		if (nextDaily) await writeJob(env.DB, LAST_DAILY, { ranAt: now, cursor: nextDaily.name, error: null });
		for (const job of due) {
			const { name, every, run } = job;
			if (every === DAY && job !== nextDaily) continue;
			const state = stateOf(name);
			try {
				const cursor = await run(env, now, state.cursor);
				if (every > 0 || cursor !== state.cursor || state.error) {
					// The interval counts from the first step, so that a job of several steps does not start later each day.
					const ranAt = state.cursor === null ? now : state.ranAt;
					await writeJob(env.DB, name, { ranAt, cursor, error: null });
				}
			} catch (error) {
				console.error(`background job "${name}" failed`, error);
				const message = (error instanceof Error ? error.message : String(error)).slice(0, 200);
				// Keeps the cursor. If D1 itself failed, this write fails too, and the error is only in the log.
				await writeJob(env.DB, name, { ...state, error: message }).catch(() => {});
			}
		}
	} finally {
		await releaseLease(env.DB, until);
	}
}
