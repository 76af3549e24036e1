import type { Client } from "../contract/client.ts";
import { dayOf } from "../contract/days.ts";
import { CLICK } from "../contract/events.ts";
import type { Trail } from "../contract/trail.ts";
import { type Dead, findDead, findRage, type Rage } from "./frustration.ts";
import { type Signals, scoreOf } from "./score.ts";
import { type Click, type Field, mergeSpans, readWindow, type Visit, type WindowStory } from "./visits.ts";

/** How often: in a session's day, or a period. */
export interface Sums {
	events: number;
	views: number;
	clicks: number;
	errors: number;
	rages: number;
	deads: number;
}

/**
 * What a session's trails add up to. Pure: the same trails give the same facts, whenever they are read. A session that
 * goes over midnight (UTC) has facts of each of its days, so that every moment counts on its own.
 */
export interface Facts extends Sums {
	/** UTC, yyyymmdd. */
	day: number;
	/** The session's own first day, which alone has what is true of the whole of it. */
	begins: boolean;
	/** Epoch milliseconds of the session's beginning; `at` below is since then. */
	startedAt: number;
	/** Of the whole session, on its first day; else 0. Milliseconds. */
	durationMs: number;
	activeMs: number;
	/** 0 to 100, see `scoreOf`. */
	score: number;
	signals: Signals;
	head: Head;
	steps: Steps;
	moments: Moments;
}

