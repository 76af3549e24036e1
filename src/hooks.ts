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
	/**
	 * By a platform's name (as reports have it, in lower case): what of a frame of its backtraces tells two exceptions apart.
	 * Goes before the built-in ruby, crystal, javascript and node. What throws leaves the frame as it is.
	 */
	normalizeFrame?: Readonly<Record<string, (frame: string) => string>>;
}

export const hooks: Hooks = {};
