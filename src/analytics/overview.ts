import { dayOf, startOfDay } from "../contract/days.ts";
import { branchAt, branches, type Counts, merge, newCounts, numberAt, OTHER } from "./counts.ts";
import type { Sums } from "./digest.ts";
import { percentiles } from "./histogram.ts";
import { DIMENSIONS, DURATIONS } from "./rollup.ts";

/** The first page of analytics: how much, by whom, whence, and what came before. */

export interface Totals extends Sums {
	/** With a moment in the period. */
	sessions: number;
	/** Sessions in which that happened. */
	errored: number;
	frustrated: number;
	/** Earlier names of `rageClicks` and `deadClicks`, kept for clients of the API. */
	rages: number;
	deads: number;
	bounces: number;
	/** Of the sessions that began in the period; null: none did. Milliseconds. */
	meanDurationMs: number | null;
	medianDurationMs: number | null;
	meanActiveMs: number | null;
	/** Percent. */
	errorFree: number | null;
	bounceRate: number | null;
}

export interface Bucket {
	/** An hour, 2026-07-01T13, a day, 2026-07-01, or an ISO week, 2026-W27; UTC. */
	label: string;
	sessions: number;
	views: number;
	errors: number;
	/** null: not told by hours. */
	events: number | null;
	/** Exceptions of servers; null: not told, as by hours. */
	serverErrors: number | null;
}

export interface ValueRow {
	value: string;
	sessions: number;
	errored: number;
}

export interface TagRow {
	name: string;
	count: number;
	sessions: number;
	/** One for each bucket of the series; none by hours. */
	series: number[];
}

export interface Overview {
	totals: Totals;
	/** Sessions' days of which a list was longer than is kept. */
	cut: number;
	/** Percent, and for what is in percent itself points; null: nothing to compare with. */
	deltas: { sessions: number | null; views: number | null; events: number | null; errorFree: number | null };
	series: Bucket[];
	/** Numbers of sessions: under 30 s, 2, 5, 15 minutes, and longer. */
	lengths: number[];
	/** Of the struggle score: up to 20, 40, 60, 80, 100. */
	scores: number[];
	values: Record<(typeof DIMENSIONS)[number], ValueRow[]>;
	tags: TagRow[];
	links: Record<"internal" | "external" | "text", { value: string; count: number }[]>;
}

const TOP_VALUES = 10;
const TOP_TAGS = 20;
/** More days than these are told by weeks; so few by hours. */
const MAX_DAYS = 45;
const FEW_DAYS = 2;

/**
 * @param days sums of each day of the period that has any, by yyyymmdd
 * @param before the same of as many days before it; null: not to be compared
 * @param serverErrors exceptions of servers, of each day that has any; null: not to be told
 */
export function overview(
	days: ReadonlyMap<number, Counts>,
	before: ReadonlyMap<number, Counts> | null,
	{ since, until }: { since: number; until: number },
	serverErrors: ReadonlyMap<number, number> | null = null,
): Overview {
	const all = daysBetween(since, until);
	// A closed day tells no hours any more.
	const isHourly = all.length <= FEW_DAYS && [...days.values()].every((day) => day.hours || !numberAt(day, "views"));
	const labelOf = all.length > MAX_DAYS ? weekOf : dayLabel;
	const labels = [...new Set(all.map(labelOf))];
	const sums = sumOf(days);
	const totals = totalsOf(sums, days.get(all[0]!));
	const past = before && totalsOf(sumOf(before), before.get([...before.keys()].sort()[0] ?? 0));
	const buckets = new Map(labels.map((label) => [label, newCounts()]));
	for (const [day, counts] of days) {
		const bucket = buckets.get(labelOf(day));
		if (bucket) merge(bucket, counts);
	}
	const failed = new Map(labels.map((label) => [label, 0]));
	for (const [day, n] of serverErrors ?? []) failed.set(labelOf(day), (failed.get(labelOf(day)) ?? 0) + n);
	return {
		totals,
		cut: numberAt(sums, "cut"),
		deltas: {
			sessions: change(past?.sessions, totals.sessions),
			views: change(past?.views, totals.views),
			events: change(past?.events, totals.events),
			errorFree:
				past && past.errorFree !== null && totals.errorFree !== null ? tenth(totals.errorFree - past.errorFree) : null,
		},
		series: isHourly
			? hoursOf(all, days)
			: labels.map((label) => ({
					...bucketOf(label, buckets.get(label), numberAt(buckets.get(label), "events")),
					serverErrors: serverErrors && failed.get(label)!,
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

function hoursOf(all: readonly number[], days: ReadonlyMap<number, Counts>): Bucket[] {
	return all.flatMap((day) =>
		Array.from({ length: 24 }, (_, hour) => {
			const label = `${dayLabel(day)}T${String(hour).padStart(2, "0")}`;
			return bucketOf(label, branchAt(days.get(day), "hours", String(hour)), null);
		}),
	);
}

export function sumOf(days: ReadonlyMap<number, Counts>): Counts {
	const sums = newCounts();
	for (const counts of days.values()) merge(sums, counts);
	return sums;
}

function totalsOf(sums: Counts, firstDay: Counts | undefined): Totals {
	const of = (key: string) => numberAt(sums, key);
	const begun = of("s");
	// Sessions that go on from the day before count once, on the first day.
	const sessions = begun + numberAt(firstDay, "carried");
	const errored = of("errored") + numberAt(firstDay, "carriedErrored");
	const [medianDurationMs = null] = percentiles(branchAt(sums, "h"), [50]);
	return {
		...{ sessions, events: of("events"), views: of("views"), clicks: of("clicks") },
		...{ errors: of("errors"), rageClicks: of("rageClicks"), deadClicks: of("deadClicks") },
		...{ rages: of("rageClicks"), deads: of("deadClicks") },
		...{ errored, frustrated: of("frustrated"), bounces: of("bounces") },
		meanDurationMs: begun ? Math.round(of("ms") / begun) : null,
		medianDurationMs: medianDurationMs === null ? null : Math.round(medianDurationMs),
		meanActiveMs: begun ? Math.round(of("active") / begun) : null,
		errorFree: sessions ? tenth(Math.max(0, 1 - errored / sessions) * 100) : null,
		bounceRate: begun ? tenth((of("bounces") / begun) * 100) : null,
	};
}

const tenth = (value: number) => Math.round(value * 10) / 10;

function change(before: number | undefined, now: number): number | null {
	return before ? tenth(((now - before) / before) * 100) : null;
}

/** The most first; of the same number by name. */
export function topOf(counts: Counts | undefined, limit: number, key = "n"): [string, Counts][] {
	return branches(counts)
		.sort(([a, x], [b, y]) => numberAt(y, key) - numberAt(x, key) || (a < b ? -1 : 1))
		.slice(0, limit);
}

/** The most frequent, and all others as one. */
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

/** UTC days as yyyymmdd, both ends included. */
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

/** ISO 8601: the week that holds the year's first Thursday is its first. */
export function weekOf(day: number): string {
	const date = new Date(startOfDay(day));
	date.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
	const year = date.getUTCFullYear();
	const week = Math.ceil(((date.getTime() - Date.UTC(year, 0, 1)) / 86_400_000 + 1) / 7);
	return `${year}-W${String(week).padStart(2, "0")}`;
}
