/**
 * Measures how much Analytics reports slow down ingest. Similar batches are sent one after another. There is one case
 * without a report, and one for each report, which is then requested repeatedly. The cases alternate in turns, so that
 * other load on the machine affects all of them equally.
 */

/** Number of batches per case. They are divided among the turns. */
const BATCHES = 2_400;
/** Number of turns per case. */
const TURNS = 16;
/** Pause between two requests of a report. */
const PAUSE_MS = 1_000;
/** Number of batches that a recorder sends in a session of some minutes. */
const BATCHES_PER_SESSION = 12;
const SESSIONS_AT_ONCE = 40;
/** Number of batches sent before the measurement, so that reports have many live sessions and chunks to read. */
const WARM_UP_BATCHES = 1_600;
/**
 * Limits of the 99th percentile (p99) of ingest times while a report is requested, as ratios to the p99 without
 * reports. The turns without reports are divided into two halves, of which the slower one counts. `TOLERANCE_MS` is
 * added to the result. A local D1 runs on the same thread as ingest, so reports slow down ingest more than with a
 * remote D1, as on Cloudflare.
 */
export const MAX_RATIO_REMOTE = 1.25;
export const MAX_RATIO_LOCAL = 1.5;
const TOLERANCE_MS = 5;

const BASELINE = "no report";

const dayBefore = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

/** Returns a different period for each number, so that no period is cached. */
const periodOf = (n: number) => `since=${dayBefore(14 + (n % 16))}&until=${dayBefore(Math.floor(n / 16) % 14)}`;

/** Cases by label: returns the path of the report for the n-th request, or is null without a report. */
const REPORTS: Record<string, ((n: number) => string) | null> = {
	[BASELINE]: null,
	overview: () => "/analytics/overview",
	"overview, any period": (n) => `/analytics/overview?${periodOf(n)}`,
	conversions: () => "/analytics/conversions?goal=tag:order_placed",
	paths: () => "/analytics/paths",
	"overview, Germany": () => "/analytics/overview?country=DE",
};

export interface Target {
	post(batch: object): Promise<void>;
	get(path: string): Promise<void>;
}

interface Timings {
	/** Ingest time of each batch, in milliseconds. */
	all: number[];
	/** Ingest time of each batch that was sent while a report was computed, in milliseconds. */
	overlapping: number[];
	/** Response time of each report, in milliseconds. */
	reports: number[];
}

/**
 * Measures and prints ingest times.
 * @param label describes the D1 in the output
 * @returns a message for each exceeded limit
 */
export async function measureIngest(label: string, maxRatio: number, target: Target): Promise<string[]> {
	const batches = makeBatches();
	const post = () => target.post(batches.next().value);
	for (let i = 0; i < WARM_UP_BATCHES; i++) await post();
	const timings = Object.fromEntries(
		Object.keys(REPORTS).map((kind) => [kind, { all: [], overlapping: [], reports: [] } as Timings]),
	);
	let requests = 0;
	for (let turn = 0; turn < TURNS; turn++) {
		for (const [kind, pathOf] of Object.entries(REPORTS)) {
			const requesting = pathOf && repeat(() => target.get(pathOf(requests++)));
			const spans: [number, number][] = [];
			for (let i = 0; i < BATCHES / TURNS; i++) spans.push(await timed(post));
			const reportSpans = requesting ? await requesting.stop() : [];
			const { all, overlapping, reports } = timings[kind]!;
			for (const [from, to] of spans) {
				all.push(to - from);
				if (reportSpans.some(([start, end]) => start < to && end > from)) overlapping.push(to - from);
			}
			reports.push(...reportSpans.map(([start, end]) => end - start));
		}
	}
	const baseline = timings[BASELINE]!.all;
	const halves = [0, 1].map((half) => baseline.filter((_, i) => Math.floor(i / (BATCHES / TURNS)) % 2 === half));
	const noise = Math.max(...halves.map(p99)) / Math.min(...halves.map(p99));
	console.log(
		`ingest time with and without concurrent reports, ${label}, ${BATCHES} batches each; p99 noise without reports: ${noise.toFixed(2)}×`,
	);
	const limitMs = Math.max(...halves.map(p99)) * maxRatio + TOLERANCE_MS;
	return Object.entries(timings).flatMap(([kind, { all, overlapping, reports }]) => {
		const overlap = overlapping.length
			? `; ${overlapping.length} batches overlapped a report: ${ms(median(overlapping))}; report ${ms(median(reports))}`
			: "";
		const ratio = `${(median(all) / median(baseline)).toFixed(2)}× and ${(p99(all) / p99(baseline)).toFixed(2)}×`;
		console.log(`  ${kind.padEnd(22)} median ${ms(median(all))}, p99 ${ms(p99(all))}, ${ratio}${overlap}`);
		return p99(all) > limitMs ? [`ingest during ${kind}, ${label}: p99 ${ms(p99(all))}, limit ${ms(limitMs)}`] : [];
	});
}

function* makeBatches(): Generator<object, never> {
	const round = BATCHES_PER_SESSION * SESSIONS_AT_ONCE;
	for (let i = 0; ; i++) {
		yield {
			v: 1,
			sessionId: `beside-${Math.floor(i / round)}-${i % SESSIONS_AT_ONCE}`,
			windowId: "w",
			seq: Math.floor((i % round) / SESSIONS_AT_ONCE),
			events: [{ type: 3, timestamp: Date.now(), data: { source: 3, id: 1, x: 0, y: i } }],
		};
	}
}

/** Sends a request repeatedly, with a pause in between, until stopped. */
function repeat(get: () => Promise<void>) {
	let isOver = false;
	const spans: [number, number][] = [];
	const running = (async () => {
		while (!isOver) {
			const [from, to] = await timed(get);
			spans.push([from, to]);
			await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
		}
	})();
	return {
		async stop() {
			isOver = true;
			await running;
			return spans;
		},
	};
}

async function timed(act: () => Promise<void>): Promise<[number, number]> {
	const from = performance.now();
	await act();
	return [from, performance.now()];
}

const percentile = (share: number) => (values: readonly number[]) =>
	[...values].sort((a, b) => a - b)[Math.floor(values.length * share)]!;
const median = percentile(0.5);
const p99 = percentile(0.99);

function ms(value: number): string {
	return `${value.toFixed(1)} ms`;
}
