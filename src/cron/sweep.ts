import { summarize } from "../analytics/summary.ts";
import { uuidv7 } from "../contract/ids.ts";
import { configOf, type Env } from "../env.ts";
import { chunkKey, dayOf, dayPrefix, parseChunkKey } from "../storage/chunks.ts";
import { reindexChunks } from "../storage/reindex.ts";
import { unindexed } from "../storage/sessions.ts";
import type { Job } from "./index.ts";

/**
 * Chunks without rows: D1 was away, or the isolate died between the two. Listing is a billed operation for each
 * thousand keys, so each tick looks only at the sessions that began in the last half hour (our ids sort by their birth)
 * and each night at two whole days.
 */

const RECENT_MS = 30 * 60_000;
/** Chunks put back in one step. */
const STEP = 10;
const LIST = 1000;

export const sweepRecent: Job = async (env, now, cursor) => {
	const since = uuidv7(now - RECENT_MS, new Uint8Array(10));
	return sweepPrefixes(
		env,
		configOf(env).projects.map(({ id }) => ({
			prefix: dayPrefix(id, dayOf(now)),
			start: `${dayPrefix(id, dayOf(now))}${since}`,
		})),
		cursor,
	);
};

export const sweepDays: Job = async (env, now, cursor) =>
	sweepPrefixes(
		env,
		configOf(env).projects.flatMap(({ id }) =>
			[now - 86_400_000, now].map((at) => ({ prefix: dayPrefix(id, dayOf(at)), start: dayPrefix(id, dayOf(at)) })),
		),
		cursor,
	);

interface Range {
	prefix: string;
	start: string;
}

/** One page of one range a step. The cursor is the last key that was looked at. */
async function sweepPrefixes(env: Env, ranges: Range[], cursor: string | null): Promise<string | null> {
	const at = cursor ? ranges.findIndex(({ prefix }) => cursor.startsWith(prefix)) : 0;
	const range = ranges[at];
	if (!range) return null;
	const startAfter = cursor && cursor > range.start ? cursor : range.start;
	const page = await env.CHUNKS.list({ prefix: range.prefix, startAfter, limit: LIST });
	const refs = page.objects.map(({ key }) => parseChunkKey(key)).filter((ref) => ref !== null);
	const missing = await unindexed(env.DB, refs);
	await reindexChunks(env.DB, env.CHUNKS, summarize, missing.slice(0, STEP));
	if (missing.length > STEP) return chunkKey(missing[STEP - 1]!);
	if (page.truncated) return page.objects.at(-1)!.key;
	return ranges[at + 1]?.start ?? null;
}
