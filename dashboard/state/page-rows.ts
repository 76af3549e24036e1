import { type Field, lastUpTo, type PageView, type WindowTimeline } from "../../src/analytics/timeline.ts";
import type { Trail } from "../../src/contract/trail.ts";

/** What each page of a window was like: how fast, how far it was read, what recording it cost. */
export interface PageRow {
	pageView: PageView;
	/** By metric; of several the last. */
	vitals: Map<string, { value: number; rating: string | null }>;
	/** How many screens were seen of it; null: its size is unknown. */
	screens: number | null;
	cost: PageCost | null;
}

export interface PageCost {
	/** Milliseconds on the main thread, and the longest of them at once. */
	ms: number;
	longestMs: number;
	/** Stretches of 50 ms and more. */
	longTasks: number;
	bytes: number;
	/** Batches that could not be sent. */
	lost: number;
}

export function pageRows(timeline: WindowTimeline, trails: readonly Trail[]): PageRow[] {
	const { pageViews } = timeline;
	const rows = pageViews.map((pageView): PageRow => {
		const screens = pageView.height
			? Math.round(((pageView.depth + pageView.height) / pageView.height) * 10) / 10
			: null;
		return { pageView: pageView, vitals: new Map(), screens, cost: null };
	});
	for (const { at, url, metric, value, rating } of timeline.vitals) {
		// A late report is of the page it names, not of the one that came after it.
		const stay = pageViews.findLastIndex((pageView) => pageView.at <= at && pageView.url === url);
		rows[stay < 0 ? Math.max(0, lastUpTo(pageViews, at)) : stay]!.vitals.set(metric, { value, rating });
	}
	for (const { from, costs = [] } of trails) {
		for (const [at, ms, longestMs, longTasks, bytes, lost] of costs) {
			rows[Math.max(0, lastUpTo(pageViews, from + at))]!.cost = { ms, longestMs, longTasks, bytes, lost };
		}
	}
	return rows;
}

/** How one field of a form was filled in. */
export interface FieldRow {
	field: Field;
	pageView: PageView;
	/** Its place among the fields of the page, by when they were first touched, from 1. */
	place: number;
	of: number;
	/** Until the next field was touched; null: it was the last, or the visitor did something else for long. */
	untilNextMs: number | null;
}

const MAX_PAUSE_MS = 60_000;

export function fieldRows({ fields, pageViews }: WindowTimeline): FieldRow[] {
	return pageViews.flatMap((pageView, i) => {
		const own = fields.filter((field) => field.pageView === i);
		return own.map((field, n) => {
			const gap = (own[n + 1]?.first ?? Number.POSITIVE_INFINITY) - field.first;
			return { field, pageView, place: n + 1, of: own.length, untilNextMs: gap <= MAX_PAUSE_MS ? gap : null };
		});
	});
}
