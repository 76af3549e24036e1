import { branchAt, type Counts, numberAt } from "./counts.ts";
import { topOf } from "./overview.ts";
import { HEAT_COLUMNS, HEAT_ROW_PX } from "./rollup.ts";

/** Where people click on a page, and on what. */
export interface Heatmap {
	clicks: number;
	sessions: number;
	/** Across the width of the viewport. */
	columns: number;
	/** CSS pixels of the page. */
	rowPx: number;
	/** Column, row, clicks. */
	bins: [number, number, number][];
	elements: { selector: string; count: number; sessions: number }[];
}

const MAX_PAGES = 200;
const MAX_ELEMENTS = 30;

/** Pages that were clicked on, the most first. @param sums of the part `heat` */
export function clickedPages(sums: Counts): { url: string; clicks: number }[] {
	return topOf(sums, MAX_PAGES).map(([url, page]) => ({ url, clicks: numberAt(page, "n") }));
}

export function heatmapOf(sums: Counts, url: string): Heatmap {
	const page = branchAt(sums, url);
	return {
		...{ clicks: numberAt(page, "n"), sessions: numberAt(page, "s"), columns: HEAT_COLUMNS, rowPx: HEAT_ROW_PX },
		bins: Object.entries(branchAt(page, "at") ?? {}).map(([place, n]): [number, number, number] => {
			const [column = 0, row = 0] = place.split(",").map(Number);
			return [column, row, Number(n)];
		}),
		elements: topOf(branchAt(page, "elements"), MAX_ELEMENTS).map(([selector, sums]) => ({
			...{ selector, count: numberAt(sums, "n"), sessions: numberAt(sums, "s") },
		})),
	};
}
