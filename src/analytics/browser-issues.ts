import { branchAt, type Counts, numberAt } from "./counts.ts";
import { sumOf, topOf } from "./overview.ts";

/** Errors that differ only in their numbers, as one. */
export interface BrowserIssue {
	message: string;
	count: number;
	sessions: number;
}

/** @param sums of the part `errors` @returns the most frequent first */
export function browserIssues(sums: Counts, limit: number): BrowserIssue[] {
	return topOf(sums, limit).map(([message, issue]) => ({
		...{ message, count: numberAt(issue, "n"), sessions: numberAt(issue, "s") },
	}));
}

/** @param days sums of the part `errors`, by yyyymmdd @returns the most frequent first, and whether there are more */
export function browserIssuesByDay(days: ReadonlyMap<number, Counts>, limit: number) {
	const issues = browserIssues(sumOf(days), limit + 1);
	const dayOfLast = (message: string) =>
		Math.max(...[...days.keys()].filter((day) => branchAt(days.get(day), message)));
	return {
		issues: issues.slice(0, limit).map((issue) => ({ ...issue, lastDay: dayOfLast(issue.message) })),
		more: issues.length > limit,
	};
}
