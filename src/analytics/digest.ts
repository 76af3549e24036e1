import type { Client } from "../contract/client.ts";
import { dayOf } from "../contract/days.ts";
import { CLICK } from "../contract/events.ts";
import type { Trail } from "../contract/trail.ts";
import { type DeadClick, findDeadClicks, findRageClicks, type RageClick } from "./frustration.ts";
import { type Signals, scoreOf } from "./score.ts";
import { type Click, type Field, mergeSpans, type PageView, readTimeline, type WindowTimeline } from "./timeline.ts";

/** How often: in a session's day, or a period. */
export interface Sums {
	events: number;
	views: number;
	clicks: number;
	errors: number;
	rageClicks: number;
	deadClicks: number;
}

/**
 * What a session's trails add up to. Pure: the same trails give the same facts, whenever they are read. A session that
 * goes over midnight (UTC) has facts of each of its days, so that every moment counts on its own.
 */
export interface Facts extends Sums {
	/** UTC, yyyymmdd. */
	day: number;
	/** The session's own first day, which alone has what is true of the whole of it. */
	isFirstDay: boolean;
	/** Epoch milliseconds of the session's beginning; `at` below is since then. */
	startedAt: number;
	/** Of the whole session, on its first day; else 0. Milliseconds. */
	durationMs: number;
	activeMs: number;
	/** 0 to 100, see `scoreOf`. */
	score: number;
	signals: Signals;
	profile: Profile;
	journey: Journey;
	details: Details;
}

/** Who and whence, as far as known; the same on each day. */
export interface Profile extends Pick<Client, "browser" | "os" | "device" | "country" | "region" | "city"> {
	/** First page. */
	entry?: string;
	/** Last page. */
	exit?: string;
	/** Whole, as the browser said it; of another origin. */
	referrer?: string;
	source?: string;
	medium?: string;
	campaign?: string;
	/** An error happened in it. */
	errored?: true;
}

export const STEP_VIEW = 0;
export const STEP_CLICK = 1;
export const STEP_TAG = 2;

/** What a funnel can be made of: at, kind, index of the address, selector or name in `words`. */
export interface Journey {
	words: string[];
	list: [number, number, number][];
}

/** Words are named by their index in `words`, −1 for none; windows by theirs in `windows`. */
export interface Details {
	words: string[];
	/** Id, beginning since the session's. */
	windows: [string, number][];
	/** at, window, url, milliseconds (null: a single moment), depth, width, height, flags. */
	views: [number, number, number, number | null, number, number | null, number | null, number][];
	/** Index in `views`, x, y on the page, selector; `CLICK_RAGE` or `CLICK_DEAD` for such. */
	clicks: [number, number, number, number, number?][];
	/** at, window, url, selector, clicks. */
	rageClicks: [number, number, number, number, number][];
	/** at, window, url, selector, 1 when an error came instead. */
	deadClicks: [number, number, number, number, number][];
	/** at, window, url, metric, value, rating. */
	vitals: [number, number, number, number, number, number][];
	/** at, window, url, message, place, how often. */
	errors: [number, number, number, number, number, number][];
	/** at, window, url, name. */
	tags: [number, number, number, number][];
	/** 1 for another site, url, text. */
	links: [number, number, number][];
	forms: FormView[];
	/** Lists that were longer than is kept. */
	cut?: string[];
}

/** url, 1 when it was sent after something was typed, sends, fields: label, milliseconds to fill, changes after the first. */
export type FormView = [number, number, number, [number, number, number][]];

/** One of a rage; one that nothing answered. */
export const CLICK_RAGE = 1;
export const CLICK_DEAD = 2;

/** First page of its window; last; first time in this session. */
export const VIEW_ENTRY = 1;
export const VIEW_EXIT = 2;
export const VIEW_FIRST = 4;

export interface DigestInput {
	/** Trails of each window in time order. */
	windows: ReadonlyMap<string, readonly Trail[]>;
	client: Client;
	metadata: Readonly<Record<string, unknown>>;
}

