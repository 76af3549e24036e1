import { analysis } from "../analytics/analysis.ts";
import { MAX_ACCEPTED_AGE_MS, SESSION_MAX_AGE_MS } from "../contract/limits.ts";
import { configOf } from "../env.ts";
import { dayOf } from "../storage/chunks.ts";
import { closeDays, rollStep, STEP_SESSIONS, settleStep } from "../storage/settle.ts";
import type { Job } from "./job.ts";

const HOUR_MS = 3_600_000;

/** Facts of sessions that are over: each tick of those of the last day, each hour of all that may still have changed. */
export const settle: Job = async (env, now) => {
	const isFullHour = Math.floor(now / 60_000) % 60 === 0;
	const since = now - (isFullHour ? MAX_ACCEPTED_AGE_MS * 2 : SESSION_MAX_AGE_MS + 2 * HOUR_MS);
	for (const { id } of configOf(env).projects) await settleStep(env.DB, id, analysis, since, now);
	return null;
};

/** And of any other, such as those whose rows were made anew. */
export const settleOld: Job = async (env, now) => {
	let isMore = false;
	for (const { id } of configOf(env).projects) {
		isMore ||= (await settleStep(env.DB, id, analysis, 0, now)) === STEP_SESSIONS;
	}
	return isMore ? "more" : null;
};

/** What the days add up to. */
export const roll: Job = async (env) => {
	for (const { id } of configOf(env).projects) await rollStep(env.DB, id, analysis);
	return null;
};

/** Before retention takes a day's first recording. */
export const close: Job = async (env, now) => {
	for (const { id, retentionMs } of configOf(env).projects) {
		if (retentionMs !== null) await closeDays(env.DB, env.CHUNKS, id, analysis, dayOf(now - retentionMs));
	}
	return null;
};
