/** Seeded random numbers, so that a failing case can be reproduced. */
export interface Random {
	/** Returns an integer, 0 ≤ n < max. */
	below(max: number): number;
	pick<T>(items: readonly T[]): T;
	/** Returns `count` results of `make`. */
	many<T>(count: number, make: () => T): T[];
}

/** Returns a Mulberry32 generator, which is small and good enough for test data. */
export function randomFrom(seed: number): Random {
	let state = seed;
	const below = (max: number) => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * max);
	};
	return {
		below,
		pick: (items) => items[below(items.length)]!,
		many: (count, make) => Array.from({ length: count }, () => make()),
	};
}
