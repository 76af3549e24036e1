/**
 * Filters of the session list and of reports, besides project and period. Each name is also the URL parameter.
 *
 * - `q`: text in the session ID, a metadata value, the location, browser, OS or device
 * - `page`: URL or path of a viewed page; `clicked`: selector of a clicked element; `tag`: name of a custom event
 * - `error`: message of a browser error, compared without its numbers
 * - `errors`: `browser` or `server` for sessions with errors there, `true` for sessions with errors in either
 * - `frustrated`, `starred`: `true`; `viewed`: `true` or `false`
 * - `duration` (seconds) and `score` (frustration score): `60` for 60 or more, `60-80` for 60 or more and less than 80
 * - `meta`: `key:value`, or `key` for any value; a key with a colon or a quote is written as a JSON string
 * - all other filters: the value that the session must have, such as `Firefox` for `browser`
 */
export const FILTERS = [
	...(["q", "user", "page", "clicked", "tag", "error", "errors", "frustrated", "duration", "score"] as const),
	...(["device", "browser", "os", "country", "city"] as const),
	...(["entry", "referrer", "source", "medium", "campaign", "meta"] as const),
	...(["starred", "label", "viewed"] as const),
] as const;

export type FilterName = (typeof FILTERS)[number];

/** Values of the filters that are set. */
export type Filter = Partial<Record<FilterName, string>>;

/** Limit of a filter's value: long enough for a metadata key with its value; URLs and selectors are shorter. */
const MAX_CHARS = 1_200;

/** Returns the filters in a query string, without empty and invalid values. */
export function filterOf(query: Readonly<Record<string, string | undefined>>): Filter {
	const filter: Filter = {};
	for (const name of FILTERS) {
		const raw = query[name]?.slice(0, MAX_CHARS) ?? "";
		// Spaces around a text search do not matter. Most other filters are compared with stored values, which may begin or
		// end with spaces.
		const value = name === "q" ? raw.trim() : raw;
		if (value.trim() && isValidValue(name, value)) filter[name] = value;
	}
	return filter;
}

function isValidValue(name: FilterName, value: string): boolean {
	if (name === "errors") return value === "true" || value === "browser" || value === "server";
	if (name === "frustrated" || name === "starred") return value === "true";
	if (name === "viewed") return value === "true" || value === "false";
	if (name === "duration" || name === "score") return /^\d{1,6}(-\d{1,6})?$/.test(value);
	return true;
}

/** Splits a `meta` filter into key and value. The value null stands for any value. */
export function metaOf(filter: string): { key: string; value: string | null } {
	const [, quoted] = /^("(?:[^"\\]|\\.)*")/.exec(filter) ?? [];
	const length = quoted?.length ?? (filter.includes(":") ? filter.indexOf(":") : filter.length);
	const value = filter[length] === ":" ? filter.slice(length + 1) : null;
	try {
		return { key: quoted ? JSON.parse(quoted) : filter.slice(0, length), value };
	} catch {
		return { key: filter, value: null };
	}
}

/** Returns the `meta` filter for a key and a value. */
export function metaFilter(key: string, value: string): string {
	return `${/[:"]/.test(key) ? JSON.stringify(key) : key}:${value}`;
}

/** Parses a range: `60` is 60 or more, `60-80` is 60 or more and less than 80. */
export function rangeOf(value: string): [from: number, below: number] {
	const [from, below] = value.split("-");
	return [Number(from), below === undefined ? Number.MAX_SAFE_INTEGER : Number(below)];
}

/** Returns whether `url` (a URL or path) is equal to `page`, apart from a query or fragment after `page`. */
export function matchesPage(url: string, page: string): boolean {
	return url === page || url.startsWith(`${page}?`) || url.startsWith(`${page}#`);
}

/** Removes scheme and host: `https://shop.example/page?q=1` → `/page?q=1`. */
export function pathAndQuery(url: string): string {
	return url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "");
}

/**
 * Returns the longest part of an error message that contains neither a digit nor `#`, which replaces the numbers in
 * grouped messages. Returns an empty string if the message consists of numbers only.
 */
export function messageTemplate(message: string): string {
	const [longest = ""] = message.split(/[#\d]+/).sort((a, b) => b.length - a.length);
	return longest.trim();
}

/** Returns the host of a URL, by which referrers are grouped: `https://other.example/page` → `other.example`. */
export function hostOf(url: string): string {
	return url.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "").replace(/[/?#].*$/s, "");
}

/** Label of sessions without a referrer, and the value of the filter `referrer` that selects them. */
export const DIRECT = "(direct / none)";
