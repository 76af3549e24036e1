// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from "vitest";
import { createCost } from "../../recorder/cost.ts";
import { isIncluded, isSampled } from "../../recorder/rules.ts";

describe("a page's address", () => {
	it.each<[string, string[], string[], boolean]>([
		["no rules", [], [], true],
		["an included path", ["/shop/*"], [], true],
		["none of the included", ["/help", "/journal/*"], [], false],
		["a path is meant whole", ["/shop"], [], false],
		["an excluded one", [], ["/shop/*"], false],
		["excluded wins", ["/shop/*"], ["*/cart"], false],
		["a whole address", ["https://x.example/*"], [], true],
		["another host", ["https://y.example/*"], [], false],
		["a dot is a dot", ["https://x-example/*"], [], false],
		["query and hash do not count", ["/shop/a.b/cart"], [], true],
		["anywhere", ["*cart*"], [], true],
	])("%s", (_, include, exclude, expected) => {
		expect(isIncluded("https://x.example/shop/a.b/cart?to=/help#/journal/", include, exclude)).toBe(expected);
	});
});

describe("the draw", () => {
	const HOUR = 3_600_000;
	const storage = () => localStorage;
	beforeEach(() => localStorage.clear());

	it("stores nothing when everybody is recorded", () => {
		expect(isSampled(1, HOUR, storage, 0)).toBe(true);
		expect(localStorage.length).toBe(0);
	});

	it("is the same on all pages of a visit, and new for the next one", () => {
		const outcomes = new Set<boolean>();
		let now = 1;
		for (let visit = 0; visit < 60; visit++) {
			const first = isSampled(0.5, HOUR, storage, now);
			outcomes.add(first);
			for (let page = 0; page < 5; page++) {
				now += HOUR / 2;
				expect(isSampled(0.5, HOUR, storage, now)).toBe(first);
			}
			now += HOUR + 1;
		}
		expect(outcomes.size).toBe(2);
	});

	it("comes out as often as it should", () => {
		let drawn = 0;
		for (let i = 0; i < 4_000; i++) if (isSampled(0.2, HOUR, storage, 1, true)) drawn++;
		expect(drawn / 4_000).toBeGreaterThan(0.15);
		expect(drawn / 4_000).toBeLessThan(0.25);
		expect(isSampled(0, HOUR, storage, 1, true)).toBe(false);
	});

	it("is made for each page where nothing can be stored", () => {
		const denied = () => {
			throw new DOMException("denied", "SecurityError");
		};
		expect(isSampled(0.999999, HOUR, denied, 1)).toBe(true);
	});
});

describe("the cost", () => {
	it("is the time of the outermost stretches", () => {
		let now = 0;
		const cost = createCost(() => now);
		const outer = cost.begin();
		now = 10;
		const inner = cost.begin();
		now = 70;
		inner();
		outer();
		now = 100;
		const other = cost.begin();
		now = 105;
		other();
		expect(cost.total).toEqual({ ms: 75, longestMs: 70, longTasks: 1 });
	});
});
