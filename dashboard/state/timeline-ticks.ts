import type { Activity, ActivityKind } from "../../src/analytics/activity.ts";

/** A tick of the timeline. Entries whose ticks would overlap share a tick, so that thousands of entries fit. */
export interface TimelineTick {
	/** Fraction of the timeline's width, 0 to 1. */
	x: number;
	/** The most important kind among the entries. */
	kind: ActivityKind;
	/** Indexes of the first and the last entry. */
	first: number;
	last: number;
}

/** Kinds from the least to the most important. */
const KINDS_BY_IMPORTANCE: readonly ActivityKind[] = [
	...(["click", "input", "tag", "server", "page", "frustration", "error", "exception"] as const),
];

/**
 * Returns the ticks for the entries of the activity list.
 * @param entries in time order
 * @param toFraction converts epoch milliseconds to a fraction of the timeline's width
 * @param minDistance ticks closer than this fraction of the width are merged
 */
export function clusterTicks(
	entries: readonly Pick<Activity, "at" | "kind">[],
	toFraction: (at: number) => number,
	minDistance: number,
): TimelineTick[] {
	const ticks: TimelineTick[] = [];
	entries.forEach(({ at, kind }, i) => {
		const x = toFraction(at);
		const last = ticks.at(-1);
		if (!last || x - last.x >= minDistance) {
			ticks.push({ x, kind, first: i, last: i });
			return;
		}
		last.last = i;
		if (KINDS_BY_IMPORTANCE.indexOf(kind) > KINDS_BY_IMPORTANCE.indexOf(last.kind)) last.kind = kind;
	});
	return ticks;
}

/**
 * Returns the nearest matching entry after or before a moment; null if there is none.
 * @param entries in time order
 * @param step 1 for later, −1 for earlier
 */
export function nearest<T extends { at: number }>(
	entries: readonly T[],
	at: number,
	step: 1 | -1,
	matches: (entry: T) => boolean,
): T | null {
	if (step > 0) return entries.find((entry) => entry.at > at && matches(entry)) ?? null;
	return entries.findLast((entry) => entry.at < at && matches(entry)) ?? null;
}

/** Returns the indexes of the entries that are not hidden and contain the text. */
export function visibleEntries(
	entries: readonly Activity[],
	hidden: ReadonlySet<ActivityKind>,
	text: string,
): number[] {
	const needle = text.trim().toLowerCase();
	const found: number[] = [];
	entries.forEach(({ kind, title, subject, detail }, i) => {
		if (hidden.has(kind)) return;
		if (!needle || `${title} ${subject ?? ""} ${detail ?? ""}`.toLowerCase().includes(needle)) found.push(i);
	});
	return found;
}

/** Returns the position of the last element that is at most `index`; −1 if there is none. @param indexes ascending */
export function lastPositionUpTo(indexes: readonly number[], index: number): number {
	let low = 0;
	let high = indexes.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (indexes[middle]! <= index) low = middle + 1;
		else high = middle;
	}
	return low - 1;
}
