/** Whether a visit, and a page of it, is to be recorded at all. */

/**
 * @param href the page's address; its query and hash do not count
 * @param include patterns of a path (`/shop/*`, which is `/shop` too) or of a whole address; empty: all
 * @param exclude wins
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
 * One draw for a whole visit, kept as long as a session would live: `{0 to 1} {epoch ms last asked}`.
 * @param again a new session began: a new draw
 */
export function isSampled(rate: number, idleMs: number, storage: () => Storage, now: number, again = false): boolean {
	if (rate >= 1) return true;
	let draw = Math.random();
	try {
		const [kept, asked] = (storage().getItem(SAMPLING_KEY) ?? "").split(" ").map(Number);
		if (!again && kept! >= 0 && now - asked! <= idleMs) draw = kept!;
		storage().setItem(SAMPLING_KEY, `${draw} ${now}`);
	} catch {
		// Without storage each page is a visit of its own.
	}
	return draw < rate;
}
