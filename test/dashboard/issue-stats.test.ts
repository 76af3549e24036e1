import { expect, it } from "vitest";
import { isLowerBound } from "../../dashboard/state/issue-stats.ts";

const NOW = Date.parse("2026-07-20T12:00:00Z");
const DAY = 86_400_000;

it("says whether a period had more than are kept of it", () => {
	const days = [
		{ day: "2026-07-02", count: 1 },
		{ day: "2026-07-17", count: 5 },
		{ day: "2026-07-20", count: 2 },
	];
	const spread = { kept: 8, oldest: NOW - 40 * DAY, days };
	expect(isLowerBound(spread, 8, 2, 1, NOW)).toBe(false);
	// Three of the 17th are kept no more, although older ones are.
	const less = { ...spread, kept: 6 };
	expect(isLowerBound(less, 9, 2, 1, NOW)).toBe(false);
	expect(isLowerBound(less, 9, 4, 7, NOW)).toBe(true);
	expect(isLowerBound(less, 9, 5, 30, NOW)).toBe(true);
	// Nothing is kept of before, and nobody knows.
	expect(isLowerBound({ ...less, oldest: NOW - 5 * DAY }, 9, 7, 7, NOW)).toBe(true);
});
