/** The server's own reporters join their errors to a session by these. */
export const SESSION_COOKIE = "sentiero_sid";
export const WINDOW_COOKIE = "sentiero_wid";

/** First-party, for this host only; gone with `seconds` 0. A frame without cookies has none. */
export function writeCookie(name: string, value: string, seconds: number): void {
	const secure = location.protocol === "https:" ? "; Secure" : "";
	try {
		// biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not everywhere, and the server reads these
		document.cookie = `${name}=${value}; path=/; max-age=${seconds}; SameSite=Lax${secure}`;
	} catch {
		// The property itself throws in a sandboxed frame.
	}
}

/** Removes all that we ever stored, but for the visitor's own words: they are how we know to stay away. */
export function removeStoredData(keep: readonly string[]): void {
	for (const name of ["localStorage", "sessionStorage"] as const) {
		try {
			const storage = window[name];
			for (const key of Object.keys(storage)) {
				if (key.startsWith("sentiero_") && !keep.includes(key)) storage.removeItem(key);
			}
		} catch {
			// A frame without storage.
		}
	}
	for (const name of [SESSION_COOKIE, WINDOW_COOKIE]) writeCookie(name, "", 0);
}
