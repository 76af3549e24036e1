// @vitest-environment jsdom
import { describe, expect, it, vi } from "vitest";
import { DEFAULTS } from "../../recorder/defaults.ts";
import { checkOptions } from "../../recorder/options.ts";
import { createPrivacy, type PrivacyOptions } from "../../recorder/privacy.ts";

const rules = (options: Partial<PrivacyOptions> = {}) =>
	createPrivacy({
		...{ blockSelector: "[data-rr-block]", maskTextSelector: "[data-rr-mask]", maskAllText: false },
		...options,
	});

/** Returns the state of `#it`. A `<template shadow>` becomes the shadow root of its parent and may contain `#it`. */
function stateOf(html: string, privacy = rules()) {
	document.body.innerHTML = html;
	const attach = (root: ParentNode) => {
		for (const template of root.querySelectorAll<HTMLTemplateElement>("template[shadow]")) {
			const shadow = template.parentElement!.attachShadow({ mode: "open" });
			shadow.append(template.content);
			template.remove();
			attach(shadow);
		}
	};
	attach(document.body);
	const find = (root: ParentNode): Element | null =>
		root.querySelector("#it") ??
		[...root.querySelectorAll("*")].reduce<Element | null>(
			(found, { shadowRoot }) => found ?? (shadowRoot && find(shadowRoot)),
			null,
		);
	const { blocked, masked, unmasked } = privacy.of(find(document.body));
	return [blocked && "blocked", masked && "masked", unmasked && "unmasked"].filter(Boolean).join(" ");
}

it("has one selector for blocked elements, without parts that are not valid CSS", () => {
	vi.spyOn(console, "warn").mockReturnValue();
	expect(rules().blockSelector).toBe("[data-rr-block],.rr-block");
	for (const broken of ["[data-x", ".a:not(.b", ".a:has(.b", "[data-x='a", '[data-x="a', ".a\\", ".a /* c"]) {
		expect([broken, rules({ blockSelector: broken }).blockSelector]).toEqual([broken, ".rr-block"]);
		expect([broken, stateOf("<p id=it>", rules({ maskTextSelector: broken }))]).toEqual([broken, "masked"]);
	}
	for (const valid of [".a:not(.b)", "[data-x=']']", ".a\\)", ".a, .b > i", ":is(.a, .b)"]) {
		expect(rules({ blockSelector: valid }).blockSelector).toBe(`${valid},.rr-block`);
	}
	vi.restoreAllMocks();
});

it("is unknown in a document without a window, such as that of a removed frame, so nothing is sent", () => {
	const { body } = document.implementation.createHTMLDocument();
	expect(rules().of(body)).toMatchObject({ blocked: true, masked: true });
});

it("is determined for a form whose fields have the names of methods", () => {
	document.body.innerHTML = "<form id=it data-rr-mask></form>";
	const form = document.querySelector("form")!;
	for (const name of ["matches", "closest"]) Object.defineProperty(form, name, { value: document.body });
	expect(rules().of(form).masked).toBe(true);
});

describe("privacy of a node", () => {
	it.each([
		["plain text", "<p id=it>", ""],
		["a blocked element", "<p id=it data-rr-block>", "blocked"],
		["inside a blocked element", "<div data-rr-block><p id=it>", "blocked"],
		["rrweb's class", "<div class=rr-block><p id=it class=rr-mask>", "blocked masked"],
		[
			"in the shadow root of a blocked host",
			"<div data-rr-block><template shadow><p id=it></p></template></div>",
			"blocked",
		],
		[
			"in nested shadow roots of a masked host",
			"<div data-rr-mask><template shadow><section><template shadow><p id=it></p></template></section></template></div>",
			"masked",
		],
		[
			"in a slot of a masked part",
			"<div><template shadow><i data-rr-mask><slot></slot></i></template><p id=it></p></div>",
			"masked",
		],
		["an unmasked area", "<div data-sentiero-unmask><p id=it data-rr-mask>", "masked unmasked"],
		["an unmasked area in a blocked one", "<div data-rr-block><p id=it data-sentiero-unmask>", "blocked unmasked"],
		["an editable element", "<div contenteditable><p id=it>", "masked"],
		["an element that is not editable", '<div contenteditable="false"><p id=it>', ""],
		["a text box drawn by script", '<div role="none TextBox"><p id=it>', "masked"],
		["an editor", '<div class="monaco-editor"><p id=it>', "masked"],
	])("is determined: %s", (_, html, state) => expect(stateOf(html)).toBe(state));

	it("is masked in a document in design mode", () => {
		const frame = document.createElement("iframe");
		document.body.replaceChildren(frame);
		const inner = frame.contentDocument!;
		inner.body.innerHTML = "<p>x</p>";
		expect(rules().of(inner.querySelector("p")).masked).toBe(false);
		Object.defineProperty(inner, "designMode", { value: "on" });
		expect(rules().of(inner.querySelector("p")).masked).toBe(true);
	});

	it("is inherited by a document in a frame from the elements around the frame", () => {
		document.body.innerHTML = "<div data-rr-block><iframe></iframe></div>";
		const inner = document.querySelector("iframe")!.contentDocument!;
		expect(rules().of(inner.body).blocked).toBe(true);
	});

	it("is the strictest for a node that no longer exists", () => {
		expect(rules().of(null)).toEqual({ blocked: true, masked: true, unmasked: false });
	});

	it("is masked everywhere, with a warning, when a selector is invalid", () => {
		const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
		expect(stateOf("<p id=it>", rules({ blockSelector: "[[" }))).toBe("masked");
		expect(stateOf("<p id=it data-rr-mask>", rules({ maskTextSelector: "a:nope(" }))).toBe("masked");
		expect(warn).toHaveBeenCalledTimes(2);
		warn.mockRestore();
	});

	it("is determined even in a deeply nested DOM", () => {
		const leaf = document.createElement("b");
		let top: Element = leaf;
		for (let i = 0; i < 3_000; i++) {
			const parent = document.createElement("b");
			parent.append(top);
			top = parent;
		}
		expect(rules().of(leaf).masked).toBe(false);
	});
});

describe("recorder options that concern privacy", () => {
	const check = (options: object) => checkOptions({ ...DEFAULTS, maskAllInputs: false, ...options });

	it("include rrweb's classes", () => {
		const { privacy } = check({ recorderOptions: { blockClass: "secret", maskTextClass: "quiet" } });
		expect(privacy.blockSelector).toBe("[data-rr-block],.secret");
		expect(privacy.maskTextSelector).toBe("[data-rr-mask],.quiet");
	});

	it.each([
		["recorderOptions", { recorderOptions: { maskInputOption: {} } }],
		["maskInputOptions", { maskInputOptions: { emial: true } }],
	])("cause all fields to be masked, with one warning, if %s contains an unknown name", (_, options) => {
		const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
		expect(check(options).masking.maskAllInputs).toBe(true);
		expect(warn).toHaveBeenCalledOnce();
		warn.mockRestore();
	});

	it("are not passed to rrweb, which gets only harmless options", () => {
		const { rrweb, masking } = check({ recorderOptions: { sampling: { scroll: 1 }, recordCanvas: true } });
		expect([rrweb, masking.maskAllInputs]).toEqual([{ sampling: { scroll: 1 } }, false]);
	});
});
