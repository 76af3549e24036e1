import { configOf, type Env } from "../env.ts";
import { type JobState, readJobs, releaseLease, takeLease, writeJob } from "../storage/jobs.ts";
import { enforceCaps } from "./caps.ts";
import { expireTombstones, followUpErasures } from "./erasures.ts";
import { exportRows, scrubCopies } from "./export.ts";
import type { Job } from "./job.ts";
import { packOldChunks } from "./pack.ts";
import { capReports, purge, purgeRemovedProjects, purgeReports, purgeStrays } from "./retention.ts";
import { anonymize, rollUp, settle, settleOld } from "./settle.ts";
import { sweepDays, sweepRecent } from "./sweep.ts";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/** Upkeep, all of it: what runs, and how often. A job that is not finished goes on at the next tick. */
const JOBS: { name: string; every: number; run: Job }[] = [
	{ name: "sweep recent", every: 0, run: sweepRecent },
	{ name: "closing days", every: 0, run: anonymize },
	{ name: "retention", every: 0, run: purge },
	{ name: "forgotten projects", every: 60 * MINUTE, run: purgeRemovedProjects },
	{ name: "reports", every: 60 * MINUTE, run: purgeReports },
	{ name: "report caps", every: 180 * MINUTE, run: capReports },
	{ name: "erasures", every: 10 * MINUTE, run: followUpErasures },
	{ name: "settle", every: 0, run: settle },
	{ name: "rollups", every: 0, run: rollUp },
	{ name: "caps", every: 60 * MINUTE, run: enforceCaps },
	{ name: "sweep days", every: DAY, run: sweepDays },
	{ name: "stray objects", every: DAY, run: purgeStrays },
	{ name: "export", every: DAY, run: exportRows },
	{ name: "tombstones", every: DAY, run: expireTombstones },
	{ name: "settle old", every: DAY, run: settleOld },
	{ name: "scrub exports", every: DAY, run: scrubCopies },
	// The most work, and the least urgent.
	{ name: "packs", every: 0, run: packOldChunks },
];

/** Of the daily jobs, the one whose turn was last. */
const TURN = "turn";

/** Longer than any tick may take; a tick that died gives way after it. */
const LEASE_MS = 5 * MINUTE;

/** One tick. A job that fails is told, keeps its place and is tried again; the others run. */
export async function tick(env: Env, now: number): Promise<void> {
	configOf(env);
	const until = now + LEASE_MS;
	if (!(await takeLease(env.DB, now, until))) return;
	try {
		const states = await readJobs(env.DB);
		const stateOf = (name: string): JobState => states.get(name) ?? { ranAt: 0, cursor: null, error: null };
		const due = JOBS.filter(({ name, every }) => stateOf(name).cursor !== null || now - stateOf(name).ranAt >= every);
		// Of the daily ones one a tick, since together they would be too many calls; in turn, since one may take long, or fail.
		const daily = due.filter(({ every }) => every === DAY);
		const before = JOBS.findIndex(({ name }) => name === states.get(TURN)?.cursor);
		const its = daily.find((job) => JOBS.indexOf(job) > before) ?? daily[0];
		if (its) await writeJob(env.DB, TURN, { ranAt: now, cursor: its.name, error: null });
		for (const job of due) {
			const { name, every, run } = job;
			if (every === DAY && job !== its) continue;
			const state = stateOf(name);
			try {
				const cursor = await run(env, now, state.cursor);
				if (every > 0 || cursor !== state.cursor || state.error) {
					// From its beginning on, so that one of several steps is not later each day.
					const ranAt = state.cursor === null ? now : state.ranAt;
					await writeJob(env.DB, name, { ranAt, cursor, error: null });
				}
			} catch (error) {
				console.error(`upkeep: ${name} failed`, error);
				const sentence = (error instanceof Error ? error.message : String(error)).slice(0, 200);
				// It keeps its place. D1 may be what failed: then nobody can be told but the log.
				await writeJob(env.DB, name, { ...state, error: sentence }).catch(() => {});
			}
		}
	} finally {
		await releaseLease(env.DB, until);
	}
}
