import { configOf } from "../env.ts";
import { dayOf, dayPrefix, deleteKeys } from "../storage/chunks.ts";
import { purgeStep } from "../storage/erasures.ts";
import type { Job } from "./index.ts";

/** A foreign recorder's session may last a week; no day is cleared while one that began in it may still count. */
const STRAY_MARGIN_MS = 8 * 86_400_000;

/** Sessions whose last moment is past retention, from R2 and D1. */
export const purge: Job = async (env, now) => {
	const { projects, retentionMs } = configOf(env);
	if (retentionMs === null) return null;
	const ids = projects.map(({ id }) => id);
	const { more } = await purgeStep(env.DB, env.CHUNKS, ids, now - retentionMs, now);
	return more ? "more" : null;
};

/** Objects that no row knows of and that were received so long ago that every session of their day is past retention. */
export const purgeStrays: Job = async (env, now) => {
	const { projects, retentionMs } = configOf(env);
	if (retentionMs === null) return null;
	const lastDay = dayOf(now - retentionMs - STRAY_MARGIN_MS);
	for (const { id } of projects) {
		const { objects } = await env.CHUNKS.list({ prefix: `${id}/`, limit: 1000 });
		const strays = objects.map(({ key }) => key).filter((key) => key < dayPrefix(id, lastDay));
		await deleteKeys(env.CHUNKS, strays);
		if (strays.length === 1000) return "more";
	}
	return null;
};
