import type { Context } from "hono";
import { type Counts, newCounts, parseCounts } from "../analytics/counts.ts";
import { digest, type Facts } from "../analytics/digest.ts";
import { matchesFilter, matchesProfile, PROFILE_FILTERS } from "../analytics/filter.ts";
import { addJourneys, type SessionJourney } from "../analytics/funnel.ts";
import { addFacts, type Part } from "../analytics/rollup.ts";
import { dayOf, startOfDay } from "../contract/days.ts";
import { FILTERS, type Filter, filterOf } from "../contract/filter.ts";
import { MAX_ACCEPTED_AGE_MS } from "../contract/limits.ts";
import { configOf, type Env } from "../env.ts";
import { periodOf } from "../http/params.ts";
import { type Coverage, fullFacts, newestFacts } from "../storage/day-cache.ts";
import { type LiveQuery, type LiveRow, listLiveSessions, withTrails } from "../storage/facts.ts";
import { isFactFilter } from "../storage/filter.ts";
import { readPeriod } from "../storage/rollups.ts";
import { filterIds } from "../storage/scans.ts";
import { type ListPeriod, MAX_SCANNED_SESSIONS } from "../storage/sessions.ts";
import { yieldToEventLoop } from "../storage/yield.ts";

/** What a report is asked about, and the facts and sums of it: of what is settled, and of what goes on. */

export const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
const MAX_DAYS = 400;
/** Settled sessions that are not summed up yet, and sessions that go on: read one by one, so many at most. */
const MAX_UNROLLED = 2_000;
const MAX_LIVE = 200;
/** Sessions that are digested, and facts and steps that are added, before others get their turn: some two milliseconds. */
const DIGESTS_AT_A_TIME = 40;
const FACTS_AT_A_TIME = 250;
const SUMS_AT_A_TIME = 30;
const JOURNEYS_AT_A_TIME = 1_250;
/** What goes on has begun within its longest age, and a little. */
const LIVE_LOOKBACK_MS = 26 * 3_600_000;

export const SCOPE_PARAMS = ["project", "since", "until", ...FILTERS] as const;

type Query = Partial<Record<(typeof SCOPE_PARAMS)[number], string | undefined>>;

/** A request's project, period of whole UTC days, and which sessions. */
export interface Scope {
	project: string;
	since: number;
	until: number;
	filter: Filter;
	now: number;
}

/** The devices that days are summed up by. */
const DEVICES = ["Desktop", "Mobile", "Tablet"];

/** The project that a request is about: the one it names, else the first. */
export function projectOf(env: Env, named: string | undefined): string {
	const { projects } = configOf(env);
	return (projects.find(({ id }) => id === named) ?? projects[0]!).id;
}

export function scopeOf(c: Context<{ Bindings: Env }>, query: Query): Scope {
	const now = Date.now();
	const period = periodOf({ since: query.since, until: query.until });
	// A period that is yet to come has nothing in it.
	const until = Math.max(Math.min(period.until ?? now, now), period.since ?? 0);
	const since = Math.max(period.since ?? until - (DEFAULT_DAYS - 1) * DAY_MS, until - MAX_DAYS * DAY_MS);
	return {
		project: projectOf(c.env, query.project),
		since: dayOf(Math.min(since, until)),
		until: dayOf(until),
		filter: filterOf(query),
		now,
	};
}

/** Of what an answer is, when it is not of everything. */
export interface Completeness extends Coverage {
	/** More sessions are going on than were read. */
	isOpenCut: boolean;
}

/** What several answers are of, together. */
export function combine(...all: readonly Completeness[]): Completeness {
	const gone = all.flatMap(({ goneUntil }) => goneUntil ?? []);
	return {
		isCut: all.some(({ isCut }) => isCut),
		isOpenCut: all.some(({ isOpenCut }) => isOpenCut),
		goneUntil: gone.length ? Math.max(...gone) : null,
	};
}

export const COMPLETE: Completeness = { isCut: false, isOpenCut: false, goneUntil: null };

/** The project an answer is of, and those it could be of. */
export function projectsIn(env: Env, project: string) {
	return { project, projects: configOf(env).projects.map(({ id, name }) => ({ id, name })) };
}

/** What every answer says about itself. */
export function envelope(env: Env, { project, since, until }: Scope, { isCut, isOpenCut, goneUntil }: Completeness) {
	return { ...projectsIn(env, project), since, until, isCut, isOpenCut, goneUntil };
}

