/**
 * When the page has nothing to do.
 * @param withinMs a page that is never idle gets it all the same
 * @returns cancel
 */
export function whenIdle(act: () => void, withinMs: number): () => void {
	if (typeof requestIdleCallback === "function") {
		const id = requestIdleCallback(act, { timeout: withinMs });
		return () => cancelIdleCallback(id);
	}
	// Safari has none.
	const id = setTimeout(act, Math.min(withinMs, 300));
	return () => clearTimeout(id);
}
