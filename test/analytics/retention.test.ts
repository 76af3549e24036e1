import { describe, expect, it } from "vitest";
import { FIRST_MONDAY_MS, retention, WEEK_MS } from "../../src/analytics/retention.ts";

/** Number of the week that begins on Monday, June 1, 2026. */
const JUNE = (Date.UTC(2026, 5, 1) - FIRST_MONDAY_MS) / WEEK_MS;
const seen = (story: Record<string, number[]>) =>
	Object.entries(story).flatMap(([person, weeks]) => weeks.map((week) => ({ person, week: JUNE + week })));

describe("retention", () => {
	it("has weeks that begin on Mondays", () => expect(Number.isInteger(JUNE)).toBe(true));

	it.each([
		["nobody", {}, 3, []],
		["one person who never returned", { a: [0] }, 2, ["2026-W23 1: 0 0"]],
		["one person with a session each week", { a: [2, 0, 1] }, 2, ["2026-W23 1: 1 1"]],
		["two people of one week", { a: [0, 2], b: [0, 1, 2] }, 2, ["2026-W23 2: 1 2"]],
		["two people of different weeks", { a: [0, 1], b: [1] }, 1, ["2026-W23 1: 1", "2026-W24 1: "]],
		["sessions after the last week", { a: [0, 3] }, 1, ["2026-W23 1: 0"]],
	] as [string, Record<string, number[]>, number, string[]][])("of %s", (_, story, last, expected) => {
		const cohorts = retention(seen(story), JUNE + last);
		expect(cohorts.map(({ week, people, came }) => `${week} ${people}: ${came.join(" ")}`)).toEqual(expected);
	});
});
