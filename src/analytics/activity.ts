import { CLICK, CONTEXT_MENU, DOUBLE_CLICK } from "../contract/events.ts";
import { pathAndQuery } from "../contract/filter.ts";
import type { Trail } from "../contract/trail.ts";
import { findDeadClicks, findRageClicks } from "./frustration.ts";
import { createLabels } from "./labels.ts";
import { readTimeline, type WindowTimeline } from "./timeline.ts";

/**
 * Kinds of activity. Each has the same shape and color in all views. `tag` is a custom event; `exception` and `server`
 * are an exception and an event that a server reported.
 */
export type ActivityKind = "page" | "click" | "input" | "frustration" | "error" | "tag" | "exception" | "server";

/** An entry of the activity list. */
export interface Activity {
	/** Epoch milliseconds. */
	at: number;
	kind: ActivityKind;
	/** Beginning of the entry's text, such as "Clicked" or "Dead click on". The subject follows it. */
	title: string;
	/** Path, selector, field, message or name that completes the title; null if the title is complete. */
	subject: string | null;
	/** More about the subject, such as a URL, a stack or a payload. */
	detail: string | null;
	frustration?: "rage" | "dead";
	/** Path of the dashboard page with the details. */
	href?: string;
}

/**
 * Returns what the visitor did in one window, in time order.
 * @param trails in time order
 * @param timeline timeline of the same trails, if the caller has it already
 */
export function activity(
	trails: readonly Trail[],
	timeline: WindowTimeline | null = trails.length ? readTimeline("", trails) : null,
): Activity[] {
	const found: Activity[] = [];
	const labels = createLabels();
	let isFirstPage = true;
	const hiddenSpans = trackHidden();
	for (const trail of trails) {
		const add = (at: number, kind: ActivityKind, title: string, subject: string | null, detail: string | null = null) =>
			found.push({ at: trail.from + at, kind, title, subject, detail });
		for (const [at, url, title, , , , cause] of trail.pages ?? []) {
			if (cause === "checkout") continue;
			const verb = isFirstPage ? "Landed on" : cause === "route" ? "Navigated to" : "Opened";
			add(at, "page", verb, pathOf(url), title ?? url);
			isFirstPage = false;
		}
		const labelOf = labels(trail);
		for (const [at, x, y, kind, , selector] of trail.clicks ?? []) {
			const title = kind === CLICK ? "Clicked" : kind === DOUBLE_CLICK ? "Double-clicked" : "Right-clicked";
			if (kind === CLICK || kind === DOUBLE_CLICK || kind === CONTEXT_MENU) {
				add(at, "click", title, selector ?? `at ${x}, ${y}`);
			}
		}
		for (const [page, node, label, first, , count] of trail.inputs ?? []) {
			const field = label ?? labelOf(page, node) ?? "a field";
			add(first, "input", "Typed into", field, count > 1 ? `${count} changes` : null);
		}
		for (const [at, name, id] of trail.submits ?? []) add(at, "input", "Submitted", name ?? id ?? "a form");
		for (const [at, url, text, external] of trail.links ?? []) {
			if (external) add(at, "page", "Followed link to", url.replace(/^https?:\/\//, ""), text);
		}
		for (const [at, message, type, stack, location, , repeats] of trail.errors ?? []) {
			const detail = [type, location, stack].filter(Boolean).join("\n");
			add(at, "error", repeats ? `Error, repeated ${times(repeats)}` : "Error", message, detail || null);
		}
		for (const [at, element, url] of trail.failed ?? [])
			add(at, "error", "Failed to load", pathOf(url), `${element}\n${url}`);
		for (const [at, length] of hiddenSpans(trail)) {
			add(at - trail.from, "page", "Switched away from the tab", null, `for ${inSeconds(length)}`);
		}
		for (const [at, changes, pauseMs] of trail.limits ?? []) {
			const detail = `${changes} changes within 10 seconds. Changes are not recorded for ${inSeconds(pauseMs)}.`;
			add(at, "error", "Recording paused", "too many page changes", detail);
		}
		for (const [at, name, payload] of trail.tags ?? []) add(at, "tag", "Custom event", name, payload);
	}
	return [...found, ...(timeline ? frustrations(timeline) : [])].sort((a, b) => a.at - b.at);
}

function frustrations(timeline: WindowTimeline): Activity[] {
	const { series, clicks } = findRageClicks(timeline);
	const common = { kind: "frustration" } as const;
	return [
		...series.map(({ at, count, selector }) => ({
			...{ ...common, at, frustration: "rage" as const, title: "Rage click on", subject: selector ?? "the page" },
			detail: `${count} clicks in one spot without a response`,
		})),
		...findDeadClicks(timeline, clicks).map(({ at, selector, withError }) => ({
			...{ ...common, at, frustration: "dead" as const, title: "Dead click on", subject: selector ?? "the page" },
			detail: withError ? "Followed by an error" : "No response within half a second",
		})),
	];
}

/**
 * Returns a function to call with each trail of a window, in time order. The function returns the spans of hiding that
 * end in this trail, as start (epoch milliseconds) and length. A span counts only if the page became visible again,
 * because a page that unloads is also hidden.
 */
function trackHidden(): (trail: Trail) => [number, number][] {
	let since: number | null = null;
	return ({ from, hidden = [], pages = [] }) => {
		const found: [number, number][] = [];
		const loads = pages.filter(([, , , , , , cause]) => cause === "load").map(([at]) => [at, null] as const);
		for (const [at, isHidden] of [...hidden, ...loads].sort(([a], [b]) => a - b)) {
			if (isHidden === 0 && since !== null) found.push([since, from + at - since]);
			since = isHidden === 1 ? from + at : null;
		}
		return found;
	};
}

const times = (n: number) => (n === 1 ? "once" : `${n} times`);

function inSeconds(ms: number): string {
	const seconds = Math.round(ms / 1000);
	return seconds === 1 ? "1 second" : seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`;
}

/** Returns path, query and hash of a URL, at least `/`. Any other text is returned unchanged. */
export function pathOf(url: string): string {
	return pathAndQuery(url) || (url && "/");
}
