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
		["no time", { type: 3, data: { source: 3 } }],
		["no data", { type: 3, timestamp: 1 }],
		["data that is null", { type: 3, timestamp: 1, data: null }],
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

	it("are of supported or unsupported types", () => {
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
