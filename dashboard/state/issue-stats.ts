import type { Spread } from "../api.ts";

const DAY_MS = 86_400_000;

/**
 * Returns whether `n` occurrences in the last `within` days is a lower bound, because stored occurrences were deleted and
 * some of them may lie in that period. Counts per UTC day are complete, but do not tell the time of day.
 * @param all occurrences ever, deleted ones included
 * @param now epoch milliseconds
 */
export function isLowerBound(
	{ kept, oldest, days }: Pick<Spread, "kept" | "oldest" | "days">,
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
