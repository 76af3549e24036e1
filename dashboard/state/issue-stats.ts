import type { OccurrenceStats } from "../api.ts";

const DAY_MS = 86_400_000;

/**
 * Returns whether `n`, the number of stored occurrences in the last `within` days, may be too low because occurrences
 * of that period were deleted. `days` also counts deleted occurrences, but only by UTC day, so it does not show whether
 * those of the first day happened within the period.
 * @param all number of all occurrences, including deleted ones
 * @param now epoch milliseconds
 */
export function isLowerBound(
	{ kept, oldest, days }: Pick<OccurrenceStats, "kept" | "oldest" | "days">,
	all: number,
	n: number,
	within: number,
	now: number,
): boolean {
	if (kept >= all) return false;
	const since = now - within * DAY_MS;
	const first = new Date(since).toISOString().slice(0, 10);
	const inDays = days.reduce((sum, { day, count }) => sum + (day >= first ? count : 0), 0);
	return (oldest ?? now) > since || inDays > n;
}
