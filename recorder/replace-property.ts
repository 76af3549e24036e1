/**
 * Replaces an accessor of a prototype. Returns a function that restores it, unless the page has replaced it since then.
 * Does nothing if the accessor does not exist or cannot be replaced.
 * @param wrap returns the new descriptor; must replace the getter or the setter
 */
export function replaceProperty(
	prototype: object,
	name: string,
	wrap: (original: PropertyDescriptor) => PropertyDescriptor,
): () => void {
	const original = Object.getOwnPropertyDescriptor(prototype, name);
	if (!original?.get || !original.configurable) return () => {};
	const { get, set } = wrap(original);
	Object.defineProperty(prototype, name, { ...original, get, set });
	return () => {
		const current = Object.getOwnPropertyDescriptor(prototype, name);
		if (current?.get === get && current?.set === set) Object.defineProperty(prototype, name, original);
	};
}
