/**
 * The trail of a chunk: its significant moments, extracted once at ingest and read by everything except the player.
 *
 * Times are milliseconds since `from`, coordinates are CSS pixels of the viewport, nodes are rrweb IDs (null: unknown).
 * Empty lists are omitted. The format may only be extended: a tuple by fields at its end, the trail by lists.
 */
export interface Trail {
	v: 1;
	/** Time of the chunk's first event, in epoch milliseconds, clamped to the time of receipt. */
	from: number;
	/** Time of the last event. */
	to: number;
	/**
	 * Milliseconds that were added to the sender's timestamps, because the sender's clock is more than 10 minutes off.
	 * Absent if nothing was added.
	 */
	shift?: number;
	/**
	 * Server's clock minus the sender's in milliseconds, if the difference is 1 second to 10 minutes; otherwise absent.
	 * Includes the transfer time of the batch. The times of the trail are not corrected by it.
	 */
	skew?: number;
	/** Number of pages (without checkouts), clicks with the primary button, and errors. Exact, even if lists are cut. */
	sums: [number, number, number];
	/** Number of events by rrweb type. */
	types: Record<string, number>;
	/** Times of the full snapshots. */
	snapshots?: number[];
	/** Time of the first event that counts as a response to a click: a Meta, a mutation or an input. Absent if none. */
	answer?: number;
	/** Spans of activity, from and to, separated by gaps of more than 5 seconds. */
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
 * Cause of an entry in `pages`. A load starts a document. A route changes the URL inside the document. A checkout is
 * only a new snapshot of the same page, and must not reset its scroll position.
 */
export type PageCause = "load" | "route" | "checkout";

/** at, url, title, viewport width, viewport height, initial scroll y (null: unknown), cause. */
export type TrailPage = [number, string, string | null, number | null, number | null, number | null, PageCause];

/**
 * at, x, y, kind (rrweb's interaction: 2 click, 3 context menu, 4 double click, 7 touch), node, selector, answer,
 * target. `answer` is the time in milliseconds until the page responded; −1: no response within 5 seconds; null: no
 * response before the chunk ended. `target` is present if the clicked element needs no response: `control`, `media`,
 * `selection`, `download`, `link`.
 */
export type TrailClick = [number, number, number, number, number | null, string | null, number | null, string?];

/** at, node, y. A scrolled node has entries for its first and last position and for each change of direction. */
export type TrailScroll = [number, number, number];

/**
 * page, node, label: a form field in a snapshot or mutation of this chunk. `page` has the same meaning as in
 * `TrailInput`.
 */
export type TrailField = [number, number, string];

/** Flag of an input: its last edit has not ended, because no `change` event has followed the typing. */
export const INPUT_OPEN = 1;
/** Flag of an input: it began with typing, not with a `change` event. */
export const INPUT_TYPED_FIRST = 2;

/**
 * page, node, label, first at, last at, count, flags: the edits of a field. Typing and the `change` event that ends it
 * are one edit. `page` is the index in `pages` of the load that contains the field; −1 is the page on which the chunk
 * began.
 */
export type TrailInput = [number, number, string | null, number, number, number, number?];

/** at, form name, form ID, URL: a submitted form. */
export type TrailSubmit = [number, string | null, string | null, string | null];

/** at, URL, text, 1 if the link leads to another site: a followed link. */
export type TrailLink = [number, string, string | null, 0 | 1];

/** at, metric, value, rating, URL of the measured page: a web vital. */
export type TrailVital = [number, string, number, string | null, string | null];

/**
 * at, message, type, stack (top 20 frames within 2 KB), source:line:column, release, repeats. `repeats` is present if
 * the entry stands for that many repetitions of an earlier error.
 */
export type TrailError = [number, string, string | null, string | null, string | null, string | null, number?];

/** at, name, payload as JSON (null: none, or longer than 1 KB): a custom event. */
export type TrailTag = [number, string, string | null];

/** at, element, URL: a resource that failed to load. */
export type TrailFailedResource = [number, string, string];

/** at, changes, pause in milliseconds: the recording paused because the page changed too much. */
export type TrailLimit = [number, number, number];

/**
 * at, milliseconds, longest task, long tasks, bytes sent, batches lost: total cost of recording the page up to `at`.
 * The last entry of a page counts.
 */
export type TrailCost = [number, number, number, number, number, number];
