import { countsOf, newCounts, textOfCounts } from "./counts.ts";
import { digest, type Facts } from "./digest.ts";
import { addFacts, closePart, foldPart, PARTS, type Part } from "./rollup.ts";

/** Of one part of a day; D1 takes 2 MB. */
const MAX_CHARS = 400_000;

/** What upkeep makes of sessions and of days, as text, for those who only keep it. */
export const analysis = {
	digest,
	parts: PARTS,
	sum(part: string, json: string | null, facts: readonly Facts[]): string {
		const counts = json === null ? newCounts() : countsOf(json);
		for (const it of facts) addFacts(part as Part, counts, it);
		let text = textOfCounts(counts);
		// A row has an end, and visitors can say as many different things as they like: the rarest are not told apart.
		for (let least = 2; text.length > MAX_CHARS && least < 1e6; least *= 2) {
			foldPart(part as Part, counts, least);
			text = textOfCounts(counts);
		}
		return text;
	},
	fold(part: string, json: string): string {
		const counts = countsOf(json);
		closePart(part as Part, counts);
		return textOfCounts(counts);
	},
};
