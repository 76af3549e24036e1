import type { RecordedEvent } from "../../src/contract/events.ts";

/** What the dashboard and the player document say to each other, by postMessage on one origin. Offsets are ms. */

export type ToPlayer =
	/** More of the recording, in time order. */
	| { kind: "add"; events: RecordedEvent[] }
	/** Nothing more will come. */
	| { kind: "end" }
	| { kind: "play"; offset: number }
	| { kind: "pause"; offset: number }
	| { kind: "speed"; speed: number }
	| { kind: "skip"; on: boolean }
	/** A picture of a page: no mouse is shown. */
	| { kind: "still" };

export type FromPlayer =
	| { kind: "ready" }
	/** The first frame stands; offsets count from this event, epoch ms. */
	| { kind: "started"; from: number }
	| { kind: "time"; offset: number }
	/** The last event that the player has was played. */
	| { kind: "finished" }
	| { kind: "trouble"; reason: "no-snapshot" | "one-event" | "failed" };

/** Offsets are far below this, epoch milliseconds far above. */
const EPOCH_FROM = 1e11;

/** The moment `?t=` asks for, as an offset from `from`: given as offset or as epoch ms; null when it is no time. */
export function offsetOf(t: string | null, from: number): number | null {
	if (t === null || !/^\d+(\.\d+)?$/.test(t)) return null;
	const value = Number(t);
	return Math.max(0, value < EPOCH_FROM ? value : value - from);
}