/** What a session keeps of each list; more is a page that runs wild. */
const MAX_LIST_ENTRIES = 250;
/** Of all that a day of a session says. */
const MAX_STRING_TABLE_CHARS = 64 * 1024;
const QUICK_BOUNCE_MS = 5_000;
const ABANDON_MS = 8_000;
const IDLE_MS = 10_000;
const THRASH_PX = 100;
const THRASH_MS = 1_000;

export function digest({ windows, client, metadata }: DigestInput): Facts[] {
	const timelines = [...windows]
		.filter(([, trails]) => trails.length)
		.map(([id, trails]) => readTimeline(id, trails))
		.sort((a, b) => a.from - b.from || (a.windowId < b.windowId ? -1 : 1));
	if (!timelines.length) return [];
	const start = timelines[0]!.from;
	const days = new Map<number, DayFacts>();
	const on = (at: number) => {
		const day = dayOf(at);
		if (!days.has(day)) days.set(day, new DayFacts(day, start, timelines));
		return days.get(day)!;
	};
	on(start);
	for (const trails of windows.values()) {
		for (const trail of trails) {
			const day = on(trail.from);
			day.events += Object.values(trail.types).reduce((sum, n) => sum + n, 0);
			if (trail.cut) day.addUnlisted(trail);
		}
	}
	let rageClicks = 0;
	let deadClicks = 0;
	const seen = new Set<string>();
	timelines.forEach((timeline, window) => {
		const rage = findRageClicks(timeline);
		const dead = findDeadClicks(timeline, rage.clicks);
		rageClicks += rage.bursts.length;
		deadClicks += dead.length;
		const isDead = ({ at, pageView, selector }: Click) =>
			dead.some((it) => it.at === at && it.pageView === pageView && it.selector === selector);
		const markOf = (click: Click) => (rage.clicks.has(click) ? CLICK_RAGE : isDead(click) ? CLICK_DEAD : 0);
		addPageViews(timeline, window, on, seen, markOf);
		for (const it of rage.bursts) on(it.at).addRageClick(window, it);
		for (const it of dead) on(it.at).addDeadClick(window, it);
		for (const it of timeline.errors) on(it.at).addError(window, it);
		for (const it of timeline.tags) on(it.at).addTag(window, it);
		for (const it of timeline.links) on(it.at).addLink(it);
		for (const it of finalVitals(timeline)) on(it.at).addVital(window, it);
	});
	const signals = { ...signalsOf(timelines), rage: rageClicks, dead: deadClicks };
	const whole = {
		durationMs: Math.max(...timelines.map(({ to }) => to)) - start,
		activeMs: activeMs(timelines),
		score: scoreOf(signals),
		signals,
	};
	const profile = profileOf(timelines, client, metadata);
	if (timelines.some(({ errors }) => errors.length)) profile.errored = true;
	return [...days.values()]
		.sort((a, b) => a.day - b.day)
		.map((day, i) =>
			day.facts(i === 0, i === 0 ? whole : { durationMs: 0, activeMs: 0, score: 0, signals: NO_SIGNALS }, profile),
		);
}

const NO_SIGNALS: Signals = { rage: 0, dead: 0, churn: 0, idle: 0, thrash: 0, refills: 0, bounce: 0, abandon: 0 };

/** A list of strings, each once; those that come when it is full are none. */
class StringTable {
	readonly list: string[] = [];
	readonly #known = new Map<string, number>();
	#chars = 0;

	index(word: string | null): number {
		if (word === null) return -1;
		let index = this.#known.get(word);
		if (index === undefined) {
			if (this.#chars + word.length > MAX_STRING_TABLE_CHARS) return -1;
			this.#chars += word.length;
			index = this.list.push(word) - 1;
			this.#known.set(word, index);
		}
		return index;
	}
}

/** What a session did on one day. */
class DayFacts {
	readonly day: number;
	events = 0;
	readonly #start: number;
	readonly #timelines: readonly WindowTimeline[];
	readonly #words = new StringTable();
	readonly #journeyWords = new StringTable();
	readonly #journey: [number, number, number][] = [];
	readonly #sums = { views: 0, clicks: 0, errors: 0, rageClicks: 0, deadClicks: 0 };
	readonly #cut = new Set<string>();
	readonly #details: Omit<Details, "words" | "cut">;

