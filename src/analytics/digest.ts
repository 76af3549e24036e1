import type { Client } from "../contract/client.ts";
import { dayOf } from "../contract/days.ts";
import { CLICK } from "../contract/events.ts";
import type { Trail } from "../contract/trail.ts";
import { type DeadClick, findDeadClicks, findRageClicks, type RageClick } from "./frustration.ts";
import { type Signals, scoreOf } from "./score.ts";
import { type Click, type Field, mergeSpans, type PageView, readTimeline, type WindowTimeline } from "./timeline.ts";

/** Counts of what happened on one day of a session, or in a period. */
export interface Sums {
	events: number;
	/** Page views. */
	views: number;
	clicks: number;
	/** Browser errors. */
	errors: number;
	rageClicks: number;
	deadClicks: number;
}

/**
 * The facts of one day of a session, computed from the trails of the session. A session over midnight (UTC) has facts
 * for each of its days, so that every event counts on the day it happened.
 */
export interface Facts extends Sums {
	/** UTC day, yyyymmdd. */
	day: number;
	/** Whether this is the first day of the session. */
	isFirstDay: boolean;
	/** Start of the session in epoch milliseconds. In the lists, times (`at`) are milliseconds since this start. */
	startedAt: number;
	/**
	 * Duration of the session in milliseconds. On the first day, this field and the next three are those of the whole
	 * session; on other days they are 0.
	 */
	durationMs: number;
	activeMs: number;
	/** Frustration score, 0 to 100, see `scoreOf`. */
	score: number;
	signals: Signals;
	profile: Profile;
	journey: Journey;
	details: Details;
}

/** Client, referrer and campaign of a session, as far as they are known; the same on each day of the session. */
export interface Profile extends Pick<Client, "browser" | "os" | "device" | "country" | "region" | "city"> {
	/** First page. */
	entry?: string;
	/** Last page. */
	exit?: string;
	/** Full URL as sent by the browser; absent if it has the origin of the entry page. */
	referrer?: string;
	source?: string;
	medium?: string;
	campaign?: string;
	/** Present if the session has a browser error. */
	errored?: true;
}

/** Kinds of the steps in `Journey.list`: a page view, a click, a custom event. */
export const STEP_VIEW = 0;
export const STEP_CLICK = 1;
export const STEP_TAG = 2;

/** Steps of a session, for funnels and paths. */
export interface Journey {
	words: string[];
	/** For each step: at, kind (`STEP_…`), index in `words` of the URL, selector or event name. */
	list: [number, number, number][];
}

/** Lists of what happened. A text is an index in `words`, −1 for none; a window is an index in `windows`. */
export interface Details {
	words: string[];
	/** For each window: its ID, and its start in milliseconds since the start of the session. */
	windows: [string, number][];
	/**
	 * For each page view: at, window, URL, duration in milliseconds (null: a single moment), deepest scroll position,
	 * width and height of the viewport, flags (`VIEW_…`).
	 */
	views: [number, number, number, number | null, number, number | null, number | null, number][];
	/** For each click: index in `views`, x in the viewport, y on the page, selector, mark (`CLICK_…`) if there is one. */
	clicks: [number, number, number, number, number?][];
	/** For each rage click: at, window, URL, selector, number of clicks. */
	rageClicks: [number, number, number, number, number][];
	/** For each dead click: at, window, URL, selector, 1 if an error followed. */
	deadClicks: [number, number, number, number, number][];
	/** For each web vital: at, window, URL, metric, value, rating. */
	vitals: [number, number, number, number, number, number][];
	/** For each browser error: at, window, URL, message, source location, number of occurrences. */
	errors: [number, number, number, number, number, number][];
	/** For each custom event: at, window, URL, name. */
	tags: [number, number, number, number][];
	/** For each followed link: 1 if it leads to another site, URL, text. */
	links: [number, number, number][];
	forms: FormView[];
	/** Names of the lists that were shortened. */
	cut?: string[];
}

/**
 * How the form fields of one page view were filled in: URL, 1 if submitted after a change, number of submissions, and
 * for each changed field: label, milliseconds from the first to the last change, number of changes after the first.
 */
