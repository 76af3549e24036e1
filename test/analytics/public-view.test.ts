import { describe, expect, it } from "vitest";
import { publicEvents } from "../../src/analytics/public-view.ts";

const SECRET = "https://shop.example/orders/4711?token=abc";
const element = (tagName: string, attributes: object, childNodes: unknown[] = []) => ({
	...{ type: 2, id: 9, tagName, attributes, childNodes },
});
const snapshot = (node: unknown) => ({ type: 2, timestamp: 5, data: { node, initialOffset: { left: 0, top: 0 } } });
const changed = (attributes: object) => ({
	...{ type: 3, timestamp: 5 },
	data: { source: 0, texts: [], removes: [], adds: [], attributes: [{ id: 9, attributes }] },
});

describe("shared recording", () => {
	it.each([
		["a link", snapshot(element("a", { href: SECRET, ping: SECRET, class: "button" }))],
		["a nested link", snapshot(element("div", {}, [element("A", { href: `${SECRET}#top` })]))],
		["a form", snapshot(element("form", { action: SECRET, method: "post" }))],
		["a frame", snapshot(element("iframe", { src: SECRET, srcdoc: SECRET }))],
		["a canonical address", snapshot(element("link", { rel: "canonical", href: SECRET }))],
		["a meta element", snapshot(element("meta", { property: "og:url", content: SECRET }))],
		["a changed link", changed({ href: SECRET })],
		["a changed form", changed({ action: SECRET })],
		[
			"an added node",
			{ ...changed({}), data: { source: 0, adds: [{ parentId: 1, node: element("a", { href: SECRET }) }] } },
		],
		["the page", { type: 4, timestamp: 5, data: { href: SECRET, width: 10, height: 10 } }],
		["a custom event", { type: 5, timestamp: 5, data: { tag: "x", payload: SECRET } }],
		["a plugin event", { type: 6, timestamp: 5, data: { payload: SECRET } }],
		["an unknown event", { type: 8, timestamp: 5, data: { href: SECRET } }],
	])("has no URL of %s", (_, event) => {
		expect(JSON.stringify(publicEvents([structuredClone(event)], 0))).not.toContain("4711");
	});

	it.each([
		["a stylesheet", snapshot(element("link", { rel: "stylesheet", href: "https://cdn.example/a.css" }))],
		["an image", snapshot(element("img", { src: "https://cdn.example/a.png", alt: "A" }))],
		["a part of an SVG image", snapshot(element("use", { href: "#icon" }))],
		["a changed stylesheet", changed({ href: "https://cdn.example/a.css?v=2" })],
		["a changed style", changed({ style: "color:red", class: "b" })],
	])("keeps %s", (_, event) => {
		expect(publicEvents([structuredClone(event)], 100)).toEqual([{ ...event, timestamp: 105 }]);
	});

	it("works on a DOM 20,000 levels deep", () => {
		let node: unknown = element("a", { href: SECRET });
		for (let i = 0; i < 20_000; i++) node = { ...element("div", {}), childNodes: [node] };
		const [event] = publicEvents([snapshot(node)], 0);
		let inner = (event!.data as { node: { childNodes: unknown[]; attributes: object } }).node;
		while (inner.childNodes.length) inner = inner.childNodes[0] as typeof inner;
		expect(inner.attributes).toEqual({});
	});
});
