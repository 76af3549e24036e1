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

const RAGE_MS = 500;
const RAGE_PX = 10;
const RAGE_CLICKS = 3;

/**
 * Finds rage clicks: series of three or more clicks within 500 ms and 10 px of the first.
 * @returns `series`, with one rage click for each series, and `clicks`, all clicks of these series
 */
export function findRageClicks({ clicks }: Pick<WindowTimeline, "clicks">): {
	series: RageClick[];
	clicks: Set<Click>;
} {
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
	for (const click of clicks) {
		const [first] = cluster;
		const isNear = first && Math.abs(click.x - first.x) <= RAGE_PX && Math.abs(click.y - first.y) <= RAGE_PX;
		if (first && !(isNear && click.at - first.at <= RAGE_MS)) endCluster();
		cluster.push(click);
	}
	endCluster();
	return { series, clicks: members };
}

/**
 * Finds dead clicks: clicks to which the page does not respond within 500 ms. Excluded are rage clicks, clicks on
 * targets that need no response, clicks on a page whose URL is unknown, and clicks followed by a custom event, a link
 * or a form submission. The last click before another page view is excluded too, unless an error followed it.
 * @param rage the clicks that belong to rage clicks
 */
export function findDeadClicks(timeline: WindowTimeline, rage: ReadonlySet<Click>): DeadClick[] {
	const { clicks, pageViews, tags, links, submits, errors } = timeline;
	const isFollowedBy = ({ at }: Click, list: readonly { at: number }[]) => {
		const last = list[lastUpTo(list, at + ANSWER_MS)];
		return last !== undefined && last.at >= at;
	};
	const lastOfPageView = new Map(clicks.map((click) => [click.pageView, click]));
	return clicks
		.filter((click) => {
			if (rage.has(click) || click.answersItself || click.answerMs <= ANSWER_MS) return false;
			if (pageViews[click.pageView]!.url === null || [tags, links, submits].some((list) => isFollowedBy(click, list))) {
				return false;
			}
			if (isFollowedBy(click, errors)) return true;
			return click.pageView === pageViews.length - 1 || lastOfPageView.get(click.pageView) !== click;
		})
		.map((click) => ({
			...{ at: click.at, pageView: click.pageView, selector: click.selector },
			withError: isFollowedBy(click, errors),
		}));
}
