import type { RecordedEvent } from "../../src/contract/events.ts";
import * as rr from "../../src/contract/events.ts";
import { uuidv7 } from "../../src/contract/ids.ts";
import type { Batch } from "../../src/contract/wire.ts";
import { type Random, randomFrom } from "./random.ts";
import { element, textNode } from "./story.ts";
import {
	CHROME_ANDROID,
	CHROME_WINDOWS,
	FIREFOX_WINDOWS,
	SAFARI_IPAD,
	SAFARI_IPHONE,
	SAFARI_MAC,
} from "./user-agents.ts";

/**
 * Generates sessions of the demo shop, in which visitors browse, buy, leave or have trouble. The same seed results in
 * the same sessions. Their pages are only sketches, which is enough for benchmarks and tests of analytics. The sessions
 * that the demo replays are made from recorded visits (demo-sessions.ts).
 */

const DAY_MS = 86_400_000;

export interface SampleSession {
	sessionId: string;
	startedAt: number;
	userAgent: string;
	/** Location, as in Cloudflare's `request.cf`. */
	cf: { country: string; city: string };
	batches: Batch[];
}

const AGENTS: [share: number, agent: string][] = [
	[40, CHROME_WINDOWS],
	[14, SAFARI_MAC],
	[10, FIREFOX_WINDOWS],
	[20, SAFARI_IPHONE],
	[14, CHROME_ANDROID],
	[2, SAFARI_IPAD],
];
const LOCATIONS: [share: number, country: string, city: string][] = [
	...([
		[30, "DE", "Berlin"],
		[12, "DE", "Munich"],
		[10, "AT", "Vienna"],
		[6, "CH", "Zurich"],
	] as const),
	...([
		[14, "US", "Austin"],
		[8, "GB", "London"],
		[7, "FR", "Lyon"],
		[5, "IT", "Bolzano"],
	] as const),
	...([
		[4, "NL", "Utrecht"],
		[2, "SE", "Umeå"],
		[1, "JP", "Osaka"],
		[1, "NZ", "Nelson"],
	] as const),
].map(([share, country, city]) => [share, country, city]);
export const REFERRERS: [share: number, referrer: string, source: string, campaign: string][] = [
	[45, "", "", ""],
	[30, "https://www.google.com/", "", ""],
	[8, "https://news.example/gear", "", ""],
	[10, "https://mail.example/", "newsletter", "autumn"],
	[7, "https://social.example/", "social", "trail-week"],
];
const PAGES: Record<string, { title: string; height: number; weight: number }> = {
	"/": { title: "Fernweh Outfitters – gear for long walks", height: 3_400, weight: 1_900 },
	"/product.html": { title: "Tarn Tent", height: 2_100, weight: 1_300 },
	"/journal.html": { title: "Journal", height: 2_900, weight: 1_100 },
	"/help.html": { title: "Help", height: 4_200, weight: 900 },
	"/cart.html": { title: "Cart", height: 1_100, weight: 800 },
	"/checkout.html": { title: "Checkout", height: 1_700, weight: 1_000 },
	"/thanks.html": { title: "Thank you", height: 900, weight: 700 },
	"/account.html": { title: "Account", height: 1_000, weight: 800 },
};
const NEXT: Record<string, [share: number, path: string][]> = {
	"/": [
		[45, "/product.html"],
		[15, "/journal.html"],
		[10, "/help.html"],
		[5, "/account.html"],
		[25, ""],
	],
	"/product.html": [
		[28, "/cart.html"],
		[22, "/"],
		[10, "/help.html"],
		[40, ""],
	],
	"/journal.html": [
		[35, "/product.html"],
		[20, "/"],
		[45, ""],
	],
	"/help.html": [
		[30, "/"],
		[20, "/product.html"],
		[50, ""],
	],
	"/cart.html": [
		[55, "/checkout.html"],
		[20, "/product.html"],
		[25, ""],
	],
	"/checkout.html": [
		[60, "/thanks.html"],
		[10, "/help.html"],
		[30, ""],
	],
	"/thanks.html": [
		[20, "/"],
		[80, ""],
	],
	"/account.html": [
		[50, "/"],
		[50, ""],
	],
};
const BUTTONS: Record<string, string[]> = {
	"/": ["a#product-tarn-tent", "a#nav-journal", "button.filter"],
	"/product.html": ["button#add-to-cart", "button#quantity-more", "div.gallery"],
	"/journal.html": ["a.story", "a#nav-shop"],
	"/help.html": ["summary.question", "button#dead-button"],
	"/cart.html": ["a#go-to-checkout", "button.remove"],
	"/checkout.html": ["button#place-order", "input#terms"],
};
const FIELDS: Record<string, string[]> = {
	"/checkout.html": ["email", "name", "street", "city", "card"],
	"/account.html": ["login-email", "login-password"],
};

