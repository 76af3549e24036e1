import type { Privacy, PrivacyRules } from "./privacy.ts";

/**
 * Applies the privacy rules to what is recorded outside of snapshots: clicks, links, forms, failed files and titles.
 */
export interface VisibleText {
	/** Returns whether the element or an ancestor is blocked. A blocked element is recorded as an empty box. */
	isBlocked(element: Element): boolean;
	/**
	 * Returns an element's text without masked and blocked parts; an empty string if the element itself is such a part.
	 */
	textOf(element: Element): string;
	/** Returns the document's title, masked if the privacy rules mask or block the `<title>` element. */
	title(): string;
}

export function createVisibleText(
	privacy: PrivacyRules,
	mask: (text: string, element: Element | null) => string,
): VisibleText {
	const isHidden = ({ blocked, masked }: Privacy) => blocked || masked;
	const read = (node: Node, state: Privacy): string => {
		if (isHidden(state)) return "";
		if (node.nodeType === Node.TEXT_NODE) return node.nodeValue ?? "";
		let text = "";
		for (const child of node.childNodes) text += read(child, privacy.within(state, child));
		return text;
	};
	return {
		isBlocked: (element) => privacy.of(element).blocked,
		textOf: (element) => read(element, privacy.of(element)),
		title() {
			const element = document.querySelector("title");
			return element && isHidden(privacy.of(element)) ? mask(document.title, element) : document.title;
		},
	};
}
