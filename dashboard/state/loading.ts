import type { ChunkItem } from "../api.ts";

/**
 * The order in which the chunks of a window are loaded. A moment is rendered from the last full snapshot before it, so
 * the chunks from that snapshot on are loaded first. A link to the end of a long recording need not wait for the rest.
 */

export type ChunkInfo = Pick<ChunkItem, "firstAt" | "lastAt"> & { trail: Pick<ChunkItem["trail"], "from"> & Snapshots };
interface Snapshots {
	snapshots?: number[];
	pages?: [number, ...unknown[]][];
}

/** Returns whether the chunk at an index needs no loading, because it is delivered, missing or already requested. */
type IsDone = (index: number) => boolean;

/** Returns the index of the last chunk that starts at or before a moment, or else 0. @param chunks in time order */
export function chunkIndexAt(chunks: readonly ChunkInfo[], at: number): number {
	let low = 0;
	let high = chunks.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (chunks[middle]!.firstAt <= at) low = middle + 1;
		else high = middle;
	}
	return Math.max(0, low - 1);
}

/**
 * Returns the index of the chunk from which a moment is rendered: the last chunk with a full snapshot at or before the
 * moment and with the Meta event of the snapshot; 0 if there is none.
 */
export function anchorIndexOf(chunks: readonly ChunkInfo[], at: number): number {
	for (let i = chunkIndexAt(chunks, at); i > 0; i--) {
		const { from, snapshots = [], pages = [] } = chunks[i]!.trail;
		const isDrawable = (snapshot: number) => from + snapshot <= at && pages.some(([meta]) => meta <= snapshot);
		if (snapshots.some(isDrawable)) return i;
	}
	return 0;
}

/**
 * Returns the index of the next chunk to load; null when all are done. Chunks that the moment needs come first, then
 * later ones, then earlier ones.
 */
export function nextChunkIndex(chunks: readonly ChunkInfo[], isDone: IsDone, at: number): number | null {
	const anchor = anchorIndexOf(chunks, at);
	for (let n = 0; n < chunks.length; n++) {
		const i = (anchor + n) % chunks.length;
		if (!isDone(i)) return i;
	}
	return null;
}

/** Returns whether all chunks that are needed to draw the page at a moment are done. */
export function isReady(chunks: readonly ChunkInfo[], isDone: IsDone, at: number): boolean {
	for (let i = anchorIndexOf(chunks, at); i <= chunkIndexAt(chunks, at); i++) if (!isDone(i)) return false;
	return chunks.length > 0;
}

/** Returns the time at which playback from a moment reaches a chunk that is not done; infinite if there is none. */
export function playableUntil(chunks: readonly ChunkInfo[], isDone: IsDone, at: number): number {
	if (!isReady(chunks, isDone, at)) return at;
	for (let i = chunkIndexAt(chunks, at); i < chunks.length; i++) if (!isDone(i)) return chunks[i]!.firstAt;
	return Number.POSITIVE_INFINITY;
}

/** Returns the spans of the chunks that are done, in epoch milliseconds. Adjacent chunks make one span. */
export function loadedSpans(chunks: readonly ChunkInfo[], isDone: IsDone): [number, number][] {
	const spans: [number, number][] = [];
	let isContiguous = false;
	chunks.forEach(({ firstAt, lastAt }, i) => {
		const last = spans.at(-1);
		if (!isDone(i)) isContiguous = false;
		else if (last && isContiguous) last[1] = Math.max(last[1], lastAt);
		else {
			spans.push([firstAt, lastAt]);
			isContiguous = true;
		}
	});
	return spans;
}

/**
 * Returns the time of the first frame, epoch milliseconds: the time of the Meta event before the first full snapshot.
 * Earlier events change a page that was not recorded. Without a snapshot, returns the start of the first chunk.
 */
export function firstFrameOf(chunks: readonly ChunkInfo[]): number {
	for (const { trail } of chunks) {
		const [snapshot] = trail.snapshots ?? [];
		if (snapshot === undefined) continue;
		const metas = (trail.pages ?? []).filter(([at, , , , , , cause]) => cause !== "route" && at <= snapshot);
		return trail.from + (metas.at(-1)?.[0] ?? snapshot);
	}
	return Math.min(...chunks.map(({ firstAt }) => firstAt));
}