/** Who and whence, as far as known; the same on each day. */
export interface Head extends Pick<Client, "browser" | "os" | "device" | "country" | "region" | "city"> {
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
export interface Steps {
	words: string[];
	list: [number, number, number][];
}

/** Words are named by their index in `words`, −1 for none; windows by theirs in `windows`. */
export interface Moments {
	words: string[];
	/** Id, beginning since the session's. */
	windows: [string, number][];
	/** at, window, url, milliseconds (null: a single moment), depth, width, height, flags. */
	views: [number, number, number, number | null, number, number | null, number | null, number][];
	/** Index in `views`, x, y on the page, selector; `CLICK_RAGE` or `CLICK_DEAD` for such. */
	clicks: [number, number, number, number, number?][];
	/** at, window, url, selector, clicks. */
	rages: [number, number, number, number, number][];
	/** at, window, url, selector, 1 when an error came instead. */
	deads: [number, number, number, number, number][];
	/** at, window, url, metric, value, rating. */
	vitals: [number, number, number, number, number, number][];
	/** at, window, url, message, place, how often. */
	errors: [number, number, number, number, number, number][];
	/** at, window, url, name. */
	tags: [number, number, number, number][];
	/** 1 for another site, url, text. */
	links: [number, number, number][];
	forms: FormVisit[];
	/** Lists that were longer than is kept. */
	cut?: string[];
}

/** url, 1 when it was sent after something was typed, sends, fields: label, milliseconds to fill, changes after the first. */
export type FormVisit = [number, number, number, [number, number, number][]];

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
const MAX_KEPT = 250;
/** Of all that a day of a session says. */
const MAX_WORDS_CHARS = 64 * 1024;
const QUICK_BOUNCE_MS = 5_000;
const ABANDON_MS = 8_000;
const IDLE_MS = 10_000;
const THRASH_PX = 100;
const THRASH_MS = 1_000;

export function digest({ windows, client, metadata }: DigestInput): Facts[] {
	const stories = [...windows]
		.filter(([, trails]) => trails.length)
		.map(([id, trails]) => readWindow(id, trails))
		.sort((a, b) => a.from - b.from || (a.windowId < b.windowId ? -1 : 1));
	if (!stories.length) return [];
	const start = stories[0]!.from;
	const days = new Map<number, DayFacts>();
	const on = (at: number) => {
		const day = dayOf(at);
		if (!days.has(day)) days.set(day, new DayFacts(day, start, stories));
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
	let rages = 0;
	let deads = 0;
	const seen = new Set<string>();
	stories.forEach((story, window) => {
		const rage = findRage(story);
		const dead = findDead(story, rage.clicks);
		rages += rage.rages.length;
		deads += dead.length;
		const isDead = ({ at, visit, selector }: Click) =>
			dead.some((it) => it.at === at && it.visit === visit && it.selector === selector);
		const markOf = (click: Click) => (rage.clicks.has(click) ? CLICK_RAGE : isDead(click) ? CLICK_DEAD : 0);
		addVisits(story, window, on, seen, markOf);
		for (const it of rage.rages) on(it.at).addRage(window, it);
		for (const it of dead) on(it.at).addDead(window, it);
		for (const it of story.errors) on(it.at).addError(window, it);
		for (const it of story.tags) on(it.at).addTag(window, it);
		for (const it of story.links) on(it.at).addLink(it);
		for (const it of lastReports(story)) on(it.at).addVital(window, it);
	});
	const signals = { ...signalsOf(stories), rage: rages, dead: deads };
	const whole = {
		durationMs: Math.max(...stories.map(({ to }) => to)) - start,
		activeMs: activeMs(stories),
		score: scoreOf(signals),
		signals,
	};
	const head = headOf(stories, client, metadata);
	if (stories.some(({ errors }) => errors.length)) head.errored = true;
	return [...days.values()]
		.sort((a, b) => a.day - b.day)
		.map((day, i) =>
			day.facts(i === 0, i === 0 ? whole : { durationMs: 0, activeMs: 0, score: 0, signals: CALM }, head),
		);
}

const CALM: Signals = { rage: 0, dead: 0, churn: 0, idle: 0, thrash: 0, refills: 0, bounce: 0, abandon: 0 };

/** A list of strings, each once; those that come when it is full are none. */
class Words {
	readonly list: string[] = [];
	readonly #known = new Map<string, number>();
	#chars = 0;

	index(word: string | null): number {
		if (word === null) return -1;
		let index = this.#known.get(word);
		if (index === undefined) {
			if (this.#chars + word.length > MAX_WORDS_CHARS) return -1;
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
	readonly #stories: readonly WindowStory[];
	readonly #words = new Words();
	readonly #stepWords = new Words();
	readonly #steps: [number, number, number][] = [];
	readonly #sums = { views: 0, clicks: 0, errors: 0, rages: 0, deads: 0 };
	readonly #cut = new Set<string>();
	readonly #moments: Omit<Moments, "words" | "cut">;

	constructor(day: number, start: number, stories: readonly WindowStory[]) {
		this.day = day;
		this.#start = start;
		this.#stories = stories;
		this.#moments = {
			...{ views: [], clicks: [], rages: [], deads: [], vitals: [], errors: [], tags: [], links: [], forms: [] },
			windows: stories.map(({ windowId, from }) => [windowId, from - start]),
		};
	}

	/** @returns the index of the view; −1 when there were too many */
	addView(window: number, visit: Visit, ms: number | null, flags: number): number {
		this.#sums.views++;
		this.#step(visit.at, STEP_VIEW, visit.url);
		const { depth, width, height } = visit;
		const url = this.#words.index(visit.url);
		const isKept = this.#keep("views", [visit.at - this.#start, window, url, ms, depth, width, height, flags]);
		return isKept ? this.#moments.views.length - 1 : -1;
	}

	addClick(view: number, { at, x, pageY, selector }: Click, mark: number): void {
		this.#sums.clicks++;
		this.#step(at, STEP_CLICK, selector);
		if (view < 0) return;
		const word = this.#words.index(selector);
		this.#keep("clicks", mark ? [view, x, pageY, word, mark] : [view, x, pageY, word]);
	}

	addForm(visit: Visit, isSent: boolean, sends: number, fields: readonly Field[]): void {
		const index = (word: string | null) => this.#words.index(word);
		const kept = fields.map(({ label, first, last, count }): [number, number, number] => [
			index(label),
			last - first,
			count - 1,
		]);
		this.#keep("forms", [index(visit.url), isSent ? 1 : 0, sends, kept]);
	}

	addRage(window: number, { at, visit, selector, count }: Rage): void {
		this.#sums.rages++;
		this.#keep("rages", [...this.#place(window, at, visit), this.#words.index(selector), count]);
	}

	addDead(window: number, { at, visit, selector, withError }: Dead): void {
		this.#sums.deads++;
		this.#keep("deads", [...this.#place(window, at, visit), this.#words.index(selector), withError ? 1 : 0]);
	}

	addError(window: number, { at, visit, message, place, count }: WindowStory["errors"][number]): void {
		this.#sums.errors += count;
		const words = [this.#words.index(message), this.#words.index(place)] as const;
		this.#keep("errors", [...this.#place(window, at, visit), ...words, count]);
	}

	addTag(window: number, { at, visit, name }: WindowStory["tags"][number]): void {
		this.#step(at, STEP_TAG, name);
		this.#keep("tags", [...this.#place(window, at, visit), this.#words.index(name)]);
	}

	addLink({ isExternal, url, text }: WindowStory["links"][number]): void {
		this.#keep("links", [isExternal ? 1 : 0, this.#words.index(url), this.#words.index(text)]);
	}

	addVital(window: number, { at, url, metric, value, rating }: WindowStory["vitals"][number]): void {
		const index = (word: string | null) => this.#words.index(word);
		this.#keep("vitals", [at - this.#start, window, index(url), index(metric), value, index(rating)]);
	}

	/** A chunk had more than its trail holds: what was cut off counts, and nothing else is known of it. */
	addUnlisted({ sums: [, clicks, errors], ...trail }: Trail): void {
		this.#cut.add("trail");
		this.#sums.clicks += clicks - (trail.clicks ?? []).filter(([, , , kind]) => kind === CLICK).length;
		this.#sums.errors += errors - (trail.errors ?? []).reduce((sum, [, , , , , , repeats = 1]) => sum + repeats, 0);
	}

	facts(begins: boolean, whole: Pick<Facts, "durationMs" | "activeMs" | "score" | "signals">, head: Head): Facts {
		const cut = [...this.#cut].sort();
		return {
			...{ day: this.day, begins, startedAt: this.#start, ...whole, events: this.events, ...this.#sums, head },
			steps: { words: this.#stepWords.list, list: this.#steps.sort(([a], [b]) => a - b) },
			moments: { words: this.#words.list, ...this.#moments, ...(cut.length && { cut }) },
		};
	}

	#place(window: number, at: number, visit: number): [number, number, number] {
		return [at - this.#start, window, this.#words.index(this.#stories[window]!.visits[visit]!.url)];
	}

	#step(at: number, kind: number, word: string | null): void {
		if (word === null) return;
		const index = this.#stepWords.index(word);
		if (this.#steps.length >= MAX_KEPT || index < 0) this.#cut.add("steps");
		else this.#steps.push([at - this.#start, kind, index]);
	}

	#keep<K extends Exclude<keyof Moments, "words" | "cut" | "windows">>(name: K, entry: Moments[K][number]): boolean {
		const list = this.#moments[name] as Moments[K][number][];
		if (list.length >= MAX_KEPT) this.#cut.add(name);
		else list.push(entry);
		return list.at(-1) === entry;
	}
}

/** Pages with what was done on them: clicks, and forms. */
function addVisits(
	story: WindowStory,
	window: number,
	on: (at: number) => DayFacts,
	seen: Set<string>,
	markOf: (click: Click) => number,
): void {
	const { visits, clicks, fields, submits } = story;
	const clicksOf = Map.groupBy(clicks, ({ visit }) => visit);
	const fieldsOf = Map.groupBy(fields, ({ visit }) => visit);
	const sendsOf = Map.groupBy(submits, ({ visit }) => visit);
	visits.forEach((visit, i) => {
		let flags = (i === 0 ? VIEW_ENTRY : 0) | (i === visits.length - 1 ? VIEW_EXIT : 0);
		if (visit.url !== null && !seen.has(visit.url)) flags |= VIEW_FIRST;
		if (visit.url !== null) seen.add(visit.url);
		const ms = visit.to > visit.at ? visit.to - visit.at : null;
		const day = on(visit.at);
		const view = day.addView(window, visit, ms, flags);
		for (const click of clicksOf.get(i) ?? []) {
			// After midnight it counts for its own day, in which its page did not begin.
			const own = on(click.at);
			own.addClick(own === day ? view : -1, click, markOf(click));
		}
		const ofVisit = fieldsOf.get(i) ?? [];
		const sends = sendsOf.get(i) ?? [];
		if (!ofVisit.length && !sends.length) return;
		const isSent = ofVisit.length > 0 && sends.some(({ at }) => at >= ofVisit[0]!.first);
		day.addForm(visit, isSent, sends.length, ofVisit);
	});
}

/** Of each metric and stay on a page the last report counts. */
function lastReports({ vitals, visits }: WindowStory): WindowStory["vitals"] {
	const last = new Map<string, WindowStory["vitals"][number]>();
	/** Which stay of an address is the current one. */
	const current = new Map<string | null, number>();
	let next = 0;
	for (const vital of vitals) {
		while (next < visits.length && visits[next]!.at <= vital.at) current.set(visits[next]!.url, next++);
		last.set(`${current.get(vital.url) ?? -1} ${vital.metric} ${vital.url}`, vital);
	}
	return [...last.values()];
}

function signalsOf(stories: readonly WindowStory[]): Omit<Signals, "rage" | "dead"> {
	const start = stories[0]!.from;
	const end = Math.max(...stories.map(({ to }) => to));
	const urls = stories
		.flatMap(({ visits }) => visits)
		.filter(({ url }) => url !== null)
		.sort((a, b) => a.at - b.at)
		.map(({ url }) => url);
	const distinct = new Set(urls).size;
	const idleMs = stories.flatMap(({ bursts }) => gapsOf(bursts)).filter((gap) => gap > IDLE_MS);
	const lastError = Math.max(...stories.flatMap(({ errors }) => errors.map(({ at }) => at)));
	return {
		churn: urls.length - distinct,
		idle: end > start ? Math.min(idleMs.reduce((sum, gap) => sum + gap, 0) / (end - start), 1) : 0,
		thrash: stories.reduce((sum, story) => sum + turns(story), 0),
		refills: stories.reduce((sum, { fields }) => sum + fields.reduce((n, { count }) => n + count - 1, 0), 0),
		bounce: distinct <= 1 && urls.length <= 1 && end - start < QUICK_BOUNCE_MS ? 1 : 0,
		abandon: lastError >= end - ABANDON_MS ? 1 : 0,
	};
}

function gapsOf(bursts: readonly [number, number][]): number[] {
	return bursts.slice(1).map(([a], i) => a - bursts[i]![1]);
}

/** Somebody scrolled far, and far back at once. */
function turns({ scrolls }: WindowStory): number {
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
function activeMs(stories: readonly WindowStory[]): number {
	const spans = stories
		.flatMap(({ bursts }) => bursts)
		.map(([a, b]): [number, number] => [a, b])
		.sort((a, b) => a[0] - b[0]);
	return mergeSpans(spans, 0).reduce((sum, [a, b]) => sum + b - a, 0);
}

function headOf(stories: readonly WindowStory[], client: Client, metadata: DigestInput["metadata"]): Head {
	const said = (...names: string[]) => {
		for (const name of names) {
			const value = metadata[name];
			if (typeof value === "string" && value.trim()) return value.trim();
		}
		return undefined;
	};
	const visits = stories.flatMap((story) => story.visits);
	const entry = said("entry_url") ?? visits.find(({ url }) => url !== null)?.url ?? undefined;
	const exit = visits
		.filter(({ url }) => url !== null)
		.reduce<Visit | null>((a, b) => (a && a.at > b.at ? a : b), null);
	const referrer = said("entry_referrer", "referrer");
	const { browser, os, device, country, region, city } = client;
	const known: Head = {
		...{ browser, os, device, country, region, city, entry, exit: exit?.url ?? undefined },
		referrer: referrer && originOf(referrer) !== originOf(entry ?? "") ? referrer : undefined,
		source: said("utm_source") ?? queryOf(entry, "utm_source"),
		medium: said("utm_medium") ?? queryOf(entry, "utm_medium"),
		campaign: said("utm_campaign") ?? queryOf(entry, "utm_campaign"),
	};
	return JSON.parse(JSON.stringify(known));
}

/** Scheme, host and port; null for what has no host. */
export function originOf(url: string): string | null {
	return /^([a-z][a-z0-9+.-]*:\/\/[^/?#]+)/i.exec(url)?.[1]?.toLowerCase() ?? null;
}

/** A parameter of an address that still has its query. */
function queryOf(url: string | undefined, name: string): string | undefined {
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
