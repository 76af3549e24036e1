const names = new Intl.DisplayNames(undefined, { type: "region" });

/** In the viewer's language. @param code ISO 3166-1 alpha-2 */
export function countryName(code: string): string {
	try {
		return names.of(code) ?? code;
	} catch {
		return code;
	}
}
