import { pathOf } from "../../src/analytics/activity.ts";
import { FILTERS, type Filter, type FilterName, filterOf, rangeOf } from "../../src/contract/filter.ts";
import { countryName } from "../ui/country.ts";
import { duration } from "../ui/time.tsx";
import { query, type Report, setQuery } from "./route.ts";

/** What every list and analytics page can be limited to; it lives in the address. */

const DAY_MS = 86_400_000;

/** Days back from today, today included. */
export const PRESETS = [1, 7, 30, 90];

/** Reports are about so many days unless the address says otherwise. */
export const REPORT_DAYS = 30;

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
	if (choice !== "between") return { since: isoDay(now - (choice - 1) * DAY_MS) };
	const [since, until] = [query("since"), query("until")];
	return { ...(since && { since }), ...(until && { until }) };
}

/** The UTC day of an epoch millisecond: 2026-07-01. */
export function isoDay(at: number): string {
	return new Date(at).toISOString().slice(0, 10);
}

/** What the address limits its sessions to. */
export function addressFilter(): Filter {
	return filterOf(Object.fromEntries(FILTERS.map((name) => [name, query(name) ?? undefined])));
}

/** All of it in the place of what was there. */
export function setFilter(filter: Filter): void {
	setQuery(Object.fromEntries(FILTERS.map((name) => [name, filter[name] ?? null])));
}

/** The recordings behind a number of this page: in its project and period, like its filter, and this. */
export function recordingsHref(more: Filter & { sort?: string }, preset: PeriodChoice = REPORT_DAYS): string {
	const params = scopeParams(preset);
	for (const [name, value] of Object.entries(more)) params.set(name, value);
	return `/?${params}`;
}

/** A report of the same project and period, like the same filter. */
export function reportHref(report: Report, more: Record<string, string> = {}): string {
	const params = scopeParams("any");
	for (const [name, value] of Object.entries(more)) params.set(name, value);
	const text = params.toString();
	return `/analytics${report === "overview" ? "" : `/${report}`}${text && `?${text}`}`;
}

function scopeParams(preset: PeriodChoice): URLSearchParams {
	const params = new URLSearchParams();
	for (const name of ["project", "since", "until"]) {
		const value = query(name);
		if (value) params.set(name, value);
	}
	const choice = periodChoice(preset);
	if (typeof choice === "number") params.set("days", String(choice));
	for (const [name, value] of Object.entries(addressFilter())) params.set(name, value);
	return params;
}

/** What each filter is called; and, of those that are typed, what it may look like. */
export const FILTER_NAMES: Record<FilterName, string> = {
	q: "Text",
	page: "Saw page",
	clicked: "Clicked",
	tag: "Event",
	errors: "With errors",
	frustrated: "With rage or dead clicks",
	error: "Error",
	score: "Struggle score",
	duration: "Seconds",
	user: "Person",
	entry: "Began at",
	referrer: "Came from",
	source: "Source",
	medium: "Medium",
	campaign: "Campaign",
	country: "Country",
	city: "City",
	device: "Device",
	browser: "Browser",
	os: "System",
	meta: "Metadata",
	starred: "Starred",
	label: "Label",
	viewed: "Looked at",
};

/** Filters that are chosen, not typed, and their only value there. */
export const FLAG_VALUES: Partial<Record<FilterName, string>> = {
	errors: "true",
	frustrated: "true",
	starred: "true",
	viewed: "false",
};

/** A filter in words: "Country: Germany". */
export function filterLabel(name: FilterName, value: string): string {
	if (name === "errors" && value !== "true") return `Errors ${value === "server" ? "on the server" : "in the browser"}`;
	if (name === "errors" || name === "frustrated" || name === "starred") return FILTER_NAMES[name];
	if (name === "viewed") return value === "true" ? FILTER_NAMES.viewed : "Not looked at yet";
	if (name === "duration" || name === "score") {
		const [from, below] = rangeOf(value);
		const number = (n: number) => (name === "duration" ? duration(n * 1_000) : String(n));
		const what = name === "duration" ? "Duration" : FILTER_NAMES.score;
		return `${what}: ${number(from)} ${below === Number.MAX_SAFE_INTEGER ? "or more" : `to ${number(below)}`}`;
	}
	const shown = name === "country" ? countryName(value) : name === "page" || name === "entry" ? pathOf(value) : value;
	return `${FILTER_NAMES[name]}: ${shown}`;
}
