import { add, branch, branchAt, branches, type Counts, foldRare, numberAt } from "./counts.ts";
import { CLICK_RAGE, type Facts, VIEW_ENTRY, VIEW_EXIT, VIEW_FIRST } from "./digest.ts";
import { addValue } from "./histogram.ts";

/**
 * Rollups: sums of the facts of a day, or of the sessions that match a filter. Events count on the day they happened,
 * sessions on the day they began, so that the rollups of several days can be added.
 *
 * Keys are short because there are many: `s` sessions, `n` occurrences, `x` sessions with errors, `h` histogram.
 */

/** Sections of a rollup. Each covers one group of reports and is stored in a row of its own. */
export const SECTIONS = ["overview", "pages", "heat", "forms", "errors"] as const;
export type Section = (typeof SECTIONS)[number];
/** Fields of the profile by which sessions are counted. */
export const DIMENSIONS = [
	...["browser", "os", "device", "country", "city", "entry", "referrer", "source", "medium", "campaign"],
] as const;

/** Upper bounds, in milliseconds, of the groups by which session durations are counted. */
export const DURATIONS = [30_000, 120_000, 300_000, 900_000];

/** Adds the facts of one session and day to one section of a rollup. */
export function addFacts(section: Section, counts: Counts, facts: Facts): void {
	ADDS[section](counts, facts);
}

const ADDS: Record<Section, (counts: Counts, facts: Facts) => void> = {
	overview: addOverview,
	pages: addPages,
	heat: addHeat,
	forms: addForms,
	errors: addErrors,
};

/** Returns a function that looks up a text of the facts by its index. */
const wordsOf =
	({ details: { words } }: Facts) =>
	(index: number) =>
		words[index] ?? "";

function addOverview(counts: Counts, facts: Facts): void {
	const word = wordsOf(facts);
	const { details, profile } = facts;
	add(counts, facts.isFirstDay ? "s" : "carried");
	if (!facts.isFirstDay && profile.errored) add(counts, "carriedErrored");
	if (details.cut) add(counts, "cut");
	const hour = (at: number) => branch(counts, "hours", String(new Date(facts.startedAt + at).getUTCHours()));
	if (facts.isFirstDay) add(hour(0), "s");
	for (const [at] of details.views) add(hour(at), "views");
	for (const [at, , , , , n] of details.errors) add(hour(at), "errors", n);
	for (const key of ["events", "views", "clicks", "errors", "rageClicks", "deadClicks"] as const)
		add(counts, key, facts[key]);
	if (facts.isFirstDay) {
		add(counts, "ms", facts.durationMs);
		add(counts, "active", facts.activeMs);
		addValue(branch(counts, "h"), facts.durationMs);
		const length = DURATIONS.findIndex((end) => facts.durationMs < end);
		add(branch(counts, "lengths"), String(length < 0 ? DURATIONS.length : length));
		add(branch(counts, "scores"), String(Math.min(Math.floor(facts.score / 20), 4)));
		if (facts.signals.bounce) add(counts, "bounces");
		for (const name of DIMENSIONS) {
			const value = dimensionOf(profile, name);
			if (!value) continue;
			const valueCounts = branch(counts, name, value);
			add(valueCounts, "s");
			if (profile.errored) add(valueCounts, "x");
		}
		if (profile.errored) add(counts, "errored");
		if (facts.signals.rage || facts.signals.dead) add(counts, "frustrated");
	}
	const isFirst = createFirstCheck();
	for (const [, , , name] of details.tags)
		if (name >= 0) addOccurrence(branch(counts, "tags", word(name)), isFirst("tag", name));
	for (const [external, url, text] of details.links) {
		const kind = external ? "external" : "internal";
		if (url >= 0) addOccurrence(branch(counts, kind, word(url)), isFirst(kind, url));
		if (text >= 0) addOccurrence(branch(counts, "text", word(text)), isFirst("text", text));
	}
}

/** Returns the value of a session in a dimension; undefined if it is unknown. */
export function dimensionOf(profile: Facts["profile"], name: (typeof DIMENSIONS)[number]): string | undefined {
	// The country is part of the value, because several countries may have a city of the same name.
	if (name === "city") return profile.city && [profile.city, profile.country].filter(Boolean).join(", ");
	return profile[name];
}

/** Returns a function that returns whether it is called with a combination of words for the first time. */
function createFirstCheck(): (...words: (string | number)[]) => boolean {
	const seen = new Set<string>();
	return (...words) => {
		const key = words.join(" ");
		if (seen.has(key)) return false;
		seen.add(key);
		return true;
	};
}

