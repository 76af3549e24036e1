import { DIRECT, type Filter, type FilterName, rangeOf } from "../contract/filter.ts";

/** A filter as SQL, on rows of `sessions`. */

/** What only a settled session's facts tell. */
export const OF_FACTS = ["entry", "referrer", "source", "medium", "campaign", "score"] as const;

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

const CONDITIONS: Record<FilterName, (bind: Bind, value: string) => string> = {
	q: (bind, value) => inText(bind(lower(value))),
	user: (bind, value) => `sessions.user_id = ${bind(value)}`,
	// A path alone is looked for at the end of addresses.
	page: (bind, value) =>
		value.startsWith("/")
			? did(['"', "?", "#"].map((end) => bind(quoted(value) + end)))
			: did([bind(JSON.stringify(value))]),
	clicked: (bind, value) => did([bind(JSON.stringify(value))]),
	tag: (bind, value) => did([bind(JSON.stringify(value))]),
	error: (bind, value) => {
		const word = bind(quoted(constantOf(value)));
		return `sessions.errors > 0 AND CASE sessions.settled WHEN 1 THEN ${ofFacts(`instr(f.moments, ${word})`)}
			ELSE ${inTrails(`instr(c.trail, ${word})`)} END`;
	},
	errors: () => "sessions.errors > 0",
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
		const it = bind(value);
		const [whole, rest] = [
			"f.head ->> 'referrer'",
			"substr(f.head ->> 'referrer', instr(f.head ->> 'referrer', '://') + 3)",
		];
		return ofFacts(`${whole} = ${it} OR ${rest} = ${it} OR substr(${rest}, 1, length(${it}) + 1) = ${it} || '/'`);
	},
	source: ofHead("source"),
	medium: ofHead("medium"),
	campaign: ofHead("campaign"),
	meta: (bind, value) => {
		const [, key, wanted] = /^([^:]*)(?::(.*))?$/s.exec(value)!;
		const said = `said.key = ${bind(key)}${wanted === undefined ? "" : ` AND ${SAID_TEXT} = ${bind(wanted)}`}`;
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

/** Among its steps stands one of these texts; of one that is not settled, anywhere in its trails. */
function did(words: readonly string[]): string {
	const standsIn = (column: string) => words.map((word) => `instr(${column}, ${word})`).join(" OR ");
	return `CASE sessions.settled WHEN 1 THEN ${ofFacts(standsIn("f.steps"))} ELSE ${inTrails(standsIn("c.trail"))} END`;
}

const inTrails = (condition: string) =>
	`EXISTS (SELECT 1 FROM chunks c WHERE c.project = sessions.project AND c.session_id = sessions.id AND (${condition}))`;

/** Of an issue's name its longest part between the numbers that differ. */
function constantOf(message: string): string {
	const parts = message.split(/[#\d]+/).sort((a, b) => b.length - a.length);
	return parts[0]?.trim() || message;
}

/** As it stands in JSON, without the quotes. */
const quoted = (text: string) => JSON.stringify(text).slice(1, -1);

/** As SQLite does it. */
const lower = (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** A value of the metadata (`said`, of `json_each`) in the words it is shown in: SQLite's own of true is 1. */
export const SAID_TEXT = `CASE json_type(said.value, '$[1]') WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'
	ELSE cast(said.value ->> 1 AS TEXT) END`;

/** `instr`, not LIKE: D1 refuses patterns over 50 bytes, and nothing in the text is a wildcard. */
const inText = (it: string) => `instr(lower(sessions.id), ${it})
	OR EXISTS (SELECT 1 FROM json_each(sessions.metadata) said WHERE instr(lower(${SAID_TEXT}), ${it}))
	OR EXISTS (SELECT 1 FROM json_each(sessions.client) known WHERE instr(lower(known.value), ${it}))`;
