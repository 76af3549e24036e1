/**
 * Measures how reports slow down ingest: sends similar batches one after another, in turns without a report and with a
 * report that is requested repeatedly. The cases alternate, so that other load on the machine affects all of them equally.
 */

/** Batches per case, sent in this many turns. */
const BATCHES = 2_400;
const TURNS = 16;
/** Pause between requests of a report. */
const PAUSE_MS = 1_000;
/** Batches that a recorder sends in a session of some minutes. */
const BATCHES_PER_SESSION = 12;
const SESSIONS_AT_ONCE = 40;
/** Number of batches sent before anything is measured, so that live sessions have as many chunks as a report reads. */
const WARM_UP_BATCHES = 1_600;
/**
 * Limit of the 99th percentile of ingest times while reports are requested: this ratio to the 99th percentile without
 * reports (in the slower half of their turns), plus a tolerance of half a slice of work. With a remote D1, as on
 * Cloudflare, the ratio is below the noise between the two halves. A local D1 runs on the thread that ingests, so
 * reports slow down batches.
 */
export const MAX_RATIO_REMOTE = 1.25;
export const MAX_RATIO_LOCAL = 1.5;
const TOLERANCE_MS = 5;

const BASELINE = "no report";

const dayBefore = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

/** Returns a different period in each turn, so that no period is cached. */
const periodOf = (turn: number) =>
	`since=${dayBefore(14 + (turn % 16))}&until=${dayBefore(Math.floor(turn / 16) % 14)}`;

const REPORTS: Record<string, ((turn: number) => string) | null> = {
	[BASELINE]: null,
	overview: () => "/analytics/overview",
	"overview, any period": (turn) => `/analytics/overview?${periodOf(turn)}`,
	conversions: () => "/analytics/conversions?goal=tag:order_placed",
	paths: () => "/analytics/paths",
	"overview, Germany": () => "/analytics/overview?country=DE",
};

export interface Target {
	post(batch: object): Promise<void>;
	get(path: string): Promise<void>;
}

interface Timings {
	/** Milliseconds of each batch. */
	all: number[];
	/** Milliseconds of batches sent while a report was computed. */
	overlapping: number[];
	/** Milliseconds of each report. */
	reports: number[];
}

/**
 * Prints ingest times.
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

/** Sends a request repeatedly, with a pause, until stopped. */
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
