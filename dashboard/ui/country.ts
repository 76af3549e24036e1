const names = new Intl.DisplayNames(undefined, { type: "region" });

/** Returns the name in the viewer's language. @param code ISO 3166-1 alpha-2 */
export function countryName(code: string): string {
	try {
		return names.of(code) ?? code;
	} catch {
		return code;
	}
}

/** Returns the code for a name in the viewer's language or a code in any case; any other input is returned unchanged. */
export function countryCode(input: string): string {
	const lower = input.toLowerCase();
	for (const a of LETTERS) {
		for (const b of LETTERS) {
			const code = a + b;
			// A withdrawn code has the name of its successor: DD is Germany, which is DE today.
			if (lower === code.toLowerCase() || lower === countryName(code).toLowerCase())
				return new Intl.Locale(`und-${code}`).region ?? code;
		}
	}
	return input;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
