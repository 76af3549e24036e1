import type { RecordedEvent } from "../../src/contract/events.ts";

/** Messages between the dashboard and the player document: postMessage within one origin. Times are epoch milliseconds. */

export type ToPlayer =
	/** More events in time order; they may be older than those the player has. */
	| { kind: "add"; events: RecordedEvent[] }
	/** No more events will follow. */
	| { kind: "end" }
	| { kind: "play"; at: number }
	| { kind: "pause"; at: number }
	| { kind: "speed"; speed: number }
	| { kind: "skip"; on: boolean }
	/** Hides the mouse pointer, for a still picture of a page. */
	| { kind: "still" };

export type FromPlayer =
	| { kind: "ready" }
	/** The first frame is displayed. */
	| { kind: "started" }
	| { kind: "time"; at: number }
	| { kind: "view"; view: View }
	/** The player has played its last event. */
	| { kind: "finished" }
	| { kind: "error"; reason: "no-snapshot" | "one-event" | "failed" };

/** Position of the recorded page in the player document, for drawing over it. */
export interface View {
	/** Recorded viewport, in its own CSS pixels. */
	width: number;
	height: number;
	/** Position of the recorded page's top left corner in the player document. */
	left: number;
	top: number;
	/** Pixels of the player document per pixel of the recorded page. */
	scale: number;
	/** Scroll position of the page, in its own CSS pixels. */
	scrollX: number;
	scrollY: number;
}

/** Smaller values are offsets, larger ones epoch milliseconds. */
const EPOCH_FROM = 1e11;

/**
 * Returns the URL parameter `t` as an offset from `from`; null if it is not a time.
 * @param t an offset or epoch milliseconds
 */
export function offsetOf(t: string | null, from: number): number | null {
	if (t === null || !/^\d+(\.\d+)?$/.test(t)) return null;
	const value = Number(t);
	return Math.max(0, value < EPOCH_FROM ? value : value - from);
}