export type FormView = [number, number, number, [number, number, number][]];

/** Values of `mark` in `Details.clicks`: the click is part of a rage click, or is a dead click. */
export const CLICK_RAGE = 1;
export const CLICK_DEAD = 2;

/** Flags of a page view: first one in its window, last one in its window, first one of its URL in the session. */
export const VIEW_ENTRY = 1;
export const VIEW_EXIT = 2;
export const VIEW_FIRST = 4;

export interface DigestInput {
	/** Trails of each window, by window ID. The trails of a window are in time order. */
	windows: ReadonlyMap<string, readonly Trail[]>;
	client: Client;
	metadata: Readonly<Record<string, unknown>>;
}

/** Limit of the entries of each list in the facts of a day. Only malfunctioning pages exceed it. */
const MAX_LIST_ENTRIES = 250;
/** Limit of a `StringTable`, for all its strings together. */
const MAX_STRING_TABLE_CHARS = 64 * 1024;
const QUICK_BOUNCE_MS = 5_000;
const ABANDON_MS = 8_000;
const IDLE_MS = 10_000;
const THRASH_PX = 100;
const THRASH_MS = 1_000;

/** Computes the facts of a session, one entry per day. Pure: equal trails give equal facts. */
export function digest({ windows, client, metadata }: DigestInput): Facts[] {
	const timelines = [...windows]
		.filter(([, trails]) => trails.length)
		.map(([id, trails]) => readTimeline(id, trails))
		.sort((a, b) => a.from - b.from || (a.windowId < b.windowId ? -1 : 1));
	if (!timelines.length) return [];
	const start = timelines[0]!.from;
	const days = new Map<number, DayFacts>();
	const dayAt = (at: number) => {
		const day = dayOf(at);
		if (!days.has(day)) days.set(day, new DayFacts(day, start, timelines));
		return days.get(day)!;
	};
	dayAt(start);
	for (const trails of windows.values()) {
		for (const trail of trails) {
			const day = dayAt(trail.from);
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
		rageClicks += rage.series.length;
		deadClicks += dead.length;
		const keyOf = ({ at, pageView, selector }: Click | DeadClick) => `${at} ${pageView} ${selector}`;
		const deadKeys = new Set(dead.map(keyOf));
		const markOf = (click: Click) =>
			rage.clicks.has(click) ? CLICK_RAGE : deadKeys.has(keyOf(click)) ? CLICK_DEAD : 0;
		addPageViews(timeline, window, dayAt, seen, markOf);
		for (const it of rage.series) dayAt(it.at).addRageClick(window, it);
		for (const it of dead) dayAt(it.at).addDeadClick(window, it);
		for (const it of timeline.errors) dayAt(it.at).addError(window, it);
		for (const it of timeline.tags) dayAt(it.at).addTag(window, it);
		for (const it of timeline.links) dayAt(it.at).addLink(it);
		for (const it of finalVitals(timeline)) dayAt(it.at).addVital(window, it);
	});
	const signals = { ...signalsOf(timelines), rage: rageClicks, dead: deadClicks };
	const session = {
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
			day.facts(i === 0, i === 0 ? session : { durationMs: 0, activeMs: 0, score: 0, signals: NO_SIGNALS }, profile),
		);
}

const NO_SIGNALS: Signals = { rage: 0, dead: 0, churn: 0, idle: 0, thrash: 0, refills: 0, bounce: 0, abandon: 0 };

/** A list of distinct strings. When the list is full, `index` returns −1 for a new string. */
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

