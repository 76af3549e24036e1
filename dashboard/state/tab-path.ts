import { lastUpTo } from "../../src/analytics/timeline.ts";
import type { Trail } from "../../src/contract/trail.ts";

/** A span of time in which the visitor was in one tab. */
export interface TabSpan {
	/** Start, epoch milliseconds; the span ends where the next begins. */
	at: number;
	windowId: string;
}

/**
 * Returns the spans in time order. The visitor is in the tab that was last brought to the front or used. A page load
 * does not count, because pages can load in the background.
 */
export function tabSpans(windows: readonly { id: string; trails: readonly Trail[] }[]): TabSpan[] {
	const found: TabSpan[] = windows.flatMap(({ id, trails }) =>
		trails.flatMap(({ from, clicks = [], scrolls = [], inputs = [], submits = [], hidden = [] }) => {
			const moments = [
				...[...clicks, ...scrolls, ...submits].map(([at]) => at),
				...inputs.flatMap(([, , , first, last]) => [first, last]),
				...hidden.filter(([, isHidden]) => isHidden === 0).map(([at]) => at),
			];
			return moments.map((at) => ({ at: from + at, windowId: id }));
		}),
	);
	return found.sort((a, b) => a.at - b.at).filter((span, i, all) => span.windowId !== all[i - 1]?.windowId);
}

/** Returns the window in which the visitor was at a moment; null before the first span or after the window's end. */
export function windowAt(
	spans: readonly TabSpan[],
	at: number,
	windows: readonly { id: string; lastAt: number }[],
): string | null {
	const current = spans[lastUpTo(spans, at)]?.windowId;
	return windows.find(({ id, lastAt }) => id === current && lastAt > at)?.id ?? null;
}
