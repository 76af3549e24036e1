import { branchAt, type Counts, numberAt } from "./counts.ts";
import { percentiles } from "./histogram.ts";
import { topOf } from "./overview.ts";
import { DEPTH_PX, RATINGS, VITALS } from "./rollup.ts";

/** The report on pages: the numbers of each page. */

export interface VitalRow {
	samples: number;
	/** Percentiles of the metric, in milliseconds; CLS has no unit. */
	p50: number;
	p75: number;
	p90: number;
	/** Number of samples with each rating; `fair` is "needs improvement". */
	good: number;
	fair: number;
	poor: number;
}

export interface PageRow {
	url: string;
	views: number;
	/** Number of sessions that viewed the page. A session counts on the day of its first view. */
	sessions: number;
	entries: number;
	exits: number;
	/** Percentage of the entries that were bounces; 0 if there are no entries. */
	bounceRate: number;
	/** Time on the page per view, in milliseconds. Views of 0 ms do not count; null if there are no others. */
	meanTimeMs: number | null;
	medianTimeMs: number | null;
	/** Number of views in which the page was scrolled. */
	scrolled: number;
	/** Mean of the deepest scroll positions of these views, in CSS pixels; null if there are none. */
	meanDepthPx: number | null;
	/** Lowest position that was visible in any of these views, in CSS pixels. The page has at least this height. */
	heightPx: number | null;
	/** 50th, 75th and 90th percentile of the lowest position visible in a view, as a percentage of `heightPx`. */
	foldPct: [number, number, number] | null;
	/** Number of views whose lowest visible position is in each quarter of `heightPx`. */
	quarters: [number, number, number, number];
	errors: number;
	rageClicks: number;
	deadClicks: number;
	/** Number of sessions with rage clicks or dead clicks on the page. */
	troubled: number;
	rageTargets: { selector: string; count: number }[];
	deadTargets: { selector: string; count: number }[];
	/** Earlier names of `rageClicks`, `deadClicks`, `rageTargets` and `deadTargets`, kept for clients of the API. */
	rages: number;
	deads: number;
	raged: { selector: string; count: number }[];
	died: { selector: string; count: number }[];
	tags: { name: string; count: number }[];
	vitals: Partial<Record<string, VitalRow>>;
}

const MAX_PAGES = 200;
const TOP = 10;

/** Returns the `max` most viewed pages, and whether there are more. @param sums the section `pages` of a rollup */
export function pagesOf(sums: Counts, max = MAX_PAGES): { pages: PageRow[]; more: boolean } {
	const found = topOf(sums, max + 1);
	return { pages: found.slice(0, max).map(([url, page]) => rowOf(url, page)), more: found.length > max };
}

/** Returns the numbers of one page; null if there are none. @param sums the section `pages` of a rollup */
export function pageOf(sums: Counts, url: string): PageRow | null {
	const page = branchAt(sums, url);
	return page ? rowOf(url, page) : null;
}

function rowOf(url: string, page: Counts): PageRow {
	const of = (key: string) => numberAt(page, key);
	const [medianTimeMs = null] = percentiles(branchAt(page, "h"), [50]);
	const [rageClicks, deadClicks] = [of("rageClicks"), of("deadClicks")];
	const rageTargets = elementsOf(branchAt(page, "rageTargets"));
	const deadTargets = elementsOf(branchAt(page, "deadTargets"));
	return {
		...{ url, views: of("n"), sessions: of("s"), entries: of("entries"), exits: of("exits") },
		bounceRate: of("entries") ? Math.round((of("bounces") / of("entries")) * 1000) / 10 : 0,
		meanTimeMs: of("timed") ? Math.round(of("ms") / of("timed")) : null,
		medianTimeMs: medianTimeMs === null ? null : Math.round(medianTimeMs),
		scrolled: of("scrolled"),
		meanDepthPx: of("scrolled") ? Math.round(of("depth") / of("scrolled")) : null,
		...scrollOf(branchAt(page, "bottoms")),
		...{ errors: of("errors"), rageClicks, deadClicks, rageTargets, deadTargets, troubled: of("troubled") },
		...{ rages: rageClicks, deads: deadClicks, raged: rageTargets, died: deadTargets },
		tags: topOf(branchAt(page, "tags"), TOP).map(([name, tag]) => ({ name, count: numberAt(tag, "n") })),
		vitals: vitalsOf(branchAt(page, "vitals")),
	};
}

function elementsOf(counts: Counts | undefined) {
	return topOf(counts, TOP).map(([selector, sums]) => ({ selector, count: numberAt(sums, "n") }));
}

function scrollOf(bottoms: Counts | undefined): Pick<PageRow, "heightPx" | "foldPct" | "quarters"> {
	const all = Object.entries(bottoms ?? {})
		.map(([bucket, n]) => [Number(bucket), Number(n)] as const)
		.sort(([a], [b]) => a - b);
	const quarters: PageRow["quarters"] = [0, 0, 0, 0];
	const highest = all.at(-1)?.[0];
	if (highest === undefined) return { heightPx: null, foldPct: null, quarters };
	const total = all.reduce((sum, [, n]) => sum + n, 0);
	for (const [bucket, n] of all) quarters[Math.min(Math.max(Math.ceil((bucket / highest) * 4), 1), 4) - 1]! += n;
	const at = (p: number) => {
		let seen = 0;
		for (const [bucket, n] of all) {
			seen += n;
			if (seen >= Math.max(Math.ceil((p / 100) * total), 1)) return Math.round((bucket / highest) * 100);
		}
		return 100;
	};
	return { heightPx: highest * DEPTH_PX, foldPct: [at(50), at(75), at(90)], quarters };
}

function vitalsOf(counts: Counts | undefined): PageRow["vitals"] {
	const found: PageRow["vitals"] = {};
	for (const metric of VITALS) {
		const vital = branchAt(counts, metric);
		if (!vital) continue;
		const inUnit = (value: number | null) =>
			metric === "CLS" ? Math.round(value ?? 0) / 1000 : Math.round(value ?? 0);
		const [p50, p75, p90] = percentiles(branchAt(vital, "h"), [50, 75, 90]).map(inUnit);
		const [good, fair, poor] = RATINGS.map((rating) => numberAt(branchAt(vital, "ratings"), rating));
		found[metric] = {
			samples: numberAt(vital, "n"),
			p50: p50!,
			p75: p75!,
			p90: p90!,
			good: good!,
			fair: fair!,
			poor: poor!,
		};
	}
	return found;
}
