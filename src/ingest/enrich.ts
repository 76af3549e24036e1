import type { Receipt } from "../analytics/summary.ts";
import type { Client } from "../contract/client.ts";
import type { Config } from "../env.ts";
import { hooks } from "../hooks.ts";
import type { Admission } from "./admit.ts";

/** A clock skew above this limit is not plausible and is ignored. */
const MAX_SKEW_MS = 366 * 86_400_000;
const MAX_LOCATION_CHARS = 256;

/** Returns the time of receipt, clock skew, location, browser, OS and device. The IP address is never stored. */
export function enrich(request: Request, { agent }: Admission, config: Config, receivedAt: number): Receipt {
	const location = { ...(config.geo ? locationOf(request.cf) : {}), ...locationFromHook(request) };
	const client: Client = { ...location, ...agent };
	const sentAt = Number(new URL(request.url).searchParams.get("at") ?? Number.NaN);
	const skew = Math.round(receivedAt - sentAt);
	return Math.abs(skew) <= MAX_SKEW_MS ? { receivedAt, skew, client } : { receivedAt, client };
}

function locationFromHook(request: Request): Client {
	try {
		return locationOf(hooks.geo?.(request) ?? undefined);
	} catch (error) {
		console.error("hooks.geo threw: using Cloudflare's location", error);
		return {};
	}
}

/**
 * Reads the location from `request.cf`, which clients cannot forge, or from the result of a hook. Ignores the country
 * codes XX (unknown) and T1 (Tor network).
 */
function locationOf(
	cf: Pick<IncomingRequestCfProperties, "country" | "region" | "city" | "timezone"> | Request["cf"],
): Client {
	const location: Client = {};
	if (!cf) return location;
	const country = clean(cf.country);
	if (country && country !== "XX" && country !== "T1") location.country = country;
	const region = clean(cf.region);
	if (region) location.region = region;
	const city = clean(cf.city);
	if (city) location.city = city;
	const timezone = clean(cf.timezone);
	if (timezone) location.timezone = timezone;
	return location;
}

function clean(value: unknown): string | null {
	return typeof value === "string" ? value.trim().slice(0, MAX_LOCATION_CHARS) || null : null;
}
