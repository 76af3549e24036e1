/** How much a visitor struggled, 0 to 100; higher is worse. */

/** Counts, but for the ratio of idle time (0 to 1), and the last two, which are 0 or 1. */
export interface Signals {
	rage: number;
	dead: number;
	/** Times that a page was come back to. */
	churn: number;
	idle: number;
	/** Times that scrolling turned round. */
	thrash: number;
	/** Changes of a field that had been filled in. */
	refills: number;
	bounce: number;
	/** The visit ended within eight seconds of an error. */
	abandon: number;
}

/** Weight in points, and the number from which on it counts in full. */
const SIGNALS: Record<keyof Signals, [points: number, full: number]> = {
	rage: [20, 3],
	dead: [15, 3],
	churn: [15, 3],
	idle: [10, 1],
	thrash: [10, 3],
	refills: [10, 2],
	bounce: [10, 1],
	abandon: [10, 1],
};

export function scoreOf(signals: Signals): number {
	let score = 0;
	for (const [name, [points, full]] of Object.entries(SIGNALS)) {
		score += points * Math.min(signals[name as keyof Signals] / full, 1);
	}
	return Math.round(score);
}
