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

/** Moves closer together than this, in milliseconds, are dropped: rrweb draws each with its own timer. */
const MIN_MOVE_MS = 10;

/** Drops moves that follow another one at once; a hostile recording can hold thousands in one moment. */
function thinMoves(events: rr.RecordedEvent[]): rr.RecordedEvent[] {
	let last = Number.NEGATIVE_INFINITY;
	return events.filter(({ type, timestamp, data }) => {
		if (type !== rr.INCREMENTAL || !isRecord(data) || !MOVE_SOURCES.has(data.source as number)) return true;
		const positions = (data.positions as Record<string, unknown>[]).filter(({ timeOffset }) => {
			const at = timestamp! + (typeof timeOffset === "number" ? timeOffset : 0);
			// Offsets go back from the event, so its first move may lie a little before the last one of the event before.
			if (Math.abs(at - last) < MIN_MOVE_MS) return false;
			last = at;
			return true;
		});
		data.positions = positions;
		return positions.length > 0;
	});
}

/** A node that rrweb could not build would take the whole snapshot or mutation with it. */
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
	// A document type has a name; texts, comments and CDATA have a text.
	return type === DOCUMENT_TYPE ? typeof node.name === "string" : typeof textContent === "string";
}

/** rrweb's type of a document type node. */
const DOCUMENT_TYPE = 1;
/** Elements whose documents are recorded, or that show a document of another host. */
const FRAMES = /^(?:iframe|frame|object|embed|portal|fencedframe)$/i;
/** IDs of such elements in the recordings of this page, for changes of their attributes. */
const frameIds = new Set<unknown>();

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

const FRAME_SOURCES = ["src", "srcdoc", "data", "rr_src"];

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
		if (typeof fields.tagName === "string" && FRAMES.test(fields.tagName)) frameIds.add(fields.id);
		if (isRecord(fields.attributes) && frameIds.has(fields.id)) {
			// A browser connects to the host of a frame even if a policy forbids the document.
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
