const names = new Intl.DisplayNames(undefined, { type: "region" });

/** In the viewer's language. @param code ISO 3166-1 alpha-2 */
export function countryName(code: string): string {
	try {
		return names.of(code) ?? code;
	} catch {
		return code;
	}
}

/** Of a name in the viewer's language, or a code however it is written; what is neither comes back as it is. */
export function countryCode(words: string): string {
	const wanted = words.toLowerCase();
	for (const a of LETTERS) {
		for (const b of LETTERS) {
			const code = a + b;
			// A code of the past has the same name: DD is Germany, which is DE.
			if (wanted === code.toLowerCase() || wanted === countryName(code).toLowerCase())
				return new Intl.Locale(`und-${code}`).region ?? code;
		}
	}
	return words;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
