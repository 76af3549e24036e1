import type { Context } from "hono";
import { type Counts, newCounts, parseCounts } from "../analytics/counts.ts";
import { digest, type Facts } from "../analytics/digest.ts";
import { matchesFilter, matchesProfile, PROFILE_FILTERS } from "../analytics/filter.ts";
import { addJourneys, type SessionJourney } from "../analytics/funnel.ts";
import { addFacts, type Section } from "../analytics/rollup.ts";
import { dayOf, startOfDay } from "../contract/days.ts";
import { FILTERS, type Filter, filterOf } from "../contract/filter.ts";
import { MAX_ACCEPTED_AGE_MS } from "../contract/limits.ts";
import { configOf, type Env } from "../env.ts";
import { periodOf } from "../http/params.ts";
import { type Coverage, fullFacts, newestFacts } from "../storage/day-cache.ts";
import { type LiveQuery, type LiveRow, listLiveSessions, ROLLUP_DEVICES, withTrails } from "../storage/facts.ts";
import { isFactFilter } from "../storage/filter.ts";
import { readPeriod } from "../storage/rollups.ts";
import { filterIds } from "../storage/scans.ts";
import { type ListPeriod, MAX_SCANNED_SESSIONS } from "../storage/sessions.ts";
import { yieldToEventLoop } from "../storage/yield.ts";

/**
 * Determines the scope of a report (project, period, filter), and reads facts and counts of the settled and live
 * sessions in it.
 */

export const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
const MAX_DAYS = 400;
/** Limits of what reports add to rollups: facts that are not rolled up yet, and live sessions. */
const MAX_UNROLLED = 2_000;
const MAX_LIVE = 200;
/** Numbers of sessions, facts, rollups and journeys processed (in about 2 ms) before yielding to the event loop. */
const DIGESTS_AT_A_TIME = 40;
const FACTS_AT_A_TIME = 250;
const SUMS_AT_A_TIME = 30;
const JOURNEYS_AT_A_TIME = 1_250;
/** Reports include live sessions that started at most this long ago: the maximum age of a session plus a margin. */
const LIVE_LOOKBACK_MS = 26 * 3_600_000;

export const SCOPE_PARAMS = ["project", "since", "until", ...FILTERS] as const;

type Query = Partial<Record<(typeof SCOPE_PARAMS)[number], string | undefined>>;

/** Which sessions a report is about: those of a project in a period that match a filter. */
export interface Scope {
	project: string;
	/** First and last UTC day, yyyymmdd, both included. */
	since: number;
	until: number;
	filter: Filter;
	now: number;
}

/** Devices that have their own rollups. */
export const DEVICES = ROLLUP_DEVICES.filter((device) => device !== "");

/** Returns the ID of the given project, or of the first project if there is no such project. */
export function projectOf(env: Env, projectId: string | undefined): string {
	const { projects } = configOf(env);
	return (projects.find(({ id }) => id === projectId) ?? projects[0]!).id;
}

