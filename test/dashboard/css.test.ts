import { describe, expect, it } from "vitest";
import { rewriteCss, rewriteMedia } from "../../dashboard/player/css.ts";

const DARK = "prefers-color-scheme:dark prefers-reduced-motion:reduce pointer:coarse any-hover:none";
const [ALWAYS, NEVER] = ["(min-width:0px)", "(max-width:0px)"];

describe("style sheets of a replay", () => {
	it.each([
		["(prefers-color-scheme: dark)", ALWAYS],
		["(prefers-color-scheme:light)", NEVER],
		["(Prefers-Color-Scheme: Dark)", ALWAYS],
		["not all and (pointer: fine)", `not all and ${NEVER}`],
		["(pointer: coarse) and (min-width: 40em)", `${ALWAYS} and (min-width: 40em)`],
		["(prefers-reduced-motion)", ALWAYS],
		["(any-hover)", NEVER],
		["(hover: hover)", "(hover: hover)"],
		["screen", "screen"],
	])("evaluate %s as the visitor's browser did", (query, answer) => {
		expect(rewriteMedia(query, DARK)).toBe(answer);
		expect(rewriteCss(`@media ${query} { a { color: red } }`, DARK)).toBe(`@media ${answer} { a { color: red } }`);
	});

	it("are unchanged for a recording without media features", () => {
		expect(rewriteMedia("(pointer: fine)", "")).toBe("(pointer: fine)");
	});

	it.each([
		["a:focus { }", 'a[data-sentiero-state~="focus"] { }'],
		["a:focus-visible { }", 'a[data-sentiero-state~="focus-visible"] { }'],
		["a:focus-within { }", 'a:is([data-sentiero-state~="focus"],:has([data-sentiero-state~="focus"])) { }'],
		[".\\:focus-ring { } .focus { }", ".\\:focus-ring { } .focus { }"],
		[":not(:defined) { }", ":not(*) { }"],
		["x-box:defined { }", "x-box:not(:not(*)) { }"],
	])("show the visitor's focus and custom elements: %s", (css, rewritten) => {
		expect(rewriteCss(css, DARK)).toBe(rewritten);
	});
});
