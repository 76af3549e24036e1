import { MAX_TAG_CHARS } from "../../src/contract/limits.ts";
import { type Instrument, listen } from "./instrument.ts";

export const TAG_NAME = new RegExp(`^[\\w.-]{1,${MAX_TAG_CHARS}}$`);

const EVENTS = ["click", "change", "submit", "focus", "blur"];
/** Of the attribute as it stands. */
const MAX_DATA_CHARS = 4096;

/**
 * Events that the markup asks for: `data-sentiero-track-click="name"` with a payload in `data-sentiero-data`, on the
 * nearest element that carries it. A name or a payload that is none is left alone: the page has other readers.
 */
export const tags: Instrument = (emit) => {
	const stops = EVENTS.map((type) =>
		listen(document, type, ({ target }) => {
			const carrier = target instanceof Element ? target.closest(`[data-sentiero-track-${type}]`) : null;
			const name = carrier?.getAttribute(`data-sentiero-track-${type}`);
			if (!carrier || !name || !TAG_NAME.test(name)) return;
			const text = carrier.getAttribute("data-sentiero-data") ?? "{}";
			if (text.length <= MAX_DATA_CHARS) emit(name, JSON.parse(text));
		}),
	);
	return () => {
		for (const stop of stops) stop();
	};
};
