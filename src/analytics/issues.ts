import { type Counts, numberAt } from "./counts.ts";
import { topOf } from "./overview.ts";

/** Errors that differ only in their numbers, as one. */
export interface Issue {
	message: string;
	count: number;
	sessions: number;
}

/** @param sums of the part `errors` @returns the most frequent first */
export function issuesOf(sums: Counts, limit: number): Issue[] {
	return topOf(sums, limit).map(([message, issue]) => ({
		...{ message, count: numberAt(issue, "n"), sessions: numberAt(issue, "s") },
	}));
}
