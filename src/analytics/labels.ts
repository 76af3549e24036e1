import type { Trail } from "../contract/trail.ts";

/** What the form fields of a window are called: a chunk may hold the input, an earlier one the field's name. */
export function createLabels(): (trail: Trail) => (page: number, node: number) => string | null {
	/** Of the page that the chunk at hand began in. */
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
