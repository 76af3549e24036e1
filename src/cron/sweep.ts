import { summarize } from "../analytics/summary.ts";
import { dayOf } from "../contract/days.ts";
import { uuidv7 } from "../contract/ids.ts";
import { chunkStore, configOf, type Env } from "../env.ts";
import { chunkKey, chunkRefs, dayPrefix } from "../storage/chunks.ts";
import { reindexChunks, withinBytes } from "../storage/reindex.ts";
import { findUnindexed } from "../storage/sessions.ts";
import type { Job } from "./job.ts";

/**
 * Indexes chunks that have no rows in D1, because D1 was unavailable or the isolate was terminated before it wrote
 * them. Listing R2 is a billed operation per thousand keys. Each tick therefore lists only sessions that started in the
 * last half hour (UUIDv7 session IDs sort by start), and each night two whole days.
 */

const RECENT_MS = 30 * 60_000;
const DAY_MS = 86_400_000;
/** Assumed maximum by which a browser's clock, and thus its session IDs, may be ahead. */
const LEAD_MS = 10 * 60_000;
/** Limit of pages per tick. A page costs one R2 list and one D1 query, which is cheap while no rows are missing. */
const PAGES_PER_TICK = 8;

export const sweepRecent: Job = async (env, now, cursor) => {
	// Session IDs that are not UUIDv7 of this time sort before or after the range. The nightly sweep finds their chunks.
	const since = uuidv7(now - RECENT_MS, new Uint8Array(10));
	const until = uuidv7(now + LEAD_MS, new Uint8Array(10));
	// Shortly after midnight, the last half hour spans two days.
	const days = [...new Set([dayOf(now - RECENT_MS), dayOf(now)])];
	const allPrefixes = prefixes(env, days);
	let position = cursor;
	for (let page = 0; page < PAGES_PER_TICK; page++) {
		const step = await sweep(env, allPrefixes, since, until, position);
		position = step.next;
		if (position === null || step.hasIndexed) break;
	}
	return position;
};

export const sweepDays: Job = async (env, now, cursor) =>
	(await sweep(env, prefixes(env, [dayOf(now - DAY_MS), dayOf(now)]), "", "~", cursor)).next;

/** Returns the key prefix of each project and day, in the order in which R2 sorts keys. */
function prefixes(env: Env, days: number[]): string[] {
	return configOf(env)
		.projects.flatMap(({ id }) => days.map((day) => dayPrefix(id, day)))
		.sort();
}

/**
 * Sweeps one page of keys with one prefix. Finishes the prefix of the cursor first, even if its day is no longer swept.
 * @param from lower bound of the part of a key after the prefix
 * @param until upper bound of the part of a key after the prefix
 * @param cursor last key checked, or the next prefix; null: the first of `allPrefixes`
 */
async function sweep(
	env: Env,
	allPrefixes: string[],
	from: string,
	until: string,
	cursor: string | null,
): Promise<{ next: string | null; hasIndexed: boolean }> {
	const prefix = cursor?.match(/^[^/]+\/\d+\//)?.[0] ?? allPrefixes[0]!;
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
	const hasIndexed = step.length > 0;
	if (step.length < missing.length) return { next: chunkKey(step.at(-1)!), hasIndexed };
	if (page.truncated && !isBeyond) return { next: page.objects.at(-1)!.key, hasIndexed };
	return { next: allPrefixes.find((next) => next > prefix) ?? null, hasIndexed };
}
