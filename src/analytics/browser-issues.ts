import { branchAt, type Counts, numberAt } from "./counts.ts";
import { sumOf, topOf } from "./overview.ts";

/** A group of browser errors whose messages differ only in numbers. */
export interface BrowserIssue {
	message: string;
	count: number;
	sessions: number;
}

/** Returns the issues of a period, the most frequent first. @param sums the section `errors` of a rollup */
export function browserIssues(sums: Counts, limit: number): BrowserIssue[] {
	return topOf(sums, limit).map(([message, issue]) => ({
		...{ message, count: numberAt(issue, "n"), sessions: numberAt(issue, "s") },
	}));
}

/**
 * Returns the `limit` most frequent issues of a period, each with the last day on which it occurred, and whether there
 * are more.
 * @param days the section `errors` of the rollup of each day (yyyymmdd)
 */
export function browserIssuesByDay(days: ReadonlyMap<number, Counts>, limit: number) {
	const issues = browserIssues(sumOf(days), limit + 1);
	const dayOfLast = (message: string) =>
		Math.max(...[...days.keys()].filter((day) => branchAt(days.get(day), message)));
	return {
		issues: issues.slice(0, limit).map((issue) => ({ ...issue, lastDay: dayOfLast(issue.message) })),
		more: issues.length > limit,
	};
}
