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
