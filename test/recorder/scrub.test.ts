// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { createMasking } from "../../recorder/masking.ts";
import { createPrivacy } from "../../recorder/privacy.ts";
import { createScrubber } from "../../recorder/scrub.ts";
import { createSelectedValue } from "../../recorder/selectors.ts";
import type { RecordedEvent } from "../../src/contract/events.ts";

const privacy = createPrivacy({
	blockSelector: "[data-rr-block]",
	maskTextSelector: "[data-rr-mask]",
	maskAllText: false,
});
const masking = createMasking(privacy, { maskLength: 0, maskAllInputs: true, maskInputOptions: {} });
const selectedValue = createSelectedValue();

/** Returns the scrubbed attributes of the element with `data-it`, or else of the first one, in the format of rrweb. */
function scrubbed(html: string, keep: string[] = []): Record<string, unknown> {
	document.body.innerHTML = html;
	const element = document.body.querySelector("[data-it]") ?? document.body.firstElementChild!;
	element.removeAttribute("data-it");
	const attributes = Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value]));
	const isSVG = element.namespaceURI?.endsWith("svg") || undefined;
	const node = { type: 2, id: 1, tagName: element.localName, attributes, childNodes: [], isSVG };
	const url = (text: string) => text.split(/[?#]/, 1)[0] ?? "";
	const { scrub } = createScrubber({
		url,
		file: url,
		masking,
		privacy,
		selectedValue,
		addState: () => {},
		onAsset: () => {},
		node: () => element,
		keep,
	});
	scrub({ type: 2, data: { node } } as RecordedEvent);
	return attributes;
}

describe("attribute scrubbing", () => {
	it.each<[string, string, string, string | undefined]>([
		["a link's query and fragment", '<a href="https://x.example/a?b#c">', "href", "https://x.example/a"],
		["a mail address", '<a href="mailto:jane@x.example">', "href", "mailto:"],
		["a javascript: URL", '<a href="javascript:go(1)">', "href", "javascript:"],
		["a data: image", '<img src="data:image/png;base64,AA==">', "src", "data:image/png;base64,AA=="],
		["a srcset", '<img srcset="/a.png?x 1x, /b.png?y 2x">', "srcset", "/a.png 1x, /b.png 2x"],
		["an SVG fragment", '<svg><use data-it href="#icon"></use></svg>', "href", "#icon"],
		["an SVG sprite sheet", '<svg><use data-it href="/s.svg?v=1#icon"></use></svg>', "href", "/s.svg#icon"],
		["a placeholder", '<input placeholder="Your name">', "placeholder", "**** ****"],
		[
			"a placeholder in an unmasked area",
			'<p data-sentiero-unmask><input data-it placeholder="Your name"></p>',
			"placeholder",
			"Your name",
		],
		["a hidden value", '<input type="hidden" value="x">', "value", ""],
		["a checkbox's value", '<input type="checkbox" value="x">', "value", ""],
		["a submit button's label", '<input type="submit" value="Buy">', "value", "Buy"],
		["a button's value, which is not displayed", '<button value="x">', "value", ""],
		["a number on a scale", '<progress value="3">', "value", "3"],
		["a preset value", '<input value="jane">', "value", "****"],
		["a state", '<div data-state="open">', "data-state", "open"],
		["a state in mixed case", '<div data-theme="Dark">', "data-theme", "Dark"],
		["an unknown data attribute", '<div data-user="jane">', "data-user", ""],
		["code of a framework", `<div x-data="{ token: 'x' }">`, "x-data", ""],
		["an event handler", `<div onclick="pay('x')">`, "onclick", ""],
		["a class name", '<div class="a b" id="c" role="list" style="color: red">', "class", "a b"],
		["an SVG path", '<svg><path data-it d="M0 0h9"></path></svg>', "d", "M0 0h9"],
		["an unknown data attribute of SVG", '<svg><path data-it data-user="jane"></path></svg>', "data-user", ""],
		["a viewport meta", '<meta name="viewport" content="width=device-width">', "content", "width=device-width"],
		["a meta with a token", '<meta name="csrf-token" content="x">', "content", ""],
		["the text of a style sheet", '<link _csstext="a { b: c }">', "_csstext", "a { b: c }"],
		["the document of a frame", '<iframe srcdoc="<p>x</p>">', "srcdoc", undefined],
	])("handles %s", (_, html, name, value) => expect(scrubbed(html)[name]).toBe(value));

	it("keeps attributes listed in keepAttributes", () => {
		expect(scrubbed('<div data-plan="Gold 7">', ["data-plan"])["data-plan"]).toBe("Gold 7");
	});
});

describe("event scrubbing", () => {
	const element = Object.assign(document.createElement("input"), { type: "radio" });
	const { scrub } = createScrubber({
		url: () => "cut",
		file: () => "cut",
		masking,
		privacy,
		selectedValue,
		addState: () => {},
		onAsset: () => {},
		node: () => element,
		keep: [],
	});

	it("scrubs changed attributes", () => {
		const attributes = { href: "/x?y", title: "ab c", "data-x": "secret", style: { color: "red" }, gone: null };
		scrub({ type: 3, data: { source: 0, adds: [], attributes: [{ id: 1, attributes }] } });
		expect(attributes).toEqual({ href: "cut", title: "** *", "data-x": "", style: { color: "red" }, gone: null });
	});

	it("removes the value of a radio button", () => {
		const data = { source: 5, id: 1, text: "secret", isChecked: true };
		scrub({ type: 3, data });
		expect(data).toEqual({ source: 5, id: 1, text: "", isChecked: true });
	});

	it.each([null, [], {}, { source: 0 }, { source: 0, adds: [null, 1], attributes: [null, {}] }, { node: 1 }])(
		"accepts malformed data: %j",
		(data) => {
			for (const type of [2, 3, 4]) expect(() => scrub({ type, data })).not.toThrow();
		},
	);
});
