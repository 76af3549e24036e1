import { dayOf, startOfDay } from "../contract/days.ts";
import { branchAt, branches, type Counts, merge, newCounts, numberAt, OTHER } from "./counts.ts";
import type { Sums } from "./digest.ts";
import { percentiles } from "./histogram.ts";
import { DIMENSIONS, DURATIONS } from "./rollup.ts";

/** The overview report: totals, changes, values over time, most frequent values. */

export interface Totals extends Sums {
	/** Number of sessions that began in the period or continued on its first day. */
	sessions: number;
	/** Number of sessions with browser errors. */
	errored: number;
	/** Number of sessions with rage clicks or dead clicks. */
	frustrated: number;
	/** Earlier names of `rageClicks` and `deadClicks`, kept for clients of the API. */
	rages: number;
	deads: number;
	bounces: number;
	/** In milliseconds, like the next two fields, over the sessions that began in the period; null if none began. */
	meanDurationMs: number | null;
	medianDurationMs: number | null;
	meanActiveMs: number | null;
	/** Percentage of sessions without browser errors; null if there are no sessions. */
	errorFree: number | null;
	/** Percentage of bounces among the sessions that began in the period; null if no session began. */
	bounceRate: number | null;
}

/** The numbers of an hour, a day or a week. */
export interface Bucket {
	/** An hour (2026-07-01T13), a day (2026-07-01) or an ISO week (2026-W27), in UTC. */
	label: string;
	sessions: number;
	views: number;
	errors: number;
	/** null: the bucket is an hour, for which events are not counted. */
	events: number | null;
	/** Number of server exceptions; null: not available, or the bucket is an hour. */
	serverErrors: number | null;
}

/** The sessions with one value of a dimension, such as one browser. */
export interface ValueRow {
	value: string;
	sessions: number;
	/** Number of these sessions that have browser errors. */
	errored: number;
}

/** The occurrences of a custom event. */
export interface TagRow {
	name: string;
	count: number;
	sessions: number;
	/** Occurrences in each bucket of `Overview.series`; empty if the buckets are hours. */
	series: number[];
}

export interface Overview {
	totals: Totals;
	/** Number of sessions of which a list was shortened. A session over midnight counts on each of its days. */
	cut: number;
	/** Changes since the previous period, in percent (`errorFree`: percentage points); null: no comparison. */
	deltas: { sessions: number | null; views: number | null; events: number | null; errorFree: number | null };
	series: Bucket[];
	/** Number of sessions by duration: less than 30 seconds, 2 minutes, 5 minutes, 15 minutes, and longer. */
	lengths: number[];
	/** Number of sessions by frustration score: 0 to 19, 20 to 39, 40 to 59, 60 to 79, 80 to 100. */
	scores: number[];
	values: Record<(typeof DIMENSIONS)[number], ValueRow[]>;
	tags: TagRow[];
	links: Record<"internal" | "external" | "text", { value: string; count: number }[]>;
}

const TOP_VALUES = 10;
const TOP_TAGS = 20;
/** Periods of up to this many days are shown by hour. */
const MAX_DAYS_BY_HOUR = 2;
/** Longer periods of up to this many days are shown by day, all others by week. */
const MAX_DAYS_BY_DAY = 45;

/**
 * Returns the overview of a period.
 * @param days the section `overview` of the rollup of each day (yyyymmdd); days without data are missing
 * @param before the same for the previous period of the same length; null: no comparison
 * @param serverErrors number of server exceptions by day; days without exceptions are missing; null: not shown
 */
export function overview(
	days: ReadonlyMap<number, Counts>,
	before: ReadonlyMap<number, Counts> | null,
	{ since, until }: { since: number; until: number },
	serverErrors: ReadonlyMap<number, number> | null = null,
): Overview {
	const allDays = daysBetween(since, until);
	// Anonymized days have no counts per hour.
	const isHourly =
		allDays.length <= MAX_DAYS_BY_HOUR && [...days.values()].every((day) => day.hours || !numberAt(day, "views"));
	const labelOf = allDays.length > MAX_DAYS_BY_DAY ? weekOf : dayLabel;
	const labels = [...new Set(allDays.map(labelOf))];
	const sums = sumOf(days);
	const totals = totalsOf(sums, days.get(allDays[0]!));
	const past = before && totalsOf(sumOf(before), before.get([...before.keys()].sort()[0] ?? 0));
	const buckets = new Map(labels.map((label) => [label, newCounts()]));
	for (const [day, counts] of days) {
		const bucket = buckets.get(labelOf(day));
		if (bucket) merge(bucket, counts);
	}
	const exceptions = new Map(labels.map((label) => [label, 0]));
	for (const [day, n] of serverErrors ?? []) exceptions.set(labelOf(day), (exceptions.get(labelOf(day)) ?? 0) + n);
	return {
		totals,
		cut: numberAt(sums, "cut"),
		deltas: {
			sessions: change(past?.sessions, totals.sessions),
			views: change(past?.views, totals.views),
			events: change(past?.events, totals.events),
			errorFree:
				past && past.errorFree !== null && totals.errorFree !== null
					? roundToTenth(totals.errorFree - past.errorFree)
					: null,
		},
		series: isHourly
			? hoursOf(allDays, days)
			: labels.map((label) => ({
					...bucketOf(label, buckets.get(label), numberAt(buckets.get(label), "events")),
					serverErrors: serverErrors && exceptions.get(label)!,
				})),
		lengths: Array.from({ length: DURATIONS.length + 1 }, (_, i) => numberAt(branchAt(sums, "lengths"), String(i))),
		scores: Array.from({ length: 5 }, (_, i) => numberAt(branchAt(sums, "scores"), String(i))),
		values: Object.fromEntries(DIMENSIONS.map((name) => [name, valuesOf(branchAt(sums, name))])) as Overview["values"],
		tags: topOf(branchAt(sums, "tags"), TOP_TAGS).map(([name, tag]) => ({
			...{ name, count: numberAt(tag, "n"), sessions: numberAt(tag, "s") },
			series: isHourly ? [] : labels.map((label) => numberAt(branchAt(buckets.get(label), "tags", name), "n")),
		})),
		links: {
			internal: linksOf(branchAt(sums, "internal")),
			external: linksOf(branchAt(sums, "external")),
			text: linksOf(branchAt(sums, "text")),
		},
	};
}

