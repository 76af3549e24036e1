import { type Field, lastUpTo, type Visit, type WindowStory } from "../../src/analytics/visits.ts";
import type { Trail } from "../../src/contract/trail.ts";

/** What each page of a window was like: how fast, how far it was read, what recording it cost. */
export interface PageRow {
	visit: Visit;
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

export function pageRows(story: WindowStory, trails: readonly Trail[]): PageRow[] {
	const { visits } = story;
	const rows = visits.map((visit): PageRow => {
		const screens = visit.height ? Math.round(((visit.depth + visit.height) / visit.height) * 10) / 10 : null;
		return { visit, vitals: new Map(), screens, cost: null };
	});
	for (const { at, url, metric, value, rating } of story.vitals) {
		// A late report is of the page it names, not of the one that came after it.
		const stay = visits.findLastIndex((visit) => visit.at <= at && visit.url === url);
		rows[stay < 0 ? Math.max(0, lastUpTo(visits, at)) : stay]!.vitals.set(metric, { value, rating });
	}
	for (const { from, costs = [] } of trails) {
		for (const [at, ms, longestMs, longTasks, bytes, lost] of costs) {
			rows[Math.max(0, lastUpTo(visits, from + at))]!.cost = { ms, longestMs, longTasks, bytes, lost };
		}
	}
	return rows;
}

/** How one field of a form was filled in. */
export interface FieldRow {
	field: Field;
	visit: Visit;
	/** Its place among the fields of the page, by when they were first touched, from 1. */
	place: number;
	of: number;
	/** Until the next field was touched; null: it was the last, or the visitor did something else for long. */
	untilNextMs: number | null;
}

const MAX_PAUSE_MS = 60_000;

export function fieldRows({ fields, visits }: WindowStory): FieldRow[] {
	return visits.flatMap((visit, i) => {
		const own = fields.filter((field) => field.visit === i);
		return own.map((field, n) => {
			const gap = (own[n + 1]?.first ?? Number.POSITIVE_INFINITY) - field.first;
			return { field, visit, place: n + 1, of: own.length, untilNextMs: gap <= MAX_PAUSE_MS ? gap : null };
		});
	});
}
