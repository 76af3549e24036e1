import { DIRECT, type Filter, type FilterName, messageTemplate, metaOf, rangeOf } from "../contract/filter.ts";

/** A filter as SQL, on rows of `sessions`. */

/** What only a settled session's facts tell; see `isLike` for the others. */
export const FACT_FILTERS = [
	...(["page", "clicked", "tag", "error", "entry", "referrer", "source", "medium", "campaign", "score"] as const),
	"frustrated",
] as const;

export interface FilterOptions {
	/** Filters that are seen to elsewhere. */
	exclude?: readonly FilterName[];
	/** Sessions that are like all of `OF_FACTS` in the filter, though no facts tell, or only older ones. */
	liveIds?: readonly string[];
}

/**
 * @param values of the statement so far; those of the filter are added
 * @returns what follows a WHERE with a condition
 */
export function filterSql(
	filter: Filter,
	values: unknown[],
	{ exclude = [], liveIds = [] }: FilterOptions = {},
): string {
	const bind = (value: unknown) => `?${values.push(value)}`;
	const isLive = liveIds.length
		? ` OR sessions.id IN (SELECT value FROM json_each(${bind(JSON.stringify(liveIds))}))`
		: "";
	return Object.entries(filter)
		.filter(([name]) => !exclude.includes(name as FilterName))
		.map(([name, value]) => {
			const condition = CONDITIONS[name as FilterName](bind, value);
			return ` AND (${condition}${isFactFilter(name) ? isLive : ""})`;
		})
		.join("");
}

export function isFactFilter(name: string): boolean {
	return FACT_FILTERS.some((it) => it === name);
}

type Bind = (value: unknown) => string;

/** Exceptions that servers reported of a session (`sessions`). */
export const SERVER_ERRORS = "FROM occurrences o WHERE o.project = sessions.project AND o.session_id = sessions.id";
const HAS_SERVER_ERRORS = `EXISTS (SELECT 1 ${SERVER_ERRORS})`;
const HAS_BROWSER_ERRORS = "sessions.errors > 0";
/** Wherever they happened. */
export const HAS_ERRORS = `${HAS_BROWSER_ERRORS} OR ${HAS_SERVER_ERRORS}`;

