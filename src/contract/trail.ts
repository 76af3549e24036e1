/**
 * The trail of a chunk: its significant moments, extracted once at ingest and read by everything except the player.
 *
 * Times are milliseconds since `from`, coordinates are CSS pixels of the viewport, nodes are rrweb IDs (null: unknown).
 * Empty lists are omitted. The format may only be extended: tuples by fields at the end, the trail by lists.
 */
export interface Trail {
	v: 1;
	/** Time of the chunk's first event, epoch milliseconds, clamped to the time of receipt. */
	from: number;
	/** Time of the last event. */
	to: number;
	/**
	 * Milliseconds that were added to the sender's timestamps, because its clock is more than 10 minutes off. Absent if
	 * nothing was added.
	 */
	shift?: number;
	/**
	 * Server's clock minus sender's, milliseconds, if the sender's clock is 1 second to 10 minutes off. Includes the
	 * transfer time of the batch. No time here is corrected by it. Absent if smaller or unknown.
	 */
	skew?: number;
	/** Pages (without checkouts), clicks with the primary button, errors. Exact, even if lists are cut. */
	sums: [number, number, number];
	/** Number of events by rrweb type. */
	types: Record<string, number>;
	/** Times of the full snapshots. */
	snapshots?: number[];
	/** Time of the first event that counts as a response to a click: a Meta, a mutation or an input. Absent if none. */
	answer?: number;
	/** Spans of activity, separated by gaps of more than 5 seconds: from, to. */
	bursts?: [number, number][];
	pages?: TrailPage[];
	clicks?: TrailClick[];
	scrolls?: TrailScroll[];
	fields?: TrailField[];
	inputs?: TrailInput[];
	submits?: TrailSubmit[];
	links?: TrailLink[];
	vitals?: TrailVital[];
	errors?: TrailError[];
	tags?: TrailTag[];
	/** Times at which the page was hidden (1) and shown (0). */
	hidden?: [number, 0 | 1][];
	failed?: TrailFailedResource[];
	limits?: TrailLimit[];
	costs?: TrailCost[];
	/** Names of the lists that were shortened to their limit. */
	cut?: string[];
}

/**
 * Cause of a page entry. A load starts a document. A route changes the URL inside it. A checkout is only a new snapshot
 * of the same page, and must not reset its scroll position.
 */
export type PageCause = "load" | "route" | "checkout";

/** at, url, title, viewport width, viewport height, initial scroll y (null: unknown), cause. */
export type TrailPage = [number, string, string | null, number | null, number | null, number | null, PageCause];

/**
 * at, x, y, kind (rrweb's interaction: 2 click, 3 context menu, 4 double click, 7 touch), node, selector, answer. The
 * answer is the time in milliseconds until the page responded; −1: no response within 5 seconds; null: none before the
 * chunk ended. The last field is present if the target needs no response: `control`, `media`, `selection`, `download`,
 * `link`.
 */
export type TrailClick = [number, number, number, number, number | null, string | null, number | null, string?];

/** at, node, y: first, last and deepest position of a scrolled node, and where the direction changed. */
export type TrailScroll = [number, number, number];

/** page, node, label: a form field in a snapshot or mutation of this chunk. */
export type TrailField = [number, number, string];

/** Flags of an input: its last edit has not ended, and it began with typing rather than with a change. */
export const INPUT_OPEN = 1;
export const INPUT_TYPED_FIRST = 2;

/**
 * page, node, label, first at, last at, count, flags: edits of a field of a page. Typing and the change that ends it are
 * one edit.
 * `page` is the index of a load in `pages`; −1 is the page on which the chunk began.
 */
export type TrailInput = [number, number, string | null, number, number, number, number?];

/** at, form name, form id, url. */
export type TrailSubmit = [number, string | null, string | null, string | null];

/** at, url, text, external. */
export type TrailLink = [number, string, string | null, 0 | 1];

/** at, metric, value, rating, URL of the measured page. */
export type TrailVital = [number, string, number, string | null, string | null];

/**
 * at, message, type, stack (top 20 frames within 2 KB), source:line:column, release, repeats. `repeats` is present if
 * the entry stands for that many repetitions of an earlier error.
 */
export type TrailError = [number, string, string | null, string | null, string | null, string | null, number?];

/** at, name, payload as JSON (null: none, or longer than 1 KB). */
export type TrailTag = [number, string, string | null];

/** at, element, url: a resource that failed to load. */
export type TrailFailedResource = [number, string, string];

/** at, changes, pause in milliseconds: recording paused because the page changed too much. */
export type TrailLimit = [number, number, number];

/**
 * at, milliseconds, longest, long tasks, bytes sent, batches lost: cost of recording a page so far; the last counts.
 */
export type TrailCost = [number, number, number, number, number, number];
