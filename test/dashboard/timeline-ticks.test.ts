import { describe, expect, it } from "vitest";
import { clusterTicks, lastPositionUpTo, nearest, visibleEntries } from "../../dashboard/state/timeline-ticks.ts";
import type { Activity, ActivityKind } from "../../src/analytics/activity.ts";

const entry = (at: number, kind: ActivityKind = "click", subject: string | null = null): Activity => ({
	...{ at, kind, title: "Clicked", subject, detail: null },
});

describe("ticks of the timeline", () => {
	it("are merged where they would overlap, with the most important kind", () => {
		const entries = [entry(0, "page"), entry(4), entry(9, "error"), entry(9, "frustration"), entry(50, "input")];
		expect(clusterTicks(entries, (at) => at / 100, 0.1)).toEqual([
			{ x: 0, kind: "error", first: 0, last: 3 },
			{ x: 0.5, kind: "input", first: 4, last: 4 },
		]);
		const failed = [entry(0, "exception"), entry(1, "error"), entry(50, "server"), entry(51, "page")];
		expect(clusterTicks(failed, (at) => at / 100, 0.1).map(({ kind }) => kind)).toEqual(["exception", "page"]);
	});

	it("are limited by the width and contain every entry", () => {
		const entries = Array.from({ length: 20_000 }, (_, i) => entry(i));
		const ticks = clusterTicks(entries, (at) => at / 20_000, 0.01);
		expect(ticks.length).toBeLessThanOrEqual(101);
		expect(ticks.reduce((sum, { first, last }) => sum + last - first + 1, 0)).toBe(20_000);
	});
});

describe("nearest match", () => {
	const entries = [entry(1, "error"), entry(5), entry(7, "error"), entry(7, "error"), entry(9, "error")];
	const isError = ({ kind }: Activity) => kind === "error";
	const walk = (at: number, step: 1 | -1) => nearest(entries, at, step, isError)?.at ?? null;

	it("is the next later or earlier entry", () => {
		expect([0, 1, 5, 7, 9].map((at) => walk(at, 1))).toEqual([1, 7, 7, 9, null]);
		expect([0, 1, 5, 7, 9].map((at) => walk(at, -1))).toEqual([null, null, 1, 1, 7]);
	});
});

describe("visible activity", () => {
	const entries = [entry(1, "page", "/Cart"), entry(2, "click", "#buy"), entry(3, "error", "cart is null")];

	it.each<[string, ActivityKind[], string, number[]]>([
		["has every entry by default", [], "", [0, 1, 2]],
		["has no entries of a hidden kind", ["click"], "", [0, 2]],
		["has only entries that contain the search text in any case", [], " cart ", [0, 2]],
		["can be limited by kind and text", ["error"], "cart", [0]],
		["may be empty", [], "nowhere", []],
	])("%s", (_, hidden, text, shown) => {
		expect(visibleEntries(entries, new Set(hidden), text)).toEqual(shown);
	});

	it("has a last entry up to an index", () => {
		expect([-1, 0, 1, 2, 9].map((index) => lastPositionUpTo([0, 2, 5], index))).toEqual([-1, 0, 0, 1, 2]);
	});
});
