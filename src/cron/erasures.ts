import { configOf } from "../env.ts";
import { deleteOldAudit } from "../storage/audit.ts";
import { deleteOldCounters, recount } from "../storage/counters.ts";
import { deleteOldTombstones, finishErasure, unfinishedErasures } from "../storage/erasures.ts";
import { deleteOldRefusals } from "../storage/refusals.ts";
import { deleteExpiredShares } from "../storage/shares.ts";
import type { Job } from "./job.ts";

const STEP = 5;

/** Deletions that something stopped half-way. */
export const followUpErasures: Job = async (env, now) => {
	const open = await unfinishedErasures(env.DB, STEP, now);
	for (const erasure of open) await finishErasure(env.DB, env.CHUNKS, erasure, now);
	return open.length === STEP ? "more" : null;
};

export const expireTombstones: Job = async (env, now) => {
	await deleteOldTombstones(env.DB, now);
	await deleteOldRefusals(env.DB, now);
	await deleteOldCounters(env.DB, now);
	await deleteExpiredShares(env.DB, now);
	await deleteOldAudit(env.DB, now);
	for (const { id } of configOf(env).projects) await recount(env.DB, id);
	return null;
};