/** Adds `n` occurrences of a value, and one session if these are its first occurrences in the session. */
function addOccurrence(counts: Counts, isFirst: boolean, n = 1): void {
	add(counts, "n", n);
	if (isFirst) add(counts, "s");
}

/** Scroll depths are rounded up to a multiple of this many pixels, to limit the number of keys. */
export const DEPTH_PX = 100;

function addPages(counts: Counts, facts: Facts): void {
	const word = wordsOf(facts);
	const { views, rageClicks, deadClicks, vitals, errors, tags } = facts.details;
	for (const [, , url, ms, depth, , height, flags] of views) {
		if (url < 0) continue;
		const page = branch(counts, word(url));
		add(page, "n");
		if (flags & VIEW_FIRST) add(page, "s");
		if (flags & VIEW_ENTRY) add(page, "entries");
		if (flags & VIEW_EXIT) add(page, "exits");
		if (flags & VIEW_ENTRY && flags & VIEW_EXIT) add(page, "bounces");
		if (ms !== null) {
			add(page, "timed");
			add(page, "ms", ms);
			addValue(branch(page, "h"), ms);
		}
		if (depth > 0) {
			add(page, "scrolled");
			add(page, "depth", depth);
			add(branch(page, "bottoms"), String(Math.ceil((depth + (height ?? 0)) / DEPTH_PX)));
		}
	}
	const ofPage = (url: number) => (url < 0 ? null : branch(counts, word(url)));
	const isFirst = createFirstCheck();
	const addFrustration = (url: number, selector: number, kind: "rageClicks" | "deadClicks") => {
		const page = ofPage(url);
		if (!page) return;
		add(page, kind);
		if (isFirst(url)) add(page, "troubled");
		if (selector >= 0)
			addOccurrence(
				branch(page, kind === "rageClicks" ? "rageTargets" : "deadTargets", word(selector)),
				isFirst(url, kind, selector),
			);
	};
	for (const [, , url, selector] of rageClicks) addFrustration(url, selector, "rageClicks");
	for (const [, , url, selector] of deadClicks) addFrustration(url, selector, "deadClicks");
	for (const [, , url, metric, value, rating] of vitals) {
		if (url < 0 || !VITALS.includes(word(metric))) continue;
		const vital = branch(counts, word(url), "vitals", word(metric));
		add(vital, "n");
		addValue(branch(vital, "h"), vitalUnits(word(metric), value));
		if (RATINGS.includes(word(rating))) add(branch(vital, "ratings"), word(rating));
	}
	for (const [, , url, , , n] of errors) {
		const page = ofPage(url);
		if (page) add(page, "errors", n);
	}
	for (const [, , url, name] of tags) {
		const page = ofPage(url);
		if (page && name >= 0) addOccurrence(branch(page, "tags", word(name)), isFirst(url, "tag", name));
	}
}

export const VITALS = ["LCP", "INP", "CLS", "FCP", "TTFB"];
export const RATINGS = ["good", "needs-improvement", "poor"];

/** Returns the value of a web vital as an integer: CLS in thousandths, the others in milliseconds. */
export function vitalUnits(metric: string, value: number): number {
	return Math.max(0, Math.round(metric === "CLS" ? value * 1000 : value));
}

/** Cells of heatmaps: the viewport is divided into this many columns, the page into rows of this many CSS pixels. */
export const HEAT_COLUMNS = 40;
export const HEAT_ROW_PX = 20;
const MAX_HEAT_ROWS = 2_000;

function addHeat(counts: Counts, facts: Facts): void {
	const word = wordsOf(facts);
	const { views, clicks } = facts.details;
	const isFirst = createFirstCheck();
	for (const [view, x, y, selector, mark] of clicks) {
		const [, , url, , , width] = views[view]!;
		if (url < 0 || !width) continue;
		const page = branch(counts, word(url));
		addOccurrence(page, isFirst(url));
		const column = Math.min(Math.max(Math.floor((x / width) * HEAT_COLUMNS), 0), HEAT_COLUMNS - 1);
		const row = Math.min(Math.max(Math.floor(y / HEAT_ROW_PX), 0), MAX_HEAT_ROWS);
		add(branch(page, "at"), `${column},${row}`);
		if (mark) add(branch(page, mark === CLICK_RAGE ? "rage" : "dead"), `${column},${row}`);
		if (selector >= 0) addOccurrence(branch(page, "elements", word(selector)), isFirst(url, selector));
	}
}