/** Generates `count` sessions of the 30 days up to `now`, in order of their start. */
export function* sampleSessions({
	count,
	now,
	site,
}: {
	count: number;
	now: number;
	site: string;
}): Generator<SampleSession> {
	const random = randomFrom(count);
	for (const startedAt of makeTimes(random, count, ...lastMonth(now))) yield makeSampleSession(random, site, startedAt);
}

/** Returns two times in epoch milliseconds: the start of the UTC day 29 days ago, and one hour ago. */
export function lastMonth(now: number): [from: number, to: number] {
	return [Math.floor(now / DAY_MS - 29) * DAY_MS, now - 3_600_000];
}

/**
 * Generates a session.
 * @param site origin of the shop
 * @param startedAt epoch milliseconds
 */
export function makeSampleSession(random: Random, site: string, startedAt: number): SampleSession {
	const [, userAgent] = draw(random, AGENTS);
	const [, country, city] = draw(random, LOCATIONS);
	const [, referrer, source, campaign] = draw(random, REFERRERS);
	const isSmall = /Mobile|iPhone|Android/.test(userAgent);
	const [width, height] = isSmall ? [390, 760] : [1360, 760];
	const sessionId = uuidv7(startedAt, Uint8Array.from(random.many(10, () => random.below(256))));
	const windowId = uuidv7(startedAt, Uint8Array.from(random.many(10, () => random.below(256))));
	const mood = random.below(100);
	const person = random.below(4) === 0 ? random.below(40) : null;
	const batches: Batch[] = [];
	let at = startedAt;
	let path = draw(random, [
		[70, "/"],
		[15, "/product.html"],
		[10, "/journal.html"],
		[5, "/help.html"],
	] as [number, string][])[1];
	const entry = site + path;
	for (let page = 0; page < 9 && path; page++) {
		const events: RecordedEvent[] = [];
		const push = (type: number, data: unknown) => events.push({ type, timestamp: at, data });
		const custom = (tag: string, payload: unknown) => push(rr.CUSTOM, { tag, payload });
		const { title, height: pageHeight, weight } = PAGES[path]!;
		const url = site + path;
		push(rr.META, { href: url, width, height, title, cause: "load" });
		at += 20;
		push(rr.FULL_SNAPSHOT, {
			node: documentOf(site, title, FIELDS[path] ?? []),
			initialOffset: { left: 0, top: 0 },
		});
		const slow = 0.6 + random.below(100) / 60;
		const lcp = Math.round(weight * slow);
		const vitals: [string, number, number, number][] = [
			["LCP", lcp, 2_500, 4_000],
			["FCP", Math.round(lcp * 0.6), 1_800, 3_000],
			["TTFB", Math.round(lcp * 0.25), 800, 1_800],
			["CLS", random.below(200) / 1_000, 0.1, 0.25],
			["INP", 40 + random.below(isSmall ? 400 : 180), 200, 500],
		];
		let y = 0;
		const actions = 1 + random.below(6);
		for (let i = 0; i < actions; i++) {
			at += 1_200 + random.below(9_000);
			const action = random.below(100);
			if (action < 50) {
				y = Math.max(0, Math.min(y + random.below(1_100) - 150, pageHeight - height));
				push(rr.INCREMENTAL, { source: rr.SCROLL, id: 1, x: 0, y });
			} else if (action < 80) {
				const selector = random.pick(BUTTONS[path] ?? ["main"]);
				const times = mood > 92 && random.below(3) === 0 ? 4 : 1;
				// Each button has its own position, and clicks deviate from it by some pixels.
				const position = (BUTTONS[path]?.indexOf(selector) ?? 0) + 1;
				const x = Math.round(width * (0.2 * position)) + random.below(60);
				const clickY = 120 + position * 90 + random.below(24);
				for (let n = 0; n < times; n++) {
					push(rr.INCREMENTAL, {
						source: rr.MOUSE_INTERACTION,
						type: rr.CLICK,
						id: 50,
						x,
						y: clickY,
					});
					custom(rr.TAG_CLICK, { selector });
					at += 120;
				}
				if (selector !== "button#dead-button" && times === 1) {
					push(rr.INCREMENTAL, { source: rr.MUTATION, adds: [], removes: [], texts: [], attributes: [] });
				}
				if (selector === "button#add-to-cart") custom("add_to_cart", { price: 240 });
			} else push(rr.INCREMENTAL, { source: 1, positions: [{ x: 5, y: 5, id: 1, timeOffset: 0 }] });
			if (mood > 88 && random.below(8) === 0) {
				custom(rr.TAG_ERROR, {
					message: `Uncaught Error: Stock check failed for item ${random.below(900)}`,
					source: `${site}/shop.js`,
					lineno: 214,
					colno: 9,
					stack: "",
				});
			}
		}
		const fields = FIELDS[path] ?? [];
		const filled = fields.slice(0, random.below(3) === 0 ? random.below(fields.length + 1) : fields.length);
		for (const [i] of filled.entries()) {
			at += 2_000 + random.below(5_000);
			for (let n = 0; n <= (random.below(6) === 0 ? 1 : 0); n++) {
				push(rr.INCREMENTAL, { source: rr.INPUT, id: 20 + i, text: "****", isChecked: false });
				at += 400;
			}
		}
		let next = draw(random, NEXT[path]!)[1];
		if (filled.length === fields.length && fields.length && next === "/thanks.html") {
			custom(rr.TAG_FORM_SUBMIT, { id: "checkout-form", url });
			custom("order_placed", { total: 240 });
		} else if (next === "/thanks.html") next = "";
		for (const [metric, value, good, poor] of vitals) {
			const rating = value <= good ? "good" : value <= poor ? "needs-improvement" : "poor";
			custom(rr.TAG_VITAL, { metric, value, rating, url });
		}
		if (next) custom(rr.TAG_NAVIGATION, { url: site + next, text: PAGES[next]!.title });
		const metadata = {
			...{ url, title, entry_url: entry, viewport: `${width}x${height}`, language: "en" },
			...(person !== null && { user_id: `customer-${person}`, plan: person % 3 ? "guest" : "club" }),
			...(referrer && { entry_referrer: referrer }),
			...(source && { utm_source: source, utm_medium: source === "social" ? "post" : "email", utm_campaign: campaign }),
		};
		batches.push({ v: 1, sessionId, windowId, seq: batches.length, events, metadata });
		at += 300;
		path = next;
	}
	return { sessionId, startedAt, userAgent, cf: { country, city }, batches };
}

