import { lastUpTo } from "../../src/analytics/timeline.ts";
import type { Trail } from "../../src/contract/trail.ts";

/** A session over its tabs as one story: which of them the visitor was in. */
export interface TabSpan {
	/** Epoch milliseconds; it lasts until the next. */
	at: number;
	windowId: string;
}

/**
 * In time order. A visitor is in the tab that was brought forward or acted in last; that a page loads says nothing, as it
 * may in the background.
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
	return found.sort((a, b) => a.at - b.at).filter((stretch, i, all) => stretch.windowId !== all[i - 1]?.windowId);
}

/** Where the visitor was at a moment; null before anything was done, and once that window has nothing more to show. */
export function windowAt(
	stretches: readonly TabSpan[],
	at: number,
	windows: readonly { id: string; lastAt: number }[],
): string | null {
	const there = stretches[lastUpTo(stretches, at)]?.windowId;
	return windows.find(({ id, lastAt }) => id === there && lastAt > at)?.id ?? null;
}
