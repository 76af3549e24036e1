import { ANSWER_MS } from "../contract/limits.ts";
import { type Click, lastUpTo, type WindowTimeline } from "./timeline.ts";

/** Detects rage clicks and dead clicks. */

export interface RageClick {
	at: number;
	pageView: number;
	/** Number of clicks. */
	count: number;
	selector: string | null;
}

export interface DeadClick {
	at: number;
	pageView: number;
	selector: string | null;
	/** Whether a browser error followed within `ANSWER_MS`. */
	withError: boolean;
}

/** Maximum time between two successive clicks of a rage click. */
const RAGE_GAP_MS = 1_000;
/** Maximum distance from the first click, horizontally and vertically, in CSS pixels. */
const RAGE_PX = 30;
const RAGE_CLICKS = 3;

/**
 * Finds rage clicks: series of three or more clicks without a response. Each click comes at most 1 s after the one before
 * it, within 30 px of the first, and in the same page view.
 * @returns `series`, with one rage click for each series, and `clicks`, all clicks of these series
 */
export function findRageClicks(timeline: WindowTimeline): { series: RageClick[]; clicks: Set<Click> } {
	const series: RageClick[] = [];
	const members = new Set<Click>();
	let cluster: Click[] = [];
	const endCluster = () => {
		const [first] = cluster;
		if (first && cluster.length >= RAGE_CLICKS) {
			const selector = cluster.find((click) => click.selector)?.selector ?? null;
			series.push({ at: first.at, pageView: first.pageView, count: cluster.length, selector });
			for (const click of cluster) members.add(click);
		}
		cluster = [];
	};
	const isAnswered = answersIn(timeline);
	for (const click of timeline.clicks) {
		const [first] = cluster;
		const isNear = first && Math.abs(click.x - first.x) <= RAGE_PX && Math.abs(click.y - first.y) <= RAGE_PX;
		const isNext = click.at - (cluster.at(-1)?.at ?? 0) <= RAGE_GAP_MS && click.pageView === first?.pageView;
		if (isAnswered(click)) endCluster();
		else {
			if (!isNear || !isNext) endCluster();
			cluster.push(click);
		}
	}
	endCluster();
	return { series, clicks: members };
}

/**
 * Returns a function that returns whether a click had a response: the target needs none, or the page changed, or a custom
 * event, a link or a form submission followed within `ANSWER_MS`.
 */
function answersIn({ tags, links, submits }: WindowTimeline): (click: Click) => boolean {
	return (click) =>
		click.answersItself ||
		click.answerMs <= ANSWER_MS ||
		[tags, links, submits].some((list) => isFollowedBy(click, list));
}

/** Returns whether an entry of a list, which is in time order, is at most `ANSWER_MS` after a click. */
function isFollowedBy({ at }: Click, list: readonly { at: number }[]): boolean {
	const last = list[lastUpTo(list, at + ANSWER_MS)];
	return last !== undefined && last.at >= at;
}

/**
 * Finds dead clicks: clicks to which the page does not respond within 500 ms. Excluded are rage clicks, clicks on
 * targets that need no response, clicks on a page whose URL is unknown, and clicks followed by a custom event, a link
 * or a form submission. The last click before another page view is excluded too, unless an error followed it.
 * @param rage the clicks that belong to rage clicks
 */
export function findDeadClicks(timeline: WindowTimeline, rage: ReadonlySet<Click>): DeadClick[] {
	const { clicks, pageViews, errors } = timeline;
	const isAnswered = answersIn(timeline);
	const lastOfPageView = new Map(clicks.map((click) => [click.pageView, click]));
	return clicks
		.filter((click) => {
			if (rage.has(click) || isAnswered(click) || pageViews[click.pageView]!.url === null) return false;
			if (isFollowedBy(click, errors)) return true;
			return click.pageView === pageViews.length - 1 || lastOfPageView.get(click.pageView) !== click;
		})
		.map((click) => ({
			...{ at: click.at, pageView: click.pageView, selector: click.selector },
			withError: isFollowedBy(click, errors),
		}));
}
