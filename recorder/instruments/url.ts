import { listen } from "./instrument.ts";

/** Calls back after every navigation inside the document, even if the URL is unchanged. */
export function watchUrl(changed: () => void): () => void {
	const stops = [listen(window, "popstate", changed), listen(window, "hashchange", changed)];
	for (const name of ["pushState", "replaceState"] as const) stops.push(wrap(name, changed));
	return () => {
		for (const stop of stops) stop();
	};
}

/**
 * Wraps a history method. The page's call runs first and unchanged. The returned function stops the wrapper, and
 * removes it unless another wrapper was added on top of it.
 */
function wrap(name: "pushState" | "replaceState", after: () => void): () => void {
	const original = history[name];
	let active = true;
	function wrapped(this: History, ...args: Parameters<History["pushState"]>): void {
		original.apply(this, args);
		try {
			if (active) after();
		} catch {
			// The page must not see errors of the recorder.
		}
	}
	try {
		history[name] = wrapped;
	} catch {
		// `history` is frozen: routes are not recorded.
	}
	return () => {
		active = false;
		try {
			if (history[name] === wrapped) history[name] = original;
		} catch {
			// `history` has been frozen in the meantime.
		}
	};
}