function addForms(counts: Counts, facts: Facts): void {
	const word = wordsOf(facts);
	const isFirst = createFirstCheck();
	/** For each page with a changed field: whether a submission followed in every view in which a field was changed. */
	const started = new Map<number, boolean>();
	for (const [url, isSent, sends, fields] of facts.details.forms) {
		if (url < 0) continue;
		const page = branch(counts, word(url));
		add(page, "sends", sends);
		for (const [label, ms, changes] of fields) {
			if (label < 0) continue;
			const field = branch(page, "fields", word(label));
			addOccurrence(field, isFirst(url, "field", label));
			add(field, "ms", ms);
			add(field, "changes", changes);
		}
		const last = fields.at(-1);
		if (!last) continue;
		started.set(url, (started.get(url) ?? true) && isSent === 1);
		if (!isSent) addOccurrence(branch(page, "left", word(last[0])), isFirst(url, "left", last[0]));
	}
	for (const [url, isCompleted] of started) {
		const page = branch(counts, word(url));
		add(page, "s");
		if (isCompleted) add(page, "completed");
	}
}

/** Returns the message by which browser errors are grouped: its first line, with `#` in place of numbers. */
export function errorKey(message: string): string {
	const line = message.split("\n", 1)[0]!.trim().replace(/\d+/g, "#").slice(0, 200);
	return line || "Unknown error";
}

function addErrors(counts: Counts, facts: Facts): void {
	const word = wordsOf(facts);
	const isFirst = createFirstCheck();
	for (const [, , , message, , n] of facts.details.errors) {
		const key = errorKey(word(message));
		addOccurrence(branch(counts, key), isFirst(key), n);
	}
}

/** An anonymized day contains only values that at least this many sessions had; rarer values become "(other)". */
export const MIN_SESSIONS = 5;

/**
 * Where each section has maps from values, such as URLs, to their sums. `own`: the section itself is such a map.
 * `inner`: keys of further maps, in each entry of the section if `own` is true, otherwise in the section itself.
 */
const VALUES: Record<Section, { own: boolean; inner: readonly string[] }> = {
	overview: { own: false, inner: [...DIMENSIONS, "tags", "internal", "external", "text"] },
	pages: { own: true, inner: ["rageTargets", "deadTargets", "tags"] },
	heat: { own: true, inner: ["elements"] },
	forms: { own: true, inner: ["fields", "left"] },
	errors: { own: true, inner: [] },
};

/** For each kind of measurement on a page: key of the number of measurements, and keys of their results. */
const MEASURES: [times: string, keys: readonly string[]][] = [
	["timed", ["ms", "h"]],
	["scrolled", ["depth", "bottoms"]],
	["n", ["at"]],
];

/**
 * Anonymizes a section of the rollup of a day whose recordings are being deleted. Merges values that fewer than
 * `MIN_SESSIONS` sessions had into "(other)", and removes the results of fewer than `MIN_SESSIONS` measurements.
 */
export function anonymizeSection(section: Section, counts: Counts): void {
	foldSection(section, counts);
	// Few sessions may have been recorded in an hour.
	if (section === "overview") delete counts.hours;
	if (section === "overview" && numberAt(counts, "s") < MIN_SESSIONS) {
		for (const name of ["ms", "active", "h", "scores", "lengths"]) delete counts[name];
	}
	if (section !== "pages" && section !== "heat") return;
	for (const [, page] of branches(counts)) {
		for (const [times, keys] of MEASURES) {
			if (numberAt(page, times) < MIN_SESSIONS) for (const name of keys) delete page[name];
		}
		for (const name of ["rage", "dead"]) {
			const clicks = Object.values(branchAt(page, name) ?? {}).reduce((sum: number, n) => sum + Number(n), 0);
			if (clicks < MIN_SESSIONS) delete page[name];
		}
		const vitals = branchAt(page, "vitals");
		for (const [metric, vital] of branches(vitals)) if (numberAt(vital, "n") < MIN_SESSIONS) delete vitals![metric];
	}
}

/** Merges the values of a section that fewer than `least` sessions had into "(other)". */
export function foldSection(section: Section, counts: Counts, least = MIN_SESSIONS): void {
	const { own, inner } = VALUES[section];
	if (own) foldRare(counts, least);
	for (const values of own ? branches(counts).map(([, child]) => child) : [counts]) {
		for (const name of inner) foldRare(branchAt(values, name), least);
	}
}
