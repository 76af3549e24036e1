import { pathOf } from "../../src/analytics/activity.ts";
import { FILTERS, type Filter, type FilterName, filterOf, rangeOf } from "../../src/contract/filter.ts";
import { countryName } from "../ui/country.ts";
import { duration } from "../ui/time.tsx";
import { query, type Report, setQuery } from "./route.ts";
import * as text from "./state.text.ts";

/** Period and filters of the lists and reports. They are stored in the query of the URL. */

const DAY_MS = 86_400_000;

/** Periods to choose from: numbers of days up to and including today. */
export const PRESETS = [1, 7, 30, 90];

/** Default period of reports, in days. */
export const REPORT_DAYS = 30;

/** A number of days from `PRESETS`, a custom range, or no limit. */
export type PeriodChoice = number | "between" | "any";

/** Returns the period in the URL. @param preset the period if the URL has none */
export function periodChoice(preset: PeriodChoice = "any"): PeriodChoice {
	if (query("since") !== null || query("until") !== null) return "between";
	const days = Number(query("days"));
	return PRESETS.includes(days) ? days : preset;
}

/** Returns the period in the URL as query parameters of the API, which are UTC days. */
export function periodQuery(now: number, preset: PeriodChoice = "any"): { since?: string; until?: string } {
	const choice = periodChoice(preset);
	if (choice === "any") return {};
	if (choice !== "between") return { since: isoDay(now - (choice - 1) * DAY_MS) };
	const [since, until] = [query("since"), query("until")];
	return { ...(since && { since }), ...(until && { until }) };
}

/** Returns the UTC day as `2026-07-01`. @param at epoch milliseconds */
export function isoDay(at: number): string {
	return new Date(at).toISOString().slice(0, 10);
}

/** Returns the session filter in the URL. */
export function urlFilter(): Filter {
	return filterOf(Object.fromEntries(FILTERS.map((name) => [name, query(name) ?? undefined])));
}

/** Replaces the session filter in the URL. */
export function setFilter(filter: Filter): void {
	setQuery(Object.fromEntries(FILTERS.map((name) => [name, filter[name] ?? null])));
}

/** Returns the link to the session list with the project, period and filters of this page, narrowed by `more`. */
export function sessionListHref(more: Filter & { sort?: string }, preset: PeriodChoice = REPORT_DAYS): string {
	const params = scopeParams(preset);
	for (const [name, value] of Object.entries(more)) params.set(name, value);
	return `/?${params}`;
}

/** Returns the link to a report with the project, period and filters of this page. */
export function reportHref(report: Report, more: Record<string, string> = {}): string {
	const params = scopeParams("any");
	for (const [name, value] of Object.entries(more)) params.set(name, value);
	return `/analytics${report === "overview" ? "" : `/${report}`}${params.size ? `?${params}` : ""}`;
}

function scopeParams(preset: PeriodChoice): URLSearchParams {
	const params = new URLSearchParams();
	for (const name of ["project", "since", "until"]) {
		const value = query(name);
		if (value) params.set(name, value);
	}
	const choice = periodChoice(preset);
	if (typeof choice === "number") params.set("days", String(choice));
	for (const [name, value] of Object.entries(urlFilter())) params.set(name, value);
	return params;
}

/** Filters without a text field in the filter menu, each with the value that the menu sets. */
export const FLAG_VALUES: Partial<Record<FilterName, string>> = {
	errors: "true",
	frustrated: "true",
	starred: "true",
	viewed: "false",
};

/** Returns a filter as the filter bar shows it: "Country: Germany". */
export function filterLabel(name: FilterName, value: string): string {
	const label = text.filterNames[name];
	if (name === "errors" && value !== "true") return value === "server" ? text.withServerErrors : text.withBrowserErrors;
	if (name === "errors" || name === "frustrated" || name === "starred") return label;
	if (name === "viewed") return value === "true" ? label : text.notViewed;
	if (name === "duration" || name === "score") {
		const [from, below] = rangeOf(value);
		const format = (n: number) => (name === "duration" ? duration(n * 1_000) : String(n));
		const range =
			below === Number.MAX_SAFE_INTEGER ? text.orMore(format(from)) : text.range(format(from), format(below));
		return `${name === "duration" ? text.duration : label}: ${range}`;
	}
	const shown = name === "country" ? countryName(value) : name === "page" || name === "entry" ? pathOf(value) : value;
	return `${label}: ${shown}`;
}
