import { findDeadClicks, findRageClicks } from "../../src/analytics/frustration.ts";
import { lastUpTo, type WindowTimeline } from "../../src/analytics/timeline.ts";

/** Overlays that can be drawn over the recorded page, in the order of the menu. */
export const OVERLAYS = ["off", "so-far", "all", "depth"] as const;
export type OverlayKind = (typeof OVERLAYS)[number];

/** A click that the overlay shows. */
export interface Spot {
	/** Position in CSS pixels from the top left corner of the recorded page, not of the viewport. */
	x: number;
	y: number;
	at: number;
	kind: "click" | "rage" | "dead";
}

/**
 * Returns the clicks on the page that is shown at a moment, from all page views of the same URL.
 * @param until time of the last click to return, epoch milliseconds
 */
export function spotsOf(timeline: WindowTimeline, at: number, until: number): Spot[] {
	const shownUrl = timeline.pageViews[Math.max(0, lastUpTo(timeline.pageViews, at))]?.url;
	const { series, clicks: rageClicks } = findRageClicks(timeline);
	const rageAt = new Set(series.map(({ at }) => at));
	const deadAt = new Set(findDeadClicks(timeline, rageClicks).map((dead) => dead.at));
	return timeline.clicks
		.filter((click) => click.at <= until && timeline.pageViews[click.pageView]?.url === shownUrl)
		.map((click) => ({
			...{ x: click.x, y: click.pageY, at: click.at },
			kind: rageClicks.has(click) && rageAt.has(click.at) ? "rage" : deadAt.has(click.at) ? "dead" : "click",
		}));
}

/** Returns how far down the page shown at a moment was ever visible, in CSS pixels of the page; null if unknown. */
export function depthOf(timeline: WindowTimeline, at: number): number | null {
	const shown = timeline.pageViews[Math.max(0, lastUpTo(timeline.pageViews, at))];
	if (!shown?.height) return null;
	const views = timeline.pageViews.filter(({ url }) => url === shown.url);
	return Math.max(...views.map(({ depth, height }) => depth + (height ?? 0)));
}
