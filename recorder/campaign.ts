/** Which campaign led here: the parameters that say so, before addresses lose theirs. */
const PARAMETERS = /^(?:utm_(?:source|medium|campaign|term|content|id)|gclid|fbclid|msclkid)$/;
const MAX_CHARS = 200;

/** @returns lower-case name → value; of a repeated one the first */
export function campaignOf(search: string): Record<string, string> {
	const found: Record<string, string> = {};
	for (const [key, value] of new URLSearchParams(search)) {
		const name = key.toLowerCase();
		if (PARAMETERS.test(name) && value.trim() && !(name in found)) found[name] = value.trim().slice(0, MAX_CHARS);
	}
	return found;
}
