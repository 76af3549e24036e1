import { type Field, lastUpTo, type PageView, type WindowTimeline } from "../../src/analytics/timeline.ts";
import type { Trail } from "../../src/contract/trail.ts";

/** A row of the Pages panel: web vitals, scroll depth and recorder overhead of a page view. */
export interface PageRow {
	pageView: PageView;
	/** The last value of each web vital, by its name, such as `LCP`. */
	vitals: Map<string, { value: number; rating: string | null }>;
	/** How far down the page was visible, in viewport heights; null if the height is unknown. */
	screens: number | null;
	cost: PageCost | null;
}

/** The cost of recording a page view. */
export interface PageCost {
	/** Total time of the recorder on the main thread, milliseconds. */
	ms: number;
	/** Duration of the recorder's longest task, milliseconds. */
	longestMs: number;
	/** Number of the recorder's tasks of 50 ms or more. */
	longTasks: number;
	/** Bytes that the recorder sent. */
	bytes: number;
	/** Number of batches that could not be sent. */
	lost: number;
}

export function pageRows(timeline: WindowTimeline, trails: readonly Trail[]): PageRow[] {
	const { pageViews } = timeline;
	const rows = pageViews.map((pageView): PageRow => {
		const screens = pageView.height
			? Math.round(((pageView.depth + pageView.height) / pageView.height) * 10) / 10
			: null;
		return { pageView, vitals: new Map(), screens, cost: null };
	});
	for (const { at, url, metric, value, rating } of timeline.vitals) {
		// A value may arrive late: it belongs to the page view of its URL, even if another page view has started since.
		const index = pageViews.findLastIndex((pageView) => pageView.at <= at && pageView.url === url);
		rows[index < 0 ? Math.max(0, lastUpTo(pageViews, at)) : index]!.vitals.set(metric, { value, rating });
	}
	for (const { from, costs = [] } of trails) {
		for (const [at, ms, longestMs, longTasks, bytes, lost] of costs) {
			rows[Math.max(0, lastUpTo(pageViews, from + at))]!.cost = { ms, longestMs, longTasks, bytes, lost };
		}
	}
	return rows;
}

/** A row of the Forms panel: how a form field was filled in. */
export interface FieldRow {
	field: Field;
	pageView: PageView;
	/** Position among the fields of the page view in the order of their first change, starting at 1. */
	order: number;
	fieldCount: number;
	/** Milliseconds from the first change of this field to that of the next; null if there is none within a minute. */
	untilNextMs: number | null;
}

const MAX_PAUSE_MS = 60_000;

export function fieldRows({ fields, pageViews }: WindowTimeline): FieldRow[] {
	return pageViews.flatMap((pageView, i) => {
		const pageFields = fields.filter((field) => field.pageView === i);
		return pageFields.map((field, n) => {
			const gap = (pageFields[n + 1]?.first ?? Number.POSITIVE_INFINITY) - field.first;
			return {
				field,
				pageView,
				order: n + 1,
				fieldCount: pageFields.length,
				untilNextMs: gap <= MAX_PAUSE_MS ? gap : null,
			};
		});
	});
}
