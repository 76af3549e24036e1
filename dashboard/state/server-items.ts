import type { Activity } from "../../src/analytics/activity.ts";
import type { Trail } from "../../src/contract/trail.ts";
import type { ServerItem, WindowItem } from "../api.ts";
import { withQuery } from "./paths.ts";
import { type TabSpan, windowAt } from "./tab-path.ts";

/** What servers reported of a session, on the clock of the browser that was recorded. */

/** A server may be at work on what a page asked for after the page is gone; for longer, it is about something else. */
export const MARGIN_MS = 30_000;

type Span = Pick<WindowItem, "id" | "startedAt" | "lastAt">;

export interface PlacedServerItem {
	item: ServerItem;
	/** Epoch milliseconds, as the recording has them. */
	moment: number;
	/** The windows that show it; none: nothing was recorded around it. */
	windowIds: string[];
}

/**
 * How much the server's clock is ahead of a recording's times, milliseconds. The way of a batch is in its skew, so the
 * smallest is nearest to the truth.
 */
export function skewOf(trails: readonly Trail[]): number {
	return trails.length ? Math.min(...trails.map(({ skew = 0 }) => skew)) : 0;
}

/**
 * Each in the window it is of. Of what names none, in those that were open then, else in the nearest; when it is known
 * where the visitor was, in that one alone.
 * @param path empty: it is not known
 */
export function placeServerItems(
	items: readonly ServerItem[],
	windows: readonly Span[],
	skew: number,
	path: readonly TabSpan[],
): PlacedServerItem[] {
	return items.map((item) => {
		const moment = item.at - skew;
		const homes = windowsAround(item.windowId, moment, windows);
		const there = path.length > 0 ? windowAt(path, moment, windows) : null;
		const one = homes.find((id) => id === there) ?? homes[0];
		return { item, moment, windowIds: path.length > 0 && one !== undefined ? [one] : homes };
	});
}

function windowsAround(windowId: string | null, moment: number, windows: readonly Span[]): string[] {
	const named = windows.filter(({ id }) => id === windowId);
	const open = named.length ? named : windows;
	const away = open.map(({ startedAt, lastAt }) => Math.max(0, startedAt - moment, moment - lastAt));
	const nearest = Math.min(...away);
	return nearest > MARGIN_MS ? [] : open.filter((_, i) => away[i] === nearest).map(({ id }) => id);
}

/** @param at where it is shown */
export function activityOf(item: ServerItem, at: number, project: string | undefined): Activity {
	const href = serverItemPath(item, project);
	if (item.kind === "exception") {
		const detail = [item.exceptionClass, item.platform].filter(Boolean).join(", ");
		return { at, kind: "exception", title: "Exception", subject: item.message, detail: detail || null, href };
	}
	const detail = item.payload ? `${item.level} ${JSON.stringify(item.payload)}` : item.level;
	return { at, kind: "server", title: "Server event", subject: item.name, detail, href };
}

/** The page that tells all of it. */
export function serverItemPath(item: ServerItem, project: string | undefined): string {
	const path = item.kind === "exception" ? `/issues/${item.fingerprint}` : `/server-events/${item.id}`;
	return withQuery(path, { project: project ?? null });
}

/** An exception is an error. */
export function levelOf(item: ServerItem) {
	return item.kind === "exception" ? "error" : item.level;
}
