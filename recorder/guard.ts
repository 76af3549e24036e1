/** Runs a function and logs its error, so that no error of the recorder reaches the page. */
export function guard<T>(callback: () => T): T | undefined {
	try {
		return callback();
	} catch (error) {
		console.warn("Sentiero:", error);
		return undefined;
	}
}
