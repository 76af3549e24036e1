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

describe("what is shown of a recording", () => {
	it.each([
		["a link", snapshot(element("a", { href: SECRET, ping: SECRET, class: "button" }))],
		["a link within a link's place", snapshot(element("div", {}, [element("A", { href: `${SECRET}#top` })]))],
		["a form", snapshot(element("form", { action: SECRET, method: "post" }))],
		["a frame", snapshot(element("iframe", { src: SECRET, srcdoc: SECRET }))],
		["a canonical address", snapshot(element("link", { rel: "canonical", href: SECRET }))],
		["what a page says of itself", snapshot(element("meta", { property: "og:url", content: SECRET }))],
		["a changed link", changed({ href: SECRET })],
		["a changed form", changed({ action: SECRET })],
		[
			"a node that came",
			{ ...changed({}), data: { source: 0, adds: [{ parentId: 1, node: element("a", { href: SECRET }) }] } },
		],
		["the address", { type: 4, timestamp: 5, data: { href: SECRET, width: 10, height: 10 } }],
		["an event of the site's own", { type: 5, timestamp: 5, data: { tag: "x", payload: SECRET } }],
		["a plugin's", { type: 6, timestamp: 5, data: { payload: SECRET } }],
		["one nobody knows", { type: 8, timestamp: 5, data: { href: SECRET } }],
	])("has no address of %s", (_, event) => {
		expect(JSON.stringify(publicEvents([structuredClone(event)], 0))).not.toContain("4711");
	});

	it.each([
		["a sheet", snapshot(element("link", { rel: "stylesheet", href: "https://cdn.example/a.css" }))],
		["a picture", snapshot(element("img", { src: "https://cdn.example/a.png", alt: "A" }))],
		["a part of a picture", snapshot(element("use", { href: "#icon" }))],
		["a changed sheet", changed({ href: "https://cdn.example/a.css?v=2" })],
		["a changed style", changed({ style: "color:red", class: "b" })],
	])("keeps what is drawn: %s", (_, event) => {
		expect(publicEvents([structuredClone(event)], 100)).toEqual([{ ...event, timestamp: 105 }]);
	});

	it("takes any depth", () => {
		let node: unknown = element("a", { href: SECRET });
		for (let i = 0; i < 20_000; i++) node = { ...element("div", {}), childNodes: [node] };
		const [event] = publicEvents([snapshot(node)], 0);
		let inner = (event!.data as { node: { childNodes: unknown[]; attributes: object } }).node;
		while (inner.childNodes.length) inner = inner.childNodes[0] as typeof inner;
		expect(inner.attributes).toEqual({});
	});
});