/**
 * Returns start times of sessions in ascending order: more by day than by night, and fewer on weekends.
 * @param from epoch milliseconds
 * @param to epoch milliseconds
 */
export function makeTimes(random: Random, count: number, from: number, to: number): number[] {
	const times: number[] = [];
	while (times.length < count) {
		const at = from + Math.floor((random.below(1_000_000) / 1_000_000) * (to - from));
		const date = new Date(at);
		const hour = date.getUTCHours();
		const share = (hour < 6 ? 15 : hour < 9 ? 50 : hour < 22 ? 100 : 45) * (date.getUTCDay() % 6 === 0 ? 0.7 : 1);
		if (random.below(100) < share) times.push(at);
	}
	return times.sort((a, b) => a - b);
}

/** Picks an option at random, weighted by its share. */
export function draw<T extends readonly [number, ...unknown[]]>(random: Random, options: readonly T[]): T {
	let left = random.below(options.reduce((sum, [share]) => sum + share, 0));
	for (const option of options) {
		left -= option[0];
		if (left < 0) return option;
	}
	return options.at(-1)!;
}

/** Returns a plain page in the style of the shop. */
function documentOf(site: string, title: string, fields: string[]) {
	const inputs = fields.map((name, i) =>
		element(60 + i, "p", [
			element(80 + i, "label", [textNode(100 + i, name)]),
			element(20 + i, "input", [], { name, type: "text" }),
		]),
	);
	const items = ["Tarn Tent", "Ridge Pack", "Alder Stove", "Fell Jacket"].map((name, i) =>
		element(120 + i, "p", [textNode(140 + i, `${name} – ${180 + i * 35} €`)]),
	);
	const header = element(40, "header", [element(41, "p", [textNode(42, "Fernweh Outfitters")])], { class: "header" });
	const main = element(9, "main", [element(7, "h1", [textNode(8, title)]), ...inputs, ...items], { class: "wrap" });
	const sheet = element(43, "link", [], { rel: "stylesheet", href: `${site}/shop.css` });
	const head = element(3, "head", [element(4, "title", [textNode(5, title)]), sheet]);
	const filler = element(44, "div", [], { style: "height: 3000px" });
	const html = element(2, "html", [head, element(6, "body", [header, main, filler])]);
	return { type: rr.NODE_DOCUMENT, id: 1, childNodes: [html] };
}
