import { summarize } from "../analytics/summary.ts";
import { uuidv7 } from "../contract/ids.ts";
import { configOf, type Env, vaultOf } from "../env.ts";
import { chunkKey, chunkRefs, dayOf, dayPrefix } from "../storage/chunks.ts";
import { reindexChunks, withinBytes } from "../storage/reindex.ts";
import { unindexed } from "../storage/sessions.ts";
import type { Job } from "./job.ts";

/**
 * Chunks without rows: D1 was away, or the isolate died between the two. Listing is a billed operation for each
 * thousand keys, so each tick looks only at the sessions that began in the last half hour (our ids sort by their birth)
 * and each night at two whole days.
 */

const RECENT_MS = 30 * 60_000;
const DAY_MS = 86_400_000;

export const sweepRecent: Job = async (env, now, cursor) => {
	const since = uuidv7(now - RECENT_MS, new Uint8Array(10));
	// Past midnight the half hour began yesterday.
	const days = [...new Set([dayOf(now - RECENT_MS), dayOf(now)])];
	return sweep(env, prefixes(env, days), since, cursor);
};

export const sweepDays: Job = async (env, now, cursor) =>
	sweep(env, prefixes(env, [dayOf(now - DAY_MS), dayOf(now)]), "", cursor);

/** In the order of keys. */
function prefixes(env: Env, days: number[]): string[] {
	return configOf(env)
		.projects.flatMap(({ id }) => days.map((day) => dayPrefix(id, day)))
		.sort();
}

/**
 * One page of one prefix a step. The cursor is the last key that was looked at: its own prefix is finished first, be it
 * of a day that has since passed.
 * @param from where to begin below each prefix
 */
async function sweep(env: Env, all: string[], from: string, cursor: string | null): Promise<string | null> {
	const prefix = cursor?.match(/^[^/]+\/\d+\//)?.[0] ?? all[0]!;
	const start = prefix + from;
	const startAfter = cursor && cursor > start ? cursor : start;
	const page = await env.CHUNKS.list({ prefix, startAfter });
	const sizes = new Map(page.objects.map(({ key, size }) => [key, size]));
	const refs = chunkRefs([...sizes.keys()]);
	const missing = (await unindexed(env.DB, refs)).map((ref) => ({ ref, size: sizes.get(chunkKey(ref)) ?? 0 }));
	const step = withinBytes(missing).map(({ ref }) => ref);
	await reindexChunks(env.DB, vaultOf(env), summarize, step);
	if (step.length < missing.length) return chunkKey(step.at(-1)!);
	if (page.truncated) return page.objects.at(-1)!.key;
	return all.find((next) => next > prefix) ?? null;
}
