/** Milliseconds of the fastest of three runs: a busy machine must not pass for a slow function. */
export function elapsed(run: () => unknown): number {
	let best = Number.POSITIVE_INFINITY;
	for (let i = 0; i < 3; i++) {
		const start = performance.now();
		run();
		best = Math.min(best, performance.now() - start);
	}
	return best;
}