/** The cell of the rollups that holds what is asked for; null: only facts tell. */
function rollupCell({ device, ...others }: Filter): string | null {
	if (Object.keys(others).length) return null;
	return device === undefined ? "" : (DEVICES.find((it) => it === device) ?? null);
}

interface LiveFacts {
	facts: (Facts & { sessionId: string })[];
	isCut: boolean;
}

/** Of a request: several parts of its answer ask for the same. */
function oncePerScope<T>(ask: (env: Env, scope: Scope) => Promise<T>): (env: Env, scope: Scope) => Promise<T> {
	const asked = new WeakMap<Scope, Promise<T>>();
	return (env, scope) => {
		const found = asked.get(scope) ?? ask(env, scope);
		asked.set(scope, found);
		return found;
	};
}

/** Of sessions that go on, as they are now. */
export const liveFacts = oncePerScope(async (env, scope): Promise<LiveFacts> => {
	const since = Math.max(startOfDay(scope.since) - LIVE_LOOKBACK_MS, scope.now - LIVE_LOOKBACK_MS);
	if (startOfDay(scope.until) + DAY_MS < since) return { facts: [], isCut: false };
	const { facts, isCut } = await digestLive(env, scope, { since, neverSettled: true });
	return { facts: facts.filter(({ day }) => day >= scope.since && day <= scope.until), isCut };
});

/** @param query which; see `MAX_OPEN` */
async function digestLive(
	env: Env,
	{ project, filter }: Pick<Scope, "project" | "filter">,
	query: Omit<LiveQuery, "filter" | "limit">,
): Promise<LiveFacts> {
	const { rows, isCut } = await listLiveSessions(env.DB, project, { ...query, filter, limit: MAX_LIVE });
	const known = new Map<string, Facts[]>();
	for (const row of rows) {
		const it = liveDigests.get(`${project}/${row.id}`);
		if (it?.version === versionOf(row)) known.set(row.id, it.days);
	}
	const changed = rows.filter(({ id }) => !known.has(id));
	for (const [i, session] of (await withTrails(env.DB, project, changed)).entries()) {
		const days = digest(session);
		known.set(session.id, days);
		rememberDigest(project, session, days);
		if (i % DIGESTS_AT_A_TIME === DIGESTS_AT_A_TIME - 1) await yieldToEventLoop();
	}
	const facts: LiveFacts["facts"] = [];
	for (const { id: sessionId } of rows) {
		const days = known.get(sessionId)!;
		if (matchesFilter(filter, days)) facts.push(...days.map((it) => ({ ...it, sessionId })));
	}
	return { facts, isCut };
}

export interface LiveMatches {
	/** As in `FilterOptions`. */
	liveIds: string[];
	/** More sessions go on than were looked at. */
	isOpenCut: boolean;
}

/** Those of them that are like the filter in what only facts tell, if it asks for any of that. */
export async function matchingLive(env: Env, scope: Scope): Promise<LiveMatches> {
	return needsFacts(scope.filter) ? liveMatchesOf(await liveFacts(env, scope)) : { liveIds: [], isOpenCut: false };
}

/** The same for a list: of those too that had come to rest before, and whenever they began. @param query of the list */
export async function matchingLiveForList(
	env: Env,
	project: string,
	filter: Filter,
	{ since, until, liveSince }: ListPeriod,
): Promise<LiveMatches> {
	if (!needsFacts(filter)) return { liveIds: [], isOpenCut: false };
	const query = {
		since: since === null ? 0 : since - MAX_ACCEPTED_AGE_MS,
		until,
		liveSince,
		looked: MAX_SCANNED_SESSIONS,
	};
	return liveMatchesOf(await digestLive(env, { project, filter }, query));
}

function needsFacts(filter: Filter): boolean {
	return Object.keys(filter).some(isFactFilter);
}

function liveMatchesOf({ facts, isCut }: LiveFacts): LiveMatches {
	return { liveIds: [...new Set(facts.map(({ sessionId }) => sessionId))], isOpenCut: isCut };
}

/** What sessions that go on add up to, by project and id, each as of its chunks then: few of them change between two looks. */
const liveDigests = new Map<string, { version: string; days: Facts[] }>();
const MAX_LIVE_DIGESTS = 2 * MAX_LIVE;

const versionOf = ({ receivedAt, chunks }: LiveRow) => `${receivedAt}/${chunks}`;

