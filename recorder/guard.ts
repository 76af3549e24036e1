/** Nothing of ours is the page's to see: an error goes no further. */
export function guard<T>(act: () => T): T | undefined {
	try {
		return act();
	} catch (error) {
		console.warn("Sentiero:", error);
		return undefined;
	}
}
