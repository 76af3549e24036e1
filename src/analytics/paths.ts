import { STEP_VIEW } from "./digest.ts";
import type { SessionJourney } from "./funnel.ts";

/** Views of a page, and the pages viewed directly before and after them. */
export interface Paths {
	views: number;
	/** Number of views with which a session began. */
	entries: number;
	/** Number of views with which a session ended. */
	exits: number;
	before: { url: string; count: number }[];
	after: { url: string; count: number }[];
}

const TOP = 15;

/** Counts the views of a page, and the pages that were viewed directly before and after them in the same session. */
export function pathsOf(journeys: readonly SessionJourney[], url: string): Paths {
	const before = new Map<string, number>();
	const after = new Map<string, number>();
	const sums = { views: 0, entries: 0, exits: 0 };
	for (const { steps } of journeys) {
		const views = steps.filter(({ kind }) => kind === STEP_VIEW);
		views.forEach(({ value }, i) => {
			if (value !== url) return;
			sums.views++;
			const [previous, next] = [views[i - 1], views[i + 1]];
			if (previous) before.set(previous.value, (before.get(previous.value) ?? 0) + 1);
			else sums.entries++;
			if (next) after.set(next.value, (after.get(next.value) ?? 0) + 1);
			else sums.exits++;
		});
	}
	return { ...sums, before: top(before), after: top(after) };
}

function top(counts: ReadonlyMap<string, number>) {
	return [...counts]
		.sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
		.slice(0, TOP)
		.map(([url, count]) => ({ url, count }));
}
