import type { RecorderConfig } from "./config.ts";

/** What of a page may be told at all: the same for snapshots and for whatever hears clicks, links and forms. */
export interface VisibleText {
	/** The element, or one around it, is recorded as an empty box. */
	isBlocked(element: Element): boolean;
	/** Its text as anyone may read it: nothing of what is masked or blocked, in it or around it. */
	textOf(element: Element): string;
	/** The document's title, masked like any text where that is asked for. */
	title(): string;
}

export function createVisibleText(
	config: RecorderConfig,
	mask: (text: string, element: Element | null) => string,
): VisibleText {
	const blocked = [config.blockSelector, ".rr-block"].filter(Boolean).join(",");
	const masked = [config.maskTextSelector, ".rr-mask,[contenteditable],noscript"].filter(Boolean).join(",");
	const hidden = `${masked},${blocked}`;
	const read = (node: Node): string => {
		if (node.nodeType === Node.TEXT_NODE) return node.nodeValue ?? "";
		if (node.nodeType !== Node.ELEMENT_NODE || (node as Element).matches(hidden)) return "";
		return Array.from(node.childNodes, read).join("");
	};
	return {
		isBlocked: (element) => element.closest(blocked) !== null,
		textOf: (element) => (config.maskAllText || element.closest(hidden) ? "" : read(element)),
		title() {
			const element = document.querySelector("title");
			const isMasked = config.maskAllText || element?.closest(hidden);
			return isMasked ? mask(document.title, element) : document.title;
		},
	};
}
