import { query } from "./route.ts";

/** What every list and analytics page can be limited to; it lives in the address. */

const DAY_MS = 86_400_000;

/** Days back from today, today included. */
export const PRESETS = [1, 7, 30, 90];

/** A preset, days of one's own choice, or no limit. */
export type PeriodChoice = number | "between" | "any";

/** @param preset what it is when the address says nothing */
export function periodChoice(preset: PeriodChoice = "any"): PeriodChoice {
	if (query("since") !== null || query("until") !== null) return "between";
	const days = Number(query("days"));
	return PRESETS.includes(days) ? days : preset;
}

/** As the API takes it: UTC days. */
export function periodQuery(now: number, preset: PeriodChoice = "any"): { since?: string; until?: string } {
	const choice = periodChoice(preset);
	if (choice === "any") return {};
	if (choice !== "between") return { since: dayText(now - (choice - 1) * DAY_MS) };
	const [since, until] = [query("since"), query("until")];
	return { ...(since && { since }), ...(until && { until }) };
}

/** The UTC day of an epoch millisecond: 2026-07-01. */
export function dayText(at: number): string {
	return new Date(at).toISOString().slice(0, 10);
}
