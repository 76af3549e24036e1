/** Cookies with the IDs of the session and the tab, which the site's server sends with its errors and events. */
export const SESSION_COOKIE = "sentiero_sid";
export const WINDOW_COOKIE = "sentiero_wid";

/** Writes a first-party cookie for this host; `seconds` 0 deletes it. Does nothing where cookies are not available. */
export function writeCookie(name: string, value: string, seconds: number): void {
	const secure = location.protocol === "https:" ? "; Secure" : "";
	try {
		// biome-ignore lint/suspicious/noDocumentCookie: not every browser has the Cookie Store API
		document.cookie = `${name}=${value}; path=/; max-age=${seconds}; SameSite=Lax${secure}`;
	} catch {
		// In a sandboxed frame, setting `document.cookie` throws.
	}
}

/**
 * Removes the recorder's cookies and web storage, except the keys in `keep`: the visitor's opt-out and consent answers.
 */
export function removeStoredData(keep: readonly string[]): void {
	for (const name of ["localStorage", "sessionStorage"] as const) {
		try {
			const storage = window[name];
			for (const key of Object.keys(storage)) {
				if (key.startsWith("sentiero_") && !keep.includes(key)) storage.removeItem(key);
			}
		} catch {
			// Storage is not available in this frame.
		}
	}
	for (const name of [SESSION_COOKIE, WINDOW_COOKIE]) writeCookie(name, "", 0);
}
