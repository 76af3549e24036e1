import { add, branch, branchAt, branches, type Counts, foldRare, numberAt } from "./counts.ts";
import { CLICK_RAGE, type Facts, VIEW_ENTRY, VIEW_EXIT, VIEW_FIRST } from "./digest.ts";
import { addValue } from "./histogram.ts";

/**
 * Facts summed up: of a day, or of any sessions that a filter leaves. Whatever is counted is counted at its own moment,
 * and what is true of a whole session at the session's beginning, so days can be added.
 *
 * Keys are short because there are many: `s` sessions, `n` how often, `x` errors, `h` a histogram.
 */
export const PARTS = ["overview", "pages", "heat", "forms", "errors"] as const;
export type Part = (typeof PARTS)[number];
/** Of what sessions are told apart by. */
export const DIMENSIONS = [
	...["browser", "os", "device", "country", "city", "entry", "referrer", "source", "medium", "campaign"],
] as const;

/** Upper ends of how long sessions are, milliseconds. */
export const DURATIONS = [30_000, 120_000, 300_000, 900_000];

export function addFacts(part: Part, counts: Counts, facts: Facts): void {
	ADDS[part](counts, facts);
}

const ADDS: Record<Part, (counts: Counts, facts: Facts) => void> = {
	overview: addOverview,
	pages: addPages,
	heat: addHeat,
	forms: addForms,
	errors: addErrors,
};

/** The words of one session, by their index. */
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
			const place = branch(counts, name, value);
			add(place, "s");
			if (profile.errored) add(place, "x");
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

export function dimensionOf(profile: Facts["profile"], name: (typeof DIMENSIONS)[number]): string | undefined {
	// Cities of one name lie in several countries.
	if (name === "city") return profile.city && [profile.city, profile.country].filter(Boolean).join(", ");
	return profile[name];
}

/** Whether these words come for the first time in the session. */
function createFirstCheck(): (...words: (string | number)[]) => boolean {
	const seen = new Set<string>();
	return (...words) => {
		const key = words.join(" ");
		if (seen.has(key)) return false;
		seen.add(key);
		return true;
	};
}

/** One more time; and one more session, if it is the first in it. */
function addOccurrence(counts: Counts, isFirst: boolean, n = 1): void {
	add(counts, "n", n);
	if (isFirst) add(counts, "s");
}

/** Depths are counted in tenths of a screen's height, so as not to tell thousands of positions apart. */
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
	const addTrouble = (url: number, selector: number, kind: "rageClicks" | "deadClicks") => {
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
	for (const [, , url, selector] of rageClicks) addTrouble(url, selector, "rageClicks");
	for (const [, , url, selector] of deadClicks) addTrouble(url, selector, "deadClicks");
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

/** CLS is a small fraction, told in thousandths; the others are milliseconds. */
export function vitalUnits(metric: string, value: number): number {
	return Math.max(0, Math.round(metric === "CLS" ? value * 1000 : value));
}

/** Columns across the viewport, and rows of that many pixels down the page. */
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
	/** Pages with fields that were typed into, and whether none was left without sending it. */
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

/** Errors that differ only in their numbers are one. */
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

/** Sessions that a value must have been seen in to be kept when its day's recordings are gone. */
export const MIN_SESSIONS = 5;

/** The maps of values: of a part itself (`true`), and inside of it or of each of its values. */
const VALUES: Record<Part, { own: boolean; inner: readonly string[] }> = {
	overview: { own: false, inner: [...DIMENSIONS, "tags", "internal", "external", "text"] },
	pages: { own: true, inner: ["rageTargets", "deadTargets", "tags"] },
	heat: { own: true, inner: ["elements"] },
	forms: { own: true, inner: ["fields", "left"] },
	errors: { own: true, inner: [] },
};

/** What a measure is told by, and how often it was measured. */
const MEASURES: [times: string, told: readonly string[]][] = [
	["timed", ["ms", "h"]],
	["scrolled", ["depth", "bottoms"]],
	["n", ["at"]],
];

/** For when the recordings go: the sums of a part, and of whom they say too much as long as they are of a few. */
export function anonymizePart(part: Part, counts: Counts): void {
	foldPart(part, counts);
	// Of a day that is over nobody asks at what hour.
	if (part === "overview") delete counts.hours;
	if (part === "overview" && numberAt(counts, "s") < MIN_SESSIONS) {
		for (const name of ["ms", "active", "h", "scores", "lengths"]) delete counts[name];
	}
	if (part !== "pages" && part !== "heat") return;
	for (const [, page] of branches(counts)) {
		for (const [times, told] of MEASURES) {
			if (numberAt(page, times) < MIN_SESSIONS) for (const name of told) delete page[name];
		}
		for (const name of ["rage", "dead"]) {
			const clicks = Object.values(branchAt(page, name) ?? {}).reduce((sum: number, n) => sum + Number(n), 0);
			if (clicks < MIN_SESSIONS) delete page[name];
		}
		const vitals = branchAt(page, "vitals");
		for (const [metric, vital] of branches(vitals)) if (numberAt(vital, "n") < MIN_SESSIONS) delete vitals![metric];
	}
}

/** What only a few sessions had is no longer told apart; with the usual number it is nobody's any more. */
export function foldPart(part: Part, counts: Counts, least = MIN_SESSIONS): void {
	const { own, inner } = VALUES[part];
	if (own) foldRare(counts, least);
	for (const values of own ? branches(counts).map(([, child]) => child) : [counts]) {
		for (const name of inner) foldRare(branchAt(values, name), least);
	}
}
