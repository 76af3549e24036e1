import type { Facts } from "../analytics/digest.ts";
import { FACT_COLUMNS_IN_ORDER, OTHER_FACT_COLUMNS, type RawFacts } from "./facts.ts";
import { mapYielding, yieldToEventLoop } from "./yield.ts";

/**
 * Reads the newest facts of a period, for reports that rollups cannot answer. The rolled-up facts of a day are cached
 * in the isolate with the day's revision (`rev`), which rises with every change of these facts. Reading the day again
 * therefore fetches only its revision and its facts that are not rolled up yet.
 */

/** Limit of rows of facts that filters, funnels and paths scan. */
export const MAX_SCANNED = 5_000;
/**
 * Limit of the JSON characters of all cached days together. A session has 400 to 1,400 characters. Parsed, a full cache
 * takes 30 to 50 MB of memory.
 */
const MAX_CACHED_CHARS = 8_000_000;
/** Rows parsed (in about two milliseconds) before yielding to the event loop. */
const ROWS_AT_A_TIME = 1_000;
/** Limit of rows whose full facts one query reads. A query for 5,000 rows blocks a local D1 for 60 milliseconds. */
const FULL_FACTS_AT_A_TIME = 1_250;
/** Full facts parsed before yielding to the event loop. */
const FACTS_AT_A_TIME = 250;

/** Facts with only the columns in the index `facts_in_order`. Requests share these rows and must not modify them. */
export interface NewestRow extends Pick<Facts, "day" | "isFirstDay" | "score" | "durationMs" | "profile" | "journey"> {
	sessionId: string;
	/** Revision of the day when the row was read; null: the row was not rolled up yet. */
	rev: number | null;
}

/** How much of a period the facts cover. */
export interface Coverage {
	/** Older rows were not scanned. */
	isCut: boolean;
	/** Last anonymized day of the period, yyyymmdd; null: none. Recordings up to it are deleted, or will be soon. */
	goneUntil: number | null;
}

/** First and last day (yyyymmdd), both included. */
interface Period {
	since: number;
	until: number;
}

type RawRow = Pick<RawFacts, "day" | "sessionId" | "isFirstDay" | "score" | "durationMs" | "profile" | "journey">;
type RawRest = Omit<RawFacts, keyof RawRow>;
type FullFacts = Facts & { sessionId: string };

interface Day {
	project: string;
	day: number;
	rev: number;
	/** JSON characters of the cached facts. */
	chars: number;
	/** Rolled-up facts by descending session ID, at most `MAX_SCANNED` + 1. */
	rows: readonly NewestRow[];
	/** true: the day has more rows that were not read. Such a day is not cached. */
	isPart?: boolean;
}

/** Cached days by project and day, most recently used last. */
const cachedDays = new Map<string, Day>();
let cachedChars = 0;
/** Full facts by row, for as long as the row is cached. */
const fullFactsByRow = new WeakMap<NewestRow, FullFacts>();

/** Empties the cache. For tests, which reuse the same projects and days. */
export function resetDayCache(): void {
	cachedDays.clear();
	cachedChars = 0;
}

const nameOf = (project: string, day: number) => `${project}/${day}`;

function cacheDay(day: Day): void {
	const name = nameOf(day.project, day.day);
	cachedChars += day.chars - (cachedDays.get(name)?.chars ?? 0);
	cachedDays.delete(name);
	cachedDays.set(name, day);
	for (const [oldest, { chars }] of cachedDays) {
		if (cachedChars <= MAX_CACHED_CHARS) break;
		cachedDays.delete(oldest);
		cachedChars -= chars;
	}
}

/**
 * Returns the newest `limit` rows of a period's facts, by descending day and session ID.
 * @param limit at most `MAX_SCANNED`
 */
export async function newestFacts(
	db: D1Database,
	project: string,
	{ since, until }: Period,
	limit = MAX_SCANNED,
): Promise<Coverage & { rows: NewestRow[] }> {
	/** Days read by this call or found in the cache, even if another request evicts them meanwhile. */
	const known = new Map<number, Day>();
	for (const it of cachedDays.values()) {
		if (it.project === project && it.day >= since && it.day <= until) known.set(it.day, it);
	}
	let missing: Period | null = known.size ? null : { since, until };
	for (let round = 1; ; round++) {
		const [revs, unrolled, rolled] = (await db.batch([
			db
				.prepare("SELECT day, rev, closed FROM rollup_days WHERE project = ?1 AND day BETWEEN ?2 AND ?3")
				.bind(project, since, until),
			newestFirst(db, project, 0, { since, until }),
			...(missing ? [newestFirst(db, project, 1, missing)] : []),
		])) as [D1Result<{ day: number; rev: number; closed: number }>, D1Result<RawRow>, D1Result<RawRow>?];
		// Lets requests that arrived meanwhile start before the rows are parsed.
		await yieldToEventLoop();
		const revOf = new Map(revs.results.map(({ day, rev }) => [day, rev]));
		for (const it of missing && rolled ? await daysOf(project, rolled.results, revOf, missing) : []) {
			known.set(it.day, it);
			if (!it.isPart) cacheDay(it);
		}
		const unrolledByDay = Map.groupBy(await rowsOf(unrolled.results, null), ({ day }) => day);
		const rows: NewestRow[] = [];
		missing = null;
		for (const day of [...new Set([...revOf.keys(), ...unrolledByDay.keys()])].sort((a, b) => b - a)) {
			if (rows.length > limit) break;
			const rev = revOf.get(day);
			const current = known.get(day)?.rev === rev ? known.get(day) : undefined;
			rows.push(...merged(current?.rows ?? [], unrolledByDay.get(day) ?? []));
			const isComplete = rev === undefined || (current && (!current.isPart || rows.length > limit));
			if (!isComplete) missing = { since: day, until: (missing as Period | null)?.until ?? day };
		}
		if (missing) {
			// Days changed between two rounds. The next round reads the whole period in one transaction, and is the last.
			if (round > 1) missing = { since, until };
			continue;
		}
		for (const it of known.values()) if (cachedDays.get(nameOf(project, it.day)) === it) cacheDay(it);
		const anonymized = revs.results.filter(({ closed }) => closed).map(({ day }) => day);
		return {
			...{ rows: rows.slice(0, limit), isCut: rows.length > limit },
			goneUntil: anonymized.length ? Math.max(...anonymized) : null,
		};
	}
}

