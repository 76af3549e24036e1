/**
 * Replacement of a section of a source. The section begins with the text `from`, ends before the text `to`, and must
 * contain the text `includes`.
 */
export interface Patch {
	from: string;
	to: string;
	includes: string;
	replacement: string;
}

/**
 * Applies patches to a package's source at build time.
 * @throws if a patch does not fit the source, for example after an update of the package
 */
export function applyPatches(name: string, source: string, patches: readonly Patch[]): string {
	let patched = source;
	for (const { from, to, includes, replacement } of patches) {
		const start = patched.indexOf(from);
		const end = patched.indexOf(to, start + 1);
		if (start < 0 || end < start || !patched.slice(start, end).includes(includes)) {
			throw new Error(`${name} has changed: cannot find ${includes.trim()} after ${from.trim().slice(0, 60)}`);
		}
		patched = patched.slice(0, start) + replacement + patched.slice(end);
	}
	return patched;
}
