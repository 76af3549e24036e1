import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";
import { META, type RecordedEvent } from "../../src/contract/events.ts";
import { uuidv7 } from "../../src/contract/ids.ts";
import type { Batch } from "../../src/contract/wire.ts";
import type { Random } from "./random.ts";
import { draw, makeTimes, REFERRERS, type SampleSession } from "./sample-sessions.ts";
import {
	CHROME_ANDROID,
	CHROME_WINDOWS,
	EDGE_WINDOWS,
	FIREFOX_WINDOWS,
	SAFARI_IPAD,
	SAFARI_IPHONE,
	SAFARI_MAC,
} from "./user-agents.ts";

/**
 * Makes sample sessions from visits that were recorded in the demo shop with `npm run record-demo`. Each visit is used
 * several times, with another time, person, location and pace.
 */

/** A recorded visit. All times are milliseconds since its start. */
export interface DemoVisit {
	device: "laptop" | "desktop" | "wide" | "phone" | "android" | "tablet";
	windows: { events: RecordedEvent[]; metadata: Record<string, unknown> }[];
	/** Pauses that were skipped during the recording, in time order: when to insert each pause, and its length. */
	gaps: [at: number, ms: number][];
}

/** Placeholder for the shop's origin in the file of recorded visits. */
export const SITE = "https://shop.invalid";
export const VISITS_FILE = fileURLToPath(new URL("../demo/visits.json.br", import.meta.url));

const DESKTOP_AGENTS: [share: number, agent: string][] = [
	[50, CHROME_WINDOWS],
	[22, SAFARI_MAC],
	[16, FIREFOX_WINDOWS],
	[12, EDGE_WINDOWS],
];
const AGENTS: Record<DemoVisit["device"], [share: number, agent: string][]> = {
	laptop: DESKTOP_AGENTS,
	desktop: DESKTOP_AGENTS,
	wide: DESKTOP_AGENTS,
	phone: [[1, SAFARI_IPHONE]],
	android: [[1, CHROME_ANDROID]],
	tablet: [[1, SAFARI_IPAD]],
};
/** Locations of visitors by the language of their browser. */
const LOCATIONS: Record<string, [share: number, country: string, city: string][]> = {
	de: [
		[40, "DE", "Berlin"],
		[22, "DE", "Munich"],
		[22, "AT", "Vienna"],
		[16, "CH", "Zurich"],
	],
	en: [
		[45, "US", "Austin"],
		[30, "GB", "London"],
		[15, "DE", "Hamburg"],
		[10, "NZ", "Nelson"],
	],
	fr: [
		[70, "FR", "Lyon"],
		[30, "CH", "Geneva"],
	],
	it: [[1, "IT", "Bolzano"]],
	nl: [[1, "NL", "Utrecht"]],
};

/** Reads the recorded visits. @param site origin of the shop, which replaces `SITE` */
export function readVisits(site: string): DemoVisit[] {
	return JSON.parse(brotliDecompressSync(readFileSync(VISITS_FILE)).toString().replaceAll(SITE, site));
}

/** Generates `count` sessions that start between `from` and `to` (epoch milliseconds), in order of their start. */
export function* demoSessions(
	random: Random,
	visits: readonly DemoVisit[],
	{ count, from, to }: { count: number; from: number; to: number },
): Generator<SampleSession> {
	let deck: DemoVisit[] = [];
	for (const startedAt of makeTimes(random, count, from, to)) {
		// Each visit is used once before any is used again.
		if (!deck.length)
			deck = visits
				.map((visit) => [random.below(1 << 30), visit] as const)
				.sort(([a], [b]) => a - b)
				.map(([, visit]) => visit);
		yield sessionOf(random, deck.pop()!, startedAt);
	}
}

function sessionOf(random: Random, { device, windows, gaps }: DemoVisit, startedAt: number): SampleSession {
	const id = () => uuidv7(startedAt, Uint8Array.from(random.many(10, () => random.below(256))));
	const sessionId = id();
	const pace = 0.6 + random.below(100) / 80;
	const timeOf = (at: number) =>
		startedAt + at + gaps.reduce((sum, [from, ms]) => (from < at ? sum + Math.round(ms * pace) : sum), 0);
	const [, referrer, source, campaign] = draw(random, REFERRERS);
	const person = random.below(3) === 0 ? random.below(40) : null;
	const extra = {
		...(person !== null && { user_id: `customer-${person}`, plan: person % 3 ? "guest" : "club" }),
		...(referrer && { entry_referrer: referrer }),
		...(source && { utm_source: source, utm_medium: source === "social" ? "post" : "email", utm_campaign: campaign }),
	};
	const language = String(windows[0]!.metadata.language).slice(0, 2);
	const [, country, city] = draw(random, LOCATIONS[language] ?? LOCATIONS.en!);
	const batches: Batch[] = [];
	for (const { events, metadata } of windows) {
		const windowId = id();
		const timed = events.map((event) => ({ ...event, timestamp: timeOf(event.timestamp!) }));
		for (const [seq, page] of pagesOf(timed).entries()) {
			batches.push({ v: 1, sessionId, windowId, seq, events: page, metadata: seq ? {} : { ...metadata, ...extra } });
		}
	}
	return { sessionId, startedAt, userAgent: draw(random, AGENTS[device])[1], cf: { country, city }, batches };
}

/** Splits the events of a tab into one list per page. Each page begins with a Meta event. */
function pagesOf(events: RecordedEvent[]): RecordedEvent[][] {
	const starts = events.flatMap(({ type }, i) => (type === META ? [i] : [])).slice(1);
	return [0, ...starts].map((start, n) => events.slice(start, starts[n]));
}
