/**
 * Lets in whoever waits for this isolate. Waiting for D1 is not enough: workerd looks for what has come from outside only
 * when there is nothing else left to do, and for a timer there is nothing to do.
 */
export function yieldToEventLoop(): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Makes something of each, and gives way after every so many. */
export async function mapYielding<From, To>(
	all: readonly From[],
	atATime: number,
	make: (it: From) => To,
): Promise<To[]> {
	const made: To[] = [];
	for (const [i, it] of all.entries()) {
		if (i > 0 && i % atATime === 0) await yieldToEventLoop();
		made.push(make(it));
	}
	return made;
}
