// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { createMasking } from "../../recorder/masking.ts";
import { createScrubber } from "../../recorder/scrub.ts";
import type { RecordedEvent } from "../../src/contract/events.ts";

/** Scrubs the first element of some HTML as rrweb would have serialised it. */
function scrubbed(html: string, keep: string[] = []): Record<string, unknown> {
	document.body.innerHTML = html;
	const element = document.body.querySelector("[data-it]") ?? document.body.firstElementChild!;
	element.removeAttribute("data-it");
	const attributes = Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value]));
	const isSVG = element.namespaceURI?.endsWith("svg") || undefined;
	const node = { type: 2, id: 1, tagName: element.localName, attributes, childNodes: [], isSVG };
	const url = (text: string) => text.split(/[?#]/, 1)[0] ?? "";
	const { scrub } = createScrubber({ url, file: url, masking: createMasking(), element: () => element, keep });
	scrub({ type: 2, data: { node } } as RecordedEvent);
	return attributes;
}

describe("an attribute", () => {
	it.each<[string, string, string, string]>([
		["a link's query and fragment", '<a href="https://x.example/a?b#c">', "href", "https://x.example/a"],
		["an address that is no address", '<a href="mailto:jane@x.example">', "href", "mailto:"],
		["a script for an address", '<a href="javascript:go(1)">', "href", "javascript:"],
		["a picture inside the page", '<img src="data:image/png;base64,AA==">', "src", "data:image/png;base64,AA=="],
		["several pictures", '<img srcset="/a.png?x 1x, /b.png?y 2x">', "srcset", "/a.png 1x, /b.png 2x"],
		["a drawing's own fragment", '<svg><use data-it href="#icon"></use></svg>', "href", "#icon"],
		["a sheet of drawings", '<svg><use data-it href="/s.svg?v=1#icon"></use></svg>', "href", "/s.svg#icon"],
		["a placeholder", '<input placeholder="Your name">', "placeholder", "**** ****"],
		[
			"one in an unmask area",
			'<p data-sentiero-unmask><input data-it placeholder="Your name"></p>',
			"placeholder",
			"Your name",
		],
		["a hidden value", '<input type="hidden" value="x">', "value", ""],
		["a box's value", '<input type="checkbox" value="x">', "value", ""],
		["a button's caption", '<input type="submit" value="Buy">', "value", "Buy"],
		["a button's unseen value", '<button value="x">', "value", ""],
		["a number on a scale", '<progress value="3">', "value", "3"],
		["a preset value", '<input value="jane">', "value", "****"],
		["a state", '<div data-state="open">', "data-state", "open"],
		["a state of another case", '<div data-theme="Dark">', "data-theme", "Dark"],
		["a fact", '<div data-user="jane">', "data-user", ""],
		["a framework's code", `<div x-data="{ token: 'x' }">`, "x-data", ""],
		["a handler", `<div onclick="pay('x')">`, "onclick", ""],
		["how it is built", '<div class="a b" id="c" role="list" style="color: red">', "class", "a b"],
		["a drawing's shape", '<svg><path data-it d="M0 0h9"></path></svg>', "d", "M0 0h9"],
		["a drawing's fact", '<svg><path data-it data-user="jane"></path></svg>', "data-user", ""],
		[
			"a meta that says how to draw",
			'<meta name="viewport" content="width=device-width">',
			"content",
			"width=device-width",
		],
		["a meta that holds a token", '<meta name="csrf-token" content="x">', "content", ""],
		["a stylesheet's text", '<link _csstext="a { b: c }">', "_csstext", "a { b: c }"],
		["a frame's document", '<iframe srcdoc="<p>x</p>">', "srcdoc", ""],
	])("%s", (_, html, name, value) => expect(scrubbed(html)[name]).toBe(value));

	it("is kept when the page's owner says so", () => {
		expect(scrubbed('<div data-plan="Gold 7">', ["data-plan"])["data-plan"]).toBe("Gold 7");
	});
});

describe("a change", () => {
	const element = Object.assign(document.createElement("input"), { type: "radio" });
	const { scrub } = createScrubber({
		url: () => "cut",
		file: () => "cut",
		masking: createMasking(),
		element: () => element,
		keep: [],
	});

	it("of attributes is scrubbed like them", () => {
		const attributes = { href: "/x?y", title: "ab c", "data-x": "secret", style: { color: "red" }, gone: null };
		scrub({ type: 3, data: { source: 0, adds: [], attributes: [{ id: 1, attributes }] } });
		expect(attributes).toEqual({ href: "cut", title: "** *", "data-x": "", style: { color: "red" }, gone: null });
	});

	it("of a box does not tell its value", () => {
		const data = { source: 5, id: 1, text: "secret", isChecked: true };
		scrub({ type: 3, data });
		expect(data).toEqual({ source: 5, id: 1, text: "", isChecked: true });
	});

	it.each([null, [], {}, { source: 0 }, { source: 0, adds: [null, 1], attributes: [null, {}] }, { node: 1 }])(
		"of odd shape (%j) is no error",
		(data) => {
			for (const type of [2, 3, 4]) expect(() => scrub({ type, data })).not.toThrow();
		},
	);
});
