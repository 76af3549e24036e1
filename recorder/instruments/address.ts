import { listen } from "./instrument.ts";

/** Calls back after whatever may have changed the address inside this document; the address may be the same. */
export function watchUrl(changed: () => void): () => void {
	const stops = [listen(window, "popstate", changed), listen(window, "hashchange", changed)];
	for (const name of ["pushState", "replaceState"] as const) stops.push(wrap(name, changed));
	return () => {
		for (const stop of stops) stop();
	};
}

/** The page's own call comes first and is never disturbed. Another wrapper above ours is left in place at the end. */
function wrap(name: "pushState" | "replaceState", after: () => void): () => void {
	const original = history[name];
	let active = true;
	function wrapped(this: History, ...args: Parameters<History["pushState"]>): void {
		original.apply(this, args);
		try {
			if (active) after();
		} catch {
			// Not the page's to see.
		}
	}
	try {
		history[name] = wrapped;
	} catch {
		// A frozen history: routes are not told.
	}
	return () => {
		active = false;
		try {
			if (history[name] === wrapped) history[name] = original;
		} catch {
			// Frozen meanwhile.
		}
	};
}
