/**
 * Lets in whoever waits for this isolate. Waiting for D1 is not enough: workerd looks for what has come from outside only
 * when there is nothing else left to do, and for a timer there is nothing to do.
 */
export function giveWay(): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, 0));
}
