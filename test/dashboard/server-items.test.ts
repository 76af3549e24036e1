import { describe, expect, it } from "vitest";
import type { ServerItem } from "../../dashboard/api.ts";
import { watchPath } from "../../dashboard/state/paths.ts";
import { activityOf, MARGIN_MS, placeServerItems, serverItemPath, skewOf } from "../../dashboard/state/server-items.ts";
import type { Trail } from "../../src/contract/trail.ts";

const T = Date.UTC(2026, 0, 5, 12);
const s = (seconds: number) => T + seconds * 1_000;
const MARGIN = MARGIN_MS / 1_000;

const exceptionAt = (seconds: number, windowId: string | null): ServerItem => ({
	...{ kind: "exception", id: `x${seconds}`, at: s(seconds), windowId, fingerprint: "f".repeat(40) },
	...{ exceptionClass: "Timeout", message: "no answer", platform: "ruby" },
});
const eventAt = (seconds: number): ServerItem => ({
	...{ kind: "event", id: `e${seconds}`, at: s(seconds), windowId: null, name: "paid", level: "info" },
	payload: { total: 12 },
});

/** Tab a from 0 to 60 s, tab b from 40 to 100 s. */
const WINDOWS = [
	{ id: "a", startedAt: s(0), lastAt: s(60) },
	{ id: "b", startedAt: s(40), lastAt: s(100) },
];
/** The visitor went to b at 50 s, and came back at 55 s for 3 seconds. */
const PATH = [
	...[
		{ at: s(1), windowId: "a" },
		{ at: s(50), windowId: "b" },
	],
	...[
		{ at: s(55), windowId: "a" },
		{ at: s(58), windowId: "b" },
	],
];

describe("the skew of a window", () => {
	it.each<[string, (number | undefined)[], number]>([
		["is the smallest of its chunks: the way of a batch is in it", [5_400, 5_020, 7_000], 5_020],
		["is the same of a clock that is ahead", [-4_900, -4_300, -4_980], -4_980],
		["is none where a chunk tells none", [1_200, undefined], 0],
		["is that of a clock ahead, though a chunk tells none", [-4_900, undefined], -4_900],
		["is none of nothing", [], 0],
	])("%s", (_, skews, expected) => {
		expect(skewOf(skews.map((skew) => ({ skew }) as unknown as Trail))).toBe(expected);
	});
});

describe("what a server reported", () => {
	it.each<[string, ServerItem, number, { moment: number; alone: string[]; followed?: string[] }]>([
		["of a tab, by a right clock", exceptionAt(10, "a"), 0, { moment: 10, alone: ["a"] }],
		["of a tab whose clock is behind", exceptionAt(10, "a"), 4, { moment: 6, alone: ["a"] }],
		["of a tab whose clock is ahead", exceptionAt(10, "a"), -4, { moment: 14, alone: ["a"] }],
		["of a tab, while another was open", exceptionAt(52, "a"), 0, { moment: 52, alone: ["a"] }],
		["of a tab, on its way out", exceptionAt(60 + MARGIN, "a"), 0, { moment: 60 + MARGIN, alone: ["a"] }],
		["of a tab that was gone for long", exceptionAt(61 + MARGIN, "a"), 0, { moment: 61 + MARGIN, alone: [] }],
		[
			"of a tab that only the clock brings back",
			exceptionAt(65 + MARGIN, "a"),
			5,
			{ moment: 60 + MARGIN, alone: ["a"] },
		],
		["of a tab that nobody knows", exceptionAt(10, "deleted"), 0, { moment: 10, alone: ["a"] }],
		["of no tab, while one was open", eventAt(10), 0, { moment: 10, alone: ["a"] }],
		["of no tab, while two were open", eventAt(52), 0, { moment: 52, alone: ["a", "b"], followed: ["b"] }],
		["of no tab, back in the first", eventAt(56), 0, { moment: 56, alone: ["a", "b"], followed: ["a"] }],
		["of no tab, before anything was done", eventAt(0), 0, { moment: 0, alone: ["a"] }],
		["of no tab, at the end of one", eventAt(60), 0, { moment: 60, alone: ["a", "b"], followed: ["b"] }],
		["of no tab, before all of them", eventAt(-5), 0, { moment: -5, alone: ["a"] }],
		["of no tab, after all of them", eventAt(105), 0, { moment: 105, alone: ["b"] }],
		["of no tab, long after", eventAt(101 + MARGIN), 0, { moment: 101 + MARGIN, alone: [] }],
	])("%s", (_, item, skew, { moment, alone, followed = alone }) => {
		expect(placeServerItems([item], WINDOWS, skew * 1_000, [])).toEqual([
			{ item, moment: s(moment), windowIds: alone },
		]);
		expect(placeServerItems([item], WINDOWS, skew * 1_000, PATH)[0]!.windowIds).toEqual(followed);
	});

	it("is nowhere when nothing was recorded", () => {
		expect(placeServerItems([eventAt(1)], [], 0, [])[0]!.windowIds).toEqual([]);
	});

	it("is watched in the tab that it names, at the server's moment until it has its own", () => {
		const [exception, event] = [exceptionAt(10, "a"), eventAt(10)];
		expect(watchPath("s", "shop", exception)).toBe(`/sessions/s/windows/a?project=shop&t=${s(10)}&item=x10`);
		expect(watchPath("s", undefined, event)).toBe(`/sessions/s?t=${s(10)}&item=e10`);
		expect(watchPath("s", undefined, { id: "e", at: 5 })).toBe("/sessions/s?t=5&item=e");
	});

	it("is told in words, with a way to all of it", () => {
		expect(activityOf(exceptionAt(1, "a"), s(2), undefined)).toEqual({
			...{ at: s(2), kind: "exception", title: "Exception", subject: "no answer", detail: "Timeout, ruby" },
			href: `/issues/${"f".repeat(40)}`,
		});
		expect(activityOf(eventAt(1), s(1), "shop")).toEqual({
			...{ at: s(1), kind: "server", title: "Server event", subject: "paid", detail: 'info {"total":12}' },
			href: "/server-events/e1?project=shop",
		});
		expect(activityOf({ ...eventAt(1), payload: null } as ServerItem, s(1), "shop").detail).toBe("info");
		expect(serverItemPath(eventAt(1), "a&b")).toBe("/server-events/e1?project=a%26b");
		expect(serverItemPath(exceptionAt(1, null), "shop")).toBe(`/issues/${"f".repeat(40)}?project=shop`);
	});
});
