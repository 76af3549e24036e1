import type { Activity, ActivityKind } from "../../src/analytics/activity.ts";

/** What the timeline shows of thousands of moments: one mark for those that would lie on each other. */
export interface TimelineTick {
	/** Share of the timeline, 0 to 1. */
	x: number;
	/** The gravest of them. */
	kind: ActivityKind;
	/** Of the entries: first and last index. */
	first: number;
	last: number;
}

/** From what is least looked for to what is most. */
const WEIGHTS: readonly ActivityKind[] = [
	...(["click", "input", "tag", "server", "page", "frustration", "error", "exception"] as const),
];

/**
 * @param entries in time order
 * @param positionAmong where a moment lies on the timeline, 0 to 1
 * @param minShare marks closer than this share of it are one
 */
export function clusterTicks(
	entries: readonly Pick<Activity, "at" | "kind">[],
	positionAmong: (at: number) => number,
	minShare: number,
): TimelineTick[] {
	const marks: TimelineTick[] = [];
	entries.forEach(({ at, kind }, i) => {
		const x = positionAmong(at);
		const last = marks.at(-1);
		if (!last || x - last.x >= minShare) {
			marks.push({ x, kind, first: i, last: i });
			return;
		}
		last.last = i;
		if (WEIGHTS.indexOf(kind) > WEIGHTS.indexOf(last.kind)) last.kind = kind;
	});
	return marks;
}

/**
 * The nearest entry of a kind before or after a moment; null when there is none.
 * @param entries in time order
 * @param step 1: later, −1: earlier
 */
export function nearest<T extends { at: number }>(
	entries: readonly T[],
	at: number,
	step: 1 | -1,
	isWanted: (entry: T) => boolean,
): T | null {
	if (step > 0) return entries.find((entry) => entry.at > at && isWanted(entry)) ?? null;
	return entries.findLast((entry) => entry.at < at && isWanted(entry)) ?? null;
}

/** Indexes of the entries that are shown. */
export function visibleEntries(
	entries: readonly Activity[],
	hidden: ReadonlySet<ActivityKind>,
	text: string,
): number[] {
	const wanted = text.trim().toLowerCase();
	const found: number[] = [];
	entries.forEach(({ kind, title, subject, detail }, i) => {
		if (hidden.has(kind)) return;
		if (!wanted || `${title} ${subject ?? ""} ${detail ?? ""}`.toLowerCase().includes(wanted)) found.push(i);
	});
	return found;
}

/** Of indexes in ascending order, the place of the last that is no greater; −1: all are. */
export function placeOf(indexes: readonly number[], index: number): number {
	let low = 0;
	let high = indexes.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (indexes[middle]! <= index) low = middle + 1;
		else high = middle;
	}
	return low - 1;
}
