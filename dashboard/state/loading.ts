import type { ChunkItem } from "../api.ts";

/**
 * The order in which the chunks of a window are loaded. A moment is rendered from the nearest full snapshot before it, so
 * the chunks from that snapshot on load first: a link into the last minute of an hour does not load the hour.
 */

export type ChunkInfo = Pick<ChunkItem, "firstAt" | "lastAt"> & { trail: Pick<ChunkItem["trail"], "from"> & Snapshots };
interface Snapshots {
	snapshots?: number[];
	pages?: [number, ...unknown[]][];
}

type IsDone = (index: number) => boolean;

/** Returns the last chunk that starts at or before a moment, or else the first. @param chunks in time order */
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

/** Returns the last chunk that has a full snapshot, with its Meta event, at or before a moment, or else the first. */
export function anchorIndexOf(chunks: readonly ChunkInfo[], at: number): number {
	for (let i = chunkIndexAt(chunks, at); i > 0; i--) {
		const { from, snapshots = [], pages = [] } = chunks[i]!.trail;
		const isDrawable = (snapshot: number) => from + snapshot <= at && pages.some(([meta]) => meta <= snapshot);
		if (snapshots.some(isDrawable)) return i;
	}
	return 0;
}

/** Returns the next chunk to load: first those the moment needs, then later, then earlier ones; null when all are done. */
export function nextChunkIndex(chunks: readonly ChunkInfo[], isDone: IsDone, at: number): number | null {
	const anchor = anchorIndexOf(chunks, at);
	for (let n = 0; n < chunks.length; n++) {
		const i = (anchor + n) % chunks.length;
		if (!isDone(i)) return i;
	}
	return null;
}

/** Returns whether all chunks are done that are needed to draw the page at a moment. */
export function isReady(chunks: readonly ChunkInfo[], isDone: IsDone, at: number): boolean {
	for (let i = anchorIndexOf(chunks, at); i <= chunkIndexAt(chunks, at); i++) if (!isDone(i)) return false;
	return chunks.length > 0;
}

/** Returns how far playback from a moment can get, epoch milliseconds; infinite when all later chunks are done. */
export function playableUntil(chunks: readonly ChunkInfo[], isDone: IsDone, at: number): number {
	if (!isReady(chunks, isDone, at)) return at;
	for (let i = chunkIndexAt(chunks, at); i < chunks.length; i++) if (!isDone(i)) return chunks[i]!.firstAt;
	return Number.POSITIVE_INFINITY;
}

/** Joins adjacent chunks that are done into spans of epoch milliseconds. */
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
 * Returns the time of the first frame, epoch milliseconds: the Meta event before the first full snapshot. Earlier events
 * change a page that was not recorded.
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
