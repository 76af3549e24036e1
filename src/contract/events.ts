/** Constants of rrweb's event format (from @rrweb/types), and the tags of the recorder's custom events. */

// Types of events.
export const DOM_CONTENT_LOADED = 0;
export const LOAD = 1;
export const FULL_SNAPSHOT = 2;
export const INCREMENTAL = 3;
export const META = 4;
export const CUSTOM = 5;

// Sources of incremental events.
export const MUTATION = 0;
export const MOUSE_INTERACTION = 2;
export const SCROLL = 3;
export const INPUT = 5;

// Types of mouse interactions.
export const CLICK = 2;
export const CONTEXT_MENU = 3;
export const DOUBLE_CLICK = 4;
export const TOUCH_START = 7;

// Types of DOM nodes.
export const NODE_DOCUMENT = 0;
export const NODE_ELEMENT = 2;
export const NODE_TEXT = 3;

/**
 * An rrweb event as sent by a recorder. It is an object, but its fields are untrusted and may be missing. Events of
 * types that are unknown here, which newer recorders may send, are stored too. `timestamp` is in epoch milliseconds.
 */
export interface RecordedEvent {
	type?: unknown;
	timestamp?: number;
	data?: unknown;
	[key: string]: unknown;
}

/** Tags of the custom events that the recorder writes. Sentiero's recorder (the Ruby gem) writes the first five too. */
export const TAG_ERROR = "error";
export const TAG_NAVIGATION = "navigation";
export const TAG_CLICK = "__click";
export const TAG_FORM_SUBMIT = "__form_submit";
export const TAG_VITAL = "__perf";
/** A route change without a page load: `{url, title}`. */
export const TAG_ROUTE = "__route";
/** The page was hidden or shown: `{hidden: boolean}`. */
export const TAG_VISIBILITY = "__visibility";
/** A resource failed to load: `{element, url}`. */
export const TAG_RESOURCE = "__resource";
/** A console message: `{level, args: string[]}`. */
export const TAG_CONSOLE = "__console";
/**
 * A network request:
 * `{api: "fetch" | "xhr", method, url, status, startedAt, durationMs, requestBytes?, responseBytes?}`.
 * Status 0 means that there was no response.
 */
export const TAG_NETWORK = "__network";
/** Cost of the recording since the page loaded: `{ms, longestMs, longTasks, bytes, lost}`. */
export const TAG_COST = "__cost";
/** The recording paused because the page changed too much; a full snapshot follows: `{changes, pauseMs}`. */
export const TAG_LIMIT = "__limit";

/**
 * Attribute in which the recorder notes the state of an element. Its value is one or more of `popover` (open), `focus`
 * and `focus-visible`, separated by spaces.
 */
export const STATE_ATTRIBUTE = "data-sentiero-state";
