import * as rr from "../contract/events.ts";
import { isRecord } from "../contract/redact.ts";
import type { Trail } from "../contract/trail.ts";

/**
 * What of a recording may be shown to people outside: the picture and nothing beside it. Lists of what stays, not of what
 * goes, so that what is recorded tomorrow is not shown by accident.
 */

/** Custom events, plugins' and types that are not known yet carry payloads, and draw nothing. */
const VISIBLE_TYPES = new Set<unknown>([rr.DOM_CONTENT_LOADED, rr.LOAD, rr.FULL_SNAPSHOT, rr.INCREMENTAL, rr.META]);
/** rrweb's older way to record the console. */
const LOG = 11;

/**
 * What is taken off every time of a session, so that it seems to have begun on the 11th of January 1970: when it was is
 * nobody's business.
 */
export function publicEpoch(startedAt: number): number {
	return startedAt - 10 * 86_400_000;
}

/** @param shift milliseconds that are added to each time */
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

/** Attributes that lead somewhere, and draw nothing. */
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
const LINK_ATTRIBUTES_ANYWHERE = ["action", "formaction", "ping", "cite", "srcdoc"];

/** In place: without the addresses that a page leads to, which hold its own. Files it is drawn with keep theirs. */
function withoutLinks(data: unknown): unknown {
	const open: unknown[] = [data];
	while (open.length) {
		const value = open.pop();
		if (typeof value !== "object" || value === null) continue;
		const node = value as Record<string, unknown>;
		if (isRecord(node.attributes)) removeLinks(node.attributes, typeof node.tagName === "string" ? node.tagName : null);
		for (const child of Object.values(node)) if (typeof child === "object") open.push(child);
	}
	return data;
}

/** @param tag null: of a change, which does not say what it is of */
function removeLinks(attributes: Record<string, unknown>, tag: string | null): void {
	const name = tag?.toLowerCase() ?? "";
	const isFile = name === "link" && /stylesheet|icon/i.test(String(attributes.rel ?? ""));
	const gone =
		tag === null ? LINK_ATTRIBUTES_ANYWHERE : (LINK_ATTRIBUTES[name] ?? (name === "link" && !isFile ? ["href"] : []));
	for (const key of gone) delete attributes[key];
	const { href } = attributes;
	// A change of a sheet or of a picture's part is drawn; any other is a link's.
	if (tag === null && typeof href === "string" && !/^#|\.(?:css|svg)\b/i.test(href)) delete attributes.href;
}

/**
 * When something was clicked, typed and opened, for the timeline; not what, nor where it leads, nor that nothing came of
 * it: every click is as if answered at once.
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
