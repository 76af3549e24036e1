import type { Privacy, PrivacyRules } from "./privacy.ts";

/** Decides which elements and texts may be recorded, for snapshots as for the click, link and form instruments. */
export interface VisibleText {
	/** Returns whether the element or an ancestor is blocked, that is recorded as an empty box. */
	isBlocked(element: Element): boolean;
	/** Returns the text of an element without masked and blocked parts; empty inside of such a part. */
	textOf(element: Element): string;
	/** Returns the document's title, masked where the page asks for it. */
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
