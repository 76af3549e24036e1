/**
 * The trail of a chunk: its significant moments, extracted once at ingest and read by everything except the player.
 *
 * Times (`at`) are milliseconds since `from`, coordinates are CSS pixels of the viewport, nodes are rrweb IDs (null:
 * unknown). Empty lists are omitted. The format may only be extended: a tuple by fields at its end, the trail by lists.
 */
export interface Trail {
	v: 1;
	/** Time of the chunk's first event, in epoch milliseconds, clamped to a range around the time of receipt. */
	from: number;
	/** Time of the last event, in milliseconds since `from`. */
	to: number;
	/**
	 * Milliseconds that were added to the sender's timestamps, because the sender's clock is more than 10 minutes off.
	 * Absent if nothing was added.
	 */
	shift?: number;
	/**
	 * Server's clock minus the sender's in milliseconds, if the difference is 1 second to 10 minutes; otherwise absent.
	 * Includes the transfer time of the batch. The times of the trail are not corrected by this difference.
	 */
	skew?: number;
	/** Number of pages (without checkouts), clicks with the primary button, and errors. Exact, even if lists are cut. */
	sums: [number, number, number];
	/** Number of events by rrweb type. */
	types: Record<string, number>;
	/** Times of the full snapshots. */
	snapshots?: number[];
	/** Time of the first event that can be the response to a click: a Meta event, a mutation or an input. */
	answer?: number;
	/** Spans of activity (start, end), separated by gaps of more than 5 seconds. */
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

/** A viewed page, or a checkout of it: at, URL, title, viewport width, viewport height, initial scroll y, cause. */
export type TrailPage = [number, string, string | null, number | null, number | null, number | null, PageCause];

/**
 * A click: at, x, y, kind (rrweb's interaction: 2 click, 3 context menu, 4 double click, 7 touch), node, selector,
 * answer, target. `answer` is the time in milliseconds until the page responded; −1: no response within 5 seconds;
 * null: no response before the chunk ended. `target` is present if the clicked element needs no response: `control`,
 * `media`, `selection`, `download`, `link`.
 */
export type TrailClick = [number, number, number, number, number | null, string | null, number | null, string?];

/**
 * A scroll position: at, node, y. A scrolled node has entries for its first and last position, and for each position at
 * which the direction changed.
 */
export type TrailScroll = [number, number, number];

/**
 * A form field in a snapshot or mutation of this chunk: page, node, label. `page` has the same meaning as in
 * `TrailInput`.
 */
export type TrailField = [number, number, string];

/** Flag of an input: its last edit has not ended, because no `change` event has followed the typing. */
export const INPUT_OPEN = 1;
/** Flag of an input: it began with typing, not with a `change` event. */
export const INPUT_TYPED_FIRST = 2;

/**
 * The edits of a form field: page, node, label, time of the first edit, time of the last edit, number of edits, flags
 * (`INPUT_…`). Typing and the `change` event that ends it are one edit. `page` is the index in `pages` of the load that
 * contains the field; −1 is the page on which the chunk began.
 */
export type TrailInput = [number, number, string | null, number, number, number, number?];

/** A submitted form: at, name of the form, ID of the form, URL. */
export type TrailSubmit = [number, string | null, string | null, string | null];

/** A followed link: at, URL, text, 1 if the link leads to another site. */
export type TrailLink = [number, string, string | null, 0 | 1];

/** A web vital: at, metric, value, rating, URL of the measured page. */
export type TrailVital = [number, string, number, string | null, string | null];

/**
 * A browser error: at, message, type, stack (top 20 frames within 2 KB), source:line:column, release, repeats.
 * `repeats` is present if the entry stands for that many repetitions of an earlier error.
 */
export type TrailError = [number, string, string | null, string | null, string | null, string | null, number?];

/** A custom event: at, name, payload as JSON (null: none, or longer than 1 KB). */
export type TrailTag = [number, string, string | null];

/** A resource that failed to load: at, element, URL. */
export type TrailFailedResource = [number, string, string];

/** A pause of the recording, because the page changed too much: at, number of changes, length in milliseconds. */
export type TrailLimit = [number, number, number];

/**
 * Total cost of recording a page from its load up to `at`: at, milliseconds on the main thread, longest task in
 * milliseconds, number of tasks of 50 ms or more, bytes sent, batches lost. Only the last entry of a page counts.
 */
export type TrailCost = [number, number, number, number, number, number];
