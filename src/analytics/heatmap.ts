import { branchAt, type Counts, numberAt } from "./counts.ts";
import { topOf } from "./overview.ts";
import { DEPTH_PX, HEAT_COLUMNS, HEAT_ROW_PX } from "./rollup.ts";

/** A cell of a heatmap that has clicks: column, row, number of clicks. */
export type HeatmapCell = [number, number, number];

/** Clicks on a page, by position and by element. */
export interface Heatmap {
	clicks: number;
	sessions: number;
	/** Number of columns across the viewport. */
	columns: number;
	/** Height of a row, in CSS pixels of the page. */
	rowPx: number;
	/** Cells with all clicks. The cells of `rage` count only rage clicks, those of `dead` only dead clicks. */
	bins: HeatmapCell[];
	rage: HeatmapCell[];
	dead: HeatmapCell[];
	elements: { selector: string; count: number; sessions: number }[];
}

const MAX_PAGES = 200;
const MAX_ELEMENTS = 30;

/** Returns the pages with clicks, those with the most clicks first. @param sums the section `heat` of a rollup */
export function clickedPages(sums: Counts, max = MAX_PAGES): { url: string; clicks: number }[] {
	return topOf(sums, max).map(([url, page]) => ({ url, clicks: numberAt(page, "n") }));
}

/** Returns the heatmap of a page. @param sums the section `heat` of a rollup */
export function heatmapOf(sums: Counts, url: string, max = MAX_ELEMENTS): Heatmap {
	const page = branchAt(sums, url);
	return {
		...{ clicks: numberAt(page, "n"), sessions: numberAt(page, "s"), columns: HEAT_COLUMNS, rowPx: HEAT_ROW_PX },
		...{
			bins: cellsOf(branchAt(page, "at")),
			rage: cellsOf(branchAt(page, "rage")),
			dead: cellsOf(branchAt(page, "dead")),
		},
		elements: topOf(branchAt(page, "elements"), max).map(([selector, sums]) => ({
			...{ selector, count: numberAt(sums, "n"), sessions: numberAt(sums, "s") },
		})),
	};
}

function cellsOf(counts: Counts | undefined): HeatmapCell[] {
	return Object.entries(counts ?? {}).map(([cell, n]) => {
		const [column = 0, row = 0] = cell.split(",").map(Number);
		return [column, row, Number(n)];
	});
}

/** Scroll depths of the views of a page. */
export interface ScrollDepths {
	views: number;
	/**
	 * Pairs of a position on the page, in CSS pixels, and the number of views in which no lower position was visible.
	 * Views without scrolling are not included.
	 */
	bottoms: [number, number][];
}

/** Returns the scroll depths of a page. @param sums the section `pages` of a rollup */
export function scrollDepthsOf(sums: Counts, url: string): ScrollDepths {
	const page = branchAt(sums, url);
	const bottoms = Object.entries(branchAt(page, "bottoms") ?? {})
		.map(([bucket, n]): [number, number] => [Number(bucket) * DEPTH_PX, Number(n)])
		.sort(([a], [b]) => a - b);
	return { views: numberAt(page, "n"), bottoms };
}
