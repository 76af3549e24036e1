import { configOf } from "../env.ts";
import { deleteOldAudit } from "../storage/audit.ts";
import { deleteOldCounters, recount } from "../storage/counters.ts";
import { deleteOldTombstones, finishErasure, unfinishedErasures } from "../storage/erasures.ts";
import { deleteOldRefusals } from "../storage/refusals.ts";
import { deleteExpiredShares } from "../storage/shares.ts";
import type { Job } from "./job.ts";

const ERASURES_PER_TICK = 5;

/** Completes deletions that were interrupted. */
export const finishErasures: Job = async (env, now) => {
	const unfinished = await unfinishedErasures(env.DB, ERASURES_PER_TICK, now);
	for (const erasure of unfinished) await finishErasure(env.DB, env.CHUNKS, erasure, now);
	return unfinished.length === ERASURES_PER_TICK ? "more" : null;
};

/**
 * Deletes old tombstones, refusals, counters and audit entries, and expired share links, and recounts the projects'
 * totals.
 */
export const deleteExpiredRows: Job = async (env, now) => {
	await deleteOldTombstones(env.DB, now);
	await deleteOldRefusals(env.DB, now);
	await deleteOldCounters(env.DB, now);
	await deleteExpiredShares(env.DB, now);
	await deleteOldAudit(env.DB, now);
	for (const { id } of configOf(env).projects) await recount(env.DB, id);
	return null;
};
