import { ANSWER_MS } from "../contract/limits.ts";
import { type Click, lastUpTo, type WindowTimeline } from "./timeline.ts";

/** Clicks that tell of trouble: many in one place, and one that nothing came of. */

export interface RageClick {
	at: number;
	pageView: number;
	count: number;
	selector: string | null;
}

export interface DeadClick {
	at: number;
	pageView: number;
	selector: string | null;
	/** An error came instead of an answer. */
	withError: boolean;
}

const RAGE_MS = 500;
const RAGE_PX = 10;
const RAGE_CLICKS = 3;

/** Three clicks or more, all within half a second and ten pixels of the first. */
export function findRageClicks({ clicks }: Pick<WindowTimeline, "clicks">): {
	bursts: RageClick[];
	clicks: Set<Click>;
} {
	const bursts: RageClick[] = [];
	const members = new Set<Click>();
	let cluster: Click[] = [];
	const close = () => {
		const [first] = cluster;
		if (first && cluster.length >= RAGE_CLICKS) {
			const selector = cluster.find((click) => click.selector)?.selector ?? null;
			bursts.push({ at: first.at, pageView: first.pageView, count: cluster.length, selector });
			for (const click of cluster) members.add(click);
		}
		cluster = [];
	};
	for (const click of clicks) {
		const [first] = cluster;
		const isNear = first && Math.abs(click.x - first.x) <= RAGE_PX && Math.abs(click.y - first.y) <= RAGE_PX;
		if (first && !(isNear && click.at - first.at <= RAGE_MS)) close();
		cluster.push(click);
	}
	close();
	return { bursts, clicks: members };
}

/**
 * Clicks without an answer within half a second, but for those of a rage; those whose target answers by itself, that
 * something of the site's own followed, a link or a sent form among it, or that led to another page, however slowly.
 */
export function findDeadClicks(timeline: WindowTimeline, rage: ReadonlySet<Click>): DeadClick[] {
	const { clicks, pageViews, tags, links, submits, errors } = timeline;
	const isSoon = (list: readonly { at: number }[], { at }: Click) => {
		const last = list[lastUpTo(list, at + ANSWER_MS)];
		return last !== undefined && last.at >= at;
	};
	const lastOfVisit = new Map(clicks.map((click) => [click.pageView, click]));
	return clicks
		.filter((click) => {
			if (rage.has(click) || click.answersItself || click.answerMs <= ANSWER_MS) return false;
			if (pageViews[click.pageView]!.url === null || [tags, links, submits].some((list) => isSoon(list, click))) {
				return false;
			}
			if (isSoon(errors, click)) return true;
			return click.pageView === pageViews.length - 1 || lastOfVisit.get(click.pageView) !== click;
		})
		.map((click) => ({
			...{ at: click.at, pageView: click.pageView, selector: click.selector },
			withError: isSoon(errors, click),
		}));
}
