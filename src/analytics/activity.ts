import { CLICK, CONTEXT_MENU, DOUBLE_CLICK } from "../contract/events.ts";
import { pathAndQuery } from "../contract/filter.ts";
import type { Trail } from "../contract/trail.ts";
import { findDeadClicks, findRageClicks } from "./frustration.ts";
import { createLabels } from "./labels.ts";
import { readTimeline, type WindowTimeline } from "./timeline.ts";

/**
 * The signals, which mean the same everywhere they are shown; `tag` is an event of the site's own. What its servers
 * reported is an `exception`, or an event: `server`.
 */
export type ActivityKind = "page" | "click" | "input" | "frustration" | "error" | "tag" | "exception" | "server";

/** One line of what a visitor did. */
export interface Activity {
	/** Epoch milliseconds. */
	at: number;
	kind: ActivityKind;
	/** A few plain words: what happened. */
	title: string;
	/** To what: a path, a selector, a field, a message; null when the words say it all. */
	subject: string | null;
	/** The longer story: URL, stack, payload. */
	detail: string | null;
	/** Which frustration it is. */
	frustration?: "rage" | "dead";
	/** The page of the dashboard that tells all of it. */
	href?: string;
}

/**
 * What the chunks of one window say that the visitor did, in time order.
 * @param trails in time order
 * @param timeline of the same, for those who have it already
 */
export function activity(
	trails: readonly Trail[],
	timeline: WindowTimeline | null = trails.length ? readTimeline("", trails) : null,
): Activity[] {
	const found: Activity[] = [];
	const labels = createLabels();
	let seenPage = false;
	const absences = trackHidden();
	for (const trail of trails) {
		const add = (at: number, kind: ActivityKind, title: string, subject: string | null, detail: string | null = null) =>
			found.push({ at: trail.from + at, kind: kind, title, subject, detail });
		for (const [at, url, title, , , , cause] of trail.pages ?? []) {
			if (cause === "checkout") continue;
			add(at, "page", seenPage ? (cause === "route" ? "Went to" : "Opened") : "Came to", pathOf(url), title ?? url);
			seenPage = true;
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
		for (const [at, name, id] of trail.submits ?? []) add(at, "input", "Sent", name ?? id ?? "a form");
		for (const [at, url, text, external] of trail.links ?? []) {
			if (external) add(at, "page", "Left for", url.replace(/^https?:\/\//, ""), text);
		}
		for (const [at, message, type, stack, place, , repeats] of trail.errors ?? []) {
			const detail = [type, place, stack].filter(Boolean).join("\n");
			add(at, "error", repeats ? `Error, ${repeats} times more` : "Error", message, detail || null);
		}
		for (const [at, element, url] of trail.failed ?? [])
			add(at, "error", "Did not load", pathOf(url), `${element}\n${url}`);
		for (const [at, length] of absences(trail))
			add(at - trail.from, "page", "Looked away", null, `for ${inSeconds(length)}`);
		for (const [at, changes, pauseMs] of trail.limits ?? []) {
			const detail = `${changes} changes within ten seconds. The picture stands still for ${inSeconds(pauseMs)}.`;
			add(at, "error", "Not recorded", "the page changed too much", detail);
		}
		for (const [at, name, payload] of trail.tags ?? []) add(at, "tag", "Event", name, payload);
	}
	return [...found, ...(timeline ? frustrations(timeline) : [])].sort((a, b) => a.at - b.at);
}

function frustrations(timeline: WindowTimeline): Activity[] {
	const { bursts, clicks } = findRageClicks(timeline);
	const common = { kind: "frustration" } as const;
	return [
		...bursts.map(({ at, count, selector }) => ({
			...{ ...common, at, frustration: "rage" as const, title: "Rage clicked", subject: selector },
			detail: `${count} clicks in one place within half a second`,
		})),
		...findDeadClicks(timeline, clicks).map(({ at, selector, withError }) => ({
			...{ ...common, at, frustration: "dead" as const, title: "Dead click on", subject: selector ?? "the page" },
			detail: withError ? "An error came instead of an answer" : "Nothing came of it within half a second",
		})),
	];
}

/** A page that goes is hidden too; somebody looked away only if the same page is shown again. Epoch ms, length. */
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

function inSeconds(ms: number): string {
	const seconds = Math.round(ms / 1000);
	return seconds === 1 ? "1 second" : seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`;
}

/** Path and what follows; the whole thing when it is no URL. */
export function pathOf(url: string): string {
	return pathAndQuery(url) || (url && "/");
}
