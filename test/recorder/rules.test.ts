// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from "vitest";
import { createCost } from "../../recorder/cost.ts";
import { isIncluded, isSampled } from "../../recorder/rules.ts";

describe("URL rules", () => {
	it.each<[string, string[], string[], boolean]>([
		["no rules", [], [], true],
		["an included path", ["/shop/*"], [], true],
		["a path that is not included", ["/help", "/journal/*"], [], false],
		["a path without *, which does not match paths below it", ["/shop"], [], false],
		["an excluded path", [], ["/shop/*"], false],
		["a path that is included and excluded, which is excluded", ["/shop/*"], ["*/cart"], false],
		["a full URL", ["https://x.example/*"], [], true],
		["another host", ["https://y.example/*"], [], false],
		["a dot, which matches only a dot", ["https://x-example/*"], [], false],
		["query and fragment, which are ignored", ["/shop/a.b/cart"], [], true],
		["* on both sides", ["*cart*"], [], true],
	])("handle %s", (_, include, exclude, expected) => {
		expect(isIncluded("https://x.example/shop/a.b/cart?to=/help#/journal/", include, exclude)).toBe(expected);
	});
});

describe("sampling", () => {
	const HOUR = 3_600_000;
	const storage = () => localStorage;
	beforeEach(() => localStorage.clear());

	it("stores nothing at a sample rate of 1", () => {
		expect(isSampled(1, HOUR, storage, 0)).toBe(true);
		expect(localStorage.length).toBe(0);
	});

	it("decides once per session, and again for the next session", () => {
		const outcomes = new Set<boolean>();
		let now = 1;
		for (let session = 0; session < 60; session++) {
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

	it("records about the configured share of sessions", () => {
		let sampled = 0;
		for (let i = 0; i < 4_000; i++) if (isSampled(0.2, HOUR, storage, 1, true)) sampled++;
		expect(sampled / 4_000).toBeGreaterThan(0.15);
		expect(sampled / 4_000).toBeLessThan(0.25);
		expect(isSampled(0, HOUR, storage, 1, true)).toBe(false);
	});

	it("decides for each page where storage is not available", () => {
		const denied = () => {
			throw new DOMException("denied", "SecurityError");
		};
		expect(isSampled(0.999999, HOUR, denied, 1)).toBe(true);
	});
});

describe("recording cost", () => {
	it("counts nested spans once", () => {
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
