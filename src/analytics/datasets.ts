import { browserIssues } from "./browser-issues.ts";
import { branchAt, branches, type Counts, numberAt } from "./counts.ts";
import type { Facts } from "./digest.ts";
import { formsOf } from "./forms.ts";
import { clickedPages, heatmapOf } from "./heatmap.ts";
import { pagesOf } from "./pages.ts";
import type { Section } from "./rollup.ts";

/** Datasets that can be exported: the numbers of the reports, as rows of a table. Times are epoch milliseconds. */

/** Exports have no limit on rows, unlike reports. */
const ALL_ROWS = Number.POSITIVE_INFINITY;

type Row = (string | number | boolean | null)[];
type SessionFacts = Facts & { sessionId: string };

/** Dataset whose rows are computed from one section of the rollups of all days of the period, added up. */
interface SumsDataset {
	title: string;
	columns: readonly string[];
	section: Section;
	rows(sums: Counts): Row[];
}

/** Dataset whose rows are computed from each section of the rollup of each day. */
interface DaysDataset {
	title: string;
	columns: readonly string[];
	ofDay(day: number, section: Section, sums: Counts): Row[];
}

/** Dataset whose rows are computed from the facts of each session and day. */
interface FactsDataset {
	title: string;
	columns: readonly string[];
	each(facts: SessionFacts): Row[];
}

const word = ({ details: { words } }: Facts, index: number) => words[index] ?? null;

/** Returns the position of an event in its recording: session, window, and milliseconds since the window began. */
function positionOf(facts: SessionFacts, at: number, window: number): [string, string, number] {
	const [windowId = "", from = 0] = facts.details.windows[window] ?? [];
	return [facts.sessionId, windowId, Math.max(0, at - from)];
}

