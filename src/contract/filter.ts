/**
 * What lists of sessions and reports can be limited to, besides a project and a period; named as in an address.
 *
 * `q`: stands in the id, in a value of the metadata, or in place, browser, system or device. `page`, `clicked`, `tag`: was
 * seen (an address, or its path), clicked, sent. `error`: happened, numbers in its message set aside. `errors`: `true`, or
 * `browser` or `server` alone. `frustrated`, `starred`: `true`; `viewed`: `true` or `false`. `duration`: seconds, `score`: of struggle; `60`, at least,
 * or `60-80`, less than the second. `meta`: `key:value`, or a key alone; a key with a colon in quotes. The others are
 * equal to what the session has.
 */
export const FILTERS = [
	...(["q", "user", "page", "clicked", "tag", "error", "errors", "frustrated", "duration", "score"] as const),
	...(["device", "browser", "os", "country", "city"] as const),
	...(["entry", "referrer", "source", "medium", "campaign", "meta"] as const),
	...(["starred", "label", "viewed"] as const),
] as const;

export type FilterName = (typeof FILTERS)[number];

/** What is absent limits nothing. */
export type Filter = Partial<Record<FilterName, string>>;

/** A metadata key and its value; no address or selector is longer. */
const MAX_CHARS = 1_200;

/** What of a query is a filter; values that say nothing are left out. */
export function filterOf(query: Readonly<Record<string, string | undefined>>): Filter {
	const filter: Filter = {};
	for (const name of FILTERS) {
		const said = query[name]?.slice(0, MAX_CHARS) ?? "";
		// What is searched for was typed; the rest comes from a value as it is.
		const value = name === "q" ? said.trim() : said;
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

/** Of a `meta`; null: any value. */
export function metaOf(filter: string): { key: string; value: string | null } {
	const [, quoted] = /^("(?:[^"\\\\]|\\\\.)*")/.exec(filter) ?? [];
	const length = quoted?.length ?? (filter.includes(":") ? filter.indexOf(":") : filter.length);
	const value = filter[length] === ":" ? filter.slice(length + 1) : null;
	try {
		return { key: quoted ? JSON.parse(quoted) : filter.slice(0, length), value };
	} catch {
		return { key: filter, value: null };
	}
}

export function metaFilter(key: string, value: string): string {
	return `${/[:"]/.test(key) ? JSON.stringify(key) : key}:${value}`;
}

/** `60` → 60 or more; `60-80` → 60 or more, and less than 80. */
export function rangeOf(value: string): [from: number, below: number] {
	const [from, below] = value.split("-");
	return [Number(from), below === undefined ? Number.MAX_SAFE_INTEGER : Number(below)];
}

/** Of two addresses of a page, or of it with and without its query, whether the first is meant by the second. */
export function matchesPage(url: string, wanted: string): boolean {
	return url === wanted || url.startsWith(`${wanted}?`) || url.startsWith(`${wanted}#`);
}

/** `https://shop.example/page?q=1` → `/page?q=1`. */
export function pathAndQuery(url: string): string {
	return url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "");
}

/** Of an issue's name its longest part between the numbers that differ; empty: it is nothing else. */
export function messageTemplate(message: string): string {
	const [longest = ""] = message.split(/[#\d]+/).sort((a, b) => b.length - a.length);
	return longest.trim();
}

/** `https://other.example/page` → `other.example`; as referrers are told apart. */
export function hostOf(url: string): string {
	return url.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "").replace(/[/?#].*$/s, "");
}

/** Who came by no other site. */
export const DIRECT = "(direct / none)";
