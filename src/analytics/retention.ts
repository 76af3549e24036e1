import { dayOf } from "../contract/days.ts";
import { weekOf } from "./overview.ts";

/** Which of the people whose names are known came again, by the week in which they were first seen. */
export interface Cohort {
	/** ISO week, 2026-W27. */
	week: string;
	people: number;
	/** How many of them were seen one week later, two weeks later, and so on, to the last week there is. */
	came: number[];
}

export const WEEK_MS = 7 * 86_400_000;
/** The first Monday; weeks are counted from it. */
export const FIRST_MONDAY_MS = 4 * 86_400_000;

/**
 * @param seen who was seen in which week, counted from `FIRST_MONDAY_MS`; any order, each once
 * @param last week to tell of
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
		const began = first.get(person)!;
		const cohort = cohorts.get(began)!;
		if (week === began) cohort.people++;
		else if (week <= last) cohort.came[week - began - 1]!++;
	}
	return [...cohorts.values()];
}
