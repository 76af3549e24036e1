/**
 * A tree of sums: what a day adds up to, and what any number of days do. It can be added in any order and in any parts;
 * its text is the same for the same sums.
 */
export interface Counts {
	[key: string]: number | Counts;
}

/** The branch at a path, made where there is none. */
export function branch(counts: Counts, ...path: string[]): Counts {
	let at = counts;
	for (const key of path) {
		const next = Object.hasOwn(at, key) ? at[key] : undefined;
		if (typeof next === "object") at = next;
		else {
			const made = newCounts();
			set(at, key, made);
			at = made;
		}
	}
	return at;
}

export function newCounts(): Counts {
	return Object.create(null);
}

/** Keys may be anything a visitor sends, `__proto__` included. */
function set(counts: Counts, key: string, value: number | Counts): void {
	if (key !== "__proto__") counts[key] = value;
	else Object.defineProperty(counts, key, { value, writable: true, enumerable: true, configurable: true });
}

/** Nothing is written for nothing. */
export function add(counts: Counts, key: string, n = 1): void {
	if (n) set(counts, key, numberAt(counts, key) + n);
}

export function merge(into: Counts, from: Counts): void {
	for (const key of Object.keys(from)) {
		const value = from[key]!;
		if (typeof value === "number") add(into, key, value);
		else merge(branch(into, key), value);
	}
}

export function numberAt(counts: Counts | undefined, key: string): number {
	const value = counts?.[key];
	return typeof value === "number" ? value : 0;
}

export function branchAt(counts: Counts | undefined, ...path: string[]): Counts | undefined {
	let at: Counts | undefined = counts;
	for (const key of path) {
		const next: number | Counts | undefined = at && Object.hasOwn(at, key) ? at[key] : undefined;
		at = typeof next === "object" ? next : undefined;
	}
	return at;
}

/** Branches by their key. */
export function branches(counts: Counts | undefined): [string, Counts][] {
	return Object.entries(counts ?? {}).filter((entry): entry is [string, Counts] => typeof entry[1] === "object");
}

/** With keys in order, so that the same sums are the same text. */
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
 * Nothing is done to each value: that took seven times as long, most of what a page of sums held up everything else for.
 * @throws SyntaxError
 */
export function parseCounts(text: string): Counts {
	return JSON.parse(text);
}

/** Where a value that only a few sessions had goes when its day closes. */
export const OTHER = "(other)";

/** Of a map from values to their sums: those of fewer sessions (`s`) than that become one, without their branches. */
export function foldRare(values: Counts | undefined, least: number): void {
	for (const [key, sums] of branches(values)) {
		if (key === OTHER || numberAt(sums, "s") >= least) continue;
		delete values![key];
		const other = branch(values!, OTHER);
		for (const [name, n] of Object.entries(sums)) if (typeof n === "number") add(other, name, n);
	}
}
