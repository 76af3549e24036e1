import type { RecordedEvent } from "./contract/events.ts";

/** Your code, compiled into the Worker. By default there are no hooks. */
export interface Hooks {
	/**
	 * Runs on every event before it is stored, after the built-in redaction. Return the event, a replacement, or null to
	 * drop the event. If the hook throws, the event is dropped.
	 */
	redactEvent?(event: RecordedEvent): RecordedEvent | null;
	/**
	 * Returns a visitor's location, whose fields override those from Cloudflare. Values that are not strings are ignored;
	 * if the hook throws, Cloudflare's location is used. Do not return the IP address: it would be stored.
	 */
	geo?(request: Request): { country?: string; region?: string; city?: string; timezone?: string } | null;
	/**
	 * Functions by platform name (in lower case). Each reduces a frame of a backtrace to the text that identifies an
	 * issue. They override the built-in functions for ruby, crystal, javascript and node. If a function throws, the frame
	 * is used unchanged.
	 */
	normalizeFrame?: Readonly<Record<string, (frame: string) => string>>;
}

export const hooks: Hooks = {};
