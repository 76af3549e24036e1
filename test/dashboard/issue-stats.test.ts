import { expect, it } from "vitest";
import { isLowerBound } from "../../dashboard/state/issue-stats.ts";

const NOW = Date.parse("2026-07-20T12:00:00Z");
const DAY = 86_400_000;

it("marks counts as lower bounds if occurrences of the period were deleted", () => {
	const days = [
		{ day: "2026-07-02", count: 1 },
		{ day: "2026-07-17", count: 5 },
		{ day: "2026-07-20", count: 2 },
	];
	const spread = { kept: 8, oldest: NOW - 40 * DAY, days };
	expect(isLowerBound(spread, 8, 2, 1, NOW)).toBe(false);
	// Of the five occurrences of July 17, three were deleted, although older occurrences are still stored.
	const less = { ...spread, kept: 6 };
	expect(isLowerBound(less, 9, 2, 1, NOW)).toBe(false);
	expect(isLowerBound(less, 9, 4, 7, NOW)).toBe(true);
	expect(isLowerBound(less, 9, 5, 30, NOW)).toBe(true);
	// All occurrences older than five days were deleted, so it is unknown how many were in the last seven days.
	expect(isLowerBound({ ...less, oldest: NOW - 5 * DAY }, 9, 7, 7, NOW)).toBe(true);
});
