import * as rr from "../../src/contract/events.ts";
import { isRecord } from "../../src/contract/redact.ts";

/** Link types that make a browser fetch resources ahead of use. The picture does not need them. */
const FETCHING_RELS = /\b(?:prefetch|preload|modulepreload|preconnect|dns-prefetch|prerender|manifest)\b/i;
const NOWHERE = "//recorded.invalid";

/**
 * Prepares the events of a chunk for rrweb: sorts them by time (stable), shifts them to the trail's times, drops malformed
 * events, and replaces the dashboard's own host, which a recording must not request.
 * @param shift milliseconds, see `Trail.shift`
 * @param host host of the dashboard
 */
export function sanitizeEvents(events: readonly rr.RecordedEvent[], shift: number, host: string): rr.RecordedEvent[] {
	const own = `//${host}`;
	return events
		.filter(isWellFormed)
		.map((event) => {
			neutralize(event.data, own);
			return { ...event, timestamp: event.timestamp! + shift };
		})
		.sort((a, b) => a.timestamp - b.timestamp);
}

/** Returns whether an event has the shape that rrweb assumes. Unknown types and sources pass. */
function isWellFormed({ type, timestamp, data }: rr.RecordedEvent): boolean {
	if (typeof timestamp !== "number") return false;
	if (typeof type !== "number" || type > rr.CUSTOM || type < rr.FULL_SNAPSHOT) return true;
	if (!isRecord(data)) return false;
	if (type === rr.FULL_SNAPSHOT) return isRecord(data.node);
	if (type === rr.META) return typeof data.width === "number" && typeof data.height === "number";
	if (type !== rr.INCREMENTAL) return true;
	if (data.source === rr.MUTATION) {
		return ["texts", "attributes", "removes", "adds"].every(
			(list) => Array.isArray(data[list]) && data[list].every(isRecord),
		);
	}
	if (!MOVE_SOURCES.has(data.source as number)) return true;
	const { positions } = data;
	return Array.isArray(positions) && positions.length > 0 && positions.every(isRecord);
}

/** Returns whether the player supports this type of event. Later versions of recorders send more types. */
export function isKnown({ type, data }: rr.RecordedEvent): boolean {
	if (type === rr.INCREMENTAL && isRecord(data)) return Number(data.source) <= LAST_SOURCE;
	return Number(type) <= LAST_TYPE;
}

/** rrweb 2.1: the last type is a plugin event, the last source a custom element. */
const LAST_TYPE = 6;
const LAST_SOURCE = 16;

/** Sources of mouse, touch and drag moves. */
const MOVE_SOURCES = new Set([1, 6, 12]);

/** Changes the events in place: they are a copy. Iterative, because a DOM can be nested to any depth. */
function neutralize(root: unknown, own: string): void {
	const stack: unknown[] = [root];
	while (stack.length) {
		const value = stack.pop();
		if (typeof value !== "object" || value === null) continue;
		const fields = value as Record<string, unknown>;
		if (fields.tagName === "link" && isRecord(fields.attributes) && FETCHING_RELS.test(String(fields.attributes.rel))) {
			fields.attributes = {};
		}
		if (typeof fields.rel === "string" && FETCHING_RELS.test(fields.rel)) fields.rel = "";
		for (const key of Object.keys(fields)) {
			const field = fields[key];
			if (typeof field === "string") {
				if (field.includes(own)) fields[key] = field.replaceAll(own, NOWHERE);
			} else if (typeof field === "object") stack.push(field);
		}
	}
}
