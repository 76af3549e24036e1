/** Where the document was, and when: what is told late belongs to the address it began at. */
export interface UrlHistory {
	/** The address is another from now on. */
	add(url: string): void;
	/** @param time as `performance.now()` has it */
	at(time: number): string;
}

/** What is told late is seldom so late; the oldest are forgotten. */
const MAX_URLS = 100;

export function createUrlHistory(first: string, now: () => number = () => performance.now()): UrlHistory {
	const addresses = [{ since: 0, url: first }];
	return {
		add(url) {
			addresses.push({ since: now(), url });
			if (addresses.length > MAX_URLS) addresses.shift();
		},
		at(time) {
			let url = addresses[0]!.url;
			for (const address of addresses) if (address.since <= time) url = address.url;
			return url;
		},
	};
}
