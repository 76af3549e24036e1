/** Measures the main-thread time that recording takes from the page. */
export interface Cost {
	/** Begins a measured span; the returned function ends it. Nested spans count once. */
	begin(): () => void;
	/** Measures the time that a callback takes. */
	measure<T>(callback: () => T): T;
	readonly total: Readonly<CostTotal>;
}

export interface CostTotal {
	/** Time on the main thread, in milliseconds. */
	ms: number;
	longestMs: number;
	/** Number of spans of 50 ms or more, which block the page noticeably. */
	longTasks: number;
}

const LONG_TASK_MS = 50;

export function createCost(now: () => number = () => performance.now()): Cost {
	const total = { ms: 0, longestMs: 0, longTasks: 0 };
	let depth = 0;
	let startedAt = 0;
	const end = () => {
		if (--depth) return;
		const ms = now() - startedAt;
		total.ms += ms;
		total.longestMs = Math.max(total.longestMs, ms);
		if (ms >= LONG_TASK_MS) total.longTasks++;
	};
	const begin = () => {
		if (!depth++) startedAt = now();
		return end;
	};
	return {
		begin,
		measure(callback) {
			const end = begin();
			try {
				return callback();
			} finally {
				end();
			}
		},
		total,
	};
}
