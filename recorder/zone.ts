const zone = (globalThis as { Zone?: { __symbol__?(name: string): string } }).Zone;

/** Returns a function of the browser that zone.js (Angular) has replaced, or the function itself on other pages. */
export function native<T>(holder: object, name: string): T {
	const own = holder as Record<string, T>;
	return (own[zone?.__symbol__?.(name) ?? name] ?? own[name])!;
}
