/** Returns the milliseconds of the fastest of three runs, so that a busy machine does not make a function look slow. */
export function elapsed(run: () => unknown): number {
	let best = Number.POSITIVE_INFINITY;
	for (let i = 0; i < 3; i++) {
		const start = performance.now();
		run();
		best = Math.min(best, performance.now() - start);
	}
	return best;
}
