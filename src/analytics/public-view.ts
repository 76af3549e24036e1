import * as rr from "../contract/events.ts";
import { isRecord } from "../contract/redact.ts";
import type { Trail } from "../contract/trail.ts";

/**
 * Reduces a recording to what a share link shows: the replay, without any other data. The code lists what is shown, not
 * what is removed, so that data that future versions record is not shared by accident.
 */

/** Event types that the replay needs. All other types, such as custom events, contain data and draw nothing. */
const VISIBLE_TYPES = new Set<unknown>([rr.DOM_CONTENT_LOADED, rr.LOAD, rr.FULL_SNAPSHOT, rr.INCREMENTAL, rr.META]);
/** Source of console messages in older versions of rrweb. */
const LOG = 11;

/**
 * Returns the offset that is subtracted from all times of a shared session, to hide when the session took place. The
 * session then seems to begin on January 11, 1970.
 */
export function publicEpoch(startedAt: number): number {
	return startedAt - 10 * 86_400_000;
}

/** Returns the events of a shared recording. @param shift milliseconds that are added to each time */
export function publicEvents(events: readonly rr.RecordedEvent[], shift: number): rr.RecordedEvent[] {
	return events
		.filter(
			({ type, data }) =>
				VISIBLE_TYPES.has(type) && !(type === rr.INCREMENTAL && isRecord(data) && data.source === LOG),
		)
		.map(({ type, timestamp, data }) => ({
			type,
			...(typeof timestamp === "number" && { timestamp: timestamp + shift }),
			data:
				type === rr.META && isRecord(data) ? { href: "", width: data.width, height: data.height } : withoutLinks(data),
		}));
}

/** Attributes, by element, that may contain URLs and are not needed to draw the page. */
const LINK_ATTRIBUTES: Record<string, readonly string[]> = {
	a: ["href", "xlink:href", "ping"],
	area: ["href", "ping"],
	form: ["action"],
	button: ["formaction"],
	input: ["formaction"],
	base: ["href"],
	meta: ["content"],
	script: ["src"],
	iframe: ["src", "srcdoc"],
	frame: ["src"],
	blockquote: ["cite"],
	q: ["cite"],
};
/** Attributes that are removed from mutations of any element, because a mutation does not name the element. */
const LINK_ATTRIBUTES_ANYWHERE = ["action", "formaction", "ping", "cite", "srcdoc"];

/** Removes the URLs of links, which may contain personal data, in place. Keeps the URLs of files that are drawn. */
function withoutLinks(data: unknown): unknown {
	const stack: unknown[] = [data];
	while (stack.length) {
		const value = stack.pop();
		if (typeof value !== "object" || value === null) continue;
		const node = value as Record<string, unknown>;
		if (isRecord(node.attributes)) removeLinks(node.attributes, typeof node.tagName === "string" ? node.tagName : null);
		for (const child of Object.values(node)) if (typeof child === "object") stack.push(child);
	}
	return data;
}

/** Removes the URLs of links from attributes. @param tag null for a mutation, which does not name the element */
function removeLinks(attributes: Record<string, unknown>, tag: string | null): void {
	const name = tag?.toLowerCase() ?? "";
	const isFile = name === "link" && /stylesheet|icon/i.test(String(attributes.rel ?? ""));
	const removed =
		tag === null ? LINK_ATTRIBUTES_ANYWHERE : (LINK_ATTRIBUTES[name] ?? (name === "link" && !isFile ? ["href"] : []));
	for (const key of removed) delete attributes[key];
	const { href } = attributes;
	// In a mutation, an `href` of a style sheet or of a part of an SVG image is drawn; any other `href` is a link.
	if (tag === null && typeof href === "string" && !/^#|\.(?:css|svg)\b/i.test(href)) delete attributes.href;
}

/**
 * Returns the trail from which the timeline of a shared recording is drawn: the times of clicks, inputs and pages,
 * without selectors, labels and URLs. Each click gets a response, so that no dead clicks are shown.
 */
export function publicTrail(trail: Trail, shift: number): Trail {
	const { v, from, to, sums, snapshots, bursts, pages, clicks, inputs } = trail;
	return {
		...{ v, from: from + shift, to, sums: [sums[0], sums[1], 0], types: {} },
		...(snapshots && { snapshots }),
		...(bursts && { bursts }),
		...(pages && {
			pages: pages.map(([at, , , width, height, scroll, cause]) => [at, "", null, width, height, scroll, cause]),
		}),
		...(clicks && { clicks: clicks.map(([at, x, y, kind]) => [at, x, y, kind, null, null, 0]) }),
		...(inputs && {
			inputs: inputs.map(([page, node, , first, last, count]) => [page, node, null, first, last, count]),
		}),
	};
}