	constructor(day: number, start: number, timelines: readonly WindowTimeline[]) {
		this.day = day;
		this.#start = start;
		this.#timelines = timelines;
		this.#details = {
			...{
				views: [],
				clicks: [],
				rageClicks: [],
				deadClicks: [],
				vitals: [],
				errors: [],
				tags: [],
				links: [],
				forms: [],
			},
			windows: timelines.map(({ windowId, from }) => [windowId, from - start]),
		};
	}

	/** @returns the index of the view; −1 when there were too many */
	addView(window: number, pageView: PageView, ms: number | null, flags: number): number {
		this.#sums.views++;
		this.#addStep(pageView.at, STEP_VIEW, pageView.url);
		const { depth, width, height } = pageView;
		const url = this.#words.index(pageView.url);
		const isKept = this.#keep("views", [pageView.at - this.#start, window, url, ms, depth, width, height, flags]);
		return isKept ? this.#details.views.length - 1 : -1;
	}

	addClick(view: number, { at, x, pageY, selector }: Click, mark: number): void {
		this.#sums.clicks++;
		this.#addStep(at, STEP_CLICK, selector);
		if (view < 0) return;
		const word = this.#words.index(selector);
		this.#keep("clicks", mark ? [view, x, pageY, word, mark] : [view, x, pageY, word]);
	}

	addForm(pageView: PageView, isSent: boolean, sends: number, fields: readonly Field[]): void {
		const index = (word: string | null) => this.#words.index(word);
		const kept = fields.map(({ label, first, last, count }): [number, number, number] => [
			index(label),
			last - first,
			count - 1,
		]);
		this.#keep("forms", [index(pageView.url), isSent ? 1 : 0, sends, kept]);
	}

	addRageClick(window: number, { at, pageView, selector, count }: RageClick): void {
		this.#sums.rageClicks++;
		this.#keep("rageClicks", [...this.#locate(window, at, pageView), this.#words.index(selector), count]);
	}

	addDeadClick(window: number, { at, pageView, selector, withError }: DeadClick): void {
		this.#sums.deadClicks++;
		this.#keep("deadClicks", [...this.#locate(window, at, pageView), this.#words.index(selector), withError ? 1 : 0]);
	}

