/**
 * The trail of one chunk: its few significant moments, written once at ingest and read by everything but the player.
 *
 * Times are milliseconds since `from`, coordinates CSS pixels of the viewport, nodes rrweb's ids (null: unknown).
 * Lists that would be empty are left out. A trail only grows: a tuple may get another field at its end and the trail
 * another list; nothing changes its meaning.
 */
export interface Trail {
	v: 1;
	/** Epoch milliseconds of the chunk's first event, clamped to the time of receipt. */
	from: number;
	/** Length of the chunk, first event to last. */
	to: number;
	/**
	 * What was added to the sender's times, milliseconds: the skew of a clock that is more than 10 minutes off. An event's
	 * own timestamp plus this is its time here. Absent: nothing.
	 */
	shift?: number;
	/**
	 * The server's clock minus the sender's, milliseconds, of a clock that is less off than that, and a second or more; the
	 * way of the batch is in it. It is in no time here. Absent: less, or not known.
	 */
	skew?: number;
	/** Pages (checkouts apart), clicks of the first button, errors: exact, whatever a cap has cut. */
	sums: [number, number, number];
	/** How many events of each rrweb type. */
	types: Record<string, number>;
	/** Times of the full snapshots. */
	snapshots?: number[];
	/** Time of the first thing that can answer a click: a Meta, a mutation or an input. Absent: none. */
	answer?: number;
	/** Spans of activity, split at gaps of 5 seconds: from, to. */
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
	/** When the page was hidden (1) and shown again (0). */
	hidden?: [number, 0 | 1][];
	failed?: TrailFailed[];
	limits?: TrailLimit[];
	costs?: TrailCost[];
	/** Names of the lists that a cap has cut. */
	cut?: string[];
}

/**
 * Why a page entry is there. A load starts a document; a route changes the URL inside it; a checkout is only a fresh
 * snapshot of the page as it stands, and must not reset its scroll.
 */
export type PageCause = "load" | "route" | "checkout";

/** at, url, title, viewport width, viewport height, scroll y to begin with (null: unknown), cause. */
export type TrailPage = [number, string, string | null, number | null, number | null, number | null, PageCause];

/**
 * at, x, y, kind (rrweb's interaction: 2 click, 3 context menu, 4 double click, 7 touch), node, selector, answer:
 * milliseconds until something happened, −1 never (nothing for 5 seconds), null open when the chunk ended. The last is
 * there when the target answers by itself: `control`, `media`, `selection`, `download`, `link`.
 */
export type TrailClick = [number, number, number, number, number | null, string | null, number | null, string?];

/** at, node, y: the first and last position, the turning points and the deepest one of each scrolled node. */
export type TrailScroll = [number, number, number];

/** page, node, label: the form fields of the snapshots and mutations in this chunk. */
export type TrailField = [number, number, string];

/**
 * page, node, label, first at, last at, count: the inputs into one field of one page.
 * `page` is the index of a load in `pages`, −1 for the page that the chunk began in.
 */
export type TrailInput = [number, number, string | null, number, number, number];

/** at, form name, form id, url. */
export type TrailSubmit = [number, string | null, string | null, string | null];

/** at, url, text, external. */
export type TrailLink = [number, string, string | null, 0 | 1];

/** at, metric, value, rating, the url it was measured on. */
export type TrailVital = [number, string, number, string | null, string | null];

/**
 * at, message, type, stack (top 20 frames within 2 KB), source:line:column, release. The last is there when this stands
 * for so many more of an error told before.
 */
export type TrailError = [number, string, string | null, string | null, string | null, string | null, number?];

/** at, name, payload as JSON within 1 KB (null: none, or cut). */
export type TrailTag = [number, string, string | null];

/** at, element, url: something the page asked for did not load. */
export type TrailFailed = [number, string, string];

/** at, changes, pause in milliseconds: the page changed more than is recorded. */
export type TrailLimit = [number, number, number];

/** at, milliseconds, longest, long tasks, bytes sent, batches lost: what recording cost a page so far; the last counts. */
export type TrailCost = [number, number, number, number, number, number];
