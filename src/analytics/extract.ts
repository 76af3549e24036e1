import * as rr from "../contract/events.ts";
import {
	ANSWER_HORIZON_MS,
	BURST_GAP_MS,
	MAX_EVENT_AGE_MS,
	MAX_EVENT_LEAD_MS,
	MAX_TRAIL_BYTES,
} from "../contract/limits.ts";
import { isRecord } from "../contract/redact.ts";
import {
	INPUT_OPEN,
	INPUT_TYPED_FIRST,
	type PageCause,
	type Trail,
	type TrailClick,
	type TrailError,
	type TrailInput,
	type TrailScroll,
} from "../contract/trail.ts";
import { type FormField, formFields, pageTitle } from "./snapshot.ts";

/** Smaller clock skews are left out of the trail, because they are mostly the transfer time of the batch. */
const MIN_REPORTED_SKEW_MS = 1_000;

/**
 * Extracts the trail of a batch. Pure, and never throws: any array of objects gives a trail.
 * @param events in any order
 * @param receivedAt time of arrival in epoch milliseconds; event times that are too far from it are clamped
 * @param skew server's clock minus sender's, in milliseconds; if it exceeds 10 minutes, it is first added to all times
 */
export function extract(events: readonly rr.RecordedEvent[], receivedAt: number, skew = 0): Trail {
	const shift = Math.abs(skew) > MAX_EVENT_LEAD_MS ? Math.round(skew) : 0;
	const timed = inTimeOrder(events, receivedAt, shift);
	const from = timed[0]?.at ?? receivedAt;
	const to = (timed.at(-1)?.at ?? from) - from;
	const clock = shift ? { shift } : Math.abs(skew) >= MIN_REPORTED_SKEW_MS ? { skew: Math.round(skew) } : {};
	const trail: Trail = { v: 1, from, to, ...clock, sums: [0, 0, 0], types: countTypes(events) };
	const builder = new TrailBuilder(trail);
	for (const { at: epoch, event } of timed) {
		const at = epoch - from;
		builder.addActivity(at);
		addEvent(builder, at, event);
	}
	builder.finish();
	return withinBytes(prune(trail));
}

interface Timed {
	at: number;
	event: rr.RecordedEvent;
}

/**
 * Returns the events in time order, with times that are clamped and in whole milliseconds. An event without a time gets
 * the time of the event before it. Events with equal times stay in their order.
 */
function inTimeOrder(events: readonly rr.RecordedEvent[], receivedAt: number, shift: number): Timed[] {
	const earliest = receivedAt - MAX_EVENT_AGE_MS;
	const latest = receivedAt + MAX_EVENT_LEAD_MS;
	let first: number | null = null;
	for (const event of events) {
		if (isFiniteNumber(event.timestamp)) {
			first = event.timestamp;
			break;
		}
	}
	const timeOf = (timestamp: number) => Math.round(Math.min(Math.max(timestamp + shift, earliest), latest));
	let previous = first === null ? receivedAt : timeOf(first);
	const timed = events.map((event) => {
		if (isFiniteNumber(event.timestamp)) {
			previous = timeOf(event.timestamp);
		}
		return { at: previous, event };
	});
	return timed.sort((a, b) => a.at - b.at);
}

function countTypes(events: readonly rr.RecordedEvent[]): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const { type } of events) {
		const key = typeof type === "number" && Number.isInteger(type) && type >= 0 && type < 100 ? String(type) : "?";
		counts[key] = (counts[key] ?? 0) + 1;
	}
	return counts;
}

function addEvent(builder: TrailBuilder, at: number, event: rr.RecordedEvent): void {
	const data = event.data;
	switch (event.type) {
		// LOAD is ignored: it may come after the Meta of its document, and the next checkout would count as a load.
		case rr.DOM_CONTENT_LOADED:
			builder.documentStarted = true;
			return;
		case rr.META:
			if (isRecord(data)) builder.addMeta(at, data);
			return;
		case rr.FULL_SNAPSHOT:
			if (isRecord(data)) builder.addSnapshot(at, data);
			return;
		case rr.CUSTOM:
			if (isRecord(data) && typeof data.tag === "string") builder.addCustomEvent(at, data.tag, data.payload);
			return;
		case rr.INCREMENTAL:
			if (isRecord(data)) addIncremental(builder, at, data);
	}
}

