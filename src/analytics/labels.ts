import type { Trail } from "../contract/trail.ts";

/**
 * Returns a function to call with each trail of a window, in time order. That function returns another function, which
 * finds the labels of the form fields in the trail. The label of a field may come from an earlier trail.
 */
export function createLabels(): (trail: Trail) => (page: number, node: number) => string | null {
	/** Labels of the page on which the current chunk began. */
	let labels = new Map<number, string>();
	return ({ fields = [], pages = [] }) => {
		const byPage = new Map([[-1, labels]]);
		for (const [page, node, label] of fields) {
			if (!byPage.has(page)) byPage.set(page, new Map());
			byPage.get(page)?.set(node, label);
		}
		const lastLoad = pages.findLastIndex(([, , , , , , cause]) => cause === "load");
		labels = byPage.get(Math.max(lastLoad, ...byPage.keys())) ?? new Map();
		return (page, node) => byPage.get(page)?.get(node) ?? null;
	};
}
