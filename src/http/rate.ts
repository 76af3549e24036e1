import { v6Groups } from "../contract/ip.ts";
import type { Env } from "../env.ts";
import { fail } from "./errors.ts";

/**
 * Limits per minute: batches and share link requests per IP address, batches per session, login attempts per IP
 * address, reports per project. They use rate limiting bindings (see wrangler.toml); a limit without its binding does
 * not apply. IP addresses are hashed and never stored.
 */

/** Counts a request from the client's IP address. @throws rate_limited */
export async function limitAddress(request: Request, env: Env): Promise<void> {
	await consume(env.RATE_LIMIT_ADDRESS, await hashOfAddress(request));
}

/** Counts a batch of a session. @throws rate_limited */
export async function limitSession(env: Env, project: string, sessionId: string): Promise<void> {
	await consume(env.RATE_LIMIT_SESSION, `${project}/${sessionId}`);
}

/** Counts a login attempt from the client's IP address. @throws too_many_tries */
export async function limitLogin(request: Request, env: Env): Promise<void> {
	await consume(env.RATE_LIMIT_LOGIN, await hashOfAddress(request), "too_many_tries");
}

/** Counts a report to a project. @throws rate_limited */
export async function limitReports(env: Env, project: string): Promise<void> {
	await consume(env.RATE_LIMIT_SERVER, project);
}

/** Returns a hash of the client's IP address, or of its IPv6 network; null if the address is local or unknown. */
async function hashOfAddress(request: Request): Promise<string | null> {
	const address = request.headers.get("cf-connecting-ip");
	if (!address || /^(?:127\.|::1$)/.test(address)) return null;
	const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(networkOf(address))));
	return btoa(String.fromCharCode(...hash.subarray(0, 12)));
}

/**
 * Returns the /64 network of an IPv6 address, because one customer usually has the whole network. An IPv4 address is
 * returned unchanged.
 */
export function networkOf(address: string): string {
	const groups = address.includes(".") ? null : v6Groups(address);
	if (!groups) return address;
	return groups
		.slice(0, 4)
		.map((group) => group.toString(16))
		.join(":");
}

async function consume(
	limit: RateLimit | undefined,
	key: string | null,
	code: "rate_limited" | "too_many_tries" = "rate_limited",
): Promise<void> {
	if (!limit || key === null) return;
	let success = true;
	try {
		({ success } = await limit.limit({ key }));
	} catch (error) {
		console.error("a rate limit failed: the request is allowed", error);
	}
	if (!success) fail(code);
}
