import type { RecorderConfig } from "./config.ts";

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
	config: RecorderConfig,
	mask: (text: string, element: Element | null) => string,
): VisibleText {
	const blocked = [config.blockSelector, ".rr-block"].filter(Boolean).join(",");
	const masked = [config.maskTextSelector, ".rr-mask,[contenteditable],noscript"].filter(Boolean).join(",");
	const notReadable = `${masked},${blocked}`;
	const read = (node: Node): string => {
		if (node.nodeType === Node.TEXT_NODE) return node.nodeValue ?? "";
		if (node.nodeType !== Node.ELEMENT_NODE || (node as Element).matches(notReadable)) return "";
		return Array.from(node.childNodes, read).join("");
	};
	return {
		isBlocked: (element) => element.closest(blocked) !== null,
		textOf: (element) => (config.maskAllText || element.closest(notReadable) ? "" : read(element)),
		title() {
			const element = document.querySelector("title");
			const isMasked = config.maskAllText || element?.closest(notReadable);
			return isMasked ? mask(document.title, element) : document.title;
		},
	};
}
