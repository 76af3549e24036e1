import type { Trail } from "../contract/trail.ts";

/**
 * Finds the labels of form fields. An input and the label of its field may be in different chunks of a window.
 * @returns a function to call with each trail, in time order, which returns a function that finds labels for that trail
 */
export function createLabels(): (trail: Trail) => (page: number, node: number) => string | null {
	/** Labels of the page on which the current chunk began. */
	let labels = new Map<number, string>();
	return ({ fields = [], pages = [] }) => {
		const ofPage = new Map([[-1, labels]]);
		for (const [page, node, label] of fields) {
			if (!ofPage.has(page)) ofPage.set(page, new Map());
			ofPage.get(page)?.set(node, label);
		}
		const lastLoad = pages.findLastIndex(([, , , , , , cause]) => cause === "load");
		labels = ofPage.get(Math.max(lastLoad, ...ofPage.keys())) ?? new Map();
		return (page, node) => ofPage.get(page)?.get(node) ?? null;
	};
}
