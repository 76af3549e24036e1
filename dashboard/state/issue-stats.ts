import type { Spread } from "../api.ts";

const DAY_MS = 86_400_000;

/**
 * Whether there may have been more than `n` in the last days: of those that came then, some are kept no more.
 * What a UTC day had is known even then, but not at what time of it.
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
	const came = days.reduce((sum, { day, count }) => sum + (day >= first ? count : 0), 0);
	return (oldest ?? now) > since || came > n;
}
