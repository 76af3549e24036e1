/** History of the document's URLs. A metric may be reported late, but it belongs to the URL at which it began. */
export interface UrlHistory {
	/** Records a change of the URL. */
	add(url: string): void;
	/** Returns the URL at a time of `performance.now()`. */
	at(time: number): string;
}

/** Maximum number of URLs; the oldest are dropped. */
const MAX_URLS = 100;

export function createUrlHistory(first: string, now: () => number = () => performance.now()): UrlHistory {
	const entries = [{ since: 0, url: first }];
	return {
		add(url) {
			entries.push({ since: now(), url });
			if (entries.length > MAX_URLS) entries.shift();
		},
		at(time) {
			let url = entries[0]!.url;
			for (const entry of entries) if (entry.since <= time) url = entry.url;
			return url;
		},
	};
}
