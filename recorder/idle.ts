/**
 * Calls back when the page is idle, or after `withinMs` at the latest.
 * @returns a function that cancels the call
 */
export function whenIdle(callback: () => void, withinMs: number): () => void {
	if (typeof requestIdleCallback === "function") {
		const id = requestIdleCallback(callback, { timeout: withinMs });
		return () => cancelIdleCallback(id);
	}
	// Safari has no requestIdleCallback: https://caniuse.com/requestidlecallback
	const id = setTimeout(callback, Math.min(withinMs, 300));
	return () => clearTimeout(id);
}
