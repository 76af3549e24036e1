import {
	type ChunkRef,
	type ChunkStore,
	chunkRefs,
	entriesIn,
	type IndexEntry,
	parseChunkKey,
	readEntry,
	readPack,
	reencryptChunk,
	type Summarize,
} from "./chunks.ts";
import { isErased } from "./erasures.ts";
import { isD1Available } from "./health.ts";
import type { Packed } from "./pack.ts";
import { adopt } from "./packs.ts";
import { ANONYMIZED_DAYS, restoreAnonymizedDay } from "./rollups.ts";
import { indexChunk } from "./sessions.ts";

/**
 * One step: this many chunks, for the free plan's 50 calls a request, and this many bytes at rest, for its 10 ms of CPU
 * (at least one chunk, whatever its size).
 */
const STEP_CHUNKS = 10;
const STEP_BYTES = 64 * 1024;

export interface ReindexStep {
	/** Chunks looked at, and of these the ones whose rows were missing. */
	seen: number;
	indexed: number;
	/** Keys that could not be read back; they stay in R2, and the rest goes on. */
	unreadable: string[];
	/** Where the next step begins; null at the end. */
	cursor: string | null;
}

/** Rebuilds the rows of sessions and chunks from R2 alone, a step at a time. May be repeated. */
export async function reindexStep(
	db: D1Database,
	store: ChunkStore,
	summarize: Summarize,
	after: string | null,
): Promise<ReindexStep> {
	const { refs, others, cursor } = await nextChunks(store.bucket, after);
	for (const key of others) if (key.startsWith(ANONYMIZED_DAYS)) await restoreAnonymizedDay(db, store.bucket, key);
	const { indexed, unreadable } = await reindexChunks(db, store, summarize, refs);
	return { seen: refs.length, indexed, unreadable, cursor };
}

/** The chunks that a step has time for, and where the next begins. */
async function nextChunks(
	bucket: R2Bucket,
	after: string | null,
): Promise<{ refs: ChunkRef[]; others: string[]; cursor: string | null }> {
	const page = await bucket.list({ limit: STEP_CHUNKS, startAfter: after ?? undefined });
	const objects = withinBytes(page.objects);
	const isEnd = !page.truncated && objects.length === page.objects.length;
	const keys = objects.map(({ key }) => key);
	const others = keys.filter((key) => key.startsWith("."));
	return { refs: chunkRefs(keys), others, cursor: isEnd ? null : (keys.at(-1) ?? null) };
}

/** The first of these that a step has time for; a pack, which is many, has one of its own. */
export function withinBytes<T extends { key: string; size: number }>(objects: T[]): T[] {
	let bytes = 0;
	const end = objects.findIndex(({ key, size }, i) => {
		bytes += parseChunkKey(key)?.pack ? STEP_BYTES : size;
		return i > 0 && (bytes > STEP_BYTES || i >= STEP_CHUNKS);
	});
	return end < 0 ? objects : objects.slice(0, end);
}

/**
 * A chunk that cannot be read, or whose rows D1 will not take, is told and left behind: it must not hold up the rest.
 * @returns how many were written, and which were left behind
 * @throws when D1 is away: then all of them should be tried again
 */
export async function reindexChunks(
	db: D1Database,
	store: ChunkStore,
	summarize: Summarize,
	refs: readonly ChunkRef[],
): Promise<{ indexed: number; unreadable: string[] }> {
	let indexed = 0;
	let lastFailure: unknown = null;
	const unreadable: string[] = [];
	for (const ref of refs) {
		const name = `${ref.sessionId}/${ref.windowId}/${ref.id}`;
		const found = await readBack(store, ref, summarize).catch((error) => {
			console.error(`${name} could not be read back`, error);
			unreadable.push(name);
			return null;
		});
		if (!found?.entries.length) continue;
		try {
			// D1's own tombstones may be of an older day than the ledger in R2.
			if (await isErased(db, store.bucket, ref)) continue;
			for (const entry of found.entries) {
				const session = await indexChunk(db, store.bucket, entry);
				if (session && session !== "erased") indexed++;
			}
			if (found.pack) await adopt(db, store, ref, found.pack);
		} catch (error) {
			console.error(`${name} could not be indexed`, error);
			lastFailure = error;
			unreadable.push(name);
		}
	}
	if (lastFailure && !indexed && !(await isD1Available(db))) throw lastFailure;
	return { indexed, unreadable };
}

/** What an object tells of its chunks; and, of a pack, what is in it. */
async function readBack(
	store: ChunkStore,
	ref: ChunkRef,
	summarize: Summarize,
): Promise<{ entries: IndexEntry[]; pack: Packed[] | null }> {
	const pack = ref.pack ? await readPack(store, ref) : null;
	if (ref.pack) return { entries: entriesIn(ref, pack ?? [], summarize), pack };
	const entry = await readEntry(store, ref, summarize);
	return { entries: entry ? [entry] : [], pack };
}

/** One step of sealing every chunk with the newest key, or of opening all when there is none. May be repeated. */
export async function reencryptStep(
	store: ChunkStore,
	after: string | null,
): Promise<{ seen: number; sealed: number; unreadable: string[]; cursor: string | null }> {
	const { refs, cursor } = await nextChunks(store.bucket, after);
	const unreadable: string[] = [];
	let sealed = 0;
	for (const ref of refs) {
		try {
			if (await reencryptChunk(store, ref)) sealed++;
		} catch (error) {
			console.error("a chunk could not be sealed anew", error);
			unreadable.push(`${ref.sessionId}/${ref.windowId}/${ref.id}`);
		}
	}
	return { seen: refs.length, sealed, unreadable, cursor };
}
