import { ANSWER_MS } from "../contract/limits.ts";
import { type Click, lastUpTo, type WindowStory } from "./visits.ts";

/** Clicks that tell of trouble: many in one place, and one that nothing came of. */

export interface Rage {
	at: number;
	visit: number;
	count: number;
	selector: string | null;
}

export interface Dead {
	at: number;
	visit: number;
	selector: string | null;
	/** An error came instead of an answer. */
	withError: boolean;
}

const RAGE_MS = 500;
const RAGE_PX = 10;
const RAGE_CLICKS = 3;

/** Three clicks or more, all within half a second and ten pixels of the first. */
export function findRage({ clicks }: Pick<WindowStory, "clicks">): { rages: Rage[]; clicks: Set<Click> } {
	const rages: Rage[] = [];
	const members = new Set<Click>();
	let cluster: Click[] = [];
	const close = () => {
		const [first] = cluster;
		if (first && cluster.length >= RAGE_CLICKS) {
			const selector = cluster.find((click) => click.selector)?.selector ?? null;
			rages.push({ at: first.at, visit: first.visit, count: cluster.length, selector });
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
	return { rages, clicks: members };
}

/**
 * Clicks without an answer within half a second, but for those of a rage; those whose target answers by itself, that
 * something of the site's own followed, a link or a sent form among it, or that led to another page, however slowly.
 */
export function findDead(story: WindowStory, rage: ReadonlySet<Click>): Dead[] {
	const { clicks, visits, tags, links, submits, errors } = story;
	const isSoon = (list: readonly { at: number }[], { at }: Click) => {
		const last = list[lastUpTo(list, at + ANSWER_MS)];
		return last !== undefined && last.at >= at;
	};
	const lastOfVisit = new Map(clicks.map((click) => [click.visit, click]));
	return clicks
		.filter((click) => {
			if (rage.has(click) || click.answersItself || click.answerMs <= ANSWER_MS) return false;
			if (visits[click.visit]!.url === null || [tags, links, submits].some((list) => isSoon(list, click))) {
				return false;
			}
			if (isSoon(errors, click)) return true;
			return click.visit === visits.length - 1 || lastOfVisit.get(click.visit) !== click;
		})
		.map((click) => ({
			...{ at: click.at, visit: click.visit, selector: click.selector },
			withError: isSoon(errors, click),
		}));
}
