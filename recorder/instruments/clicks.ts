import { TAG_CLICK } from "../../src/contract/events.ts";
import { type Instrument, listen } from "./instrument.ts";

/** Which element a click met, as `tag#id`, `tag.class.class` or `tag`. */
export const clicks: Instrument = (emit) =>
	listen<MouseEvent>(document, "click", ({ target }) => {
		const element = target instanceof Element ? target : target instanceof Node ? target.parentElement : null;
		if (element) emit(TAG_CLICK, { selector: selectorOf(element) });
	});

export function selectorOf(element: Element): string {
	const tag = element.localName;
	if (element.id) return `${tag}#${element.id}`;
	const classes = Array.from(element.classList).slice(0, 2);
	return [tag, ...classes].join(".");
}
