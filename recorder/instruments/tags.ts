import { MAX_TAG_CHARS } from "../../src/contract/limits.ts";
import { type Instrument, listen } from "./instrument.ts";

export const TAG_NAME = new RegExp(`^[\\w.-]{1,${MAX_TAG_CHARS}}$`);

const EVENTS = ["click", "change", "submit", "focus", "blur"];
/** Maximum length of `data-sentiero-data` in characters. */
const MAX_DATA_CHARS = 4096;

/**
 * Records custom events declared in markup: `data-sentiero-track-click="name"` on the target or its nearest ancestor
 * with this attribute, with an optional payload in `data-sentiero-data`. Invalid names and payloads are ignored.
 */
export const tags: Instrument = (emit) => {
	const stops = EVENTS.map((type) =>
		listen(document, type, ({ target }) => {
			const element = target instanceof Element ? target.closest(`[data-sentiero-track-${type}]`) : null;
			const name = element?.getAttribute(`data-sentiero-track-${type}`);
			if (!element || !name || !TAG_NAME.test(name)) return;
			const text = element.getAttribute("data-sentiero-data") ?? "{}";
			if (text.length <= MAX_DATA_CHARS) emit(name, JSON.parse(text));
		}),
	);
	return () => {
		for (const stop of stops) stop();
	};
};
