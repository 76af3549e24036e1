import { branchAt, type Counts, numberAt } from "./counts.ts";
import { topOf } from "./overview.ts";
import { DEPTH_PX, HEAT_COLUMNS, HEAT_ROW_PX } from "./rollup.ts";

export type Bin = [number, number, number];

/** Where people click on a page, and on what. */
export interface Heatmap {
	clicks: number;
	sessions: number;
	/** Across the width of the viewport. */
	columns: number;
	/** CSS pixels of the page. */
	rowPx: number;
	/** Column, row, clicks: all, those of a rage, and those that nothing answered. */
	bins: Bin[];
	rage: Bin[];
	dead: Bin[];
	elements: { selector: string; count: number; sessions: number }[];
}

const MAX_PAGES = 200;
const MAX_ELEMENTS = 30;

/** Pages that were clicked on, the most first. @param sums of the part `heat` */
export function clickedPages(sums: Counts, max = MAX_PAGES): { url: string; clicks: number }[] {
	return topOf(sums, max).map(([url, page]) => ({ url, clicks: numberAt(page, "n") }));
}

export function heatmapOf(sums: Counts, url: string, max = MAX_ELEMENTS): Heatmap {
	const page = branchAt(sums, url);
	return {
		...{ clicks: numberAt(page, "n"), sessions: numberAt(page, "s"), columns: HEAT_COLUMNS, rowPx: HEAT_ROW_PX },
		...{
			bins: binsOf(branchAt(page, "at")),
			rage: binsOf(branchAt(page, "rage")),
			dead: binsOf(branchAt(page, "dead")),
		},
		elements: topOf(branchAt(page, "elements"), max).map(([selector, sums]) => ({
			...{ selector, count: numberAt(sums, "n"), sessions: numberAt(sums, "s") },
		})),
	};
}

function binsOf(places: Counts | undefined): Bin[] {
	return Object.entries(places ?? {}).map(([place, n]) => {
		const [column = 0, row = 0] = place.split(",").map(Number);
		return [column, row, Number(n)];
	});
}

/** How far a page is scrolled. */
export interface Reach {
	views: number;
	/** Pixels of the page that the screen's bottom came to, and in how many views; those that did not scroll are not here. */
	bottoms: [number, number][];
}

/** @param sums of the part `pages` */
export function reachOf(sums: Counts, url: string): Reach {
	const page = branchAt(sums, url);
	const bottoms = Object.entries(branchAt(page, "bottoms") ?? {})
		.map(([bucket, n]): [number, number] => [Number(bucket) * DEPTH_PX, Number(n)])
		.sort(([a], [b]) => a - b);
	return { views: numberAt(page, "n"), bottoms };
}
