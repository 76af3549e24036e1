import { DIRECT, type Filter, type FilterName, messageTemplate, metaOf, rangeOf } from "../contract/filter.ts";

/** Translates filters into SQL conditions on rows of `sessions`. */

/** Filters on facts, which only settled sessions have. `matchesFilter` evaluates these filters on live sessions. */
export const FACT_FILTERS = [
	...(["page", "clicked", "tag", "error", "entry", "referrer", "source", "medium", "campaign", "score"] as const),
	"frustrated",
] as const;

export interface FilterOptions {
	/** Names of filters to ignore. */
	exclude?: readonly FilterName[];
	/**
	 * IDs of live sessions that match the `FACT_FILTERS` in the filter. SQL cannot evaluate these, because live sessions
	 * have no current facts.
	 */
	liveIds?: readonly string[];
}

/**
 * Returns conditions to append to a WHERE clause, each starting with AND.
 * @param values parameters of the statement so far; those of the filter are appended
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

/** SQL (FROM and WHERE) that selects the exceptions that servers reported for a row of `sessions`. */
export const SERVER_ERRORS = "FROM occurrences o WHERE o.project = sessions.project AND o.session_id = sessions.id";
const HAS_SERVER_ERRORS = `EXISTS (SELECT 1 ${SERVER_ERRORS})`;
const HAS_BROWSER_ERRORS = "sessions.errors > 0";
/** SQL condition: the session has errors in the browser or on a server. */
export const HAS_ERRORS = `${HAS_BROWSER_ERRORS} OR ${HAS_SERVER_ERRORS}`;

const CONDITIONS: Record<FilterName, (bind: Bind, value: string) => string> = {
	q: (bind, value) => textSearch(bind(asciiLowerCase(value)), bind(asciiLowerCase(jsonEscape(value)))),
	user: (bind, value) => `sessions.user_id = ${bind(value)}`,
	page: (bind, value) => hasStep(bind, VIEW_STEP, value, value.startsWith("/") ? pathMatches : textEquals),
	clicked: (bind, value) => hasStep(bind, CLICK_STEP, value, textEquals),
	tag: (bind, value) => hasStep(bind, EVENT_STEP, value, textEquals),
	error: (bind, value) => {
		const template = messageTemplate(value);
		const param = bind(template);
		// The template of a message is empty if the message has only digits. It then matches all messages of this kind.
		const matches = (word: string) => (template ? `instr(${word}, ${param})` : `${word} NOT GLOB '*[^0-9]*'`);
		const word = "json_extract(f.moments, '$.words[' || (it.value ->> 3) || ']')";
		return `sessions.errors > 0 AND EXISTS (SELECT 1 FROM facts f, json_each(f.moments, '$.errors') it
			WHERE f.project = sessions.project AND f.session_id = sessions.id
			AND instr(f.moments, ${bind(jsonEscape(template))}) AND ${matches(word)})`;
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
		const param = bind(value);
		const [city, country] = ["(sessions.client ->> 'city')", "(sessions.client ->> 'country')"];
		return `${city} = ${param} OR ${city} || ', ' || ${country} = ${param}`;
	},
	entry: (bind, value) => {
		const param = bind(value);
		const start = `substr(f.head ->> 'entry', 1, length(${param}) + 1)`;
		return hasFacts(`f.head ->> 'entry' = ${param} OR ${start} IN (${param} || '?', ${param} || '#')`);
	},
	referrer: (bind, value) => {
		if (value === DIRECT) return hasFacts("f.head ->> 'referrer' IS NULL");
		const [param, url] = [bind(value), "(f.head ->> 'referrer')"];
		if (/[/?#]/.test(value)) return hasFacts(`${url} = ${param}`);
		const rest = `CASE instr(${url}, '://') WHEN 0 THEN ${url} ELSE substr(${url}, instr(${url}, '://') + 3) END`;
		const isHost = `substr(${rest}, 1, length(${param})) = ${param} AND substr(${rest}, length(${param}) + 1, 1) IN ('', '/', '?', '#')`;
		return hasFacts(`${url} = ${param} OR ${isHost}`);
	},
	source: profileEquals("source"),
	medium: profileEquals("medium"),
	campaign: profileEquals("campaign"),
	meta: (bind, filter) => {
		const { key, value } = metaOf(filter);
		const matches = `meta.key = ${bind(key)}${value === null ? "" : ` AND ${METADATA_TEXT} = ${bind(value)}`}`;
		return `EXISTS (SELECT 1 FROM json_each(sessions.metadata) meta WHERE ${matches})`;
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

/** Kinds of steps in `Journey.list`: `STEP_VIEW`, `STEP_CLICK` and `STEP_TAG` of analytics. */
const VIEW_STEP = 0;
const CLICK_STEP = 1;
const EVENT_STEP = 2;

type TextMatch = (word: string, param: string) => string;

const textEquals: TextMatch = (word, param) => `${word} = ${param}`;

/** Matches URLs that have the given path, with any query and hash, as in funnels. */
const pathMatches: TextMatch = (word, param) => {
	const rest = `substr(${word}, CASE instr(${word}, '://') WHEN 0 THEN 1 ELSE instr(${word}, '://') + 3 END)`;
	const path = `substr(${rest}, instr(${rest} || '/', '/'))`;
	return `substr(${path}, 1, length(${param})) = ${param} AND substr(${path}, length(${param}) + 1, 1) IN ('', '?', '#')`;
};

/**
 * Returns an SQL condition: the session has a step of this kind that matches the value. `instr` checks the JSON first,
 * so that SQLite parses only rows that contain the value.
 */
function hasStep(bind: Bind, kind: number, value: string, matches: TextMatch): string {
	const [param, text] = [bind(value), bind(jsonEscape(value))];
	return `EXISTS (SELECT 1 FROM facts f, json_each(f.steps, '$.list') it
		WHERE f.project = sessions.project AND f.session_id = sessions.id AND instr(f.steps, ${text})
		AND it.value ->> 1 = ${kind} AND ${matches("json_extract(f.steps, '$.words[' || (it.value ->> 2) || ']')", param)})`;
}

/** Returns a text as it occurs inside a JSON string, without the quotes around it. */
const jsonEscape = (text: string) => JSON.stringify(text).slice(1, -1);

/** Lowercases ASCII letters only, like `lower` of SQLite. */
const asciiLowerCase = (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** SQL of a metadata value as text; `meta` is a row of `json_each`. SQLite's `->>` alone would return 1 for true. */
export const METADATA_TEXT = `CASE json_type(meta.value, '$[1]') WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'
	ELSE cast(meta.value ->> 1 AS TEXT) END`;

/**
 * Returns the SQL condition of the text search. Uses `instr` instead of LIKE, because D1 rejects patterns over 50
 * bytes, and `%` in the text must not act as a wildcard. Compares single values only in rows whose JSON contains the
 * text.
 * @param param lowercase text
 * @param text the same text, escaped as in JSON
 */
const textSearch = (param: string, text: string) => `instr(lower(sessions.id), ${param})
	OR (instr(lower(sessions.metadata), ${text})
		AND EXISTS (SELECT 1 FROM json_each(sessions.metadata) meta WHERE instr(lower(${METADATA_TEXT}), ${param})))
	OR (instr(lower(sessions.client), ${text})
		AND EXISTS (SELECT 1 FROM json_each(sessions.client) known WHERE instr(lower(known.value), ${param})))`;
