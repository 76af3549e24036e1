import type { Receipt } from "../analytics/summary.ts";
import type { Client } from "../contract/client.ts";
import type { Config } from "../env.ts";
import { hooks } from "../hooks.ts";
import type { Admission } from "./admit.ts";

/** A sender's clock further off than this is a wrong value, not a skew. */
const MAX_SKEW_MS = 366 * 86_400_000;
const MAX_LOCATION_CHARS = 256;

/** What the edge knows of a request. The address is not among it, and is stored nowhere. */
export function enrich(request: Request, { agent }: Admission, config: Config, receivedAt: number): Receipt {
	const place = { ...(config.geo ? locationOf(request.cf) : {}), ...locationFromHook(request) };
	const client: Client = { ...place, ...agent };
	const sentAt = Number(new URL(request.url).searchParams.get("at") ?? Number.NaN);
	const skew = Math.round(receivedAt - sentAt);
	return Math.abs(skew) <= MAX_SKEW_MS ? { receivedAt, skew, client } : { receivedAt, client };
}

function locationFromHook(request: Request): Client {
	try {
		return locationOf(hooks.geo?.(request) ?? undefined);
	} catch (error) {
		console.error("hooks.geo threw; Cloudflare's word stands", error);
		return {};
	}
}

/** `request.cf` is Cloudflare's own word, unlike a header. XX is an unknown country and T1 the Tor network. */
function locationOf(
	cf: Pick<IncomingRequestCfProperties, "country" | "region" | "city" | "timezone"> | Request["cf"],
): Client {
	const place: Client = {};
	if (!cf) return place;
	const country = clean(cf.country);
	if (country && country !== "XX" && country !== "T1") place.country = country;
	const region = clean(cf.region);
	if (region) place.region = region;
	const city = clean(cf.city);
	if (city) place.city = city;
	const timezone = clean(cf.timezone);
	if (timezone) place.timezone = timezone;
	return place;
}

function clean(value: unknown): string | null {
	return typeof value === "string" ? value.trim().slice(0, MAX_LOCATION_CHARS) || null : null;
}