const CONDITIONS: Record<FilterName, (bind: Bind, value: string) => string> = {
	q: (bind, value) => textSearch(bind(asciiLowerCase(value)), bind(asciiLowerCase(jsonEscape(value)))),
	user: (bind, value) => `sessions.user_id = ${bind(value)}`,
	page: (bind, value) => hasStep(bind, VIEW_STEP, value, value.startsWith("/") ? pathMatches : textEquals),
	clicked: (bind, value) => hasStep(bind, CLICK_STEP, value, textEquals),
	tag: (bind, value) => hasStep(bind, EVENT_STEP, value, textEquals),
	error: (bind, value) => {
		const [constant, part] = [messageTemplate(value), bind(messageTemplate(value))];
		// One that is nothing but a number is every one that is.
		const isIt = (word: string) => (constant ? `instr(${word}, ${part})` : `${word} NOT GLOB '*[^0-9]*'`);
		const word = "json_extract(f.moments, '$.words[' || (it.value ->> 3) || ']')";
		return `sessions.errors > 0 AND EXISTS (SELECT 1 FROM facts f, json_each(f.moments, '$.errors') it
			WHERE f.project = sessions.project AND f.session_id = sessions.id
			AND instr(f.moments, ${bind(jsonEscape(constant))}) AND ${isIt(word)})`;
	},
	frustrated: () => hasFacts("f.rages + f.deads > 0"),
	errors: (_, value) =>
		value === "browser" ? HAS_BROWSER_ERRORS : value === "server" ? HAS_SERVER_ERRORS : HAS_ERRORS,
	duration: (bind, value) => {
		const [from, below] = rangeOf(value).map((seconds) => bind(Math.min(seconds * 1_000, Number.MAX_SAFE_INTEGER)));
		const length = "sessions.last_at - sessions.started_at";
		return `${length} >= ${from} AND ${length} < ${below}`;
	},
	score: (bind, value) => {
		const [from, below] = rangeOf(value).map(bind);
		return hasFacts(`f.begins = 1 AND f.score >= ${from} AND f.score < ${below}`);
	},
	device: clientEquals("device"),
	browser: clientEquals("browser"),
	os: clientEquals("os"),
	country: clientEquals("country"),
	city: (bind, value) => {
		const it = bind(value);
		const [city, country] = ["(sessions.client ->> 'city')", "(sessions.client ->> 'country')"];
		return `${city} = ${it} OR ${city} || ', ' || ${country} = ${it}`;
	},
	entry: (bind, value) => {
		const it = bind(value);
		const begin = `substr(f.head ->> 'entry', 1, length(${it}) + 1)`;
		return hasFacts(`f.head ->> 'entry' = ${it} OR ${begin} IN (${it} || '?', ${it} || '#')`);
	},
	referrer: (bind, value) => {
		if (value === DIRECT) return hasFacts("f.head ->> 'referrer' IS NULL");
		const [it, whole] = [bind(value), "(f.head ->> 'referrer')"];
		if (/[/?#]/.test(value)) return hasFacts(`${whole} = ${it}`);
		const rest = `CASE instr(${whole}, '://') WHEN 0 THEN ${whole} ELSE substr(${whole}, instr(${whole}, '://') + 3) END`;
		const isHost = `substr(${rest}, 1, length(${it})) = ${it} AND substr(${rest}, length(${it}) + 1, 1) IN ('', '/', '?', '#')`;
		return hasFacts(`${whole} = ${it} OR ${isHost}`);
	},
	source: profileEquals("source"),
	medium: profileEquals("medium"),
	campaign: profileEquals("campaign"),
	meta: (bind, filter) => {
		const { key, value } = metaOf(filter);
		const said = `said.key = ${bind(key)}${value === null ? "" : ` AND ${METADATA_TEXT} = ${bind(value)}`}`;
		return `EXISTS (SELECT 1 FROM json_each(sessions.metadata) said WHERE ${said})`;
	},
	starred: () => hasMark("m.starred = 1"),
	label: (bind, value) => hasMark(`EXISTS (SELECT 1 FROM json_each(m.labels) WHERE value = ${bind(value)})`),
	viewed: (_, value) => `${value === "true" ? "" : "NOT "}${hasMark("m.viewed_at IS NOT NULL")}`,
};

const hasMark = (condition: string) =>
	`EXISTS (SELECT 1 FROM marks m WHERE m.project = sessions.project AND m.session_id = sessions.id AND ${condition})`;

function clientEquals(name: string) {
	return (bind: Bind, value: string) => `sessions.client ->> '${name}' = ${bind(value)}`;
}

function profileEquals(name: string) {
	return (bind: Bind, value: string) => hasFacts(`f.head ->> '${name}' = ${bind(value)}`);
}

const hasFacts = (condition: string) =>
	`EXISTS (SELECT 1 FROM facts f WHERE f.project = sessions.project AND f.session_id = sessions.id AND (${condition}))`;

/** Kinds of steps, as facts have them: `STEP_VIEW` and so on. */
const VIEW_STEP = 0;
const CLICK_STEP = 1;
const EVENT_STEP = 2;

type TextMatch = (word: string, it: string) => string;

const textEquals: TextMatch = (word, it) => `${word} = ${it}`;

/** Of an address the path alone, as funnels have it. */
const pathMatches: TextMatch = (word, it) => {
	const rest = `substr(${word}, CASE instr(${word}, '://') WHEN 0 THEN 1 ELSE instr(${word}, '://') + 3 END)`;
	const path = `substr(${rest}, instr(${rest} || '/', '/'))`;
	return `substr(${path}, 1, length(${it})) = ${it} AND substr(${path}, length(${it}) + 1, 1) IN ('', '?', '#')`;
};

/** Did it: told by its steps. Only where it stands at all is read. */
function hasStep(bind: Bind, kind: number, value: string, matches: TextMatch): string {
	const [it, text] = [bind(value), bind(jsonEscape(value))];
	return `EXISTS (SELECT 1 FROM facts f, json_each(f.steps, '$.list') it
		WHERE f.project = sessions.project AND f.session_id = sessions.id AND instr(f.steps, ${text})
		AND it.value ->> 1 = ${kind} AND ${matches("json_extract(f.steps, '$.words[' || (it.value ->> 2) || ']')", it)})`;
}

/** As it stands in JSON, without the quotes. */
const jsonEscape = (text: string) => JSON.stringify(text).slice(1, -1);

/** As SQLite does it. */
const asciiLowerCase = (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** A value of the metadata (`said`, of `json_each`) in the words it is shown in: SQLite's own of true is 1. */
export const METADATA_TEXT = `CASE json_type(said.value, '$[1]') WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'
	ELSE cast(said.value ->> 1 AS TEXT) END`;

/** `instr`, not LIKE: D1 refuses patterns over 50 bytes, and nothing in the text is a wildcard. Values are looked at one by
 * one only where the text stands among them. */
const textSearch = (it: string, text: string) => `instr(lower(sessions.id), ${it})
	OR (instr(lower(sessions.metadata), ${text})
		AND EXISTS (SELECT 1 FROM json_each(sessions.metadata) said WHERE instr(lower(${METADATA_TEXT}), ${it})))
	OR (instr(lower(sessions.client), ${text})
		AND EXISTS (SELECT 1 FROM json_each(sessions.client) known WHERE instr(lower(known.value), ${it})))`;
