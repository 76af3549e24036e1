import type { Activity } from "../../src/analytics/activity.ts";
import type { Trail } from "../../src/contract/trail.ts";
import type { ServerItem, WindowItem } from "../api.ts";
import { exception, serverEvent } from "../pages/replay.text.ts";
import { withQuery } from "./paths.ts";
import { type TabSpan, windowAt } from "./tab-path.ts";

/** Assigns the server items of a session (server exceptions and server events) to tabs and moments of the recording. */

/** How long before or after a window its server items may be: a server may respond after the page was closed. */
export const MARGIN_MS = 30_000;

type Span = Pick<WindowItem, "id" | "startedAt" | "lastAt">;

export interface PlacedServerItem {
	item: ServerItem;
	/** Epoch milliseconds of the recording's clock. */
	moment: number;
	/** Windows that show the item; empty when no window was recorded around that moment. */
	windowIds: string[];
}

/**
 * Returns how far the server's clock is ahead of the recording's clock, milliseconds. The skew of a batch includes the
 * batch's transfer time, so the smallest skew is the most accurate.
 */
export function skewOf(trails: readonly Trail[]): number {
	return trails.length ? Math.min(...trails.map(({ skew = 0 }) => skew)) : 0;
}

/**
 * Assigns each item to the window that it names, or else to all windows that were open at its moment, or else to the
 * nearest window. If `path` is known, an item gets only one window, if possible that in which the visitor was.
 * @param skew see `skewOf`
 * @param path the tabs in which the visitor was, and when; empty if unknown
 */
export function placeServerItems(
	items: readonly ServerItem[],
	windows: readonly Span[],
	skew: number,
	path: readonly TabSpan[],
): PlacedServerItem[] {
	return items.map((item) => {
		const moment = item.at - skew;
		const candidates = windowsAround(item.windowId, moment, windows);
		const visitorWindow = path.length > 0 ? windowAt(path, moment, windows) : null;
		const shownIn = candidates.find((id) => id === visitorWindow) ?? candidates[0];
		return { item, moment, windowIds: path.length > 0 && shownIn !== undefined ? [shownIn] : candidates };
	});
}

function windowsAround(windowId: string | null, moment: number, windows: readonly Span[]): string[] {
	const named = windows.filter(({ id }) => id === windowId);
	const eligible = named.length ? named : windows;
	const distances = eligible.map(({ startedAt, lastAt }) => Math.max(0, startedAt - moment, moment - lastAt));
	const nearest = Math.min(...distances);
	return nearest > MARGIN_MS ? [] : eligible.filter((_, i) => distances[i] === nearest).map(({ id }) => id);
}

/** Converts a server item to an entry of the activity list. @param at time of the entry, epoch milliseconds */
export function activityOf(item: ServerItem, at: number, project: string | undefined): Activity {
	const href = serverItemPath(item, project);
	if (item.kind === "exception") {
		const detail = [item.exceptionClass, item.platform].filter(Boolean).join(", ");
		return { at, kind: "exception", title: exception, subject: item.message, detail: detail || null, href };
	}
	const detail = item.payload ? `${item.level} ${JSON.stringify(item.payload)}` : item.level;
	return { at, kind: "server", title: serverEvent, subject: item.name, detail, href };
}

/** Returns the path of the item's page: its issue or its server event. */
export function serverItemPath(item: ServerItem, project: string | undefined): string {
	const path = item.kind === "exception" ? `/issues/${item.fingerprint}` : `/server-events/${item.id}`;
	return withQuery(path, { project: project ?? null });
}

/** Returns the level of an item; exceptions have the level `error`. */
export function levelOf(item: ServerItem) {
	return item.kind === "exception" ? "error" : item.level;
}
