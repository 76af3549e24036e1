import { countsOf, newCounts, textOfCounts } from "./counts.ts";
import { digest, type Facts } from "./digest.ts";
import { addFacts, foldPart, PARTS, type Part } from "./rollup.ts";

/** What upkeep makes of sessions and of days, as text, for those who only keep it. */
export const analysis = {
	digest,
	parts: PARTS,
	sum(part: string, json: string | null, facts: readonly Facts[]): string {
		const counts = json === null ? newCounts() : countsOf(json);
		for (const it of facts) addFacts(part as Part, counts, it);
		return textOfCounts(counts);
	},
	fold(part: string, json: string): string {
		const counts = countsOf(json);
		foldPart(part as Part, counts);
		return textOfCounts(counts);
	},
};
