import { analysis } from "../analytics/analysis.ts";
import { dayOf } from "../contract/days.ts";
import { MAX_ACCEPTED_AGE_MS, SESSION_MAX_AGE_MS } from "../contract/limits.ts";
import { configOf, type Env, type Project } from "../env.ts";
import { anonymizeDays, rollUpStep, settleStep } from "../storage/settle.ts";
import type { Job } from "./job.ts";

const HOUR_MS = 3_600_000;

/** Runs a step for each project, even if it fails for some projects. @throws the first error */
async function eachProject(env: Env, act: (project: Project) => Promise<unknown>): Promise<void> {
	const failures: unknown[] = [];
	for (const project of configOf(env).projects) await act(project).catch((error) => failures.push(error));
	if (failures.length) throw failures[0];
}

/**
 * Writes the facts of ended sessions. Every tick settles sessions that began recently and were never settled. Once an
 * hour, a tick settles all sessions that may have changed. These include sessions that continued after they were
 * settled; the days of such sessions are then rolled up again.
 */
export const settle: Job = async (env, now) => {
	const isFullHour = Math.floor(now / 60_000) % 60 === 0;
	const since = now - (isFullHour ? MAX_ACCEPTED_AGE_MS * 2 : SESSION_MAX_AGE_MS + 2 * HOUR_MS);
	await eachProject(env, ({ id }) => settleStep(env.DB, id, analysis, { since, neverSettled: !isFullHour }, now));
	return null;
};

/** Writes the facts of sessions of any age that `settle` does not reach, such as reindexed ones. */
export const settleOld: Job = async (env, now) => {
	let hasMore = false;
	await eachProject(env, async ({ id }) => {
		hasMore = (await settleStep(env.DB, id, analysis, { since: 0 }, now)) || hasMore;
	});
	return hasMore ? "more" : null;
};

/** Adds new facts to the rollups of their days. */
export const rollUp: Job = async (env) => {
	await eachProject(env, ({ id }) => rollUpStep(env.DB, id, analysis));
	return null;
};

/** Anonymizes the rollups of days whose sessions are about to be deleted by data retention. */
export const anonymize: Job = async (env, now) => {
	await eachProject(env, async ({ id, retentionMs }) => {
		if (retentionMs !== null) await anonymizeDays(env.DB, env.CHUNKS, id, analysis, dayOf(now - retentionMs));
	});
	return null;
};
