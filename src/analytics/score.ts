/** The frustration score of a session, 0 to 100; higher is worse. */

/** Counts, except `idle`, a ratio from 0 to 1, and the last two, which are 0 or 1. */
export interface Signals {
	rage: number;
	dead: number;
	/** Page views of a page that was seen before. */
	churn: number;
	idle: number;
	/** Times that a visitor scrolled far and directly back. */
	thrash: number;
	/** Changes to fields that were already filled in. */
	refills: number;
	bounce: number;
	/** The session ended within eight seconds of a browser error. */
	abandon: number;
}

/** Points of a signal, and the number at which it counts in full. */
const SIGNAL_WEIGHTS: Record<keyof Signals, [points: number, full: number]> = {
	rage: [20, 3],
	dead: [15, 3],
	churn: [15, 3],
	idle: [10, 1],
	thrash: [10, 3],
	refills: [10, 2],
	bounce: [10, 1],
	abandon: [10, 1],
};

/** Returns the sum of the points of all signals. Each grows linearly up to its full points. */
export function scoreOf(signals: Signals): number {
	let score = 0;
	for (const [name, [points, full]] of Object.entries(SIGNAL_WEIGHTS)) {
		score += points * Math.min(signals[name as keyof Signals] / full, 1);
	}
	return Math.round(score);
}
