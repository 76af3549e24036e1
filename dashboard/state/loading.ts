import type { ChunkItem } from "../api.ts";

/**
 * Which chunks of a window the player needs next. A moment is drawn from the nearest full snapshot before it, so the
 * chunks from there come first: a link into the last minute of an hour does not wait for the hour.
 */

export type Part = Pick<ChunkItem, "firstAt" | "lastAt"> & { trail: Pick<ChunkItem["trail"], "from"> & Snapshots };
interface Snapshots {
	snapshots?: number[];
	pages?: [number, ...unknown[]][];
}

type IsDone = (index: number) => boolean;

/** The last chunk that begins by then; the first when none does. @param parts in time order */
export function partAt(parts: readonly Part[], at: number): number {
	let low = 0;
	let high = parts.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (parts[middle]!.firstAt <= at) low = middle + 1;
		else high = middle;
	}
	return Math.max(0, low - 1);
}

/** The chunk with the nearest full snapshot no later than a moment, and the Meta before it; else the first. */
export function anchorOf(parts: readonly Part[], at: number): number {
	for (let i = partAt(parts, at); i > 0; i--) {
		const { from, snapshots = [], pages = [] } = parts[i]!.trail;
		const isWhole = (snapshot: number) => from + snapshot <= at && pages.some(([meta]) => meta <= snapshot);
		if (snapshots.some(isWhole)) return i;
	}
	return 0;
}

/** What to ask for next: what the moment needs, then what follows it, then what came before. Null: all is there. */
export function nextPart(parts: readonly Part[], isDone: IsDone, at: number): number | null {
	const anchor = anchorOf(parts, at);
	for (let n = 0; n < parts.length; n++) {
		const i = (anchor + n) % parts.length;
		if (!isDone(i)) return i;
	}
	return null;
}

/** Can this moment be drawn? */
export function isReady(parts: readonly Part[], isDone: IsDone, at: number): boolean {
	for (let i = anchorOf(parts, at); i <= partAt(parts, at); i++) if (!isDone(i)) return false;
	return parts.length > 0;
}

/** How far it can be played from a moment on, epoch milliseconds; infinite when nothing is missing after it. */
export function reachOf(parts: readonly Part[], isDone: IsDone, at: number): number {
	if (!isReady(parts, isDone, at)) return at;
	for (let i = partAt(parts, at); i < parts.length; i++) if (!isDone(i)) return parts[i]!.firstAt;
	return Number.POSITIVE_INFINITY;
}

/** What is there, as spans: from and to, epoch milliseconds. */
export function loadedSpans(parts: readonly Part[], isDone: IsDone): [number, number][] {
	const spans: [number, number][] = [];
	let isOpen = false;
	parts.forEach(({ firstAt, lastAt }, i) => {
		const last = spans.at(-1);
		if (!isDone(i)) isOpen = false;
		else if (last && isOpen) last[1] = Math.max(last[1], lastAt);
		else {
			spans.push([firstAt, lastAt]);
			isOpen = true;
		}
	});
	return spans;
}

/**
 * Epoch milliseconds of the first frame: the Meta before the first full snapshot. What comes earlier would change a page
 * that is not there.
 */
export function firstFrameOf(parts: readonly Part[]): number {
	for (const { trail } of parts) {
		const [snapshot] = trail.snapshots ?? [];
		if (snapshot === undefined) continue;
		const metas = (trail.pages ?? []).filter(([at, , , , , , cause]) => cause !== "route" && at <= snapshot);
		return trail.from + (metas.at(-1)?.[0] ?? snapshot);
	}
	return Math.min(...parts.map(({ firstAt }) => firstAt));
}
