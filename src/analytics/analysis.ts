import { newCounts, parseCounts, serializeCounts } from "./counts.ts";
import { digest, type Facts } from "./digest.ts";
import { addFacts, anonymizePart, foldPart, PARTS, type Part } from "./rollup.ts";

/** Of one part of a day; D1 takes 2 MB. */
const MAX_CHARS = 400_000;

/** What upkeep makes of sessions and of days, as text, for those who only keep it. */
export const analysis = {
	digest,
	parts: PARTS,
	sum(part: string, json: string | null, facts: readonly Facts[]): string {
		const counts = json === null ? newCounts() : parseCounts(json);
		for (const it of facts) addFacts(part as Part, counts, it);
		let text = serializeCounts(counts);
		// A row has an end, and visitors can say as many different things as they like: the rarest are not told apart.
		for (let least = 2; text.length > MAX_CHARS && least < 1e6; least *= 2) {
			foldPart(part as Part, counts, least);
			text = serializeCounts(counts);
		}
		return text;
	},
	fold(part: string, json: string): string {
		const counts = parseCounts(json);
		anonymizePart(part as Part, counts);
		return serializeCounts(counts);
	},
};
