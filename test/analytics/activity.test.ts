import { describe, expect, it } from "vitest";
import { activity, pathOf } from "../../src/analytics/activity.ts";
import { extract } from "../../src/analytics/extract.ts";
import type { Trail, TrailInput, TrailPage } from "../../src/contract/trail.ts";
import { SITE, storyChunks } from "../support/story.ts";

const T = Date.UTC(2026, 0, 5, 12);

/** Returns the activity in a window, one line per entry. Each text describes a chunk. */
function linesOf(...texts: string[]): string[] {
	const trails = storyChunks(texts, T).map((events) => extract(events, T + 3_600_000));
	return activity(trails).map(({ at, kind, title, subject, detail }) => {
		const line = [`${(at - T) / 1000}s`, kind, title, subject].filter(Boolean).join(" ");
		return detail === null ? line : `${line} | ${detail}`;
	});
}

describe("activity of a window", () => {
	it("lists page views, clicks, input, custom events and external links", () => {
		expect(
			linesOf(`
				0s visit /pricing?a=1 "Prices" with email · 2s click #buy · 2.3s mutation · 4s scroll 640 · 5s type email
				6s type email · 7s tag __form_submit {"name":"order","id":"f1"} · 8s route /thanks · 9s visit /account "Account"
				10s tag purchase {"total":3} · 11s tag navigation {"url":"https://pay.example/x","text":"Pay","external":true}
			`),
		).toEqual([
			"0s page Landed on /pricing?a=1 | Prices",
			"2s click Clicked #buy",
			"5s input Typed into email | 2 changes",
			"7s input Submitted order",
			`8s page Navigated to /thanks | ${SITE}/thanks`,
			"9s page Opened /account | Account",
			'10s tag Custom event purchase | {"total":3}',
			"11s page Followed link to pay.example/x | Pay",
		]);
	});

	it.each<[string, string, string[]]>([
		["does not list moves, scrolls and mutations", "0s move · 1s scroll 9 · 2s mutation", []],
		["does not list a checkout", '0s visit / "A" · 1s checkout / "A"', ["0s page Landed on / | A"]],
		["may start with a route change", '0s route /b "B"', ["0s page Landed on /b | B"]],
		["lists a click without a selector by its position", "0s click 7,9", ["0s click Clicked at 7, 9"]],
		[
			"distinguishes single, double and right clicks",
			"0s click 1,1 · 1s doubleclick 2,2 · 2s rightclick 3,3",
			["0s click Clicked at 1, 1", "1s click Double-clicked at 2, 2", "2s click Right-clicked at 3, 3"],
		],
		["lists a tap once", "0s touch 7,9 · 0.1s click 7,9", ["0.1s click Clicked at 7, 9"]],
		["does not count a single change", "0s type a", ["0s input Typed into a field"]],
		[
			"names a form by its name or ID",
			'0s tag __form_submit {"id":"f1"} · 1s tag __form_submit {}',
			["0s input Submitted f1", "1s input Submitted a form"],
		],
		["does not list internal links", '0s tag navigation {"url":"/b","text":"B"}', []],
		[
			"lists an error with type, location and stack",
			'0s tag error {"message":"x is null","type":"TypeError","source":"/a.js","lineno":3,"stack":"at f"}',
			["0s error Error x is null | TypeError\n/a.js:3\nat f"],
		],
		["lists an error without details", '0s tag error {"message":"x is null"}', ["0s error Error x is null"]],
		["lists a custom event without a payload", "0s tag sale", ["0s tag Custom event sale"]],
		[
			"lists a rage click beside its clicks, and none of them as a dead click",
			'0s visit / "A" · 1s click #buy · 1.2s click #buy · 1.4s click #buy',
			[
				"0s page Landed on / | A",
				"1s click Clicked #buy",
				"1s frustration Rage click on #buy | 3 clicks in one spot without a response",
				"1.2s click Clicked #buy",
				"1.4s click Clicked #buy",
			],
		],
		[
			"lists a dead click",
			'0s visit / "A" · 1s click #buy · 8s move',
			[
				"0s page Landed on / | A",
				"1s click Clicked #buy",
				"1s frustration Dead click on #buy | No response within half a second",
			],
		],
		[
			"lists a dead click that caused an error",
			'0s visit / "A" · 1s click 7,9 · 1.2s tag error {"message":"no"} · 8s move',
			[
				"0s page Landed on / | A",
				"1s click Clicked at 7, 9",
				"1s frustration Dead click on the page | Followed by an error",
				"1.2s error Error no",
			],
		],
	])("%s", (_, text, lines) => expect(linesOf(text)).toEqual(lines));
});

