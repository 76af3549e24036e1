/** Where the document was, and when: what is told late belongs to the address it began at. */
export interface Addresses {
	/** The address is another from now on. */
	add(url: string): void;
	/** @param time as `performance.now()` has it */
	at(time: number): string;
}

/** What is told late is seldom so late; the oldest are forgotten. */
const MAX_ADDRESSES = 100;

export function createAddresses(first: string, now: () => number = () => performance.now()): Addresses {
	const addresses = [{ since: 0, url: first }];
	return {
		add(url) {
			addresses.push({ since: now(), url });
			if (addresses.length > MAX_ADDRESSES) addresses.shift();
		},
		at(time) {
			let url = addresses[0]!.url;
			for (const address of addresses) if (address.since <= time) url = address.url;
			return url;
		},
	};
}
