/** rrweb's vocabulary, as far as anything but the player reads it. Source: @rrweb/types. */

export const DOM_CONTENT_LOADED = 0;
export const LOAD = 1;
export const FULL_SNAPSHOT = 2;
export const INCREMENTAL = 3;
export const META = 4;
export const CUSTOM = 5;

export const MUTATION = 0;
export const MOUSE_INTERACTION = 2;
export const SCROLL = 3;
export const INPUT = 5;

export const CLICK = 2;
export const CONTEXT_MENU = 3;
export const DOUBLE_CLICK = 4;
export const TOUCH_START = 7;

export const NODE_DOCUMENT = 0;
export const NODE_ELEMENT = 2;
export const NODE_TEXT = 3;

/**
 * One rrweb event as it travels. Only its being an object is certain: clients are not to be trusted, and newer
 * recorders have types of their own, which pass through untouched.
 * `timestamp` is epoch milliseconds.
 */
export interface RecordedEvent {
	type?: unknown;
	timestamp?: number;
	data?: unknown;
	[key: string]: unknown;
}

/** Tags of custom events that the recorder writes itself (the first five are Sentiero's). */
export const TAG_ERROR = "error";
export const TAG_NAVIGATION = "navigation";
export const TAG_CLICK = "__click";
export const TAG_FORM_SUBMIT = "__form_submit";
export const TAG_VITAL = "__perf";
/** A change of route without a page load: `{url, title}`. */
export const TAG_ROUTE = "__route";
/** The page was hidden, or is shown again: `{hidden: boolean}`. */
export const TAG_VISIBILITY = "__visibility";
/** Something the page asked for did not load: `{element, url}`. */
export const TAG_RESOURCE = "__resource";
/** `{level, args: string[]}`. */
export const TAG_CONSOLE = "__console";
/** `{api: "fetch" | "xhr", method, url, status, startedAt, durationMs, requestBytes?, responseBytes?}`; status 0: no answer. */
export const TAG_NETWORK = "__network";
/** What recording cost the page so far: `{ms, longestMs, longTasks, bytes, lost}`. */
export const TAG_COST = "__cost";
/** The page changed more than is recorded; a full snapshot follows when it goes on: `{changes, pauseMs}`. */
export const TAG_LIMIT = "__limit";

/** Tags that no list of custom events shows: those of the recorder itself. */
export function isInternalTag(tag: string): boolean {
	return tag.startsWith("__") || tag === TAG_ERROR;
}
