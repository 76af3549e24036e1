import { findDeadClicks, findRageClicks } from "../../src/analytics/frustration.ts";
import { lastUpTo, type WindowTimeline } from "../../src/analytics/timeline.ts";

/** What can be drawn over the recorded page, in display order. */
export const OVERLAYS = ["off", "so-far", "all", "depth"] as const;
export type OverlayKind = (typeof OVERLAYS)[number];

/** A click, in CSS pixels of the recorded page from its top left corner. */
export interface Spot {
	x: number;
	y: number;
	at: number;
	kind: "click" | "rage" | "dead";
}

/**
 * Returns the clicks on the page that is shown at a moment, from all of its page views.
 * @param until epoch milliseconds, inclusive
 */
export function spotsOf(timeline: WindowTimeline, at: number, until: number): Spot[] {
	const here = timeline.pageViews[Math.max(0, lastUpTo(timeline.pageViews, at))]?.url;
	const { bursts, clicks: members } = findRageClicks(timeline);
	const rageAt = new Set(bursts.map((rage) => rage.at));
	const deadAt = new Set(findDeadClicks(timeline, members).map((dead) => dead.at));
	return timeline.clicks
		.filter((click) => click.at <= until && timeline.pageViews[click.pageView]?.url === here)
		.map((click) => ({
			...{ x: click.x, y: click.pageY, at: click.at },
			kind: members.has(click) && rageAt.has(click.at) ? "rage" : deadAt.has(click.at) ? "dead" : "click",
		}));
}

/** Returns how far down the page of a moment was seen, in CSS pixels of that page; null if unknown. */
export function depthOf(timeline: WindowTimeline, at: number): number | null {
	const here = timeline.pageViews[Math.max(0, lastUpTo(timeline.pageViews, at))];
	if (!here?.height) return null;
	const views = timeline.pageViews.filter(({ url }) => url === here.url);
	return Math.max(...views.map(({ depth, height }) => depth + (height ?? 0)));
}
