import type { ChunkSummary } from "../analytics/summary.ts";
import type { Batch } from "../contract/wire.ts";
import { type ChunkRef, deleteKeys, parseChunkKey, readEntry } from "./chunks.ts";
import { indexChunk } from "./sessions.ts";

export type Summarize = (batch: Batch, receivedAt: number) => ChunkSummary;

/** One step: at most this many chunks, which keeps a request below the free plan's 50 calls. */
const STEP = 20;

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
	bucket: R2Bucket,
	summarize: Summarize,
	after: string | null,
): Promise<ReindexStep> {
	const page = await bucket.list({ limit: STEP, startAfter: after ?? undefined });
	const refs: ChunkRef[] = [];
	for (const { key } of page.objects) {
		const ref = parseChunkKey(key);
		if (ref) refs.push(ref);
	}
	const { indexed, unreadable } = await reindexChunks(db, bucket, summarize, refs);
	return {
		seen: refs.length,
		indexed,
		unreadable,
		cursor: page.truncated ? (page.objects.at(-1)?.key ?? null) : null,
	};
}

/** @returns how many were written, and the keys that could not be read */
export async function reindexChunks(
	db: D1Database,
	bucket: R2Bucket,
	summarize: Summarize,
	refs: readonly ChunkRef[],
): Promise<{ indexed: number; unreadable: string[] }> {
	let indexed = 0;
	const unreadable: string[] = [];
	for (const ref of refs) {
		const entry = await readEntry(bucket, ref, summarize).catch((error) => {
			console.error("a chunk could not be read back", error);
			unreadable.push(`${ref.sessionId}/${ref.windowId}/${ref.id}`);
			return null;
		});
		if (!entry) continue;
		const result = await indexChunk(db, entry);
		if (result.outcome === "indexed") indexed++;
		if ("obsolete" in result) await deleteKeys(bucket, [result.obsolete]);
	}
	return { indexed, unreadable };
}
