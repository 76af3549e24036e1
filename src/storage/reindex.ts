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
import { eraseIfInLedger } from "./erasures.ts";
import { isD1Available } from "./health.ts";
import type { Packed } from "./pack.ts";
import { adoptPack } from "./packs.ts";
import { ANONYMIZED_DAYS, restoreAnonymizedDay } from "./rollups.ts";
import { indexChunk } from "./sessions.ts";

/**
 * Limits of one step: number of chunks, and their bytes at rest. They follow from the free plan's limits per request:
 * 50 calls, and 10 ms of CPU time. The first chunk of a step may be larger.
 */
const STEP_CHUNKS = 10;
const STEP_BYTES = 64 * 1024;

export interface ReindexStep {
	/** Number of chunks checked, and number of those whose rows were missing and are indexed now. */
	seen: number;
	indexed: number;
	/** Chunks that could not be read or indexed; they stay in R2. */
	unreadable: string[];
	/** Where the next step starts; null at the end. */
	cursor: string | null;
}

/** Runs one step of rebuilding the rows of sessions and chunks from R2. Idempotent. */
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

/**
 * Lists the objects of one step.
 * @returns `others`: keys that start with a dot, which belong to no project; `cursor`: where the next step starts
 */
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

/** Returns as many of the first objects as fit into one step. A pack fills a step alone. */
export function withinBytes<T extends { key: string; size: number }>(objects: T[]): T[] {
	let bytes = 0;
	const end = objects.findIndex(({ key, size }, i) => {
		bytes += parseChunkKey(key)?.pack ? STEP_BYTES : size;
		return i > 0 && (bytes > STEP_BYTES || i >= STEP_CHUNKS);
	});
	return end < 0 ? objects : objects.slice(0, end);
}

/**
 * Indexes chunks from R2. A chunk that cannot be read, or whose rows D1 rejects, is logged and skipped, so that it does
 * not block the others.
 * @returns `indexed`: number of chunks whose rows were missing and are written now; `unreadable`: chunks that were
 * skipped
 * @throws when D1 does not respond: all chunks should be tried again
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
			console.error(`${name} could not be read`, error);
			unreadable.push(name);
			return null;
		});
		if (!found?.entries.length) continue;
		try {
			// Checks the ledger in R2, too: D1 has no recent tombstones if it was restored to an earlier state.
			if (await eraseIfInLedger(db, store.bucket, ref)) continue;
			for (const entry of found.entries) {
				const session = await indexChunk(db, store.bucket, entry);
				if (session && session !== "erased") indexed++;
			}
			if (found.pack) await adoptPack(db, store, ref, found.pack);
		} catch (error) {
			console.error(`${name} could not be indexed`, error);
			lastFailure = error;
			unreadable.push(name);
		}
	}
	if (lastFailure && !indexed && !(await isD1Available(db))) throw lastFailure;
	return { indexed, unreadable };
}

/** Reads an object from R2 and returns its index entries, and its content if it is a pack. */
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

/** Runs one step of re-encrypting all chunks with the newest key. Idempotent. */
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
			console.error("a chunk could not be re-encrypted", error);
			unreadable.push(`${ref.sessionId}/${ref.windowId}/${ref.id}`);
		}
	}
	return { seen: refs.length, sealed, unreadable, cursor };
}
