/** Runs a function and logs its error, so that no error of the recorder reaches the page. */
export function guard<T>(act: () => T): T | undefined {
	try {
		return act();
	} catch (error) {
		console.warn("Sentiero:", error);
		return undefined;
	}
}
