/**
 * Truncates an IP address to its network: the first three octets of an IPv4 address, the first 48 bits of an IPv6
 * address.
 * @returns null if the value is not an IP address
 */
export function anonymizeAddress(address: unknown): string | null {
	if (typeof address !== "string") return null;
	const [, inner] = /^\[(.*)\]$/.exec(address.trim()) ?? [null, address.trim()];
	const v4 = v4Of(inner!);
	if (v4) return networkOf4(v4);
	const [, text, zone = ""] = /^([^%]*)(%[\w.-]+)?$/.exec(inner!) ?? [];
	const groups = text === undefined ? null : v6Groups(text);
	if (!groups) return null;
	const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
	if (isMapped) return networkOf4([groups[6]! >> 8, groups[6]! & 255, groups[7]! >> 8, 0]);
	const network = groups.slice(0, 3);
	while (network.at(-1) === 0) network.pop();
	return `${network.map((group) => group.toString(16)).join(":")}::${zone}`;
}

function networkOf4([a, b, c]: number[]): string {
	return `${a}.${b}.${c}.0`;
}

function v4Of(text: string): number[] | null {
	const parts = text.split(".");
	const isValid = parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
	return isValid ? parts.map(Number) : null;
}

/**
 * Returns the eight groups of an IPv6 address, which may end in an IPv4 address; null if the text is no IPv6 address.
 */
export function v6Groups(text: string): number[] | null {
	const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
	const v4 = tail && v4Of(tail[2]!);
	if (tail && !v4) return null;
	const hex = v4 ? `${tail[1]}${hexOf(v4[0]!, v4[1]!)}:${hexOf(v4[2]!, v4[3]!)}` : text;
	const halves = hex.split("::");
	if (halves.length > 2) return null;
	const [before = [], after = []] = halves.map((half) => (half ? half.split(":") : []));
	const missing = 8 - before.length - after.length;
	if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
	const all = [...before, ...Array.from({ length: missing }, () => "0"), ...after];
	return all.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) ? all.map((group) => Number.parseInt(group, 16)) : null;
}

const hexOf = (high: number, low: number) => ((high << 8) | low).toString(16);
