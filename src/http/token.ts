/** Secrets that are handed out once, and of which only a hash is kept. They are random, so a plain SHA-256 will do. */

/** 256 bits, as text that may stand in an address. */
export function newToken(): string {
	return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** 128 bits: an id that nothing can be told from. */
export function newId(): string {
	return base64url(crypto.getRandomValues(new Uint8Array(16)));
}

/** SHA-256, hexadecimal. */
export async function hashOf(text: string): Promise<string> {
	const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
	return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** In constant time, for two texts of any length. */
export async function timingSafeEqual(a: string, b: string): Promise<boolean> {
	const encoder = new TextEncoder();
	const [left, right] = await Promise.all([a, b].map((it) => crypto.subtle.digest("SHA-256", encoder.encode(it))));
	return crypto.subtle.timingSafeEqual(left!, right!);
}

/** Of an `Authorization: Bearer` header; null when there is none. */
export function bearerOf(request: Request): string | null {
	return /^Bearer +(\S{1,512})\s*$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? null;
}

function base64url(bytes: Uint8Array): string {
	return btoa(String.fromCharCode(...bytes))
		.replaceAll("+", "-")
		.replaceAll("/", "_")
		.replaceAll("=", "");
}
