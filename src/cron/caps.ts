import { analysis } from "../analytics/analysis.ts";
import { dayOf, startOfDay } from "../contract/days.ts";
import { configOf } from "../env.ts";
import { readTotalUsage } from "../storage/counters.ts";
import { purgeExcess } from "../storage/erasures.ts";
import { anonymizeDays } from "../storage/settle.ts";
import type { Job } from "./job.ts";

const DAY_MS = 86_400_000;

/**
 * Deletes the oldest sessions of projects over MAX_SESSIONS or MAX_BYTES. Only whole sessions are deleted, because a
 * session without its beginning cannot be replayed.
 */
export const enforceCaps: Job = async (env, now) => {
	let hasMore = false;
	for (const { id, caps } of configOf(env).projects) {
		if (caps.sessions === null && caps.bytes === null) continue;
		const total = await readTotalUsage(env.DB, id);
		const over = {
			sessions: Math.max(0, total.sessions - (caps.sessions ?? total.sessions)),
			bytes: Math.max(0, total.bytes - (caps.bytes ?? total.bytes)),
		};
		if (!over.sessions && !over.bytes) continue;
		const { more, lastDay } = await purgeExcess(env.DB, env.CHUNKS, id, over, now);
		// The oldest sessions are deleted first, so no session is left that started before `lastDay`.
		const lastEmptyDay = dayOf(Math.min(startOfDay(lastDay), now) - DAY_MS);
		if (lastDay > dayOf(0)) await anonymizeDays(env.DB, env.CHUNKS, id, analysis, lastEmptyDay);
		hasMore ||= more;
	}
	return hasMore ? "more" : null;
};
