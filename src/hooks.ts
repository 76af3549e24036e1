import type { RecordedEvent } from "./contract/events.ts";

/**
 * The operator's own code, compiled into the Worker. As shipped it changes nothing.
 *
 * `redactEvent` runs last, after the built-in redaction, on every event that is about to be stored. Return the event,
 * another one in its place, or null to drop it. When it throws, that event is dropped.
 */
export interface Hooks {
	redactEvent?(event: RecordedEvent): RecordedEvent | null;
	/**
	 * Where a visitor is, when that is better known than Cloudflare tells it: its fields go before Cloudflare's. What is no
	 * text is left out; when it throws, Cloudflare's word stands. Never the address itself: it would be stored.
	 */
	geo?(request: Request): { country?: string; region?: string; city?: string; timezone?: string } | null;
}

export const hooks: Hooks = {};