/** Builds the facts of one day of a session. */
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

	/** Adds a page view. @returns its index in `views`; −1 if the list is full */
	addView(window: number, pageView: PageView, ms: number | null, flags: number): number {
		this.#sums.views++;
		this.#addStep(pageView.at, STEP_VIEW, pageView.url);
		const { depth, width, height } = pageView;
		const url = this.#words.index(pageView.url);
		const isAdded = this.#push("views", [pageView.at - this.#start, window, url, ms, depth, width, height, flags]);
		return isAdded ? this.#details.views.length - 1 : -1;
	}

	addClick(view: number, { at, x, pageY, selector }: Click, mark: number): void {
		this.#sums.clicks++;
		this.#addStep(at, STEP_CLICK, selector);
		if (view < 0) return;
		const word = this.#words.index(selector);
		this.#push("clicks", mark ? [view, x, pageY, word, mark] : [view, x, pageY, word]);
	}

	addForm(pageView: PageView, isSent: boolean, sends: number, fields: readonly Field[]): void {
		const index = (word: string | null) => this.#words.index(word);
		const entries = fields.map(({ label, first, last, count }): [number, number, number] => [
			index(label),
			last - first,
			count - 1,
		]);
		this.#push("forms", [index(pageView.url), isSent ? 1 : 0, sends, entries]);
	}

	addRageClick(window: number, { at, pageView, selector, count }: RageClick): void {
		this.#sums.rageClicks++;
		this.#push("rageClicks", [...this.#locate(window, at, pageView), this.#words.index(selector), count]);
	}

	addDeadClick(window: number, { at, pageView, selector, withError }: DeadClick): void {
		this.#sums.deadClicks++;
		this.#push("deadClicks", [...this.#locate(window, at, pageView), this.#words.index(selector), withError ? 1 : 0]);
	}

	addError(window: number, { at, pageView, message, location, count }: WindowTimeline["errors"][number]): void {
		this.#sums.errors += count;
		const words = [this.#words.index(message), this.#words.index(location)] as const;
		this.#push("errors", [...this.#locate(window, at, pageView), ...words, count]);
	}

	addTag(window: number, { at, pageView, name }: WindowTimeline["tags"][number]): void {
		this.#addStep(at, STEP_TAG, name);
		this.#push("tags", [...this.#locate(window, at, pageView), this.#words.index(name)]);
	}

	addLink({ isExternal, url, text }: WindowTimeline["links"][number]): void {
		this.#push("links", [isExternal ? 1 : 0, this.#words.index(url), this.#words.index(text)]);
	}

	addVital(window: number, { at, url, metric, value, rating }: WindowTimeline["vitals"][number]): void {
		const index = (word: string | null) => this.#words.index(word);
		this.#push("vitals", [at - this.#start, window, index(url), index(metric), value, index(rating)]);
	}

	/** Counts the clicks and errors that are missing in the lists of a shortened trail. Their details are unknown. */
	addUnlisted({ sums: [, clicks, errors], ...trail }: Trail): void {
		this.#cut.add("trail");
		this.#sums.clicks += clicks - (trail.clicks ?? []).filter(([, , , kind]) => kind === CLICK).length;
		this.#sums.errors += errors - (trail.errors ?? []).reduce((sum, [, , , , , , repeats = 1]) => sum + repeats, 0);
	}

	facts(
		isFirstDay: boolean,
		session: Pick<Facts, "durationMs" | "activeMs" | "score" | "signals">,
		profile: Profile,
	): Facts {
		const cut = [...this.#cut].sort();
		return {
			...{ day: this.day, isFirstDay, startedAt: this.#start, ...session, events: this.events, ...this.#sums, profile },
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

	#push<K extends Exclude<keyof Details, "words" | "cut" | "windows">>(name: K, entry: Details[K][number]): boolean {
		const list = this.#details[name] as Details[K][number][];
		if (list.length >= MAX_LIST_ENTRIES) this.#cut.add(name);
		else list.push(entry);
		return list.at(-1) === entry;
	}
}

/** Adds the page views of a window, with their clicks and forms, to the facts of their days. */
function addPageViews(
	timeline: WindowTimeline,
	window: number,
	dayAt: (at: number) => DayFacts,
	seen: Set<string>,
	markOf: (click: Click) => number,
): void {
	const { pageViews, clicks, fields, submits } = timeline;
	const clicksOf = Map.groupBy(clicks, ({ pageView }) => pageView);
	const fieldsOf = Map.groupBy(fields, ({ pageView }) => pageView);
	const submitsOf = Map.groupBy(submits, ({ pageView }) => pageView);
	pageViews.forEach((pageView, i) => {
		let flags = (i === 0 ? VIEW_ENTRY : 0) | (i === pageViews.length - 1 ? VIEW_EXIT : 0);
		if (pageView.url !== null && !seen.has(pageView.url)) flags |= VIEW_FIRST;
		if (pageView.url !== null) seen.add(pageView.url);
		const ms = pageView.to > pageView.at ? pageView.to - pageView.at : null;
		const day = dayAt(pageView.at);
		const view = day.addView(window, pageView, ms, flags);
		for (const click of clicksOf.get(i) ?? []) {
			// If midnight (UTC) was between page view and click, the lists of the click's day do not contain the page view.
			const clickDay = dayAt(click.at);
			clickDay.addClick(clickDay === day ? view : -1, click, markOf(click));
		}
		const pageFields = fieldsOf.get(i) ?? [];
		const pageSubmits = submitsOf.get(i) ?? [];
		if (!pageFields.length && !pageSubmits.length) return;
		const isSent = pageFields.length > 0 && pageSubmits.some(({ at }) => at >= pageFields[0]!.first);
		day.addForm(pageView, isSent, pageSubmits.length, pageFields);
	});
}

/** Returns the last value of each metric in each page view. */
function finalVitals({ vitals, pageViews }: WindowTimeline): WindowTimeline["vitals"] {
	const last = new Map<string, WindowTimeline["vitals"][number]>();
	/** By URL: index of the last page view that began before the current web vital. */
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

/** Counts how often the visitor scrolled far and then back at once. */
function countScrollReversals({ scrolls }: WindowTimeline): number {
	let count = 0;
	for (const points of Map.groupBy(scrolls, ({ node }) => node).values()) {
		for (let i = 2; i < points.length; i++) {
			const [a, b, c] = [points[i - 2]!, points[i - 1]!, points[i]!];
			const [firstPx, secondPx] = [b.y - a.y, c.y - b.y];
			if (firstPx * secondPx >= 0 || Math.abs(firstPx) <= THRASH_PX || Math.abs(secondPx) <= THRASH_PX) continue;
			if (c.at - b.at <= THRASH_MS) count++;
		}
	}
	return count;
}

/** Returns the time in milliseconds in which at least one window had activity. */
function activeMs(timelines: readonly WindowTimeline[]): number {
	const spans = timelines
		.flatMap(({ bursts }) => bursts)
		.map(([a, b]): [number, number] => [a, b])
		.sort((a, b) => a[0] - b[0]);
	return mergeSpans(spans, 0).reduce((sum, [a, b]) => sum + b - a, 0);
}

function profileOf(timelines: readonly WindowTimeline[], client: Client, metadata: DigestInput["metadata"]): Profile {
	const metadataText = (...names: string[]) => {
		for (const name of names) {
			const value = metadata[name];
			if (typeof value === "string" && value.trim()) return value.trim();
		}
		return undefined;
	};
	const pageViews = timelines.flatMap((timeline) => timeline.pageViews);
	const entry = metadataText("entry_url") ?? pageViews.find(({ url }) => url !== null)?.url ?? undefined;
	const exit = pageViews
		.filter(({ url }) => url !== null)
		.reduce<PageView | null>((a, b) => (a && a.at > b.at ? a : b), null);
	const referrer = metadataText("entry_referrer", "referrer");
	const { browser, os, device, country, region, city } = client;
	const known: Profile = {
		...{ browser, os, device, country, region, city, entry, exit: exit?.url ?? undefined },
		referrer: referrer && originOf(referrer) !== originOf(entry ?? "") ? referrer : undefined,
		source: metadataText("utm_source") ?? queryParam(entry, "utm_source"),
		medium: metadataText("utm_medium") ?? queryParam(entry, "utm_medium"),
		campaign: metadataText("utm_campaign") ?? queryParam(entry, "utm_campaign"),
	};
	return JSON.parse(JSON.stringify(known));
}

/** Returns scheme, host and port of a URL; null if it has no host. */
export function originOf(url: string): string | null {
	return /^([a-z][a-z0-9+.-]*:\/\/[^/?#]+)/i.exec(url)?.[1]?.toLowerCase() ?? null;
}

/** Returns a query parameter of a URL. */
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
