import * as rr from "../../src/contract/events.ts";
import { isRecord } from "../../src/contract/redact.ts";

/** Link types that make a browser fetch something ahead; nothing of a recording is shown through them. */
const FETCHING_RELS = /\b(?:prefetch|preload|modulepreload|preconnect|dns-prefetch|prerender|manifest)\b/i;
const NOWHERE = "//recorded.invalid";

/**
 * What may be handed to rrweb of a chunk's events: in time order (ties as they came), with the trail's times, without
 * what would make it stumble, and without the dashboard's own address, which a recording has no business to ask.
 * @param shift milliseconds, see `Trail.shift`
 * @param host the dashboard's own
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

/** The shape that rrweb takes for granted. Types and sources it does not know pass. */
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
	if (!MOVES.has(data.source as number)) return true;
	const { positions } = data;
	return Array.isArray(positions) && positions.length > 0 && positions.every(isRecord);
}

/** Can rrweb make something of this kind of event? Recorders of later versions have more. */
export function isKnown({ type, data }: rr.RecordedEvent): boolean {
	if (type === rr.INCREMENTAL && isRecord(data)) return Number(data.source) <= LAST_SOURCE;
	return Number(type) <= LAST_TYPE;
}

/** Of rrweb 2.1: plugins and custom elements. */
const LAST_TYPE = 6;
const LAST_SOURCE = 16;

/** Mouse, touch and drag moves. */
const MOVES = new Set([1, 6, 12]);

/** In place, and without recursion: these events are our own copy, and a DOM may be nested to any depth. */
function neutralize(root: unknown, own: string): void {
	const open: unknown[] = [root];
	while (open.length) {
		const value = open.pop();
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
			} else if (typeof field === "object") open.push(field);
		}
	}
}
