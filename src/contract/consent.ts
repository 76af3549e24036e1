/**
 * Returns whether the visitor has opted out, by the value of the opt-out cookie or localStorage item. A missing value,
 * "", "0" and "false" mean that the visitor has not; every other value means an opt-out.
 */
export function isOptedOut(value: string | null | undefined): boolean {
	return value != null && value !== "" && value !== "0" && value !== "false";
}

export const DEFAULT_OPT_OUT_COOKIE = "sentiero_optout";

/** Returns the undecoded value of a cookie in a `Cookie` header or in `document.cookie`; null if there is none. */
export function cookieValue(cookies: string, name: string): string | null {
	for (const part of cookies.split(";")) {
		const at = part.indexOf("=");
		if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
	}
	return null;
}
