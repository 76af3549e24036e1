/** The opt-out signal, read the same way from a cookie or from localStorage: set, and none of "", "0", "false". */
export function isOptedOut(value: string | null | undefined): boolean {
	return value != null && value !== "" && value !== "0" && value !== "false";
}

export const DEFAULT_OPT_OUT_COOKIE = "sentiero_optout";

/** The value of one cookie in a `Cookie` header or in `document.cookie`, undecoded; null when it is not there. */
export function cookieValue(cookies: string, name: string): string | null {
	for (const part of cookies.split(";")) {
		const at = part.indexOf("=");
		if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
	}
	return null;
}
