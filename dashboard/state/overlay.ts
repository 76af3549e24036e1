import { findDeadClicks, findRageClicks } from "../../src/analytics/frustration.ts";
import { lastUpTo, type WindowTimeline } from "../../src/analytics/timeline.ts";

/** What can be drawn over the recorded page. */
export const OVERLAYS = [
	["off", "No overlay"],
	["so-far", "Clicks so far"],
	["all", "All clicks"],
	["depth", "Scroll depth"],
] as const;
export type OverlayKind = (typeof OVERLAYS)[number][0];

/** A place of a page, in its own pixels from its upper left corner. */
export interface Spot {
	x: number;
	y: number;
	at: number;
	kind: "click" | "rage" | "dead";
}

/**
 * Clicks on the page that is shown at a moment, in every stay on it.
 * @param until epoch milliseconds, included
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

/** How far down the page of a moment was seen, in its own pixels; null: nobody knows. */
export function depthOf(timeline: WindowTimeline, at: number): number | null {
	const here = timeline.pageViews[Math.max(0, lastUpTo(timeline.pageViews, at))];
	if (!here?.height) return null;
	const stays = timeline.pageViews.filter(({ url }) => url === here.url);
	return Math.max(...stays.map(({ depth, height }) => depth + (height ?? 0)));
}
