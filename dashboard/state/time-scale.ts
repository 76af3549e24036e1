/**
 * The timeline's scale: moments of a recording, as offsets, to places on a line from 0 to 1, and back. A long quiet span
 * is folded to a short piece, so that what happened has the room.
 */
export interface TimeScale {
	/** Never falls, and is 0 at the beginning and 1 at the end. */
	toFraction(offset: number): number;
	toOffset(place: number): number;
	/** The spans that are folded, in time order. */
	folded: readonly Span[];
}

export type Span = readonly [from: number, to: number];

/** Quiet for longer, it is folded. */
export const FOLD_MS = 10_000;
/** Folded spans leave at least half of the line to what happened. */
const MAX_SHARE = 0.5;

/**
 * @param total length of the recording
 * @param quiet spans without activity, which do not overlap
 * @param width share of the line that a folded span takes, less when there are many
 */
export function createTimeScale(total: number, quiet: readonly Span[], width: number): TimeScale {
	const long = longInactivity(quiet.map(([from, to]): Span => [Math.max(0, from), Math.min(total, to)]));
	const piece = Math.min(width, MAX_SHARE / long.length);
	const folded: Span[] = [];
	let left = total;
	// The longest first: what takes no more than a piece anyway is left as it is.
	for (const span of long.toSorted((a, b) => drawnLength(b) - drawnLength(a))) {
		const share = (drawnLength(span) / left) * (1 - folded.length * piece);
		if (share <= piece) break;
		folded.push(span);
		left -= drawnLength(span);
	}
	folded.sort((a, b) => a[0] - b[0]);

	// Corners of a line that is straight between them. With nothing left, the pieces would not fill it.
	const corners: { offset: number; place: number }[] = [{ offset: 0, place: 0 }];
	if (left > 0) {
		const scale = (1 - folded.length * piece) / left;
		for (const [from, to] of folded) {
			const { offset, place } = corners.at(-1)!;
			const begin = place + (from - offset) * scale;
			corners.push({ offset: from, place: begin }, { offset: to, place: begin + piece });
		}
	}
	corners.push({ offset: total, place: 1 });

	const between = (by: "offset" | "place", to: "offset" | "place") => (value: number) => {
		const after = corners.findIndex((corner) => corner[by] >= value);
		if (after === 0) return 0;
		if (after < 0) return corners.at(-1)![to];
		const [a, b] = [corners[after - 1]!, corners[after]!];
		// Exactly: the end is the end.
		if (value === b[by]) return b[to];
		return a[to] + ((value - a[by]) / (b[by] - a[by])) * (b[to] - a[to]);
	};
	return { toFraction: between("offset", "place"), toOffset: between("place", "offset"), folded };
}

/** Those worth folding. */
export function longInactivity(quiet: readonly Span[]): readonly Span[] {
	return quiet.filter((span) => drawnLength(span) > FOLD_MS);
}

/** A step that would end within a long quiet span, where nothing is to be seen, goes on to the end of it. */
export function skipInactivity(quiet: readonly Span[], from: number, to: number): number {
	const span = longInactivity(quiet).find(([a, b]) => a < to && to < b);
	if (!span) return to;
	return to > from ? span[1] : span[0];
}

/** Where playing goes on that has come into a long quiet span; null: it is in none. */
export function inactivityEnd(quiet: readonly Span[], at: number): number | null {
	return longInactivity(quiet).find(([a, b]) => a + LEAD_IN_MS <= at && at < b)?.[1] ?? null;
}

/** What came last before it is to be seen. */
const LEAD_IN_MS = 1_000;

const drawnLength = ([from, to]: Span) => to - from;
