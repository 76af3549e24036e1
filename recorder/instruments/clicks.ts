import { TAG_CLICK } from "../../src/contract/events.ts";
import type { VisibleText } from "../visible-text.ts";
import { type Instrument, listen } from "./instrument.ts";

/**
 * Records the element of a click as `tag#id`, `tag.class.class` or `tag`, and how the browser itself responds to the
 * click. A click to which the browser responds is not counted as dead, even if the page does not change.
 */
export const clicks =
	(visibleText: VisibleText): Instrument =>
	(emit) =>
		listen<MouseEvent>(document, "click", ({ target }) => {
			const element = target instanceof Element ? target : target instanceof Node ? target.parentElement : null;
			if (!element || visibleText.isBlocked(element)) return;
			const answers = answerOf(element);
			emit(TAG_CLICK, { selector: selectorOf(element), ...(answers && { answers }) });
		});

export function selectorOf(element: Element): string {
	const tag = element.localName;
	if (element.id && typeof element.id === "string") return `${tag}#${element.id}`;
	const classes = Array.from(element.classList).slice(0, 2);
	return [tag, ...classes].join(".");
}

export type Answer = "control" | "media" | "selection" | "download" | "link";

const CONTROLS = "input:not([type=button]),select,textarea,label,summary,option,[contenteditable]";

/**
 * Returns how the browser itself responds to a click, or null if it does not. Assumes that no script prevents the
 * default action of a link.
 */
export function answerOf(element: Element): Answer | null {
	const link = element.closest("a[href],area[href]");
	const href = link?.getAttribute("href")?.trim() ?? "";
	if (link?.hasAttribute("download")) return "download";
	if (link && !/^(?:#$|javascript:|$)/i.test(href)) return "link";
	if (element.closest(CONTROLS)) return "control";
	if (element.closest("video[controls],audio[controls]")) return "media";
	return getSelection()?.isCollapsed === false ? "selection" : null;
}
