import { TAG_ROUTE } from "../../src/contract/events.ts";
import { type Instrument, listen } from "./instrument.ts";

/**
 * Changes of the address inside one document: `{url, title}`.
 * @param sameUrl tells whether two addresses are one page once redacted
 */
export const routes =
	(sameUrl: (a: string, b: string) => boolean): Instrument =>
	(emit) => {
		let current = location.href;
		let timer: ReturnType<typeof setTimeout> | undefined;
		const look = () => {
			clearTimeout(timer);
			const url = location.href;
			if (sameUrl(url, current)) return;
			current = url;
			emit(TAG_ROUTE, { url, title: document.title });
		};
		const lookSoon = () => {
			clearTimeout(timer);
			// Routers set the title after the address.
			timer = setTimeout(look, 0);
		};
		const stops = [
			listen(window, "popstate", lookSoon),
			listen(window, "hashchange", lookSoon),
			// Whoever leaves at once has still been there.
			listen(window, "pagehide", look),
		];
		for (const name of ["pushState", "replaceState"] as const) stops.push(wrap(name, lookSoon));
		return () => {
			clearTimeout(timer);
			for (const stop of stops) stop();
		};
	};

/** The page's own call comes first and is never disturbed. Another wrapper above ours is left in place at the end. */
function wrap(name: "pushState" | "replaceState", after: () => void): () => void {
	const original = history[name];
	let active = true;
	function wrapped(this: History, ...args: Parameters<History["pushState"]>): void {
		original.apply(this, args);
		if (active) after();
	}
	try {
		history[name] = wrapped;
	} catch {
		// A frozen history: routes are not told.
	}
	return () => {
		active = false;
		if (history[name] === wrapped) history[name] = original;
	};
}
