const names = new Intl.DisplayNames(undefined, { type: "region" });

/** Returns the name of a country in the viewer's language. @param code ISO 3166-1 alpha-2 */
export function countryName(code: string): string {
	try {
		return names.of(code) ?? code;
	} catch {
		return code;
	}
}

/** Returns the code of a country, given its code or its name in the viewer's language; other input is unchanged. */
export function countryCode(input: string): string {
	const lower = input.toLowerCase();
	for (const a of LETTERS) {
		for (const b of LETTERS) {
			const code = a + b;
			// Withdrawn codes have the names of their successors. `Intl.Locale` replaces such codes: DD (Germany) becomes DE.
			if (lower === code.toLowerCase() || lower === countryName(code).toLowerCase())
				return new Intl.Locale(`und-${code}`).region ?? code;
		}
	}
	return input;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
