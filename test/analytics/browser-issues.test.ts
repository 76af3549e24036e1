import { describe, expect, it } from "vitest";
import { browserIssuesByDay } from "../../src/analytics/browser-issues.ts";
import { type Counts, newCounts } from "../../src/analytics/counts.ts";

const day = (sums: Record<string, Counts>) => Object.assign(newCounts(), sums);

describe("browser issues of several days", () => {
	const days = new Map([
		[20260609, day({ late: { n: 1, s: 1 }, both: { n: 2, s: 1 } })],
		[20260608, day({ both: { n: 1, s: 1 }, early: { n: 1, s: 1 } })],
	]);

	it("are added up, the most frequent first, each with its last day", () => {
		expect(browserIssuesByDay(days, 5)).toEqual({
			issues: [
				{ message: "both", count: 3, sessions: 2, lastDay: 20260609 },
				{ message: "early", count: 1, sessions: 1, lastDay: 20260608 },
				{ message: "late", count: 1, sessions: 1, lastDay: 20260609 },
			],
			more: false,
		});
	});

	it("report more only if there are more than the limit", () => {
		expect(browserIssuesByDay(days, 2)).toMatchObject({
			issues: [{ message: "both" }, { message: "early" }],
			more: true,
		});
		expect(browserIssuesByDay(days, 3).more).toBe(false);
	});
});
