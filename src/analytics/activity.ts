import { CLICK, CONTEXT_MENU, DOUBLE_CLICK } from "../contract/events.ts";
import type { Trail } from "../contract/trail.ts";

/** The five signals, which mean the same everywhere they are shown. */
export type Signal = "page" | "click" | "input" | "tag" | "error";

/** One line of what a visitor did. */
export interface Activity {
	/** Epoch milliseconds. */
	at: number;
	signal: Signal;
	/** A few plain words: what happened. */
	title: string;
	/** To what: a path, a selector, a field, a message; null when the words say it all. */
	subject: string | null;
	/** The longer story: URL, stack, payload. */
	detail: string | null;
}

/**
 * What the chunks of one window (or session) say that the visitor did, in time order.
 * @param trails in time order
 */
export function activity(trails: readonly Trail[]): Activity[] {
	const found: Activity[] = [];
	/** Labels of the page that the chunk at hand began in. */
	let labels = new Map<number, string>();
	let seenPage = false;
	for (const trail of trails) {
		const add = (at: number, signal: Signal, title: string, subject: string | null, detail: string | null = null) =>
			found.push({ at: trail.from + at, signal, title, subject, detail });
		for (const [at, url, title, , , , cause] of trail.pages ?? []) {
			if (cause === "checkout") continue;
			add(at, "page", seenPage ? (cause === "route" ? "Went to" : "Opened") : "Came to", pathOf(url), title ?? url);
			seenPage = true;
		}
		const labelsOf = new Map([[-1, labels]]);
		for (const [page, node, label] of trail.fields ?? []) {
			if (!labelsOf.has(page)) labelsOf.set(page, new Map());
			labelsOf.get(page)?.set(node, label);
		}
		for (const [at, x, y, kind, , selector] of trail.clicks ?? []) {
			const title = kind === CLICK ? "Clicked" : kind === DOUBLE_CLICK ? "Double-clicked" : "Right-clicked";
			if (kind === CLICK || kind === DOUBLE_CLICK || kind === CONTEXT_MENU) {
				add(at, "click", title, selector ?? `at ${x}, ${y}`);
			}
		}
		for (const [page, node, label, first, , count] of trail.inputs ?? []) {
			const field = label ?? labelsOf.get(page)?.get(node) ?? "a field";
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
		for (const [at, isHidden] of trail.hidden ?? []) add(at, "page", isHidden ? "Looked away" : "Came back", null);
		for (const [at, changes, pauseMs] of trail.limits ?? []) {
			const detail = `${changes} changes within ten seconds. The picture stands still for ${Math.round(pauseMs / 1000)} seconds.`;
			add(at, "error", "Not recorded", "the page changed too much", detail);
		}
		for (const [at, name, payload] of trail.tags ?? []) add(at, "tag", "Event", name, payload);
		const lastLoad = trail.pages?.findLastIndex(([, , , , , , cause]) => cause === "load") ?? -1;
		labels = labelsOf.get(Math.max(lastLoad, ...labelsOf.keys())) ?? new Map();
	}
	return found.sort((a, b) => a.at - b.at);
}

/** Path and what follows; the whole thing when it is no URL. */
export function pathOf(url: string): string {
	const match = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*(.*)$/i.exec(url);
	return match ? match[1] || "/" : url;
}