export function scopeOf(c: Context<{ Bindings: Env }>, query: Query): Scope {
	const now = Date.now();
	const period = periodOf({ since: query.since, until: query.until });
	// A period that starts in the future is reduced to its first day, which has no data.
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

/** How much of its scope a response covers. */
export interface Completeness extends Coverage {
	/** There are more live sessions than were read. */
	isOpenCut: boolean;
}

/** Combines the completeness of several results. */
export function combine(...all: readonly Completeness[]): Completeness {
	const days = all.flatMap(({ goneUntil }) => goneUntil ?? []);
	return {
		isCut: all.some(({ isCut }) => isCut),
		isOpenCut: all.some(({ isOpenCut }) => isOpenCut),
		goneUntil: days.length ? Math.max(...days) : null,
	};
}

export const COMPLETE: Completeness = { isCut: false, isOpenCut: false, goneUntil: null };

/** Returns fields of a response: its project, and all configured projects. */
export function projectsIn(env: Env, project: string) {
	return { project, projects: configOf(env).projects.map(({ id, name }) => ({ id, name })) };
}

/** Returns the fields that the response of every report has. */
export function envelope(env: Env, { project, since, until }: Scope, { isCut, isOpenCut, goneUntil }: Completeness) {
	return { ...projectsIn(env, project), since, until, isCut, isOpenCut, goneUntil };
}

/**
 * Returns the cell of rollups, one of `ROLLUP_DEVICES`, with the sums for a filter; null: only facts can answer the
 * filter.
 */
function rollupCell({ device, ...others }: Filter): string | null {
	if (Object.keys(others).length) return null;
	return device === undefined ? "" : (DEVICES.find((it) => it === device) ?? null);
}

interface LiveFacts {
	facts: (Facts & { sessionId: string })[];
	isCut: boolean;
}

/**
 * Returns a function that loads a result only once per scope object, and thus once per request, because several parts
 * of a response need the same result.
 */
function oncePerScope<T>(load: (env: Env, scope: Scope) => Promise<T>): (env: Env, scope: Scope) => Promise<T> {
	const results = new WeakMap<Scope, Promise<T>>();
	return (env, scope) => {
		const result = results.get(scope) ?? load(env, scope);
		results.set(scope, result);
		return result;
	};
}

/** Returns the current facts of the live sessions in the scope. */
export const liveFacts = oncePerScope(async (env, scope): Promise<LiveFacts> => {
	const since = Math.max(startOfDay(scope.since) - LIVE_LOOKBACK_MS, scope.now - LIVE_LOOKBACK_MS);
	if (startOfDay(scope.until) + DAY_MS < since) return { facts: [], isCut: false };
	const { facts, isCut } = await digestLive(env, scope, { since, neverSettled: true });
	return { facts: facts.filter(({ day }) => day >= scope.since && day <= scope.until), isCut };
});

/** Returns the facts of live sessions that match a filter, computed from the trails of at most `MAX_LIVE` sessions. */
async function digestLive(
	env: Env,
	{ project, filter }: Pick<Scope, "project" | "filter">,
	query: Omit<LiveQuery, "filter" | "limit">,
): Promise<LiveFacts> {
	const { rows, isCut } = await listLiveSessions(env.DB, project, { ...query, filter, limit: MAX_LIVE });
	const known = new Map<string, Facts[]>();
	for (const row of rows) {
		const cached = liveDigests.get(`${project}/${row.id}`);
		if (cached?.version === versionOf(row)) known.set(row.id, cached.days);
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
	/** See `FilterOptions`. */
	liveIds: string[];
	/** There are more live sessions than were read. */
	isOpenCut: boolean;
}

/** Returns the live sessions that match the filter; none if the filter does not need facts. */
export async function matchingLive(env: Env, scope: Scope): Promise<LiveMatches> {
	return needsFacts(scope.filter) ? liveMatchesOf(await liveFacts(env, scope)) : { liveIds: [], isOpenCut: false };
}

/**
 * Returns the live sessions that match the filter of the session list. Unlike `matchingLive`, includes sessions that
 * were settled before, and is not limited to `LIVE_LOOKBACK_MS`.
 */
export async function matchingLiveForList(
	env: Env,
	project: string,
	filter: Filter,
	{ since, until, liveSince }: ListPeriod,
): Promise<LiveMatches> {
	if (!needsFacts(filter)) return { liveIds: [], isOpenCut: false };
	const query: Parameters<typeof digestLive>[2] = {
		since: since === null ? 0 : since - MAX_ACCEPTED_AGE_MS,
		until,
		liveSince,
		maxScanned: MAX_SCANNED_SESSIONS,
	};
	return liveMatchesOf(await digestLive(env, { project, filter }, query));
}

function needsFacts(filter: Filter): boolean {
	return Object.keys(filter).some(isFactFilter);
}

function liveMatchesOf({ facts, isCut }: LiveFacts): LiveMatches {
	return { liveIds: [...new Set(facts.map(({ sessionId }) => sessionId))], isOpenCut: isCut };
}

/**
 * Cache of the facts of live sessions, by project and session ID, because few sessions change between two requests.
 * `version` changes when a session receives a chunk.
 */
const liveDigests = new Map<string, { version: string; days: Facts[] }>();
const MAX_LIVE_DIGESTS = 2 * MAX_LIVE;

const versionOf = ({ receivedAt, chunks }: LiveRow) => `${receivedAt}/${chunks}`;

function rememberDigest(project: string, row: LiveRow, days: Facts[]): void {
	const key = `${project}/${row.id}`;
	liveDigests.delete(key);
	liveDigests.set(key, { version: versionOf(row), days });
	const [oldest] = liveDigests.keys();
	if (liveDigests.size > MAX_LIVE_DIGESTS && oldest !== undefined) liveDigests.delete(oldest);
}

/** Empties the cache. For tests, which reuse session IDs. */
export function resetLiveDigests(): void {
	liveDigests.clear();
}

/**
 * Returns the counts of each day by section: sums of rollups, of facts that are not rolled up yet, and of the facts of
 * live sessions.
 */
export async function countsByDay<S extends Section>(
	env: Env,
	sections: readonly S[],
	scope: Scope,
): Promise<Completeness & { days: Record<S, Map<number, Counts>> }> {
	const cell = rollupCell(scope.filter);
	const [live, { rollups, facts, isCut, goneUntil }] = await Promise.all([
		liveFacts(env, scope),
		cell === null ? matchingFacts(env, scope) : rolledUp(env, sections, scope, cell),
	]);
	const days = Object.fromEntries(sections.map((section) => [section, new Map()])) as Record<S, Map<number, Counts>>;
	await yieldToEventLoop();
	for (const [i, { part: section, day, data }] of rollups.entries()) {
		days[section].set(day, parseCounts(data));
		if (i % SUMS_AT_A_TIME === SUMS_AT_A_TIME - 1 && i < rollups.length - 1) await yieldToEventLoop();
	}
	// A session that was settled between the two reads is in both results, but must be counted once.
	const settled = new Set(facts.map(({ sessionId }) => sessionId));
	const all = [...facts, ...live.facts.filter(({ sessionId }) => !settled.has(sessionId))];
	for (const section of sections) {
		for (const [i, it] of all.entries()) {
			if (!days[section].has(it.day)) days[section].set(it.day, newCounts());
			addFacts(section, days[section].get(it.day)!, it);
			if (i % FACTS_AT_A_TIME === FACTS_AT_A_TIME - 1) await yieldToEventLoop();
		}
	}
	return { days, isCut, goneUntil, isOpenCut: live.isCut };
}

/** Returns facts of the newest settled sessions that match the filter, except sessions that `liveFacts` returns. */
export const matchingSettled = oncePerScope(async (env, scope) => {
	const { project, filter } = scope;
	// Reads live sessions first: one that is settled meanwhile is then in both results instead of in neither.
	const live = new Set((await liveFacts(env, scope)).facts.map(({ sessionId }) => sessionId));
	const { rows, ...coverage } = await newestFacts(env.DB, project, scope);
	const candidates = rows.filter(({ sessionId, profile }) => !live.has(sessionId) && matchesProfile(filter, profile));
	const otherFilters = Object.entries(filter).filter(([name]) => !PROFILE_FILTERS.some((it) => it === name));
	if (!otherFilters.length) return { rows: candidates, ...coverage };
	const ids = new Set(candidates.map(({ sessionId }) => sessionId));
	const matching = await filterIds(env.DB, project, Object.fromEntries(otherFilters), [...ids]);
	return { rows: candidates.filter(({ sessionId }) => matching.has(sessionId)), ...coverage };
});

const matchingFacts = oncePerScope(async (env, scope) => {
	const { rows, ...coverage } = await matchingSettled(env, scope);
	return { rollups: [], facts: await fullFacts(env.DB, scope.project, rows), ...coverage };
});

async function rolledUp<S extends Section>(env: Env, sections: readonly S[], scope: Scope, cell: string) {
	// Reads live sessions first, see `matchingSettled`.
	await liveFacts(env, scope);
	const { rollups, facts } = await readPeriod(env.DB, scope.project, sections, cell, scope, MAX_UNROLLED + 1);
	const ofCell = facts.filter(({ profile: { device } }) => cell === "" || cell === device);
	return { rollups, facts: ofCell, isCut: facts.length > MAX_UNROLLED, goneUntil: null };
}

/** Returns the journeys of settled sessions, newest first, then those of live sessions. */
export async function journeysIn(env: Env, scope: Scope): Promise<Completeness & { sequences: SessionJourney[] }> {
	const live = await liveFacts(env, scope);
	const { rows, ...coverage } = await matchingSettled(env, scope);
	const all = [...rows, ...live.facts];
	const found = new Map<string, SessionJourney>();
	for (let i = 0; i < all.length; i += JOURNEYS_AT_A_TIME) {
		await yieldToEventLoop();
		addJourneys(found, all.slice(i, i + JOURNEYS_AT_A_TIME));
	}
	return { sequences: [...found.values()], ...coverage, isOpenCut: live.isCut };
}
