/** A day is a UTC day, written as a number of the form yyyymmdd: 20260701. */

/** Returns the UTC day that contains an epoch millisecond. */
export function dayOf(at: number): number {
	const date = new Date(at);
	return date.getUTCFullYear() * 10_000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
}

/** Returns the epoch millisecond at which a UTC day begins. */
export function startOfDay(day: number): number {
	return Date.UTC(Math.floor(day / 10_000), (Math.floor(day / 100) % 100) - 1, day % 100);
}