function bucketOf(label: string, counts: Counts | undefined, events: number | null): Bucket {
	const of = (key: string) => numberAt(counts, key);
	return { label, sessions: of("s"), views: of("views"), errors: of("errors"), events, serverErrors: null };
}

function hoursOf(allDays: readonly number[], days: ReadonlyMap<number, Counts>): Bucket[] {
	return allDays.flatMap((day) =>
		Array.from({ length: 24 }, (_, hour) => {
			const label = `${dayLabel(day)}T${String(hour).padStart(2, "0")}`;
			return bucketOf(label, branchAt(days.get(day), "hours", String(hour)), null);
		}),
	);
}

/** Adds up the sums of several days. */
export function sumOf(days: ReadonlyMap<number, Counts>): Counts {
	const sums = newCounts();
	for (const counts of days.values()) merge(sums, counts);
	return sums;
}

function totalsOf(sums: Counts, firstDay: Counts | undefined): Totals {
	const of = (key: string) => numberAt(sums, key);
	const started = of("s");
	// A session that began before the period is counted on the first day only, so that it is counted once.
	const sessions = started + numberAt(firstDay, "carried");
	const errored = of("errored") + numberAt(firstDay, "carriedErrored");
	const [medianDurationMs = null] = percentiles(branchAt(sums, "h"), [50]);
	return {
		...{ sessions, events: of("events"), views: of("views"), clicks: of("clicks") },
		...{ errors: of("errors"), rageClicks: of("rageClicks"), deadClicks: of("deadClicks") },
		...{ rages: of("rageClicks"), deads: of("deadClicks") },
		...{ errored, frustrated: of("frustrated"), bounces: of("bounces") },
		meanDurationMs: started ? Math.round(of("ms") / started) : null,
		medianDurationMs: medianDurationMs === null ? null : Math.round(medianDurationMs),
		meanActiveMs: started ? Math.round(of("active") / started) : null,
		errorFree: sessions ? roundToTenth(Math.max(0, 1 - errored / sessions) * 100) : null,
		bounceRate: started ? roundToTenth((of("bounces") / started) * 100) : null,
	};
}

const roundToTenth = (value: number) => Math.round(value * 10) / 10;

function change(before: number | undefined, now: number): number | null {
	return before ? roundToTenth(((now - before) / before) * 100) : null;
}

/** Returns the branches with the highest numbers at `key`, highest first; equal numbers are ordered by name. */
export function topOf(counts: Counts | undefined, limit: number, key = "n"): [string, Counts][] {
	return branches(counts)
		.sort(([a, x], [b, y]) => numberAt(y, key) - numberAt(x, key) || (a < b ? -1 : 1))
		.slice(0, limit);
}

/** Returns the most frequent values, and one row for all other values. */
function valuesOf(counts: Counts | undefined): ValueRow[] {
	const all = topOf(counts, Number.POSITIVE_INFINITY, "s").map(([value, sums]) => ({
		...{ value, sessions: numberAt(sums, "s"), errored: numberAt(sums, "x") },
	}));
	const named = all.filter(({ value }) => value !== OTHER);
	const rest = [...named.slice(TOP_VALUES), ...all.filter(({ value }) => value === OTHER)];
	if (!rest.length) return named;
	const sum = (key: "sessions" | "errored") => rest.reduce((total, row) => total + row[key], 0);
	return [...named.slice(0, TOP_VALUES), { value: OTHER, sessions: sum("sessions"), errored: sum("errored") }];
}

function linksOf(counts: Counts | undefined) {
	return topOf(counts, TOP_VALUES).map(([value, sums]) => ({ value, count: numberAt(sums, "n") }));
}

/** Returns the UTC days of a period as yyyymmdd, both ends included. */
function daysBetween(since: number, until: number): number[] {
	const days: number[] = [];
	for (let at = startOfDay(since); at <= startOfDay(until); at += 86_400_000) {
		days.push(dayOf(at));
	}
	return days;
}

function dayLabel(day: number): string {
	return new Date(startOfDay(day)).toISOString().slice(0, 10);
}

/** Returns the ISO 8601 week of a day, such as 2026-W27. Week 1 contains the first Thursday of the year. */
export function weekOf(day: number): string {
	const date = new Date(startOfDay(day));
	date.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
	const year = date.getUTCFullYear();
	const week = Math.ceil(((date.getTime() - Date.UTC(year, 0, 1)) / 86_400_000 + 1) / 7);
	return `${year}-W${String(week).padStart(2, "0")}`;
}
