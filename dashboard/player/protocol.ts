import type { RecordedEvent } from "../../src/contract/events.ts";

/** Messages between the dashboard and the player document, sent with `postMessage`. Times are epoch milliseconds. */

export type ToPlayer =
	/** Adds events, in time order. They may be older than events that were added before. */
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

/** Where the player document shows the recorded page, so that the dashboard can draw over the page. */
export interface View {
	/** Size of the recorded viewport, in CSS pixels of the recorded page. */
	width: number;
	height: number;
	/** Position of the recorded page's top left corner in the player document. */
	left: number;
	top: number;
	/** Pixels of the player document per pixel of the recorded page. */
	scale: number;
	/** Scroll position of the recorded page, in its CSS pixels. */
	scrollX: number;
	scrollY: number;
}

/** Values of the URL parameter `t` below this are offsets, all others epoch milliseconds. */
const EPOCH_FROM = 1e11;

/**
 * Returns the URL parameter `t` as an offset from `from`, at least 0; null if `t` is not a number.
 * @param t an offset in milliseconds, or epoch milliseconds
 * @param from epoch milliseconds
 */
export function offsetOf(t: string | null, from: number): number | null {
	if (t === null || !/^\d+(\.\d+)?$/.test(t)) return null;
	const value = Number(t);
	return Math.max(0, value < EPOCH_FROM ? value : value - from);
}
