import { add, branch, branchAt, branches, type Counts, foldRare, numberAt } from "./counts.ts";
import { CLICK_RAGE, type Facts, VIEW_ENTRY, VIEW_EXIT, VIEW_FIRST } from "./digest.ts";
import { addValue } from "./histogram.ts";

/**
 * Rollups: sums of facts, of a day or of the sessions that match a filter. Events count on the day they happened,
 * sessions on the day they began, so that days can be added.
 *
 * Keys are short because there are many: `s` sessions, `n` occurrences, `x` sessions with errors, `h` histogram.
 */
export const PARTS = ["overview", "pages", "heat", "forms", "errors"] as const;
export type Part = (typeof PARTS)[number];
/** Fields of the profile by which sessions are counted. */
export const DIMENSIONS = [
	...["browser", "os", "device", "country", "city", "entry", "referrer", "source", "medium", "campaign"],
] as const;

/** Upper bounds of the groups of session durations, in milliseconds. */
export const DURATIONS = [30_000, 120_000, 300_000, 900_000];

/** Adds facts to one part of a rollup. */
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

/** Returns the lookup of a session's words by index. */
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

/** Returns the value by which a session is counted in a dimension. */
export function dimensionOf(profile: Facts["profile"], name: (typeof DIMENSIONS)[number]): string | undefined {
	// Cities in several countries can have the same name.
	if (name === "city") return profile.city && [profile.city, profile.country].filter(Boolean).join(", ");
	return profile[name];
}

/** Returns a function that tells whether a combination of words occurs for the first time in the session. */
function createFirstCheck(): (...words: (string | number)[]) => boolean {
	const seen = new Set<string>();
	return (...words) => {
		const key = words.join(" ");
		if (seen.has(key)) return false;
		seen.add(key);
		return true;
	};
}

/** Counts an occurrence, and the session if it is its first. */
function addOccurrence(counts: Counts, isFirst: boolean, n = 1): void {
	add(counts, "n", n);
	if (isFirst) add(counts, "s");
}

/** Scroll depths are counted in steps of this many pixels, to limit the number of keys. */
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

/** Returns a web vital as an integer: CLS in thousandths, the others in milliseconds. */
export function vitalUnits(metric: string, value: number): number {
	return Math.max(0, Math.round(metric === "CLS" ? value * 1000 : value));
}

/** Cells of heatmaps: columns across the viewport, and rows of that many pixels of the page. */
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
	/** Pages with a changed field, and whether each of their views was followed by a submission. */
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

/** Returns the message by which browser errors are grouped: its first line, with `#` for numbers. */
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

/** Number of sessions that must have a value for it to be kept when its day is anonymized. */
export const MIN_SESSIONS = 5;

/**
 * Where a part has maps of values: `own`, the part itself is one; `inner`, keys of maps in the part or in each of its
 * values.
 */
const VALUES: Record<Part, { own: boolean; inner: readonly string[] }> = {
	overview: { own: false, inner: [...DIMENSIONS, "tags", "internal", "external", "text"] },
	pages: { own: true, inner: ["rageTargets", "deadTargets", "tags"] },
	heat: { own: true, inner: ["elements"] },
	forms: { own: true, inner: ["fields", "left"] },
	errors: { own: true, inner: [] },
};

/** Key with the number of measurements, and the keys with their results. */
const MEASURES: [times: string, keys: readonly string[]][] = [
	["timed", ["ms", "h"]],
	["scrolled", ["depth", "bottoms"]],
	["n", ["at"]],
];

/**
 * Anonymizes a part before its recordings are deleted: removes values and measurements of fewer than `MIN_SESSIONS`.
 */
export function anonymizePart(part: Part, counts: Counts): void {
	foldPart(part, counts);
	// Anonymized days have no hours.
	if (part === "overview") delete counts.hours;
	if (part === "overview" && numberAt(counts, "s") < MIN_SESSIONS) {
		for (const name of ["ms", "active", "h", "scores", "lengths"]) delete counts[name];
	}
	if (part !== "pages" && part !== "heat") return;
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

/** Merges values that fewer than `least` sessions had into "(other)". */
export function foldPart(part: Part, counts: Counts, least = MIN_SESSIONS): void {
	const { own, inner } = VALUES[part];
	if (own) foldRare(counts, least);
	for (const values of own ? branches(counts).map(([, child]) => child) : [counts]) {
		for (const name of inner) foldRare(branchAt(values, name), least);
	}
}
