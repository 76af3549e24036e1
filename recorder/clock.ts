/**
 * The browser's `Date.now`. It is destructured, because the build replaces the expression `Date.now` with the function
 * below. It is read only once, so that the recorder does not use a version with which the page replaces it later.
 */
const { now: wallClock } = Date;

let last = 0;
let offset = 0;

/**
 * Returns the time in epoch milliseconds, from a clock that never goes back: when the computer's clock is set back
 * while the page is open, the difference is added to all later times. Otherwise a replay could end before it begins.
 */
export function now(): number {
	const at = wallClock() + offset;
	if (at < last) offset += last - at;
	last = Math.max(last, at);
	return last;
}
