/**
 * What lists of sessions and reports can be limited to, besides a project and a period; named as in an address.
 *
 * `q`: stands in the id, in a value of the metadata, or in place, browser, system or device. `page`, `clicked`, `tag`: was
 * seen, clicked, sent. `error`: a message, numbers in it set aside. `meta`: `key:value`, or a key alone. `duration`: seconds, and `score`: of struggle: `60`, at least, or `60-80`, less than
 * the second. `errors`:
 * `true`. `starred`: `true`, and `viewed`: `true` or `false`, by somebody of the dashboard, as `label` is theirs. The others are equal to what the session has.
 */
export const FILTERS = [
	...(["q", "user", "page", "clicked", "tag", "error", "errors", "duration", "score"] as const),
	...(["device", "browser", "os", "country", "city"] as const),
	...(["entry", "referrer", "source", "medium", "campaign", "meta"] as const),
	...(["starred", "label", "viewed"] as const),
] as const;

export type FilterName = (typeof FILTERS)[number];

/** What is absent limits nothing. */
export type Filter = Partial<Record<FilterName, string>>;

const MAX_CHARS = 1_024;

/** What of a query is a filter; values that say nothing are left out. */
export function filterOf(query: Readonly<Record<string, string | undefined>>): Filter {
	const filter: Filter = {};
	for (const name of FILTERS) {
		const value = query[name]?.trim().slice(0, MAX_CHARS);
		if (value && isSense(name, value)) filter[name] = value;
	}
	return filter;
}

function isSense(name: FilterName, value: string): boolean {
	if (name === "errors" || name === "starred") return value === "true";
	if (name === "viewed") return value === "true" || value === "false";
	if (name === "duration" || name === "score") return /^\d{1,6}(-\d{1,6})?$/.test(value);
	return true;
}

/** `60` → 60 or more; `60-80` → 60 or more, and less than 80. */
export function rangeOf(value: string): [from: number, below: number] {
	const [from, below] = value.split("-");
	return [Number(from), below === undefined ? Number.MAX_SAFE_INTEGER : Number(below)];
}

/** Of two addresses of a page, or of it with and without its query, whether the first is meant by the second. */
export function isEntry(url: string, wanted: string): boolean {
	return url === wanted || url.startsWith(`${wanted}?`) || url.startsWith(`${wanted}#`);
}

/** `https://other.example/page` → `other.example`; as referrers are told apart. */
export function hostOf(url: string): string {
	return url.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "").replace(/[/?#].*$/s, "");
}

/** Who came by no other site. */
export const DIRECT = "(direct / none)";