function addIncremental(builder: TrailBuilder, at: number, data: Record<string, unknown>): void {
	switch (data.source) {
		case rr.MUTATION:
			// The recorder writes focus as a mutation of an attribute. Such a mutation is not a response to a click.
			if (isStateOnly(data)) return;
			builder.answerClicks(at);
			if (Array.isArray(data.adds))
				builder.addFields(formFields(data.adds.map((add) => (isRecord(add) ? add.node : null))));
			return;
		case rr.INPUT:
			builder.addInput(at, data);
			return;
		case rr.SCROLL:
			if (isFiniteNumber(data.y)) builder.addScroll(at, nodeOf(data) ?? PAGE_NODE, Math.round(data.y));
			return;
		case rr.MOUSE_INTERACTION:
			builder.addClick(at, data);
	}
}

/**
 * Returns whether a mutation changes nothing but the state that the recorder itself adds to elements, such as focus.
 */
function isStateOnly({ attributes, adds, removes, texts }: Record<string, unknown>): boolean {
	const isEmpty = [adds, removes, texts].every((list) => !Array.isArray(list) || !list.length);
	const changes = Array.isArray(attributes) ? attributes : [];
	return (
		isEmpty &&
		changes.length > 0 &&
		changes.every((change) => {
			const names = isRecord(change) && isRecord(change.attributes) ? Object.keys(change.attributes) : [];
			return names.length === 1 && names[0] === rr.STATE_ATTRIBUTE;
		})
	);
}

/** rrweb's ID of the document, the first node that it numbers. */
const PAGE_NODE = 1;
/** A selector belongs to the nearest click if the click is at most this long before or after it. */
const SAME_GESTURE_MS = 100;

const MAX_URL_CHARS = 1024;
const MAX_TITLE_CHARS = 160;
const MAX_LABEL_CHARS = 80;
const MAX_SELECTOR_CHARS = 160;
const MAX_TEXT_CHARS = 100;
const MAX_MESSAGE_CHARS = 500;
const MAX_FRAMES = 20;
const MAX_STACK_CHARS = 2048;
const MAX_PAYLOAD_CHARS = 1024;
/** Limit of the repetitions that one error event may report. */
const MAX_REPEATS = 100_000;

type ListName = Exclude<
	{ [K in keyof Trail]-?: NonNullable<Trail[K]> extends unknown[] ? K : never }[keyof Trail],
	"cut" | "sums"
>;

/** Limit of the entries of each list. A typical chunk has a few entries per list. */
const MAX_ENTRIES: Record<ListName, number> = {
	snapshots: 40,
	bursts: 60,
	pages: 40,
	clicks: 150,
	scrolls: 200,
	fields: 120,
	inputs: 80,
	submits: 30,
	links: 40,
	vitals: 30,
	errors: 20,
	tags: 60,
	hidden: 60,
	failed: 30,
	limits: 10,
	costs: 10,
};

/** Fills a trail. Its methods must be called in the time order of the events. */
class TrailBuilder {
	documentStarted = false;
	readonly #trail: Trail;
	#burst: [number, number] | null = null;
	/** Index in `pages` of the current load or checkout; −1 before the first. */
	#page = -1;
	/** Index in `pages` of the current load; −1 before the first. */
	#load = -1;
	#href: string | null = null;
	#unanswered: TrailClick[] = [];
	#selectors: { at: number; selector: string; target: string | null }[] = [];
	#labels = new Map<number, string>();
	#inputs = new Map<string, TrailInput>();
	#scrolls = new Map<number, ScrollTrack>();

	constructor(trail: Trail) {
		this.#trail = trail;
	}

	list<K extends ListName>(name: K): NonNullable<Trail[K]> {
		this.#trail[name] ??= [] as never;
		return this.#trail[name] as NonNullable<Trail[K]>;
	}

	/** Extends the current burst of activity or begins another one. Must be called for every event. */
	addActivity(at: number): void {
		if (this.#burst && at - this.#burst[1] <= BURST_GAP_MS) {
			this.#burst[1] = at;
			return;
		}
		const burst: [number, number] = [at, at];
		this.#burst = this.#push("bursts", burst) ? burst : null;
	}

