import type { RecordedEvent } from "../../src/contract/events.ts";

/** What the dashboard and the player document say to each other, by postMessage on one origin. Moments are epoch ms. */

export type ToPlayer =
	/** More of the recording, in time order; it may be from before what the player has. */
	| { kind: "add"; events: RecordedEvent[] }
	/** Nothing more will come. */
	| { kind: "end" }
	| { kind: "play"; at: number }
	| { kind: "pause"; at: number }
	| { kind: "speed"; speed: number }
	| { kind: "skip"; on: boolean }
	/** A picture of a page: no mouse is shown. */
	| { kind: "still" };

export type FromPlayer =
	| { kind: "ready" }
	/** A first frame stands. */
	| { kind: "started" }
	| { kind: "time"; at: number }
	| { kind: "view"; view: View }
	/** The last event that the player has was played. */
	| { kind: "finished" }
	| { kind: "trouble"; reason: "no-snapshot" | "one-event" | "failed" };

/** Where the recorded page lies in the player document, so that something can be drawn over it. */
export interface View {
	/** The recorded viewport, in its own pixels. */
	width: number;
	height: number;
	/** Of its left upper corner in the document. */
	left: number;
	top: number;
	/** Pixels of the document to one of the page. */
	scale: number;
	/** How far the page is scrolled, in its own pixels. */
	scrollX: number;
	scrollY: number;
}

/** Offsets are far below this, epoch milliseconds far above. */
const EPOCH_FROM = 1e11;

/** The moment `?t=` asks for, as an offset from `from`: given as offset or as epoch ms; null when it is no time. */
export function offsetOf(t: string | null, from: number): number | null {
	if (t === null || !/^\d+(\.\d+)?$/.test(t)) return null;
	const value = Number(t);
	return Math.max(0, value < EPOCH_FROM ? value : value - from);
}
