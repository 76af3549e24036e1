/**
 * A tree of numbers: one section of the rollup of a day, or of several days added up. Trees can be added in any order
 * and grouping.
 */
export interface Counts {
	[key: string]: number | Counts;
}

/** Returns the branch at a path. Creates the branch if it does not exist. */
export function branch(counts: Counts, ...path: string[]): Counts {
	let node = counts;
	for (const key of path) {
		const next = Object.hasOwn(node, key) ? node[key] : undefined;
		if (typeof next === "object") node = next;
		else {
			const made = newCounts();
			set(node, key, made);
			node = made;
		}
	}
	return node;
}

export function newCounts(): Counts {
	return Object.create(null);
}

/** Sets a key. Keys can be any text that a client sends, including `__proto__`, which must not set the prototype. */
function set(counts: Counts, key: string, value: number | Counts): void {
	if (key !== "__proto__") counts[key] = value;
	else Object.defineProperty(counts, key, { value, writable: true, enumerable: true, configurable: true });
}

/** Adds to the number at a key. Adding 0 does not create the key. */
export function add(counts: Counts, key: string, n = 1): void {
	if (n) set(counts, key, numberAt(counts, key) + n);
}

/** Adds all numbers of the tree `from` to the tree `into`. */
export function merge(into: Counts, from: Counts): void {
	for (const key of Object.keys(from)) {
		const value = from[key]!;
		if (typeof value === "number") add(into, key, value);
		else merge(branch(into, key), value);
	}
}

/** Returns the number at a key, 0 if there is none. */
export function numberAt(counts: Counts | undefined, key: string): number {
	const value = counts?.[key];
	return typeof value === "number" ? value : 0;
}

/** Returns the branch at a path, undefined if there is none. */
export function branchAt(counts: Counts | undefined, ...path: string[]): Counts | undefined {
	let node: Counts | undefined = counts;
	for (const key of path) {
		const next: number | Counts | undefined = node && Object.hasOwn(node, key) ? node[key] : undefined;
		node = typeof next === "object" ? next : undefined;
	}
	return node;
}

/** Returns the branches directly below a tree's root, with their keys. */
export function branches(counts: Counts | undefined): [string, Counts][] {
	return Object.entries(counts ?? {}).filter((entry): entry is [string, Counts] => typeof entry[1] === "object");
}

/** Returns the JSON of a tree with sorted keys, so that equal sums have equal JSON. */
export function serializeCounts(counts: Counts): string {
	const parts = Object.keys(counts)
		.sort()
		.map((key) => {
			const value = counts[key]!;
			return `${JSON.stringify(key)}:${typeof value === "number" ? value : serializeCounts(value)}`;
		});
	return `{${parts.join(",")}}`;
}

/**
 * Parses the JSON of a tree. Unlike the branches that `newCounts` makes, the parsed ones have the prototype of `Object`:
 * removing it with a reviver took seven times as long, and would delay every report.
 * @throws SyntaxError
 */
export function parseCounts(text: string): Counts {
	return JSON.parse(text);
}

/** Key under which rare values are added up. */
export const OTHER = "(other)";

/**
 * Merges the rare values of a map into `OTHER`: those that fewer than `least` sessions (`s`) had. Adds up their numbers
 * and drops their branches.
 */
export function foldRare(values: Counts | undefined, least: number): void {
	for (const [key, sums] of branches(values)) {
		if (key === OTHER || numberAt(sums, "s") >= least) continue;
		delete values![key];
		const other = branch(values!, OTHER);
		for (const [name, n] of Object.entries(sums)) if (typeof n === "number") add(other, name, n);
	}
}
