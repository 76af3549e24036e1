/**
 * Destructured, because the build replaces the expression `Date.now`. Read once, so that a page that replaces
 * `Date.now` later has no effect on the recorder.
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