	addMeta(at: number, data: Record<string, unknown>): void {
		this.answerClicks(at);
		const href = clip(data.href, MAX_URL_CHARS);
		if (!href) return;
		const cause = this.#causeOf(data.cause, href);
		this.#href = href;
		this.documentStarted = false;
		if (cause === "load") {
			this.#labels.clear();
			this.#load = this.list("pages").length;
			this.#flushScrolls();
		}
		if (cause !== "checkout") this.#trail.sums[0]++;
		this.#page = this.list("pages").length;
		const title = clip(data.title, MAX_TITLE_CHARS);
		this.#push("pages", [at, href, title, positive(data.width), positive(data.height), null, cause]);
	}

	/**
	 * Returns the cause of a Meta. The recorder sends the cause; for other recorders, it is derived from earlier events.
	 */
	#causeOf(cause: unknown, href: string): PageCause {
		if (cause === "load" || cause === "checkout") return cause;
		return this.documentStarted || this.#href !== href ? "load" : "checkout";
	}

	addSnapshot(at: number, data: Record<string, unknown>): void {
		this.#push("snapshots", at);
		const page = this.#page < 0 ? undefined : this.list("pages")[this.#page];
		if (page) {
			const offset = isRecord(data.initialOffset) ? data.initialOffset.top : null;
			if (page[5] === null && isFiniteNumber(offset)) page[5] = Math.round(offset);
			page[2] ??= clip(pageTitle(data.node), MAX_TITLE_CHARS);
		}
		this.addFields(formFields([data.node]));
	}

	addCustomEvent(at: number, tag: string, payload: unknown): void {
		const fields = isRecord(payload) ? payload : {};
		switch (tag) {
			case rr.TAG_CLICK: {
				const selector = clip(fields.selector, MAX_SELECTOR_CHARS);
				if (selector) this.#selectors.push({ at, selector, target: clip(fields.answers, 20) });
				return;
			}
			case rr.TAG_ROUTE: {
				const url = clip(fields.url, MAX_URL_CHARS);
				if (!url) return;
				this.#href = url;
				this.#trail.sums[0]++;
				this.#push("pages", [at, url, clip(fields.title, MAX_TITLE_CHARS), null, null, null, "route"]);
				return;
			}
			case rr.TAG_FORM_SUBMIT:
				this.#push("submits", [
					at,
					clip(fields.name, MAX_LABEL_CHARS),
					clip(fields.id, MAX_LABEL_CHARS),
					clip(fields.url, MAX_URL_CHARS),
				]);
				return;
			case rr.TAG_NAVIGATION: {
				const url = clip(fields.url, MAX_URL_CHARS);
				if (url) this.#push("links", [at, url, clip(fields.text, MAX_TEXT_CHARS), fields.external ? 1 : 0]);
				return;
			}
			case rr.TAG_VITAL: {
				const metric = clip(fields.metric, 20);
				if (!metric || !isFiniteNumber(fields.value)) return;
				const url = clip(fields.url, MAX_URL_CHARS) ?? this.#href;
				this.#push("vitals", [at, metric, fields.value, clip(fields.rating, 20), url]);
				return;
			}
			case rr.TAG_ERROR: {
				const repeats = Math.min(positive(fields.repeats) ?? 0, MAX_REPEATS);
				this.#trail.sums[2] += repeats || 1;
				const error: TrailError = [
					at,
					clip(fields.message, MAX_MESSAGE_CHARS) ?? "Unknown error",
					clip(fields.type, MAX_TEXT_CHARS),
					topFrames(fields.stack),
					sourceLocation(fields),
					clip(fields.release, MAX_TEXT_CHARS),
				];
				if (repeats) error.push(repeats);
				this.#push("errors", error);
				return;
			}
			case rr.TAG_VISIBILITY:
				this.#push("hidden", [at, fields.hidden ? 1 : 0]);
				return;
			case rr.TAG_RESOURCE: {
				const url = clip(fields.url, MAX_URL_CHARS);
				if (url) this.#push("failed", [at, clip(fields.element, 20) ?? "", url]);
				return;
			}
			case rr.TAG_LIMIT:
				this.#push("limits", [at, positive(fields.changes) ?? 0, positive(fields.pauseMs) ?? 0]);
				return;
			case rr.TAG_COST: {
				const { ms, longestMs, longTasks, bytes, lost } = fields;
				const [a, b, c, d, e] = [ms, longestMs, longTasks, bytes, lost].map((it) => positive(it) ?? 0);
				this.#push("costs", [at, a!, b!, c!, d!, e!]);
				return;
			}
			default:
				if (tag.startsWith("__")) return;
				this.#push("tags", [at, tag.slice(0, MAX_TEXT_CHARS), payloadJson(payload)]);
		}
	}

	addClick(at: number, data: Record<string, unknown>): void {
		const kind = data.type;
		if (kind !== rr.CLICK && kind !== rr.CONTEXT_MENU && kind !== rr.DOUBLE_CLICK && kind !== rr.TOUCH_START) return;
		if (!isFiniteNumber(data.x) || !isFiniteNumber(data.y)) return;
		if (kind === rr.CLICK) this.#trail.sums[1]++;
		const click: TrailClick = [at, Math.round(data.x), Math.round(data.y), kind, nodeOf(data), null, null];
		if (this.#push("clicks", click)) this.#unanswered.push(click);
	}

	/**
	 * Notes a response of the page to all clicks without one. A click in the same millisecond counts too, because
	 * handlers are fast.
	 */
	answerClicks(at: number): void {
		this.#trail.answer ??= at;
		for (const click of this.#unanswered) click[6] = at - click[0] <= ANSWER_HORIZON_MS ? at - click[0] : -1;
		this.#unanswered = [];
	}

	addScroll(at: number, node: number, y: number): void {
		let track = this.#scrolls.get(node);
		if (!track) {
			track = new ScrollTrack(node);
			this.#scrolls.set(node, track);
		}
		track.add(at, y);
	}

	addInput(at: number, data: Record<string, unknown>): void {
		this.answerClicks(at);
		const node = nodeOf(data);
		if (node === null) return;
		const key = `${this.#load} ${node}`;
		const label = this.#labels.get(node) ?? null;
		// When a radio button is chosen, the others of its group are cleared. That is no edit.
		if (data.isChecked === false && label?.endsWith("(radio)")) return;
		const isTyping = data.typing === true;
		const known = this.#inputs.get(key);
		if (known) {
			const wasOpen = ((known[6] ?? 0) & INPUT_OPEN) > 0;
			known[4] = at;
			// A script that formats the text during typing does not end the edit.
			if (wasOpen && data.scripted) return;
			// Typing and the `change` event that ends it are one edit.
			if (!wasOpen) known[5]++;
			if (isTyping !== wasOpen) known[6] = (known[6] ?? 0) ^ INPUT_OPEN;
			return;
		}
		const input: TrailInput = [this.#load, node, label, at, at, 1];
		if (isTyping) input[6] = INPUT_OPEN | INPUT_TYPED_FIRST;
		if (this.#push("inputs", input)) this.#inputs.set(key, input);
	}

	addFields(found: FormField[]): void {
		for (const { node, label } of found) {
			const text = label.slice(0, MAX_LABEL_CHARS);
			if (this.#labels.get(node) === text) continue;
			this.#labels.set(node, text);
			this.#push("fields", [this.#load, node, text]);
		}
	}

	/** Completes the trail at the end of the batch. */
	finish(): void {
		for (const click of this.#unanswered) click[6] = this.#trail.to - click[0] >= ANSWER_HORIZON_MS ? -1 : null;
		this.#flushScrolls();
		this.#trail.scrolls?.sort((a, b) => a[0] - b[0]);
		this.#nameClicks();
	}

	#flushScrolls(): void {
		for (const track of this.#scrolls.values()) for (const point of track.points()) this.#push("scrolls", point);
		this.#scrolls.clear();
	}

	/** Assigns each selector to the click that is nearest in time. */
	#nameClicks(): void {
		const named = new Set<TrailClick>();
		for (const { at, selector, target } of this.#selectors) {
			let best: TrailClick | null = null;
			for (const click of this.#trail.clicks ?? []) {
				if (click[0] > at + SAME_GESTURE_MS) break;
				if (click[3] !== rr.CLICK || named.has(click) || click[0] < at - SAME_GESTURE_MS) continue;
				if (!best || Math.abs(click[0] - at) < Math.abs(best[0] - at)) best = click;
			}
			if (!best) continue;
			best[5] = selector;
			if (target) best[7] = target;
			named.add(best);
		}
	}

	#push<K extends ListName>(name: K, entry: NonNullable<Trail[K]>[number]): boolean {
		const list = this.list(name) as unknown[];
		if (list.length >= MAX_ENTRIES[name]) {
			this.#trail.cut ??= [];
			if (!this.#trail.cut.includes(name)) this.#trail.cut.push(name);
			return false;
		}
		list.push(entry);
		return true;
	}
}

/** Collects the scroll positions of a node: the first, the last, and those at which the direction changed. */
class ScrollTrack {
	readonly #node: number;
	readonly #points: TrailScroll[] = [];
	#direction = 0;

	constructor(node: number) {
		this.#node = node;
	}

	add(at: number, y: number): void {
		const last = this.#points.at(-1);
		const direction = last ? Math.sign(y - last[2]) : 0;
		const isContinued = this.#points.length > 1 && (direction === this.#direction || direction === 0);
		if (last && isContinued) {
			last[0] = at;
			last[2] = y;
			return;
		}
		if (direction !== 0) this.#direction = direction;
		this.#points.push([at, this.#node, y]);
	}

	points(): TrailScroll[] {
		return this.#points;
	}
}

function nodeOf(data: Record<string, unknown>): number | null {
	return typeof data.id === "number" && Number.isInteger(data.id) ? data.id : null;
}

function isFiniteNumber(value: unknown): value is number {
	return typeof value === "number" && Number.isFinite(value);
}

function positive(value: unknown): number | null {
	return isFiniteNumber(value) && value > 0 ? Math.round(value) : null;
}

/** Returns the trimmed string, at most `max` characters; null if it is empty or not a string. */
function clip(value: unknown, max: number): string | null {
	if (typeof value !== "string") return null;
	return value.slice(0, max).trim() || null;
}

function topFrames(stack: unknown): string | null {
	if (typeof stack !== "string") return null;
	const frames = stack.slice(0, MAX_STACK_CHARS).split("\n", MAX_FRAMES);
	return frames.join("\n").trim() || null;
}

function sourceLocation(fields: Record<string, unknown>): string | null {
	const source = clip(fields.source, MAX_URL_CHARS);
	if (!source) return null;
	const line = isFiniteNumber(fields.lineno) ? `:${fields.lineno}` : "";
	const column = line && isFiniteNumber(fields.colno) ? `:${fields.colno}` : "";
	return source + line + column;
}

function payloadJson(payload: unknown): string | null {
	if (payload === undefined || (isRecord(payload) && Object.keys(payload).length === 0)) return null;
	try {
		const text = JSON.stringify(payload);
		return text.length <= MAX_PAYLOAD_CHARS ? text : null;
	} catch {
		// JSON.stringify recurses, and throws if the payload is nested too deeply.
		return null;
	}
}

/** Removes empty lists. */
function prune(trail: Trail): Trail {
	for (const [key, value] of Object.entries(trail)) {
		if (Array.isArray(value) && value.length === 0) delete trail[key as keyof Trail];
	}
	return trail;
}

/** Halves the largest list until the trail fits. A list is emptied only when no list has more than one entry. */
function withinBytes(trail: Trail): Trail {
	const names = Object.keys(MAX_ENTRIES) as ListName[];
	while (byteLength(trail) > MAX_TRAIL_BYTES) {
		const several = names.filter((name) => (trail[name]?.length ?? 0) > 1);
		const heaviest = (several.length ? several : names).reduce((a, b) =>
			byteLength(trail[a] ?? "") >= byteLength(trail[b] ?? "") ? a : b,
		);
		const list = trail[heaviest] as unknown[];
		list.length = Math.floor(list.length / 2);
		trail.cut ??= [];
		if (!trail.cut.includes(heaviest)) trail.cut.push(heaviest);
		prune(trail);
	}
	return trail;
}

/**
 * Returns the UTF-8 length of a value's JSON, or slightly more: a surrogate pair counts as 6 bytes instead of 4.
 * `TextEncoder` is not used, because its type is not available in this module.
 */
function byteLength(value: unknown): number {
	const text = JSON.stringify(value) ?? "";
	let bytes = text.length;
	for (let i = 0; i < text.length; i++) {
		const code = text.charCodeAt(i);
		if (code > 0x7ff) bytes += 2;
		else if (code > 0x7f) bytes += 1;
	}
	return bytes;
}
