/**
 * Lets in whoever waits for this isolate. Waiting for D1 is not enough: workerd looks for what has come from outside only
 * when there is nothing else left to do, and for a timer there is nothing to do.
 */
export function yieldToEventLoop(): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Makes something of each, and gives way after every so many. */
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
