/** Names of campaign parameters. Their values are read before query strings are removed from URLs. */
const PARAMETERS = /^(?:utm_(?:source|medium|campaign|term|content|id)|gclid|fbclid|msclkid)$/;
const MAX_CHARS = 200;

/** Returns campaign parameters by lower-case name. If a parameter is repeated, its first value counts. */
export function campaignOf(search: string): Record<string, string> {
	const found: Record<string, string> = {};
	for (const [key, value] of new URLSearchParams(search)) {
		const name = key.toLowerCase();
		if (PARAMETERS.test(name) && value.trim() && !(name in found)) found[name] = value.trim().slice(0, MAX_CHARS);
	}
	return found;
}