	addError(window: number, { at, pageView, message, place, count }: WindowTimeline["errors"][number]): void {
		this.#sums.errors += count;
		const words = [this.#words.index(message), this.#words.index(place)] as const;
		this.#keep("errors", [...this.#locate(window, at, pageView), ...words, count]);
	}

	addTag(window: number, { at, pageView, name }: WindowTimeline["tags"][number]): void {
		this.#addStep(at, STEP_TAG, name);
		this.#keep("tags", [...this.#locate(window, at, pageView), this.#words.index(name)]);
	}

	addLink({ isExternal, url, text }: WindowTimeline["links"][number]): void {
		this.#keep("links", [isExternal ? 1 : 0, this.#words.index(url), this.#words.index(text)]);
	}

	addVital(window: number, { at, url, metric, value, rating }: WindowTimeline["vitals"][number]): void {
		const index = (word: string | null) => this.#words.index(word);
		this.#keep("vitals", [at - this.#start, window, index(url), index(metric), value, index(rating)]);
	}

	/** A chunk had more than its trail holds: what was cut off counts, and nothing else is known of it. */
	addUnlisted({ sums: [, clicks, errors], ...trail }: Trail): void {
		this.#cut.add("trail");
		this.#sums.clicks += clicks - (trail.clicks ?? []).filter(([, , , kind]) => kind === CLICK).length;
		this.#sums.errors += errors - (trail.errors ?? []).reduce((sum, [, , , , , , repeats = 1]) => sum + repeats, 0);
	}

	facts(
		isFirstDay: boolean,
		whole: Pick<Facts, "durationMs" | "activeMs" | "score" | "signals">,
		profile: Profile,
	): Facts {
		const cut = [...this.#cut].sort();
		return {
			...{ day: this.day, isFirstDay, startedAt: this.#start, ...whole, events: this.events, ...this.#sums, profile },
			journey: { words: this.#journeyWords.list, list: this.#journey.sort(([a], [b]) => a - b) },
			details: { words: this.#words.list, ...this.#details, ...(cut.length && { cut }) },
		};
	}

	#locate(window: number, at: number, pageView: number): [number, number, number] {
		return [at - this.#start, window, this.#words.index(this.#timelines[window]!.pageViews[pageView]!.url)];
	}

	#addStep(at: number, kind: number, word: string | null): void {
		if (word === null) return;
		const index = this.#journeyWords.index(word);
		if (this.#journey.length >= MAX_LIST_ENTRIES || index < 0) this.#cut.add("steps");
		else this.#journey.push([at - this.#start, kind, index]);
	}

	#keep<K extends Exclude<keyof Details, "words" | "cut" | "windows">>(name: K, entry: Details[K][number]): boolean {
		const list = this.#details[name] as Details[K][number][];
		if (list.length >= MAX_LIST_ENTRIES) this.#cut.add(name);
		else list.push(entry);
		return list.at(-1) === entry;
	}
}

/** Pages with what was done on them: clicks, and forms. */
function addPageViews(
	timeline: WindowTimeline,
	window: number,
	on: (at: number) => DayFacts,
	seen: Set<string>,
	markOf: (click: Click) => number,
): void {
	const { pageViews, clicks, fields, submits } = timeline;
	const clicksOf = Map.groupBy(clicks, ({ pageView }) => pageView);
	const fieldsOf = Map.groupBy(fields, ({ pageView }) => pageView);
	const sendsOf = Map.groupBy(submits, ({ pageView }) => pageView);
	pageViews.forEach((pageView, i) => {
		let flags = (i === 0 ? VIEW_ENTRY : 0) | (i === pageViews.length - 1 ? VIEW_EXIT : 0);
		if (pageView.url !== null && !seen.has(pageView.url)) flags |= VIEW_FIRST;
		if (pageView.url !== null) seen.add(pageView.url);
		const ms = pageView.to > pageView.at ? pageView.to - pageView.at : null;
		const day = on(pageView.at);
		const view = day.addView(window, pageView, ms, flags);
		for (const click of clicksOf.get(i) ?? []) {
			// After midnight it counts for its own day, in which its page did not begin.
			const own = on(click.at);
			own.addClick(own === day ? view : -1, click, markOf(click));
		}
		const ofPageView = fieldsOf.get(i) ?? [];
		const sends = sendsOf.get(i) ?? [];
		if (!ofPageView.length && !sends.length) return;
		const isSent = ofPageView.length > 0 && sends.some(({ at }) => at >= ofPageView[0]!.first);
		day.addForm(pageView, isSent, sends.length, ofPageView);
	});
}

/** Of each metric and stay on a page the last report counts. */
function finalVitals({ vitals, pageViews }: WindowTimeline): WindowTimeline["vitals"] {
	const last = new Map<string, WindowTimeline["vitals"][number]>();
	/** Which stay of an address is the current one. */
	const current = new Map<string | null, number>();
	let next = 0;
	for (const vital of vitals) {
		while (next < pageViews.length && pageViews[next]!.at <= vital.at) current.set(pageViews[next]!.url, next++);
		last.set(`${current.get(vital.url) ?? -1} ${vital.metric} ${vital.url}`, vital);
	}
	return [...last.values()];
}

function signalsOf(timelines: readonly WindowTimeline[]): Omit<Signals, "rage" | "dead"> {
	const start = timelines[0]!.from;
	const end = Math.max(...timelines.map(({ to }) => to));
	const urls = timelines
		.flatMap(({ pageViews }) => pageViews)
		.filter(({ url }) => url !== null)
		.sort((a, b) => a.at - b.at)
		.map(({ url }) => url);
	const distinct = new Set(urls).size;
	const idleMs = timelines.flatMap(({ bursts }) => gapsBetween(bursts)).filter((gap) => gap > IDLE_MS);
	const lastError = Math.max(...timelines.flatMap(({ errors }) => errors.map(({ at }) => at)));
	return {
		churn: urls.length - distinct,
		idle: end > start ? Math.min(idleMs.reduce((sum, gap) => sum + gap, 0) / (end - start), 1) : 0,
		thrash: timelines.reduce((sum, timeline) => sum + countScrollReversals(timeline), 0),
		refills: timelines.reduce((sum, { fields }) => sum + fields.reduce((n, { count }) => n + count - 1, 0), 0),
		bounce: distinct <= 1 && urls.length <= 1 && end - start < QUICK_BOUNCE_MS ? 1 : 0,
		abandon: lastError >= end - ABANDON_MS ? 1 : 0,
	};
}

function gapsBetween(bursts: readonly [number, number][]): number[] {
	return bursts.slice(1).map(([a], i) => a - bursts[i]![1]);
}

/** Somebody scrolled far, and far back at once. */
function countScrollReversals({ scrolls }: WindowTimeline): number {
	let count = 0;
	for (const points of Map.groupBy(scrolls, ({ node }) => node).values()) {
		for (let i = 2; i < points.length; i++) {
			const [a, b, c] = [points[i - 2]!, points[i - 1]!, points[i]!];
			const [there, back] = [b.y - a.y, c.y - b.y];
			if (there * back >= 0 || Math.abs(there) <= THRASH_PX || Math.abs(back) <= THRASH_PX) continue;
			if (c.at - b.at <= THRASH_MS) count++;
		}
	}
	return count;
}

/** Time with something happening in any of the windows. */
function activeMs(timelines: readonly WindowTimeline[]): number {
	const spans = timelines
		.flatMap(({ bursts }) => bursts)
		.map(([a, b]): [number, number] => [a, b])
		.sort((a, b) => a[0] - b[0]);
	return mergeSpans(spans, 0).reduce((sum, [a, b]) => sum + b - a, 0);
}

function profileOf(timelines: readonly WindowTimeline[], client: Client, metadata: DigestInput["metadata"]): Profile {
	const said = (...names: string[]) => {
		for (const name of names) {
			const value = metadata[name];
			if (typeof value === "string" && value.trim()) return value.trim();
		}
		return undefined;
	};
	const pageViews = timelines.flatMap((timeline) => timeline.pageViews);
	const entry = said("entry_url") ?? pageViews.find(({ url }) => url !== null)?.url ?? undefined;
	const exit = pageViews
		.filter(({ url }) => url !== null)
		.reduce<PageView | null>((a, b) => (a && a.at > b.at ? a : b), null);
	const referrer = said("entry_referrer", "referrer");
	const { browser, os, device, country, region, city } = client;
	const known: Profile = {
		...{ browser, os, device, country, region, city, entry, exit: exit?.url ?? undefined },
		referrer: referrer && originOf(referrer) !== originOf(entry ?? "") ? referrer : undefined,
		source: said("utm_source") ?? queryParam(entry, "utm_source"),
		medium: said("utm_medium") ?? queryParam(entry, "utm_medium"),
		campaign: said("utm_campaign") ?? queryParam(entry, "utm_campaign"),
	};
	return JSON.parse(JSON.stringify(known));
}

/** Scheme, host and port; null for what has no host. */
export function originOf(url: string): string | null {
	return /^([a-z][a-z0-9+.-]*:\/\/[^/?#]+)/i.exec(url)?.[1]?.toLowerCase() ?? null;
}

/** A parameter of an address that still has its query. */
function queryParam(url: string | undefined, name: string): string | undefined {
	const query = url?.split("#")[0]?.split("?")[1] ?? "";
	for (const pair of query.split("&")) {
		const [key = "", value = ""] = pair.split("=");
		if (key.toLowerCase() !== name) continue;
		try {
			return decodeURIComponent(value.replaceAll("+", " ")).trim() || undefined;
		} catch {
			return undefined;
		}
	}
	return undefined;
}
