/**
 * Lets other requests of this isolate run, by waiting for a timer. Awaiting D1 is not enough: workerd polls for
 * external events only when no other work is queued, which is the case while only a timer is pending.
 */
export function yieldToEventLoop(): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Maps items, yielding to the event loop after every `batchSize` of them. */
export async function mapYielding<From, To>(
	items: readonly From[],
	batchSize: number,
	map: (item: From) => To,
): Promise<To[]> {
	const results: To[] = [];
	for (const [i, it] of items.entries()) {
		if (i > 0 && i % batchSize === 0) await yieldToEventLoop();
		results.push(map(it));
	}
	return results;
}