export const DATASETS: Record<string, SumsDataset | DaysDataset | FactsDataset> = {
	sessions: {
		title: "Sessions",
		columns: [
			...["session_id", "created_at", "first_event_at", "last_event_at", "duration_ms", "event_count", "url"],
			...["referrer", "browser", "device", "has_errors", "os", "country", "pages", "clicks", "score"],
		],
		each: (facts) =>
			facts.isFirstDay
				? [
						[
							...[facts.sessionId, facts.startedAt, facts.startedAt, facts.startedAt + facts.durationMs],
							...[facts.durationMs, facts.events, facts.profile.exit ?? null, facts.profile.referrer ?? null],
							...[
								facts.profile.browser ?? null,
								facts.profile.device ?? null,
								facts.errors > 0,
								facts.profile.os ?? null,
							],
							...[facts.profile.country ?? null, facts.views, facts.clicks, facts.score],
						],
					]
				: [],
	},
	errors: {
		title: "Browser errors",
		columns: ["message", "source", "line", "count", "last_seen_at", "session_id", "window_id", "offset_ms"],
		each: (facts) =>
			facts.details.errors.map(([at, window, , message, location, count]) => {
				const [, source = null, line] = /^(.*?):(\d+)(?::\d+)?$/.exec(word(facts, location) ?? "") ?? [];
				return [
					...[word(facts, message), source, line ? Number(line) : null, count, facts.startedAt + at],
					...positionOf(facts, at, window),
				];
			}),
	},
	browser_events: {
		title: "Custom events",
		columns: ["session_id", "window_id", "timestamp", "tag", "url"],
		each: (facts) =>
			facts.details.tags.map(([at, window, url, name]) => {
				const [sessionId, windowId] = positionOf(facts, at, window);
				return [sessionId, windowId, facts.startedAt + at, word(facts, name), word(facts, url)];
			}),
	},
	stats: {
		title: "Totals",
		columns: ["metric", "value"],
		section: "overview",
		rows: (sums) => [
			["total_sessions", numberAt(sums, "s")],
			["total_events", numberAt(sums, "events")],
			["avg_duration_ms", numberAt(sums, "s") ? Math.round(numberAt(sums, "ms") / numberAt(sums, "s")) : null],
			...(["browser", "device", "country"] as const).flatMap((name) => valuesOf(sums, name, name, "s")),
			...valuesOf(sums, "tags", "custom_event", "n"),
		],
	},
	pages: {
		title: "Pages",
		columns: [
			...["url", "views", "sessions", "entries", "exits", "bounce_rate", "avg_time_ms", "median_time_ms"],
			...["errors", "rage_clicks", "dead_clicks"],
		],
		section: "pages",
		rows: (sums) =>
			pagesOf(sums, ALL_ROWS).pages.map((page) => [
				...[page.url, page.views, page.sessions, page.entries, page.exits, page.bounceRate, page.meanTimeMs],
				...[page.medianTimeMs, page.errors, page.rageClicks, page.deadClicks],
			]),
	},
	heatmap: {
		title: "Clicked elements",
		columns: ["url", "selector", "count"],
		section: "heat",
		rows: (sums) =>
			clickedPages(sums, ALL_ROWS).flatMap(({ url }) =>
				heatmapOf(sums, url, ALL_ROWS).elements.map(({ selector, count }): Row => [url, selector, count]),
			),
	},
	scroll: {
		title: "Scroll depth",
		columns: ["url", "session_count", "avg_depth_px", "page_height_px", "p50_pct", "p75_pct", "p90_pct"],
		section: "pages",
		rows: (sums) =>
			pagesOf(sums, ALL_ROWS)
				.pages.filter(({ scrolled }) => scrolled)
				.map(({ url, scrolled, meanDepthPx, heightPx, foldPct }) => [
					...[url, scrolled, meanDepthPx, heightPx, foldPct?.[0] ?? null, foldPct?.[1] ?? null, foldPct?.[2] ?? null],
				]),
	},
	forms: {
		title: "Form fields",
		columns: ["url", "field", "sessions", "completion_rate", "avg_time_to_fill_ms", "total_refills", "left_here"],
		section: "forms",
		rows: (sums) =>
			formsOf(sums, ALL_ROWS).flatMap(({ url, fields }) =>
				fields.map(
					({ label, sessions, reach, meanFillMs, changes, left }): Row => [
						...[url, label, sessions, reach, meanFillMs, changes, left],
					],
				),
			),
	},
	web_vitals: {
		title: "Web vitals",
		columns: [
			...["url", "metric", "p50", "p75", "p90", "samples", "good_count", "needs_improvement_count", "poor_count"],
		],
		section: "pages",
		rows: (sums) =>
			pagesOf(sums, ALL_ROWS).pages.flatMap(({ url, vitals }) =>
				Object.entries(vitals).map(
					([metric, vital]): Row => [
						...[url, metric, vital!.p50, vital!.p75, vital!.p90, vital!.samples, vital!.good, vital!.fair, vital!.poor],
					],
				),
			),
	},
	error_groups: {
		title: "Browser errors, grouped",
		columns: ["message", "count", "sessions"],
		section: "errors",
		rows: (sums) =>
			browserIssues(sums, ALL_ROWS).map(({ message, count, sessions }): Row => [message, count, sessions]),
	},
	rollups: {
		title: "Daily rollups",
		columns: ["day", "part", "path", "value"],
		ofDay: (day, section, sums) => leavesOf(sums, []).map(([path, n]): Row => [day, section, JSON.stringify(path), n]),
	},
};

/** Returns all numbers in a tree, each with its path of keys. */
function leavesOf(counts: Counts, path: string[]): [string[], number][] {
	return Object.keys(counts)
		.sort()
		.flatMap((key): [string[], number][] => {
			const value = counts[key]!;
			return typeof value === "number" ? [[[...path, key], value]] : leavesOf(value, [...path, key]);
		});
}

function valuesOf(sums: Counts, name: string, prefix: string, key: string): Row[] {
	return branches(branchAt(sums, name))
		.map(([value, child]): Row => [`${prefix}:${value}`, numberAt(child, key)])
		.sort((a, b) => Number(b[1]) - Number(a[1]) || (String(a[0]) < String(b[0]) ? -1 : 1));
}
