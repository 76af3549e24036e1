import * as rr from "../../src/contract/events.ts";
import { isRecord } from "../../src/contract/redact.ts";

/** Link types that only make a browser fetch or connect ahead of use. A replay does not need them. */
const FETCHING_RELS = /\b(?:prefetch|preload|modulepreload|preconnect|dns-prefetch|prerender|manifest)\b/i;
const NOWHERE = "//recorded.invalid";

/**
 * Prepares the events of a chunk for rrweb: drops malformed events and nodes, corrects times and sorts by time, removes
 * what would make the browser send requests, and thins out pointer moves. Changes the events' `data` in place.
 * @param shift milliseconds, see `Trail.shift`
 * @param host host of the dashboard, to which a recorded page must send no requests
 */
export function sanitizeEvents(events: readonly rr.RecordedEvent[], shift: number, host: string): rr.RecordedEvent[] {
	const own = `//${host}`;
	const sanitized = events
		.filter(isWellFormed)
		.map((event) => {
			dropMalformedNodes(event);
			neutralize(event.data, own);
			return { ...event, timestamp: event.timestamp! + shift };
		})
		.sort((a, b) => a.timestamp - b.timestamp);
	return thinMoves(sanitized);
}

/** Minimum time between two pointer moves. rrweb sets a timer for each move. */
const MIN_MOVE_MS = 10;

/** Drops pointer moves that are too close to the previous one. A hostile recording can have thousands at one moment. */
function thinMoves(events: rr.RecordedEvent[]): rr.RecordedEvent[] {
	let last = Number.NEGATIVE_INFINITY;
	return events.filter(({ type, timestamp, data }) => {
		if (type !== rr.INCREMENTAL || !isRecord(data) || !MOVE_SOURCES.has(data.source as number)) return true;
		const positions = (data.positions as Record<string, unknown>[]).filter(({ timeOffset }) => {
			const at = timestamp! + (typeof timeOffset === "number" ? timeOffset : 0);
			// Time offsets are negative: an event's first move may be slightly older than the previous event's last move.
			if (Math.abs(at - last) < MIN_MOVE_MS) return false;
			last = at;
			return true;
		});
		data.positions = positions;
		return positions.length > 0;
	});
}

/** Drops nodes that rrweb cannot build. Such a node would make rrweb fail on the whole snapshot or mutation. */
function dropMalformedNodes({ type, data }: rr.RecordedEvent): void {
	if (!isRecord(data)) return;
	if (type === rr.INCREMENTAL && data.source === rr.MUTATION) {
		data.adds = (data.adds as Record<string, unknown>[]).filter(({ node }) => isNode(node));
	}
	const nodes =
		type === rr.FULL_SNAPSHOT ? [data.node] : ((data.adds as { node: unknown }[]) ?? []).map(({ node }) => node);
	const stack = nodes.filter(isRecord);
	for (let node = stack.pop(); node; node = stack.pop()) {
		if (!Array.isArray(node.childNodes)) continue;
		node.childNodes = node.childNodes.filter(isNode);
		stack.push(...(node.childNodes as Record<string, unknown>[]));
	}
}

const TAG_NAME = /^[a-z][^\s/>\0]*$/i;

function isNode(node: unknown): node is Record<string, unknown> {
	if (!isRecord(node) || typeof node.id !== "number") return false;
	const { type, tagName, attributes, childNodes, textContent } = node;
	if (type === rr.NODE_DOCUMENT) return Array.isArray(childNodes);
	if (type === rr.NODE_ELEMENT) {
		return typeof tagName === "string" && TAG_NAME.test(tagName) && isRecord(attributes) && Array.isArray(childNodes);
	}
	// A document type has a name. All other types (text, comment, CDATA) have text content.
	return type === DOCUMENT_TYPE ? typeof node.name === "string" : typeof textContent === "string";
}

/** rrweb's type of a document type node. */
const DOCUMENT_TYPE = 1;
/** Tag names of elements that embed a document. The document is either part of the recording or on another host. */
const FRAMES = /^(?:iframe|frame|object|embed|portal|fencedframe)$/i;
/** Node IDs of elements that match `FRAMES`. A mutation of attributes names its element only by ID. */
const frameIds = new Set<unknown>();

/** Returns whether an event has the shape that rrweb assumes. Accepts unknown types and sources. */
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

/** Returns whether the player supports an event's type or source. Newer recorders may send more types. */
export function isKnown({ type, data }: rr.RecordedEvent): boolean {
	if (type === rr.INCREMENTAL && isRecord(data)) return Number(data.source) <= LAST_SOURCE;
	return Number(type) <= LAST_TYPE;
}

/** Highest event type (plugin) and source (custom element) of rrweb 2.1. */
const LAST_TYPE = 6;
const LAST_SOURCE = 16;

/** Sources of mouse, touch and drag moves. */
const MOVE_SOURCES = new Set([1, 6, 12]);

const FRAME_SOURCES = ["src", "srcdoc", "data", "rr_src"];

/** Removes what would make the browser send requests, in place. Not recursive: a DOM can be nested to any depth. */
function neutralize(root: unknown, own: string): void {
	const stack: unknown[] = [root];
	while (stack.length) {
		const value = stack.pop();
		if (typeof value !== "object" || value === null) continue;
		const fields = value as Record<string, unknown>;
		if (fields.tagName === "link" && isRecord(fields.attributes) && FETCHING_RELS.test(String(fields.attributes.rel))) {
			fields.attributes = {};
		}
		if (typeof fields.tagName === "string" && FRAMES.test(fields.tagName)) frameIds.add(fields.id);
		if (isRecord(fields.attributes) && frameIds.has(fields.id)) {
			// A browser connects to a frame's host even if the Content-Security-Policy forbids the frame's document.
			for (const name of FRAME_SOURCES) delete fields.attributes[name];
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
