/** Rules that decide which pages and which sessions are recorded. */

/**
 * Returns whether a page is recorded.
 * @param href URL of the page; query and fragment are ignored
 * @param include patterns of paths (`/shop/*` also matches `/shop`) or of full URLs; empty: all pages
 * @param exclude patterns that override `include`
 */
export function isIncluded(href: string, include: readonly string[], exclude: readonly string[]): boolean {
	const { origin, pathname } = new URL(href);
	const matches = (pattern: string) => {
		const source = pattern
			.split("*")
			.map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
			.join(".*")
			.replace(/\/\.\*$/, "(?:/.*)?");
		return new RegExp(`^${source}$`).test(pattern.startsWith("/") ? pathname : origin + pathname);
	};
	return !exclude.some(matches) && (!include.length || include.some(matches));
}

const SAMPLING_KEY = "sentiero_draw";

/**
 * Returns whether a session is sampled. The random number that decides is stored for the life of the session, as
 * `<number from 0 to 1> <time of the last use, epoch milliseconds>`.
 * @param again true when a new session has begun and needs a new number
 */
export function isSampled(rate: number, idleMs: number, storage: () => Storage, now: number, again = false): boolean {
	if (rate >= 1) return true;
	let number = Math.random();
	try {
		const [stored, usedAt] = (storage().getItem(SAMPLING_KEY) ?? "").split(" ").map(Number);
		if (!again && stored! >= 0 && now - usedAt! <= idleMs) number = stored!;
		storage().setItem(SAMPLING_KEY, `${number} ${now}`);
	} catch {
		// Without storage, each page is a separate session with its own number.
	}
	return number < rate;
}
