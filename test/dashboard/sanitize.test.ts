import { describe, expect, it } from "vitest";
import { isKnown, sanitizeEvents } from "../../dashboard/player/sanitize.ts";
import type { RecordedEvent } from "../../src/contract/events.ts";

const HOST = "dashboard.example:8787";
const play = (...events: unknown[]) => sanitizeEvents(events as RecordedEvent[], 0, HOST);
const link = (attributes: Record<string, string>) => ({ type: 2, tagName: "link", attributes, childNodes: [] });
const snapshot = (node: unknown) => ({ type: 2, timestamp: 1, data: { node, initialOffset: { left: 0, top: 0 } } });

describe("events for rrweb", () => {
	it("are in stable time order with the trail's times", () => {
		const events = [3, 1, 2, 1].map((timestamp, n) => ({ type: 3, timestamp, data: { source: 3, n } }));
		const played = sanitizeEvents(events, 1000, HOST);
		expect(played.map(({ timestamp, data }) => [timestamp, (data as { n: number }).n])).toEqual([
			[1001, 1],
			[1001, 3],
			[1002, 2],
			[1003, 0],
		]);
	});

	it.each([
		["an event without a time", { type: 3, data: { source: 3 } }],
		["an event without data", { type: 3, timestamp: 1 }],
		["an event with data that is null", { type: 3, timestamp: 1, data: null }],
		["a custom event without data", { type: 5, timestamp: 1 }],
		["a snapshot without a node", { type: 2, timestamp: 1, data: {} }],
		["a Meta event without a size", { type: 4, timestamp: 1, data: { href: "/" } }],
		["a move without positions", { type: 3, timestamp: 1, data: { source: 1 } }],
		["a move with empty positions", { type: 3, timestamp: 1, data: { source: 1, positions: [] } }],
		["a mutation without its lists", { type: 3, timestamp: 1, data: { source: 0, adds: [] } }],
		[
			"a mutation with an invalid list item",
			{ type: 3, timestamp: 1, data: { source: 0, adds: [1], texts: [], attributes: [], removes: [] } },
		],
	])("do not include %s", (_, event) => {
		expect(play(event)).toEqual([]);
	});

	it("are supported or not, depending on type and source", () => {
		const kinds = [
			...[{ type: 0 }, { type: 6 }, { type: 7 }, { type: "x" }],
			...[16, 17].map((source) => ({ type: 3, data: { source } })),
		];
		expect(kinds.map(isKnown)).toEqual([true, true, false, false, true, false]);
	});

	it("include unknown types and sources", () => {
		const events = [
			{ type: 8, timestamp: 1, data: "x" },
			{ type: 3, timestamp: 1, data: { source: 99 } },
			{ type: 0, timestamp: 1, data: {} },
		];
		expect(play(...events)).toHaveLength(3);
	});

	it("never contain the dashboard's host, in any notation", () => {
		const attributes = { href: `http://${HOST}/x.css`, style: `background: url(//${HOST}/i.png)`, other: "/x" };
		const text = JSON.stringify(
			play(
				snapshot({
					type: 0,
					childNodes: [link(attributes), { type: 3, isStyle: true, textContent: `@import "https://${HOST}/y"` }],
				}),
				{
					type: 3,
					timestamp: 2,
					data: {
						source: 0,
						adds: [{ node: link({ href: `//${HOST}/z` }) }],
						texts: [],
						attributes: [{ attributes: { src: `http://${HOST}` } }],
						removes: [],
					},
				},
			),
		);
		expect(text).not.toContain(HOST);
		expect(text).toContain("recorded.invalid");
	});

	it("contain no links that prefetch", () => {
		const rels = ["prefetch", "dns-prefetch", "PRELOAD", "modulepreload", "preconnect", "icon prefetch"];
		const text = JSON.stringify(
			play(snapshot({ type: 0, childNodes: rels.map((rel) => link({ rel, href: "https://x.example/" })) })),
		);
		expect(text).not.toContain("x.example");
		expect(JSON.stringify(play(snapshot(link({ rel: "stylesheet", href: "https://x.example/" }))))).toContain(
			"x.example",
		);
	});

	it("may contain a DOM of any depth", () => {
		let node: Record<string, unknown> = { type: 2, tagName: "div", attributes: {}, childNodes: [] };
		for (let i = 0; i < 50_000; i++) node = { type: 2, tagName: "div", attributes: {}, childNodes: [node] };
		expect(play(snapshot(node))).toHaveLength(1);
	});
});

describe("hostile and huge recordings", () => {
	const move = (timestamp: number, ...offsets: number[]) => ({
		type: 3,
		timestamp,
		data: { source: 1, positions: offsets.map((timeOffset) => ({ x: 1, y: 1, id: 1, timeOffset })) },
	});

	it("keep one of thousands of moves at the same time, while usual recordings keep all moves", () => {
		expect(play(...Array.from({ length: 15_000 }, () => move(1_000, 0)))).toHaveLength(1);
		const usual = play(move(1_000, -450, -400, -350, -50, 0), move(1_500, -450, 0));
		expect(usual.map(({ data }) => (data as { positions: unknown[] }).positions.length)).toEqual([5, 2]);
	});

	it("lose only their malformed nodes", () => {
		const text = { type: 3, id: 4, textContent: "seen" };
		const bad = [
			{ type: 2, id: 5, tagName: "1<bad", attributes: {}, childNodes: [] },
			{ type: 2, id: 6, tagName: "p", attributes: null, childNodes: [] },
			{ type: 2, id: 7, attributes: {}, childNodes: [] },
			{ type: 3, id: 8 },
			{ type: 9, id: 9 },
			null,
			"text",
		];
		const body = { type: 2, id: 3, tagName: "body", attributes: {}, childNodes: [...bad, text] };
		const [played] = play(snapshot({ type: 0, id: 1, childNodes: [body] }));
		expect(
			(played!.data as { node: { childNodes: { childNodes: unknown[] }[] } }).node.childNodes[0]!.childNodes,
		).toEqual([text]);
		const adds = [...bad, text].map((node) => ({ parentId: 3, nextId: null, node }));
		const [change] = play({ type: 3, timestamp: 2, data: { source: 0, texts: [], attributes: [], removes: [], adds } });
		expect((change!.data as { adds: unknown[] }).adds).toEqual([adds.at(-1)]);
	});

	it("contain no URL or source of a frame's document, in snapshots and in changes", () => {
		const attributes = { src: "https://host.example/", srcdoc: "x", data: "https://host.example/", width: "5" };
		const frames = ["iframe", "frame", "object", "embed"].map((tagName, i) => ({
			...{ type: 2, id: 50 + i, tagName, attributes: { ...attributes }, childNodes: [] },
		}));
		const [played] = play(snapshot({ type: 0, id: 1, childNodes: frames }));
		expect(JSON.stringify(played)).not.toContain("host.example");
		expect(JSON.stringify(played)).toContain('"width":"5"');
		const change = { id: 50, attributes: { src: "https://host.example/", rr_src: "https://host.example/" } };
		const data = { source: 0, texts: [], adds: [], removes: [], attributes: [change] };
		expect(JSON.stringify(play({ type: 3, timestamp: 2, data }))).not.toContain("host.example");
	});
});
