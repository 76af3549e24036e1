import { DIRECT, type Filter, type FilterName, metaOf, rangeOf } from "../contract/filter.ts";

/** A filter as SQL, on rows of `sessions`. */

/** What only a settled session's facts tell. */
export const OF_FACTS = ["entry", "referrer", "source", "medium", "campaign", "score", "frustrated"] as const;

export interface FilterOptions {
	/** Filters that are seen to elsewhere. */
	leaveOut?: readonly FilterName[];
	/** Sessions without facts yet, of which it is known that they are like all of `OF_FACTS` in the filter. */
	open?: readonly string[];
}

/**
 * @param values of the statement so far; those of the filter are added
 * @returns what follows a WHERE with a condition
 */
export function filterSql(filter: Filter, values: unknown[], { leaveOut = [], open = [] }: FilterOptions = {}): string {
	const bind = (value: unknown) => `?${values.push(value)}`;
	const isOpen = open.length ? ` OR sessions.id IN (SELECT value FROM json_each(${bind(JSON.stringify(open))}))` : "";
	return Object.entries(filter)
		.filter(([name]) => !leaveOut.includes(name as FilterName))
		.map(([name, value]) => {
			const condition = CONDITIONS[name as FilterName](bind, value);
			return ` AND (${condition}${isOfFacts(name) ? isOpen : ""})`;
		})
		.join("");
}

export function isOfFacts(name: string): boolean {
	return OF_FACTS.some((it) => it === name);
}

type Bind = (value: unknown) => string;

/** Exceptions that servers reported of a session (`sessions`). */
export const SERVER_ERRORS = "FROM occurrences o WHERE o.project = sessions.project AND o.session_id = sessions.id";
const ON_SERVER = `EXISTS (SELECT 1 ${SERVER_ERRORS})`;
const IN_BROWSER = "sessions.errors > 0";
/** Wherever they happened. */
export const HAS_ERRORS = `${IN_BROWSER} OR ${ON_SERVER}`;

const CONDITIONS: Record<FilterName, (bind: Bind, value: string) => string> = {
	q: (bind, value) => inText(bind(lower(value)), bind(lower(quoted(value)))),
	user: (bind, value) => `sessions.user_id = ${bind(value)}`,
	page: (bind, value) => did(bind, VIEW, value, value.startsWith("/") ? isPath : isWord),
	clicked: (bind, value) => did(bind, CLICKED, value, isWord),
	tag: (bind, value) => did(bind, SENT, value, isWord),
	error: (bind, value) => {
		const [constant, part] = [constantOf(value), bind(constantOf(value))];
		// One that is nothing but a number is every one that is.
		const isIt = (word: string) => (constant ? `instr(${word}, ${part})` : `${word} NOT GLOB '*[^0-9]*'`);
		const word = "json_extract(f.moments, '$.words[' || (it.value ->> 3) || ']')";
		return `sessions.errors > 0 AND CASE sessions.settled
			WHEN 1 THEN EXISTS (SELECT 1 FROM facts f, json_each(f.moments, '$.errors') it
				WHERE f.project = sessions.project AND f.session_id = sessions.id
				AND instr(f.moments, ${bind(quoted(constant))}) AND ${isIt(word)})
			ELSE EXISTS (SELECT 1 FROM chunks c, json_each(c.trail, '$.errors') it
				WHERE c.project = sessions.project AND c.session_id = sessions.id AND ${isIt("it.value ->> 1")}) END`;
	},
	frustrated: () => ofFacts("f.rages + f.deads > 0"),
	errors: (_, value) => (value === "browser" ? IN_BROWSER : value === "server" ? ON_SERVER : HAS_ERRORS),
	duration: (bind, value) => {
		const [from, below] = rangeOf(value).map((seconds) => bind(Math.min(seconds * 1_000, Number.MAX_SAFE_INTEGER)));
		const length = "sessions.last_at - sessions.started_at";
		return `${length} >= ${from} AND ${length} < ${below}`;
	},
	score: (bind, value) => {
		const [from, below] = rangeOf(value).map(bind);
		return ofFacts(`f.begins = 1 AND f.score >= ${from} AND f.score < ${below}`);
	},
	device: ofClient("device"),
	browser: ofClient("browser"),
	os: ofClient("os"),
	country: ofClient("country"),
	city: (bind, value) => {
		const it = bind(value);
		const [city, country] = ["(sessions.client ->> 'city')", "(sessions.client ->> 'country')"];
		return `${city} = ${it} OR ${city} || ', ' || ${country} = ${it}`;
	},
	entry: (bind, value) => {
		const it = bind(value);
		const begin = `substr(f.head ->> 'entry', 1, length(${it}) + 1)`;
		return ofFacts(`f.head ->> 'entry' = ${it} OR ${begin} IN (${it} || '?', ${it} || '#')`);
	},
	referrer: (bind, value) => {
		if (value === DIRECT) return ofFacts("f.head ->> 'referrer' IS NULL");
		const [it, whole] = [bind(value), "(f.head ->> 'referrer')"];
		const rest = `CASE instr(${whole}, '://') WHEN 0 THEN ${whole} ELSE substr(${whole}, instr(${whole}, '://') + 3) END`;
		const isHost = `substr(${rest}, 1, length(${it})) = ${it} AND substr(${rest}, length(${it}) + 1, 1) IN ('', '/', '?', '#')`;
		return ofFacts(`${whole} = ${it} OR ${isHost}`);
	},
	source: ofHead("source"),
	medium: ofHead("medium"),
	campaign: ofHead("campaign"),
	meta: (bind, filter) => {
		const { key, value } = metaOf(filter);
		const said = `said.key = ${bind(key)}${value === null ? "" : ` AND ${SAID_TEXT} = ${bind(value)}`}`;
		return `EXISTS (SELECT 1 FROM json_each(sessions.metadata) said WHERE ${said})`;
	},
	starred: () => marked("m.starred = 1"),
	label: (bind, value) => marked(`EXISTS (SELECT 1 FROM json_each(m.labels) WHERE value = ${bind(value)})`),
	viewed: (_, value) => `${value === "true" ? "" : "NOT "}${marked("m.viewed_at IS NOT NULL")}`,
};

