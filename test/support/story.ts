import * as rr from "../../src/contract/events.ts";

/**
 * Builds rrweb events, as our recorder sends them, from a readable story:
 *
 *     0s visit /pricing "Prices" with email · 2s click #buy · 2.3s mutation · 4s scroll 640 · 5s type email
 *
 * Steps are separated by `·` or line breaks. Each step consists of the seconds since `base` (epoch milliseconds) and an
 * action. Parts in brackets are optional:
 *
 * | step | events |
 * |---|---|
 * | `visit /path ["Title"] [from 640] [with a, b]` | Meta of a load and a full snapshot, scrolled to 640, with inputs a, b |
 * | `checkout …` (same parameters) | Meta of a checkout and a full snapshot |
 * | `meta /path` | Meta as a third-party recorder sends it: no title, no cause |
 * | `snapshot ["Title"] [from 640] [with a, b]` | full snapshot alone |
 * | `started`, `loaded` | DOMContentLoaded, load |
 * | `route /path ["Title"]` | a client-side navigation |
 * | `click #buy` | a click on a node, and the recorder's event with the selector |
 * | `click 10,20` | a click at a position, without that event |
 * | `doubleclick`, `rightclick`, `touch` | the same on a node or at a position, always without that event |
 * | `selector #buy` | the recorder's event with the selector, alone |
 * | `mutation [with a, b]` | a mutation that adds inputs a, b |
 * | `type a` | input into field a |
 * | `scroll 640 [in 12]` | scroll of the page, or of node 12 |
 * | `move` | a mouse move, which is activity only |
 * | `tag name [{"json":1}]` | a custom event |
 *
 * Fields and selectors are nodes, numbered from 10 in the order of their first use. Paths are relative to `SITE`.
 */
export function story(text: string, base: number): rr.RecordedEvent[] {
	return storyChunks([text], base)[0]!;
}

/** Builds the chunks of a session from one story each. A field or selector is the same node in all of them. */
export function storyChunks(texts: readonly string[], base: number): rr.RecordedEvent[][] {
	const numbers = new Map<string, number>();
	const nodeOf = (name: string) => {
		if (!numbers.has(name)) numbers.set(name, 10 + numbers.size);
		return numbers.get(name)!;
	};
	return texts.map((text) =>
		text
			.split(/[·\n]/)
			.map((step) => step.trim())
			.filter(Boolean)
			.flatMap((step) => eventsOf(step, base, nodeOf)),
	);
}

export const SITE = "https://shop.example";

type NodeOf = (name: string) => number;

function eventsOf(step: string, base: number, nodeOf: NodeOf): rr.RecordedEvent[] {
	const [, seconds, verb, rest] = /^([\d.]+)s (\w+) ?(.*)$/.exec(step) ?? [];
	if (!seconds || !verb || rest === undefined) throw new Error(`invalid step of a story: "${step}"`);
	const timestamp = base + Math.round(Number(seconds) * 1000);
	const event = (type: number, data: unknown): rr.RecordedEvent => ({ type, timestamp, data });
	const custom = (tag: string, payload: unknown) => event(rr.CUSTOM, { tag, payload });
	const page = pageOf(rest, nodeOf);

	switch (verb) {
		case "visit":
		case "checkout": {
			const cause = verb === "visit" ? "load" : "checkout";
			const meta = { href: page.url, width: 1280, height: 720, title: page.title, cause };
			return [event(rr.META, meta), event(rr.FULL_SNAPSHOT, page.snapshot)];
		}
		case "meta":
			return [event(rr.META, { href: page.url, width: 1280, height: 720 })];
		case "snapshot":
			return [event(rr.FULL_SNAPSHOT, page.snapshot)];
		case "started":
			return [event(rr.DOM_CONTENT_LOADED, {})];
		case "loaded":
			return [event(rr.LOAD, {})];
		case "route":
			return [custom(rr.TAG_ROUTE, { url: page.url, title: page.title })];
		case "click":
			return isPoint(rest)
				? [event(rr.INCREMENTAL, interaction(rr.CLICK, rest, nodeOf))]
				: [
						event(rr.INCREMENTAL, interaction(rr.CLICK, rest, nodeOf)),
						{ ...custom(rr.TAG_CLICK, { selector: rest }), timestamp: timestamp + 1 },
					];
		case "doubleclick":
			return [event(rr.INCREMENTAL, interaction(rr.DOUBLE_CLICK, rest, nodeOf))];
		case "rightclick":
			return [event(rr.INCREMENTAL, interaction(rr.CONTEXT_MENU, rest, nodeOf))];
		case "touch":
			return [event(rr.INCREMENTAL, interaction(rr.TOUCH_START, rest, nodeOf))];
		case "selector":
			return [custom(rr.TAG_CLICK, { selector: rest })];
		case "mutation": {
			const adds = page.inputs.map((node) => ({ parentId: 6, nextId: null, node }));
			return [event(rr.INCREMENTAL, { source: rr.MUTATION, adds, removes: [], texts: [], attributes: [] })];
		}
		case "type":
			return [event(rr.INCREMENTAL, { source: rr.INPUT, id: nodeOf(rest), text: "****", isChecked: false })];
		case "scroll": {
			const [y, node] = rest.split(" in ");
			return [event(rr.INCREMENTAL, { source: rr.SCROLL, id: Number(node ?? 1), x: 0, y: Number(y) })];
		}
		case "move":
			return [event(rr.INCREMENTAL, { source: 1, positions: [{ x: 5, y: 5, id: 1, timeOffset: 0 }] })];
		case "tag": {
			const [, tag, json] = /^(\S+) ?(.*)$/.exec(rest)!;
			return [custom(tag!, json ? JSON.parse(json) : {})];
		}
		default:
			throw new Error(`unknown action of a story: "${verb}"`);
	}
}

const isPoint = (rest: string) => /^\d+,\d+$/.test(rest);

function interaction(type: number, rest: string, nodeOf: NodeOf): object {
	const [x, y] = isPoint(rest) ? rest.split(",").map(Number) : [100, 200];
	const target = isPoint(rest) || !rest ? {} : { id: nodeOf(rest) };
	return { source: rr.MOUSE_INTERACTION, type, x, y, ...target };
}

function pageOf(rest: string, nodeOf: NodeOf) {
	const path = /^\/\S*/.exec(rest)?.[0] ?? "/";
	const title = /"(.*?)"/.exec(rest)?.[1];
	const top = Number(/ from (\d+)/.exec(rest)?.[1] ?? 0);
	const names = /(?:^| )with (.+)$/.exec(rest)?.[1]?.split(", ") ?? [];
	const inputs = names.map((name) => element(nodeOf(name), "input", [], { name }));
	const head = element(3, "head", title ? [element(4, "title", [textNode(5, title)])] : []);
	const html = element(2, "html", [head, element(6, "body", inputs)]);
	const node = { type: rr.NODE_DOCUMENT, id: 1, childNodes: [html] };
	return { url: `${SITE}${path}`, title, inputs, snapshot: { node, initialOffset: { left: 0, top } } };
}

/** Returns an element in rrweb's format. */
export function element(id: number, tagName: string, childNodes: unknown[] = [], attributes = {}) {
	return { type: rr.NODE_ELEMENT, id, tagName, attributes, childNodes };
}

export function textNode(id: number, textContent: string) {
	return { type: rr.NODE_TEXT, id, textContent };
}
