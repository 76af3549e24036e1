/** Tokens are secrets that are shown once and stored as a hash. They are random, so plain SHA-256 is sufficient. */

/** Returns a token of 256 random bits, in base64url. */
export function newToken(): string {
	return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** Returns an ID of 128 random bits, in base64url, which reveals nothing about the time or order of creation. */
export function newId(): string {
	return base64url(crypto.getRandomValues(new Uint8Array(16)));
}

/** Returns the SHA-256 of a text, in hexadecimal. */
export async function sha256Hex(text: string): Promise<string> {
	const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
	return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Compares two texts of any length in constant time. */
export async function timingSafeEqual(a: string, b: string): Promise<boolean> {
	const encoder = new TextEncoder();
	const [left, right] = await Promise.all([a, b].map((it) => crypto.subtle.digest("SHA-256", encoder.encode(it))));
	return crypto.subtle.timingSafeEqual(left!, right!);
}

/** Returns the token of an `Authorization: Bearer` header, or null. */
export function bearerOf(request: Request): string | null {
	return /^Bearer +(\S{1,512})\s*$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? null;
}

function base64url(bytes: Uint8Array): string {
	return btoa(String.fromCharCode(...bytes))
		.replaceAll("+", "-")
		.replaceAll("/", "_")
		.replaceAll("=", "");
}
