/** Taken apart, so that the build does not replace it, and a page that replaces it later does not change it. */
const { now: wallClock } = Date;

let last = 0;
let offset = 0;

/**
 * Returns the time in epoch milliseconds, by a clock that never goes back: when the computer's clock is set back during a
 * visit, the difference is added from then on. Otherwise a replay would end before it begins.
 */
export function now(): number {
	const at = wallClock() + offset;
	if (at < last) offset += last - at;
	last = Math.max(last, at);
	return last;
}