/** Returns a query that reads the newest facts from the covering index alone. */
function newestFirst(db: D1Database, project: string, rolled: 0 | 1, { since, until }: Period): D1PreparedStatement {
	return db
		.prepare(
			`SELECT ${FACT_COLUMNS_IN_ORDER} FROM facts WHERE project = ?1 AND rolled = ${rolled} AND day BETWEEN ?2 AND ?3
			ORDER BY day DESC, session_id DESC LIMIT ${MAX_SCANNED + 1}`,
		)
		.bind(project, since, until);
}

function rowsOf(raw: readonly RawRow[], rev: number | null): Promise<NewestRow[]> {
	return mapYielding(raw, ROWS_AT_A_TIME, ({ isFirstDay, profile, journey, ...row }) => ({
		...{ ...row, isFirstDay: isFirstDay === 1, profile: JSON.parse(profile), journey: JSON.parse(journey), rev },
	}));
}

/** Groups rolled-up rows by day. The result includes days without rows, but no days before the oldest one read. */
async function daysOf(
	project: string,
	raw: readonly RawRow[],
	revOf: ReadonlyMap<number, number>,
	{ since, until }: Period,
): Promise<Day[]> {
	const rawOf = Map.groupBy(raw, ({ day }) => day);
	const isMore = raw.length > MAX_SCANNED;
	const oldest = isMore ? raw.at(-1)!.day : since;
	const found: Day[] = [];
	for (const [day, rev] of revOf) {
		if (day < oldest || day > until) continue;
		const rowsOfDay = rawOf.get(day) ?? [];
		const chars = rowsOfDay.reduce((sum, { profile, journey }) => sum + profile.length + journey.length, 0);
		// If the rows of one day fill the whole scan, the day counts as complete: no result needs its other rows.
		const isPart = isMore && day === oldest && rowsOfDay.length < raw.length;
		found.push({ ...{ project, day, rev, chars, rows: await rowsOf(rowsOfDay, rev) }, ...(isPart && { isPart }) });
	}
	return found;
}

function merged(rows: readonly NewestRow[], more: readonly NewestRow[]): readonly NewestRow[] {
	if (!more.length) return rows;
	return [...rows, ...more].sort((a, b) => (a.sessionId < b.sessionId ? 1 : -1));
}

/** Returns the full facts of rows, except rows deleted meanwhile. Requests share the facts and must not modify them. */
export async function fullFacts(db: D1Database, project: string, rows: readonly NewestRow[]): Promise<FullFacts[]> {
	const found = new Map(rows.map((row) => [row, fullFactsByRow.get(row)]));
	const wanted = rows.filter((row) => !found.get(row));
	for (let i = 0; i < wanted.length; i += FULL_FACTS_AT_A_TIME) {
		for (const [row, it] of await readFullFacts(db, project, wanted.slice(i, i + FULL_FACTS_AT_A_TIME)))
			found.set(row, it);
	}
	return rows.flatMap((row) => found.get(row) ?? []);
}

async function readFullFacts(
	db: D1Database,
	project: string,
	rows: readonly NewestRow[],
): Promise<[NewestRow, FullFacts][]> {
	const keys = JSON.stringify(rows.map(({ sessionId, day }) => [sessionId, day]));
	const [rest, revs] = (await db.batch([
		db
			.prepare(
				`SELECT it.key AS i, ${OTHER_FACT_COLUMNS} FROM json_each(?2) it
				CROSS JOIN facts f ON f.project = ?1 AND f.session_id = it.value ->> 0 AND f.day = it.value ->> 1`,
			)
			.bind(project, keys),
		db
			.prepare("SELECT day, rev FROM rollup_days WHERE project = ?1 AND day IN (SELECT value ->> 1 FROM json_each(?2))")
			.bind(project, keys),
	])) as [D1Result<RawRest & { i: number }>, D1Result<{ day: number; rev: number }>];
	await yieldToEventLoop();
	const revOf = new Map(revs.results.map(({ day, rev }) => [day, rev]));
	/** Number of JSON characters by which the cached facts grow, by day. */
	const addedChars = new Map<number, number>();
	const found = await mapYielding(rest.results, FACTS_AT_A_TIME, ({ i, signals, details, ...sums }) => {
		const row = rows[i]!;
		const { rev, ...it } = row;
		const full: FullFacts = { ...it, ...sums, signals: JSON.parse(signals), details: JSON.parse(details) };
		// Caches full facts only if the row is rolled up and the revision of its day has not changed since it was read.
		if (rev !== null && rev === revOf.get(row.day) && !fullFactsByRow.has(row)) {
			fullFactsByRow.set(row, full);
			addedChars.set(row.day, (addedChars.get(row.day) ?? 0) + signals.length + details.length);
		}
		return [row, full] as [NewestRow, FullFacts];
	});
	for (const [day, chars] of addedChars) {
		const it = cachedDays.get(nameOf(project, day));
		if (it) cacheDay({ ...it, chars: it.chars + chars });
	}
	return found;
}
