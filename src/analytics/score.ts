/** The frustration score of a session, 0 to 100; higher is worse. */

/** Signs of frustration in a session. */
export interface Signals {
	/** Number of rage clicks. */
	rage: number;
	/** Number of dead clicks. */
	dead: number;
	/** Number of page views of a URL that was viewed before in the session. */
	churn: number;
	/** Share of the session's duration that consists of gaps of more than 10 seconds without activity, 0 to 1. */
	idle: number;
	/** Number of times that the visitor scrolled far and then back at once. */
	thrash: number;
	/** Number of changes to form fields, without the first change of each field. */
	refills: number;
	/** 1 if the session is a bounce, otherwise 0. */
	bounce: number;
	/** 1 if the session ended within eight seconds of a browser error, otherwise 0. */
	abandon: number;
}

/** Maximum points of each signal, and the value at which the signal reaches this maximum. */
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

/** Returns the sum of the points of all signals. The points of a signal grow linearly up to their maximum. */
export function scoreOf(signals: Signals): number {
	let score = 0;
	for (const [name, [points, full]] of Object.entries(SIGNAL_WEIGHTS)) {
		score += points * Math.min(signals[name as keyof Signals] / full, 1);
	}
	return Math.round(score);
}
