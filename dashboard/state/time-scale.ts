/**
 * The scale of the timeline: maps offsets of a recording to fractions of the timeline's width, from 0 to 1, and back.
 * Long spans of inactivity are folded to a small width, which leaves more width for activity.
 */
export interface TimeScale {
	/** Monotonic: 0 at the start of the recording, 1 at its end. */
	toFraction(offset: number): number;
	toOffset(fraction: number): number;
	/** Spans that are folded, in time order. */
	folded: readonly Span[];
}

/** A span of a recording, as offsets in milliseconds. */
export type Span = readonly [from: number, to: number];

/** Spans of inactivity longer than this are folded. */
export const FOLD_MS = 10_000;
/** Maximum fraction of the width for all folded spans together. */
const MAX_SHARE = 0.5;

/**
 * Creates the scale of a recording.
 * @param total length of the recording in milliseconds
 * @param inactive spans without activity, which do not overlap
 * @param maxFoldWidth fraction of the width that a folded span takes; less if there are many folded spans
 */
export function createTimeScale(total: number, inactive: readonly Span[], maxFoldWidth: number): TimeScale {
	const long = longInactivity(inactive.map(([from, to]): Span => [Math.max(0, from), Math.min(total, to)]));
	const foldWidth = Math.min(maxFoldWidth, MAX_SHARE / long.length);
	const folded: Span[] = [];
	let unfoldedMs = total;
	// Folds the longest spans first. Stops at the first span that takes at most `foldWidth` even if it is not folded.
	for (const span of long.toSorted((a, b) => lengthOf(b) - lengthOf(a))) {
		const share = (lengthOf(span) / unfoldedMs) * (1 - folded.length * foldWidth);
		if (share <= foldWidth) break;
		folded.push(span);
		unfoldedMs -= lengthOf(span);
	}
	folded.sort((a, b) => a[0] - b[0]);

	// The scale is linear between these corners. If the whole recording is folded, the folds would not fill the width, so
	// only its start and end are corners.
	const corners: { offset: number; fraction: number }[] = [{ offset: 0, fraction: 0 }];
	if (unfoldedMs > 0) {
		const scale = (1 - folded.length * foldWidth) / unfoldedMs;
		for (const [from, to] of folded) {
			const { offset, fraction } = corners.at(-1)!;
			const start = fraction + (from - offset) * scale;
			corners.push({ offset: from, fraction: start }, { offset: to, fraction: start + foldWidth });
		}
	}
	corners.push({ offset: total, fraction: 1 });

	const interpolate = (by: "offset" | "fraction", to: "offset" | "fraction") => (value: number) => {
		const after = corners.findIndex((corner) => corner[by] >= value);
		if (after === 0) return 0;
		if (after < 0) return corners.at(-1)![to];
		const [a, b] = [corners[after - 1]!, corners[after]!];
		// Avoids rounding errors at a corner: the end of the recording is exactly 1.
		if (value === b[by]) return b[to];
		return a[to] + ((value - a[by]) / (b[by] - a[by])) * (b[to] - a[to]);
	};
	return { toFraction: interpolate("offset", "fraction"), toOffset: interpolate("fraction", "offset"), folded };
}

/** Returns the spans that are long enough to be folded. */
export function longInactivity(inactive: readonly Span[]): readonly Span[] {
	return inactive.filter((span) => lengthOf(span) > FOLD_MS);
}

/** Returns where a step from `from` to `to` ends: a step into a long span of inactivity moves past the span. */
export function skipInactivity(inactive: readonly Span[], from: number, to: number): number {
	const span = longInactivity(inactive).find(([a, b]) => a < to && to < b);
	if (!span) return to;
	return to > from ? span[1] : span[0];
}

/** Returns the end of the long span of inactivity that playback skips at `at`; null if there is none. */
export function inactivityEnd(inactive: readonly Span[], at: number): number | null {
	return longInactivity(inactive).find(([a, b]) => a + LEAD_IN_MS <= at && at < b)?.[1] ?? null;
}

/** How long playback shows the start of a span of inactivity before it skips the rest. */
const LEAD_IN_MS = 1_000;

const lengthOf = ([from, to]: Span) => to - from;
