import { add, type Counts } from "./counts.ts";

/**
 * Histograms for percentiles. Each bucket is a fifteenth wider than the previous one, so that a percentile is accurate
 * to within 3.4%. Values are integers of 0 or more.
 */
const GROWTH = Math.log(16 / 15);

/** Counts a value `n` times. */
export function addValue(histogram: Counts, value: number, n = 1): void {
	add(histogram, String(bucketOf(value)), n);
}

function bucketOf(value: number): number {
	return value < 1 ? 0 : 1 + Math.floor(Math.log(value) / GROWTH + 1e-9);
}

/** Returns the value in the middle of a bucket. */
function middleOf(bucket: number): number {
	if (bucket === 0) return 0;
	const low = Math.exp((bucket - 1) * GROWTH);
	// Below 15, a bucket contains at most one integer.
	return low < 15 ? Math.ceil(low - 1e-9) : low * (31 / 30);
}

/** Returns percentiles by nearest rank; each is null if the histogram is empty. @param ps such as 75 for the p75 */
export function percentiles(histogram: Counts | undefined, ps: readonly number[]): (number | null)[] {
	const buckets = Object.entries(histogram ?? {})
		.map(([bucket, n]) => [Number(bucket), Number(n)] as const)
		.sort(([a], [b]) => a - b);
	const total = buckets.reduce((sum, [, n]) => sum + n, 0);
	return ps.map((p) => {
		const rank = Math.min(Math.max(Math.ceil((p / 100) * total), 1), total);
		let seen = 0;
		for (const [bucket, n] of buckets) {
			seen += n;
			if (seen >= rank) return middleOf(bucket);
		}
		return null;
	});
}

/**
 * Returns the `p`th percentile by nearest rank: of [1, 2, 3, 4], the 50th is 2, the 75th is 3 and the 90th is 4.
 * @param sorted numbers in ascending order, at least one
 */
export function percentileOf(sorted: readonly number[], p: number): number {
	const rank = Math.min(Math.max(Math.ceil((p / 100) * sorted.length), 1), sorted.length);
	return sorted[rank - 1]!;
}
