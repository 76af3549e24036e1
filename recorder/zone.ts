const zone = (globalThis as { Zone?: { __symbol__?(name: string): string } }).Zone;

/**
 * Returns a function as it was before zone.js (Angular) replaced it. If the page does not use zone.js, returns the
 * current function.
 */
export function native<T>(holder: object, name: string): T {
	const own = holder as Record<string, T>;
	return (own[zone?.__symbol__?.(name) ?? name] ?? own[name])!;
}
