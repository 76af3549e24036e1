import { analysis } from "../analytics/analysis.ts";
import { dayOf } from "../contract/days.ts";
import { MAX_ACCEPTED_AGE_MS, SESSION_MAX_AGE_MS } from "../contract/limits.ts";
import { configOf, type Env, type Project } from "../env.ts";
import { anonymizeDays, rollUpStep, settleStep } from "../storage/settle.ts";
import type { Job } from "./job.ts";

const HOUR_MS = 3_600_000;

/** Each project has its turn, though one of them fails. @throws what the first one failed with */
async function eachProject(env: Env, act: (project: Project) => Promise<unknown>): Promise<void> {
	const failures: unknown[] = [];
	for (const project of configOf(env).projects) await act(project).catch((error) => failures.push(error));
	if (failures.length) throw failures[0];
}

/**
 * Facts of sessions that are over: each tick of those of the last day; each hour of all that may still have changed, those
 * too that went on after they were settled, whose days are then summed up anew.
 */
export const settle: Job = async (env, now) => {
	const isFullHour = Math.floor(now / 60_000) % 60 === 0;
	const since = now - (isFullHour ? MAX_ACCEPTED_AGE_MS * 2 : SESSION_MAX_AGE_MS + 2 * HOUR_MS);
	await eachProject(env, ({ id }) => settleStep(env.DB, id, analysis, { since, neverSettled: !isFullHour }, now));
	return null;
};

/** And of any other, such as those whose rows were made anew. */
export const settleOld: Job = async (env, now) => {
	let isMore = false;
	await eachProject(env, async ({ id }) => {
		isMore = (await settleStep(env.DB, id, analysis, { since: 0 }, now)) || isMore;
	});
	return isMore ? "more" : null;
};

/** What the days add up to. */
export const rollUp: Job = async (env) => {
	await eachProject(env, ({ id }) => rollUpStep(env.DB, id, analysis));
	return null;
};

/** Before retention takes a day's first recording. */
export const anonymize: Job = async (env, now) => {
	await eachProject(env, async ({ id, retentionMs }) => {
		if (retentionMs !== null) await anonymizeDays(env.DB, env.CHUNKS, id, analysis, dayOf(now - retentionMs));
	});
	return null;
};
