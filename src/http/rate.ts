import { v6Groups } from "../contract/ip.ts";
import type { Env } from "../env.ts";
import { fail } from "./errors.ts";

/**
 * How often in a minute: batches, and what links ask for, of one address; batches of one session; tries to log in from
 * one address; and what a project's servers report. By Workers' own counters (wrangler.toml has the numbers), where they are bound. The address goes into
 * a hash that nobody keeps.
 */

/** @throws rate_limited */
export async function limitAddress(request: Request, env: Env): Promise<void> {
	await take(env.RATE_LIMIT_ADDRESS, await hashOfAddress(request));
}

/** @throws rate_limited */
export async function limitSession(env: Env, project: string, sessionId: string): Promise<void> {
	await take(env.RATE_LIMIT_SESSION, `${project}/${sessionId}`);
}

/** @throws too_many_tries */
export async function limitLogin(request: Request, env: Env): Promise<void> {
	await take(env.RATE_LIMIT_LOGIN, await hashOfAddress(request), "too_many_tries");
}

/** @throws rate_limited */
export async function limitServer(env: Env, project: string): Promise<void> {
	await take(env.RATE_LIMIT_SERVER, project);
}

/** null where there is none to go by. */
async function hashOfAddress(request: Request): Promise<string | null> {
	const address = request.headers.get("cf-connecting-ip");
	if (!address || /^(?:127\.|::1$)/.test(address)) return null;
	const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(networkOf(address))));
	return btoa(String.fromCharCode(...hash.subarray(0, 12)));
}

/** An IPv6 customer has 2⁶⁴ addresses, and so counts by the first half of them. */
export function networkOf(address: string): string {
	const groups = address.includes(".") ? null : v6Groups(address);
	if (!groups) return address;
	return groups
		.slice(0, 4)
		.map((group) => group.toString(16))
		.join(":");
}

async function take(
	limit: RateLimit | undefined,
	key: string | null,
	code: "rate_limited" | "too_many_tries" = "rate_limited",
): Promise<void> {
	if (!limit || key === null) return;
	let success = true;
	try {
		({ success } = await limit.limit({ key }));
	} catch (error) {
		console.error("a rate limit did not answer; the request passes", error);
	}
	if (!success) fail(code);
}
