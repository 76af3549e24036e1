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
	// Three occurrences of July 17 were deleted, although older occurrences are stored.
	const less = { ...spread, kept: 6 };
	expect(isLowerBound(less, 9, 2, 1, NOW)).toBe(false);
	expect(isLowerBound(less, 9, 4, 7, NOW)).toBe(true);
	expect(isLowerBound(less, 9, 5, 30, NOW)).toBe(true);
	// All occurrences older than five days were deleted, so that their number in the period is unknown.
	expect(isLowerBound({ ...less, oldest: NOW - 5 * DAY }, 9, 7, 7, NOW)).toBe(true);
});
