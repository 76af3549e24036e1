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

/** Tab a is open from 0 to 60 s, tab b from 40 to 100 s. */
const WINDOWS = [
	{ id: "a", startedAt: s(0), lastAt: s(60) },
	{ id: "b", startedAt: s(40), lastAt: s(100) },
];
/** The visitor switches to b at 50 s and is back in a from 55 to 58 s. */
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

describe("clock skew of a window", () => {
	it.each<[string, (number | undefined)[], number]>([
		["is the smallest of its chunks, because skew includes the time in transit", [5_400, 5_020, 7_000], 5_020],
		["is the smallest also for a clock that is ahead", [-4_900, -4_300, -4_980], -4_980],
		["is 0 if a chunk has none", [1_200, undefined], 0],
		["is that of a clock ahead, even if a chunk has none", [-4_900, undefined], -4_900],
		["is 0 without chunks", [], 0],
	])("%s", (_, skews, expected) => {
		expect(skewOf(skews.map((skew) => ({ skew }) as unknown as Trail))).toBe(expected);
	});
});

describe("server item", () => {
	/** `alone`: tabs in which the item is shown if the visitor's path is unknown. `followed`: if the path is known. */
	it.each<[string, ServerItem, number, { moment: number; alone: string[]; followed?: string[] }]>([
		["of a tab with a correct clock", exceptionAt(10, "a"), 0, { moment: 10, alone: ["a"] }],
		["of a tab whose clock is behind", exceptionAt(10, "a"), 4, { moment: 6, alone: ["a"] }],
		["of a tab whose clock is ahead", exceptionAt(10, "a"), -4, { moment: 14, alone: ["a"] }],
		["of a tab, while another was open", exceptionAt(52, "a"), 0, { moment: 52, alone: ["a"] }],
		["of a tab, just after its end", exceptionAt(60 + MARGIN, "a"), 0, { moment: 60 + MARGIN, alone: ["a"] }],
		["of a tab, long after its end", exceptionAt(61 + MARGIN, "a"), 0, { moment: 61 + MARGIN, alone: [] }],
		[
			"of a tab, just after its end by the visitor's clock",
			exceptionAt(65 + MARGIN, "a"),
			5,
			{ moment: 60 + MARGIN, alone: ["a"] },
		],
		["of an unknown tab", exceptionAt(10, "deleted"), 0, { moment: 10, alone: ["a"] }],
		["of no tab, while one was open", eventAt(10), 0, { moment: 10, alone: ["a"] }],
		["of no tab, while two were open", eventAt(52), 0, { moment: 52, alone: ["a", "b"], followed: ["b"] }],
		["of no tab, back in the first", eventAt(56), 0, { moment: 56, alone: ["a", "b"], followed: ["a"] }],
		["of no tab, before the first action", eventAt(0), 0, { moment: 0, alone: ["a"] }],
		["of no tab, at the end of one", eventAt(60), 0, { moment: 60, alone: ["a", "b"], followed: ["b"] }],
		["of no tab, before all of them", eventAt(-5), 0, { moment: -5, alone: ["a"] }],
		["of no tab, after all of them", eventAt(105), 0, { moment: 105, alone: ["b"] }],
		["of no tab, long after", eventAt(101 + MARGIN), 0, { moment: 101 + MARGIN, alone: [] }],
	])("%s is shown at its moment in the right tabs", (_, item, skew, { moment, alone, followed = alone }) => {
		expect(placeServerItems([item], WINDOWS, skew * 1_000, [])).toEqual([
			{ item, moment: s(moment), windowIds: alone },
		]);
		expect(placeServerItems([item], WINDOWS, skew * 1_000, PATH)[0]!.windowIds).toEqual(followed);
	});

	it("is shown in no tab if nothing was recorded", () => {
		expect(placeServerItems([eventAt(1)], [], 0, [])[0]!.windowIds).toEqual([]);
	});

	it("links to the tab that it names, at the server's time", () => {
		const [exception, event] = [exceptionAt(10, "a"), eventAt(10)];
		expect(watchPath("s", "shop", exception)).toBe(`/sessions/s/windows/a?project=shop&t=${s(10)}&item=x10`);
		expect(watchPath("s", undefined, event)).toBe(`/sessions/s?t=${s(10)}&item=e10`);
		expect(watchPath("s", undefined, { id: "e", at: 5 })).toBe("/sessions/s?t=5&item=e");
	});

	it("becomes an entry of the activity list with a link to its page", () => {
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
