import { newCounts, parseCounts, serializeCounts } from "./counts.ts";
import { digest, type Facts } from "./digest.ts";
import { addFacts, anonymizeSection, foldSection, SECTIONS, type Section } from "./rollup.ts";

/** Limit of one section of a day's rollup, in characters of JSON. D1 allows 2 MB per row. */
const MAX_CHARS = 400_000;

/** Computations that the background jobs pass to storage. There, rollups are opaque JSON texts. */
export const analysis = {
	digest,
	sections: SECTIONS,
	sum(section: string, json: string | null, facts: readonly Facts[]): string {
		const counts = json === null ? newCounts() : parseCounts(json);
		for (const it of facts) addFacts(section as Section, counts, it);
		let text = serializeCounts(counts);
		// A day may have any number of different values. If they exceed the limit, merges the rarest into "(other)".
		for (let least = 2; text.length > MAX_CHARS && least < 1e6; least *= 2) {
			foldSection(section as Section, counts, least);
			text = serializeCounts(counts);
		}
		return text;
	},
	anonymize(section: string, json: string): string {
		const counts = parseCounts(json);
		anonymizeSection(section as Section, counts);
		return serializeCounts(counts);
	},
};
