import type { Env } from "../env.ts";
import { fail } from "../http/errors.ts";

/**
 * Batches a minute of one address and of one session, by Workers' own counters (wrangler.toml has the numbers), where
 * they are bound. The address goes into a hash that nobody keeps.
 * @throws rate_limited
 */
export async function limitAddress(request: Request, env: Env): Promise<void> {
	const address = request.headers.get("cf-connecting-ip");
	if (!env.RATE_LIMIT_ADDRESS || !address || /^(?:127\.|::1$)/.test(address)) return;
	const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(address)));
	await take(env.RATE_LIMIT_ADDRESS, btoa(String.fromCharCode(...hash.subarray(0, 12))));
}

/** @throws rate_limited */
export async function limitSession(env: Env, project: string, sessionId: string): Promise<void> {
	if (env.RATE_LIMIT_SESSION) await take(env.RATE_LIMIT_SESSION, `${project}/${sessionId}`);
}

async function take(limit: RateLimit, key: string): Promise<void> {
	let success = true;
	try {
		({ success } = await limit.limit({ key }));
	} catch (error) {
		console.error("the rate limit did not answer; the batch passes", error);
	}
	if (!success) fail("rate_limited");
}