function rememberDigest(project: string, row: LiveRow, days: Facts[]): void {
	const name = `${project}/${row.id}`;
	liveDigests.delete(name);
	liveDigests.set(name, { version: versionOf(row), days });
	const [oldest] = liveDigests.keys();
	if (liveDigests.size > MAX_LIVE_DIGESTS && oldest !== undefined) liveDigests.delete(oldest);
}

/** For tests, whose sessions have the same names again and again. */
export function resetLiveDigests(): void {
	liveDigests.clear();
}

/** The sums of each day of a period, by part, with what is not in them yet. */
export async function countsByDay<P extends Part>(
	env: Env,
	parts: readonly P[],
	scope: Scope,
): Promise<Completeness & { days: Record<P, Map<number, Counts>> }> {
	const cell = rollupCell(scope.filter);
	const [open, { rollups, facts, isCut, goneUntil }] = await Promise.all([
		liveFacts(env, scope),
		cell === null ? matchingFacts(env, scope) : rolledUp(env, parts, scope, cell),
	]);
	const days = Object.fromEntries(parts.map((part) => [part, new Map()])) as Record<P, Map<number, Counts>>;
	await yieldToEventLoop();
	for (const [i, { part, day, data }] of rollups.entries()) {
		days[part].set(day, parseCounts(data));
		if (i % SUMS_AT_A_TIME === SUMS_AT_A_TIME - 1 && i < rollups.length - 1) await yieldToEventLoop();
	}
	// One that was settled between the two reads is in both.
	const settled = new Set(facts.map(({ sessionId }) => sessionId));
	const all = [...facts, ...open.facts.filter(({ sessionId }) => !settled.has(sessionId))];
	for (const part of parts) {
		for (const [i, it] of all.entries()) {
			if (!days[part].has(it.day)) days[part].set(it.day, newCounts());
			addFacts(part, days[part].get(it.day)!, it);
			if (i % FACTS_AT_A_TIME === FACTS_AT_A_TIME - 1) await yieldToEventLoop();
		}
	}
	return { days, isCut, goneUntil, isOpenCut: open.isCut };
}

/** Each day of settled sessions that are like the filter, of the newest; not of those that go on, if they were settled since. */
export const matchingSettled = oncePerScope(async (env, scope) => {
	const { project, filter } = scope;
	// First those: who is settled meanwhile is in both, rather than in neither.
	const open = new Set((await liveFacts(env, scope)).facts.map(({ sessionId }) => sessionId));
	const { rows, ...coverage } = await newestFacts(env.DB, project, scope);
	const alike = rows.filter(({ sessionId, profile }) => !open.has(sessionId) && matchesProfile(filter, profile));
	const others = Object.entries(filter).filter(([name]) => !PROFILE_FILTERS.some((it) => it === name));
	if (!others.length) return { rows: alike, ...coverage };
	const ids = new Set(alike.map(({ sessionId }) => sessionId));
	const like = await filterIds(env.DB, project, Object.fromEntries(others), [...ids]);
	return { rows: alike.filter(({ sessionId }) => like.has(sessionId)), ...coverage };
});

const matchingFacts = oncePerScope(async (env, scope) => {
	const { rows, ...coverage } = await matchingSettled(env, scope);
	return { rollups: [], facts: await fullFacts(env.DB, scope.project, rows), ...coverage };
});

async function rolledUp<P extends Part>(env: Env, parts: readonly P[], scope: Scope, cell: string) {
	// First those: who is settled meanwhile is in both, rather than in neither.
	await liveFacts(env, scope);
	const { rollups, facts } = await readPeriod(env.DB, scope.project, parts, cell, scope, MAX_UNROLLED + 1);
	const ofCell = facts.filter(({ profile: { device } }) => cell === "" || cell === device);
	return { rollups, facts: ofCell, isCut: facts.length > MAX_UNROLLED, goneUntil: null };
}

/** What sessions did one after another, the newest first; then those that go on. */
export async function journeysIn(env: Env, scope: Scope): Promise<Completeness & { sequences: SessionJourney[] }> {
	const open = await liveFacts(env, scope);
	const { rows, ...coverage } = await matchingSettled(env, scope);
	const all = [...rows, ...open.facts];
	const found = new Map<string, SessionJourney>();
	for (let i = 0; i < all.length; i += JOURNEYS_AT_A_TIME) {
		await yieldToEventLoop();
		addJourneys(found, all.slice(i, i + JOURNEYS_AT_A_TIME));
	}
	return { sequences: [...found.values()], ...coverage, isOpenCut: open.isCut };
}