describe("activity over several chunks", () => {
	it("is in time order, although chunks overlap", () => {
		expect(
			linesOf(
				'0s visit / "A" · 3s click #c · 3.1s mutation',
				"1s click #a · 1.1s mutation · 2s click #b · 2.1s mutation",
			),
		).toEqual(["0s page Landed on / | A", "1s click Clicked #a", "2s click Clicked #b", "3s click Clicked #c"]);
	});

	it("has no dead click if the next chunk contains the response", () => {
		const lines = (answer: string) => linesOf('0s visit / "A" · 1s click #buy', answer).join("\n");
		expect(lines("1.3s mutation · 9s move")).not.toContain("Dead");
		expect(lines("3s mutation · 9s move")).toContain("1s frustration Dead click on #buy");
	});

	it("has one landing page", () => {
		expect(linesOf('0s visit / "A"', '5s visit /b "B"')).toEqual(["0s page Landed on / | A", "5s page Opened /b | B"]);
	});

	it.each<[string, string[], string]>([
		[
			"from the snapshot in an earlier chunk",
			["0s visit / with a, b", "5s move", "6s type b"],
			"6s input Typed into b",
		],
		["from a mutation in an earlier chunk", ["0s visit /", "5s mutation with a", "6s type a"], "6s input Typed into a"],
		["from a checkout after the input", ["5s type a · 6s checkout / with a"], "5s input Typed into a"],
		[
			"from its own page, not from the next one",
			["0s visit / with a", "5s type a · 6s visit /b with c"],
			"5s input Typed into a",
		],
		[
			"from its own page, not from an earlier one",
			["0s visit / with a", "5s visit /b", "6s type a"],
			"6s input Typed into a field",
		],
		[
			"from the last page of the previous chunk",
			["0s visit / with a · 1s visit /b with b", "2s type b"],
			"2s input Typed into b",
		],
	])("labels an input with the field %s", (_, texts, line) => {
		expect(linesOf(...texts).filter((it) => it.includes("Typed"))).toEqual([line]);
	});

	const BARE: Trail = { v: 1, from: T, to: 9, sums: [0, 0, 0], types: {} };
	const PAY: TrailPage = [2, "/pay", null, null, null, null, "load"];
	const typedInto = (page: number): TrailInput => [page, 7, null, 3, 3, 1];

	it("distinguishes fields of two pages that have the same node ID", () => {
		const typed = activity([
			{ ...BARE, fields: [[-1, 7, "name"]] },
			{ ...BARE, pages: [PAY], fields: [[0, 7, "card"]], inputs: [typedInto(-1), typedInto(0)] },
			{ ...BARE, inputs: [typedInto(-1)] },
		]).filter(({ kind }) => kind === "input");
		expect(typed.map(({ subject }) => subject)).toEqual(["name", "card", "card"]);
	});

	it("labels an input of a page that was cut from the trail", () => {
		const typed = activity([
			{ ...BARE, fields: [[40, 7, "name"]], cut: ["pages"] },
			{ ...BARE, inputs: [typedInto(-1)] },
		]);
		expect(typed.map(({ subject }) => subject)).toEqual(["name"]);
	});
});

describe("other activity", () => {
	it("includes hidden tabs across chunks, but not unloading pages", () => {
		const hide = (yes: boolean) => `tag __visibility {"hidden":${yes}}`;
		expect(
			linesOf(
				`0s visit /a · 1s ${hide(true)}`,
				`8.2s ${hide(false)} · 9s ${hide(true)} · 9.1s visit /b · 12s ${hide(true)} · 13s ${hide(false)} · 20s ${hide(true)}`,
			),
		).toEqual([
			"0s page Landed on /a | https://shop.example/a",
			"1s page Switched away from the tab | for 7 seconds",
			"9.1s page Opened /b | https://shop.example/b",
			"12s page Switched away from the tab | for 1 second",
		]);
	});

	it("includes failed resources, recording limits and repeated errors", () => {
		expect(
			linesOf(`
				0s tag __resource {"element":"img","url":"https://x.example/a.png"} · 1s tag __limit {"changes":30000,"pauseMs":10000}
				2s tag error {"message":"no"} · 3s tag error {"message":"no","repeats":4}
			`),
		).toEqual([
			"0s error Failed to load /a.png | img\nhttps://x.example/a.png",
			"1s error Recording paused too many page changes | 30000 changes within 10 seconds. Changes are not recorded for 10 seconds.",
			"2s error Error no",
			"3s error Error, repeated 4 times no",
		]);
	});
});

describe("path of a URL", () => {
	it.each([
		["https://shop.example/a/b?c=d#e", "/a/b?c=d#e"],
		["https://shop.example", "/"],
		["https://shop.example?a=1", "?a=1"],
		["HTTP://shop.example:8080/a", "/a"],
		["android-app://com.example/x", "/x"],
		["/a/b", "/a/b"],
		["about:blank", "about:blank"],
		["no URL", "no URL"],
		["", ""],
	])("%s is %s", (url, path) => expect(pathOf(url)).toBe(path));
});
