/**
 * What a page costs the batches that come beside it: the same batches, one after the other, without anybody looking and
 * while somebody asks for a page again and again, in turns, so that a busy machine is busy for all alike.
 */

/** Of each kind, in so many turns. */
const BATCHES = 2_400;
const TURNS = 16;
/** That a page is looked at before somebody asks for the next: nobody is quicker. */
const PAUSE_MS = 1_000;
/** A recorder's in a visit of some minutes. */
const BATCHES_PER_SESSION = 12;
const SESSIONS_AT_ONCE = 40;
/** So that as many sessions go on from the beginning as are looked at. */
const WARM_UP_BATCHES = 1_600;
/**
 * How much longer the slowest hundredth may take beside a page than in the slower half of the turns without one, and half a
 * slice of work. With a D1 elsewhere, as Cloudflare's is, less than the two halves differ from one run to the next. A local
 * one works on the very thread that takes the batches, and a batch that comes with a page shares it.
 */
export const MAX_RATIO_REMOTE = 1.25;
export const MAX_RATIO_LOCAL = 1.5;
const TOLERANCE_MS = 5;

const BASELINE = "without";

const dayBefore = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

/** Another period each time, so that nobody has it ready. */
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
	/** Of those that came while a page was computed. */
	overlapping: number[];
	pages: number[];
}

/** Prints what batches take. @param label D1 is, in words @returns what takes too long */
export async function measureIngest(label: string, maxRatio: number, target: Target): Promise<string[]> {
	const batches = makeBatches();
	const post = () => target.post(batches.next().value);
	for (let i = 0; i < WARM_UP_BATCHES; i++) await post();
	const timings = Object.fromEntries(
		Object.keys(REPORTS).map((kind) => [kind, { all: [], overlapping: [], pages: [] } as Timings]),
	);
	let requests = 0;
	for (let turn = 0; turn < TURNS; turn++) {
		for (const [kind, pathOf] of Object.entries(REPORTS)) {
			const requesting = pathOf && repeat(() => target.get(pathOf(requests++)));
			const spans: [number, number][] = [];
			for (let i = 0; i < BATCHES / TURNS; i++) spans.push(await timed(post));
			const pages = requesting ? await requesting.stop() : [];
			const { all, overlapping: met, pages: times } = timings[kind]!;
			for (const [from, to] of spans) {
				all.push(to - from);
				if (pages.some(([start, end]) => start < to && end > from)) met.push(to - from);
			}
			times.push(...pages.map(([start, end]) => end - start));
		}
	}
	const baseline = timings[BASELINE]!.all;
	const halves = [0, 1].map((half) => baseline.filter((_, i) => Math.floor(i / (BATCHES / TURNS)) % 2 === half));
	const noise = Math.max(...halves.map(p99)) / Math.min(...halves.map(p99));
	console.log(
		`batches without and beside a page, ${label}, ${BATCHES} each; the 99 % of two halves without differ ${noise.toFixed(2)}-fold`,
	);
	const limitMs = Math.max(...halves.map(p99)) * maxRatio + TOLERANCE_MS;
	return Object.entries(timings).flatMap(([kind, { all, overlapping: met, pages }]) => {
		const beside = met.length ? `; ${met.length} met it: ${ms(median(met))}; the page ${ms(median(pages))}` : "";
		const ratio = `${(median(all) / median(baseline)).toFixed(2)} and ${(p99(all) / p99(baseline)).toFixed(2)} times`;
		console.log(`  ${kind.padEnd(22)} median ${ms(median(all))}, 99 % ${ms(p99(all))}, ${ratio}${beside}`);
		return p99(all) > limitMs ? [`a batch beside ${kind}, ${label}: ${ms(p99(all))} of ${ms(limitMs)}`] : [];
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

/** Again and again, with a pause. */
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
