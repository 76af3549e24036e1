import { summarize } from "../analytics/summary.ts";
import { dayOf } from "../contract/days.ts";
import { uuidv7 } from "../contract/ids.ts";
import { chunkStore, configOf, type Env } from "../env.ts";
import { chunkKey, chunkRefs, dayPrefix } from "../storage/chunks.ts";
import { reindexChunks, withinBytes } from "../storage/reindex.ts";
import { findUnindexed } from "../storage/sessions.ts";
import type { Job } from "./job.ts";

/**
 * Chunks without rows: D1 was away, or the isolate died between the two. Listing is a billed operation for each
 * thousand keys, so each tick looks only at the sessions that began in the last half hour (our ids sort by their birth)
 * and each night at two whole days.
 */

const RECENT_MS = 30 * 60_000;
const DAY_MS = 86_400_000;
/** How far a visitor's clock may be ahead, and its ids with it. */
const LEAD_MS = 10 * 60_000;
/** Each is a list of R2 and a query of D1, which are cheap while nothing is missing. */
const PAGES_A_TICK = 8;

export const sweepRecent: Job = async (env, now, cursor) => {
	// Ids that are no UUIDs of this time sort elsewhere, and are left to the night.
	const since = uuidv7(now - RECENT_MS, new Uint8Array(10));
	const until = uuidv7(now + LEAD_MS, new Uint8Array(10));
	// Past midnight the half hour began yesterday.
	const days = [...new Set([dayOf(now - RECENT_MS), dayOf(now)])];
	const all = prefixes(env, days);
	let at = cursor;
	for (let page = 0; page < PAGES_A_TICK; page++) {
		const step = await sweep(env, all, since, until, at);
		at = step.next;
		if (at === null || step.isWork) break;
	}
	return at;
};

export const sweepDays: Job = async (env, now, cursor) =>
	(await sweep(env, prefixes(env, [dayOf(now - DAY_MS), dayOf(now)]), "", "~", cursor)).next;

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
 * @param until where to end
 */
async function sweep(
	env: Env,
	all: string[],
	from: string,
	until: string,
	cursor: string | null,
): Promise<{ next: string | null; isWork: boolean }> {
	const prefix = cursor?.match(/^[^/]+\/\d+\//)?.[0] ?? all[0]!;
	const start = prefix + from;
	const startAfter = cursor && cursor > start ? cursor : start;
	const page = await env.CHUNKS.list({ prefix, startAfter });
	const objects = page.objects.filter(({ key }) => key < prefix + until);
	const isBeyond = objects.length < page.objects.length;
	const sizes = new Map(objects.map(({ key, size }) => [key, size]));
	const refs = chunkRefs([...sizes.keys()]);
	const missing = (await findUnindexed(env.DB, refs)).map((ref) => {
		const key = chunkKey(ref);
		return { ref, key, size: sizes.get(key) ?? 0 };
	});
	const step = withinBytes(missing).map(({ ref }) => ref);
	await reindexChunks(env.DB, chunkStore(env), summarize, step);
	const isWork = step.length > 0;
	if (step.length < missing.length) return { next: chunkKey(step.at(-1)!), isWork };
	if (page.truncated && !isBeyond) return { next: page.objects.at(-1)!.key, isWork };
	return { next: all.find((next) => next > prefix) ?? null, isWork };
}
