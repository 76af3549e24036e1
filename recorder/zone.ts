const zone = (globalThis as { Zone?: { __symbol__?(name: string): string } }).Zone;

/**
 * Returns the browser's version of a function that zone.js (Angular) replaces; without zone.js, the current function.
 */
export function native<T>(holder: object, name: string): T {
	const own = holder as Record<string, T>;
	return (own[zone?.__symbol__?.(name) ?? name] ?? own[name])!;
}