const marked = (condition: string) =>
	`EXISTS (SELECT 1 FROM marks m WHERE m.project = sessions.project AND m.session_id = sessions.id AND ${condition})`;

function ofClient(name: string) {
	return (bind: Bind, value: string) => `sessions.client ->> '${name}' = ${bind(value)}`;
}

function ofHead(name: string) {
	return (bind: Bind, value: string) => ofFacts(`f.head ->> '${name}' = ${bind(value)}`);
}

const ofFacts = (condition: string) =>
	`EXISTS (SELECT 1 FROM facts f WHERE f.project = sessions.project AND f.session_id = sessions.id AND (${condition}))`;

/** What a step is: its kind in the facts (`STEP_VIEW` and so on), and its list in a trail with what else marks it. */
interface Kind {
	step: number;
	list: string;
	word: string;
	only: string;
}

const VIEW: Kind = { step: 0, list: "pages", word: "it.value ->> 1", only: "" };
const CLICKED: Kind = { step: 1, list: "clicks", word: "it.value ->> 5", only: "it.value ->> 3 = 2 AND" };
const SENT: Kind = { step: 2, list: "tags", word: "it.value ->> 1", only: "" };

type IsIt = (word: string, it: string) => string;

const isWord: IsIt = (word, it) => `${word} = ${it}`;

/** Of an address the path alone, as funnels have it. */
const isPath: IsIt = (word, it) => {
	const rest = `substr(${word}, instr(${word}, '://') + 3)`;
	const path = `substr(${rest}, instr(${rest} || '/', '/'))`;
	return `substr(${path}, 1, length(${it})) = ${it} AND substr(${path}, length(${it}) + 1, 1) IN ('', '?', '#')`;
};

/** Did it: told by the steps of its facts; of one that is not settled, by its trails. Only where it stands at all is read. */
function did(bind: Bind, { step, list, word, only }: Kind, value: string, isIt: IsIt): string {
	const [it, text] = [bind(value), bind(quoted(value))];
	return `CASE sessions.settled
		WHEN 1 THEN EXISTS (SELECT 1 FROM facts f, json_each(f.steps, '$.list') it
			WHERE f.project = sessions.project AND f.session_id = sessions.id AND instr(f.steps, ${text})
			AND it.value ->> 1 = ${step} AND ${isIt("json_extract(f.steps, '$.words[' || (it.value ->> 2) || ']')", it)})
		ELSE EXISTS (SELECT 1 FROM chunks c, json_each(c.trail, '$.${list}') it
			WHERE c.project = sessions.project AND c.session_id = sessions.id AND instr(c.trail, ${text})
			AND ${only} ${isIt(`(${word})`, it)}) END`;
}

/** Of an issue's name its longest part between the numbers that differ; empty: it is nothing else. */
function constantOf(message: string): string {
	const [longest = ""] = message.split(/[#\d]+/).sort((a, b) => b.length - a.length);
	return longest.trim();
}

/** As it stands in JSON, without the quotes. */
const quoted = (text: string) => JSON.stringify(text).slice(1, -1);

/** As SQLite does it. */
const lower = (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** A value of the metadata (`said`, of `json_each`) in the words it is shown in: SQLite's own of true is 1. */
export const SAID_TEXT = `CASE json_type(said.value, '$[1]') WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'
	ELSE cast(said.value ->> 1 AS TEXT) END`;

/** `instr`, not LIKE: D1 refuses patterns over 50 bytes, and nothing in the text is a wildcard. Values are looked at one by
 * one only where the text stands among them. */
const inText = (it: string, text: string) => `instr(lower(sessions.id), ${it})
	OR (instr(lower(sessions.metadata), ${text})
		AND EXISTS (SELECT 1 FROM json_each(sessions.metadata) said WHERE instr(lower(${SAID_TEXT}), ${it})))
	OR (instr(lower(sessions.client), ${text})
		AND EXISTS (SELECT 1 FROM json_each(sessions.client) known WHERE instr(lower(known.value), ${it})))`;
