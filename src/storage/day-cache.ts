import type { Facts } from "../analytics/digest.ts";
import { FACT_COLUMNS_IN_ORDER, OTHER_FACT_COLUMNS, type RawFacts } from "./facts.ts";
import { mapYielding, yieldToEventLoop } from "./yield.ts";

/**
 * The newest facts of a period, for what no sums tell. Days that are summed up stay in the isolate as of their `rev`, which
 * rises with every change of facts that are: a look at the same days again reads that number and what is not summed up yet.
 */

/** Filters, and questions about what came after what, look at so many rows of facts. */
export const MAX_SCANNED = 5_000;
/** Characters of all days that are kept, 400 to 1,400 of a session: with what is made of them 30 to 50 MB. */
const MAX_CACHED_CHARS = 8_000_000;
/** Rows that are made something of before others get their turn: some two milliseconds. */
const ROWS_AT_A_TIME = 1_000;
/** Rows of a call that are read whole: of 5,000 a D1 on the same machine would make 60 milliseconds in one go. */
const FULL_FACTS_AT_A_TIME = 1_250;
const FACTS_AT_A_TIME = 250;

/** What `facts_in_order` has of facts. Who asks shares it with others: nothing of it may be changed. */
export interface NewestRow extends Pick<Facts, "day" | "isFirstDay" | "score" | "durationMs" | "profile" | "journey"> {
	sessionId: string;
	/** Of the day, when this was read; null: it is not summed up. */
	rev: number | null;
}

/** How much of a period its facts tell. */
export interface Coverage {
	/** There are older ones than those that were looked at. */
	isCut: boolean;
	/** The last day, yyyymmdd, of which recordings are gone; null: none is. */
	goneUntil: number | null;
}

/** Days, yyyymmdd, both included. */
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
	chars: number;
	/** The last id first, `MAX_SCANNED` and one at most. */
	rows: readonly NewestRow[];
	/** There are more, which were not read: not kept. */
	isPart?: boolean;
}

/** By project and day, what was used last at the end. */
const cachedDays = new Map<string, Day>();
let cachedChars = 0;
/** Of rows that were asked for whole, as long as they are kept themselves. */
const fullFactsByRow = new WeakMap<NewestRow, FullFacts>();

/** For tests, whose days have the same names again and again. */
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
 * The newest `limit` rows of a period's facts: of the last day first, and of each day the last id.
 * @param limit `MAX_SCANNED` at most
 */
export async function newestFacts(
	db: D1Database,
	project: string,
	{ since, until }: Period,
	limit = MAX_SCANNED,
): Promise<Coverage & { rows: NewestRow[] }> {
	/** For this answer, whatever others make room for. */
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
			inOrder(db, project, 0, { since, until }),
			...(missing ? [inOrder(db, project, 1, missing)] : []),
		])) as [D1Result<{ day: number; rev: number; closed: number }>, D1Result<RawRow>, D1Result<RawRow>?];
		// What came meanwhile, before what is done with them.
		await yieldToEventLoop();
		const revOf = new Map(revs.results.map(({ day, rev }) => [day, rev]));
		for (const it of missing && rolled ? await daysOf(project, rolled.results, revOf, missing) : []) {
			known.set(it.day, it);
			if (!it.isPart) cacheDay(it);
		}
		const fresh = Map.groupBy(await rowsOf(unrolled.results, null), ({ day }) => day);
		const rows: NewestRow[] = [];
		missing = null;
		for (const day of [...new Set([...revOf.keys(), ...fresh.keys()])].sort((a, b) => b - a)) {
			if (rows.length > limit) break;
			const rev = revOf.get(day);
			const its = known.get(day)?.rev === rev ? known.get(day) : undefined;
			rows.push(...merged(its?.rows ?? [], fresh.get(day) ?? []));
			const isWhole = rev === undefined || (its && (!its.isPart || rows.length > limit));
			if (!isWhole) missing = { since: day, until: (missing as Period | null)?.until ?? day };
		}
		if (missing) {
			// Of days that change again and again all are read at once, which are of one moment then.
			if (round > 1) missing = { since, until };
			continue;
		}
		for (const it of known.values()) if (cachedDays.get(nameOf(project, it.day)) === it) cacheDay(it);
		const gone = revs.results.filter(({ closed }) => closed).map(({ day }) => day);
		return {
			...{ rows: rows.slice(0, limit), isCut: rows.length > limit },
			goneUntil: gone.length ? Math.max(...gone) : null,
		};
	}
}

/** Out of the index, which has it all. */
function inOrder(db: D1Database, project: string, rolled: 0 | 1, { since, until }: Period): D1PreparedStatement {
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

/** Those of a period that are summed up, days without rows too, as far as the rows go. */
async function daysOf(
	project: string,
	raw: readonly RawRow[],
	revOf: ReadonlyMap<number, number>,
	{ since, until }: Period,
): Promise<Day[]> {
	const rawOf = Map.groupBy(raw, ({ day }) => day);
	const isMore = raw.length > MAX_SCANNED;
	const last = isMore ? raw.at(-1)!.day : since;
	const found: Day[] = [];
	for (const [day, rev] of revOf) {
		if (day < last || day > until) continue;
		const its = rawOf.get(day) ?? [];
		const chars = its.reduce((sum, { profile, journey }) => sum + profile.length + journey.length, 0);
		// Of a day with more than anybody looks at the newest are enough.
		const isPart = isMore && day === last && its.length < raw.length;
		found.push({ ...{ project, day, rev, chars, rows: await rowsOf(its, rev) }, ...(isPart && { isPart }) });
	}
	return found;
}

function merged(rows: readonly NewestRow[], more: readonly NewestRow[]): readonly NewestRow[] {
	if (!more.length) return rows;
	return [...rows, ...more].sort((a, b) => (a.sessionId < b.sessionId ? 1 : -1));
}

/** The same whole, but for those that are gone meanwhile. They are shared too. */
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
	/** Characters by day. */
	const learned = new Map<number, number>();
	const found = await mapYielding(rest.results, FACTS_AT_A_TIME, ({ i, signals, details, ...sums }) => {
		const row = rows[i]!;
		const { rev, ...it } = row;
		const whole: FullFacts = { ...it, ...sums, signals: JSON.parse(signals), details: JSON.parse(details) };
		// As long as the day is as it was, so is the row.
		if (rev !== null && rev === revOf.get(row.day) && !fullFactsByRow.has(row)) {
			fullFactsByRow.set(row, whole);
			learned.set(row.day, (learned.get(row.day) ?? 0) + signals.length + details.length);
		}
		return [row, whole] as [NewestRow, FullFacts];
	});
	for (const [day, chars] of learned) {
		const it = cachedDays.get(nameOf(project, day));
		if (it) cacheDay({ ...it, chars: it.chars + chars });
	}
	return found;
}
