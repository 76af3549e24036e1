import { configOf } from "../env.ts";
import { dropOldAudit } from "../storage/audit.ts";
import { dropOldCounters, recount } from "../storage/counters.ts";
import { dropOldTombstones, finishErasure, unfinishedErasures } from "../storage/erasures.ts";
import { dropOldRefusals } from "../storage/refusals.ts";
import { dropExpiredShares } from "../storage/shares.ts";
import type { Job } from "./job.ts";

const STEP = 5;

/** Deletions that something stopped half-way. */
export const followUpErasures: Job = async (env, now) => {
	const open = await unfinishedErasures(env.DB, STEP, now);
	for (const erasure of open) await finishErasure(env.DB, env.CHUNKS, erasure, now);
	return open.length === STEP ? "more" : null;
};

export const expireTombstones: Job = async (env, now) => {
	await dropOldTombstones(env.DB, now);
	await dropOldRefusals(env.DB, now);
	await dropOldCounters(env.DB, now);
	await dropExpiredShares(env.DB, now);
	await dropOldAudit(env.DB, now);
	for (const { id } of configOf(env).projects) await recount(env.DB, id);
	return null;
};
