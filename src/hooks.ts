import type { RecordedEvent } from "./contract/events.ts";

/**
 * The operator's own code, compiled into the Worker. As shipped it changes nothing.
 *
 * `redactEvent` runs last, after the built-in redaction, on every event that is about to be stored. Return the event,
 * another one in its place, or null to drop it. When it throws, that event is dropped.
 */
export interface Hooks {
	redactEvent?(event: RecordedEvent): RecordedEvent | null;
}

export const hooks: Hooks = {};
