import { dayOf } from "../contract/days.ts";
import { weekOf } from "./overview.ts";

/** People with a user ID whose first session was in the same week. */
export interface Cohort {
	/** ISO week, 2026-W27. */
	week: string;
	people: number;
	/** Number of these people who had a session one week later, two weeks later, …, in the last week of the report. */
	came: number[];
}

export const WEEK_MS = 7 * 86_400_000;
/** The first Monday after the epoch, at which week 0 begins. */
export const FIRST_MONDAY_MS = 4 * 86_400_000;

/**
 * Groups people by the week of their first session.
 * @param seen one entry per person and week in which the person had a session, in any order; week 0 begins at
 * `FIRST_MONDAY_MS`
 * @param last number of the final week of the report
 */
export function retention(seen: readonly { person: string; week: number }[], last: number): Cohort[] {
	const first = new Map<string, number>();
	for (const { person, week } of seen) first.set(person, Math.min(first.get(person) ?? week, week));
	const cohorts = new Map<number, Cohort>();
	for (const week of [...new Set(first.values())].sort((a, b) => a - b)) {
		const came = Array.from({ length: Math.max(0, last - week) }, () => 0);
		cohorts.set(week, { week: weekOf(dayOf(week * WEEK_MS + FIRST_MONDAY_MS)), people: 0, came });
	}
	for (const { person, week } of seen) {
		const firstWeek = first.get(person)!;
		const cohort = cohorts.get(firstWeek)!;
		if (week === firstWeek) cohort.people++;
		else if (week <= last) cohort.came[week - firstWeek - 1]!++;
	}
	return [...cohorts.values()];
}
