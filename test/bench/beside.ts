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
const BATCHES_OF_SESSION = 12;
const SESSIONS_AT_ONCE = 40;
/** So that as many sessions go on from the beginning as are looked at. */
const BEFORE = 1_600;
/**
 * How much longer the slowest hundredth may take beside a page than in the slower half of the turns without one, and half a
 * slice of work. With a D1 elsewhere, as Cloudflare's is, less than the two halves differ from one run to the next. A local
 * one works on the very thread that takes the batches, and a batch that comes with a page shares it.
 */
export const FAR = 1.25;
export const NEAR = 1.5;
const HALF_A_SLICE_MS = 5;

const WITHOUT = "without";

const dayBefore = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

/** Another period each time, so that nobody has it ready. */
const otherPeriod = (turn: number) =>
	`since=${dayBefore(14 + (turn % 16))}&until=${dayBefore(Math.floor(turn / 16) % 14)}`;

const KINDS: Record<string, ((turn: number) => string) | null> = {
	[WITHOUT]: null,
	overview: () => "/analytics/overview",
	"overview, any period": (turn) => `/analytics/overview?${otherPeriod(turn)}`,
	conversions: () => "/analytics/conversions?goal=tag:order_placed",
	paths: () => "/analytics/paths",
	"overview, Germany": () => "/analytics/overview?country=DE",
};

export interface Door {
	post(batch: object): Promise<void>;
	ask(path: string): Promise<void>;
}

interface Taken {
	/** Milliseconds of each batch. */
	all: number[];
	/** Of those that came while a page was computed. */
	met: number[];
	pages: number[];
}

/** Prints what batches take. @param where D1 is, in words @returns what takes too long */
export async function besidePages(where: string, most: number, door: Door): Promise<string[]> {
	const batches = madeBatches();
	const post = () => door.post(batches.next().value);
	for (let i = 0; i < BEFORE; i++) await post();
	const taken = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, { all: [], met: [], pages: [] } as Taken]));
	let asked = 0;
	for (let turn = 0; turn < TURNS; turn++) {
		for (const [kind, pathOf] of Object.entries(KINDS)) {
			const looking = pathOf && look(() => door.ask(pathOf(asked++)));
			const spans: [number, number][] = [];
			for (let i = 0; i < BATCHES / TURNS; i++) spans.push(await timed(post));
			const pages = looking ? await looking.stop() : [];
			const { all, met, pages: times } = taken[kind]!;
			for (const [from, to] of spans) {
				all.push(to - from);
				if (pages.some(([start, end]) => start < to && end > from)) met.push(to - from);
			}
			times.push(...pages.map(([start, end]) => end - start));
		}
	}
	const alone = taken[WITHOUT]!.all;
	const halves = [0, 1].map((half) => alone.filter((_, i) => Math.floor(i / (BATCHES / TURNS)) % 2 === half));
	const noise = Math.max(...halves.map(p99)) / Math.min(...halves.map(p99));
	console.log(
		`batches without and beside a page, ${where}, ${BATCHES} each; the 99 % of two halves without differ ${noise.toFixed(2)}-fold`,
	);
	const may = Math.max(...halves.map(p99)) * most + HALF_A_SLICE_MS;
	return Object.entries(taken).flatMap(([kind, { all, met, pages }]) => {
		const beside = met.length ? `; ${met.length} met it: ${ms(median(met))}; the page ${ms(median(pages))}` : "";
		const ratio = `${(median(all) / median(alone)).toFixed(2)} and ${(p99(all) / p99(alone)).toFixed(2)} times`;
		console.log(`  ${kind.padEnd(22)} median ${ms(median(all))}, 99 % ${ms(p99(all))}, ${ratio}${beside}`);
		return p99(all) > may ? [`a batch beside ${kind}, ${where}: ${ms(p99(all))} of ${ms(may)}`] : [];
	});
}

function* madeBatches(): Generator<object, never> {
	const round = BATCHES_OF_SESSION * SESSIONS_AT_ONCE;
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
function look(ask: () => Promise<void>) {
	let isOver = false;
	const spans: [number, number][] = [];
	const looking = (async () => {
		while (!isOver) {
			const [from, to] = await timed(ask);
			spans.push([from, to]);
			await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
		}
	})();
	return {
		async stop() {
			isOver = true;
			await looking;
			return spans;
		},
	};
}

async function timed(act: () => Promise<void>): Promise<[number, number]> {
	const from = performance.now();
	await act();
	return [from, performance.now()];
}

const at = (share: number) => (values: readonly number[]) =>
	[...values].sort((a, b) => a - b)[Math.floor(values.length * share)]!;
const median = at(0.5);
const p99 = at(0.99);

function ms(value: number): string {
	return `${value.toFixed(1)} ms`;
}
