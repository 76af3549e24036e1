import { Hono } from "hono";
import { validator } from "hono/validator";
import { browserIssues, browserIssuesByDay } from "../analytics/browser-issues.ts";
import { type Counts, merge, newCounts } from "../analytics/counts.ts";
import { DATASETS } from "../analytics/datasets.ts";
import { formOf, formsOf } from "../analytics/forms.ts";
import { breakdown, conversions, FACETS, funnel, type Step } from "../analytics/funnel.ts";
import { clickedPages, heatmapOf, scrollDepthsOf } from "../analytics/heatmap.ts";
import { overview, sumOf, topOf } from "../analytics/overview.ts";
import { pageOf, pagesOf } from "../analytics/pages.ts";
import { pathsOf } from "../analytics/paths.ts";
import { FIRST_MONDAY_MS, retention, WEEK_MS } from "../analytics/retention.ts";
import { SECTIONS, type Section } from "../analytics/rollup.ts";
import { dayOf, startOfDay } from "../contract/days.ts";
import { RECORDER_METADATA_KEYS } from "../contract/wire.ts";
import type { Env } from "../env.ts";
import { fail } from "../http/errors.ts";
import { choiceParam, countParam, firstValues } from "../http/params.ts";
import { FORMATS, paginate, tableResponse } from "../http/table.ts";
import { fullFacts } from "../storage/day-cache.ts";
import { ISSUE_SORTS, type IssueCursor, listIssues, totalIssues } from "../storage/issues.ts";
import { countMetadata, seenInWeeks } from "../storage/metadata.ts";
import { findByStep, readFacts } from "../storage/scans.ts";
import { listServerEvents } from "../storage/server-events.ts";
import { findSnapshot } from "../storage/sessions.ts";
import {
	COMPLETE,
	combine,
	countsByDay,
	DAY_MS,
	DEVICES,
	envelope,
	journeysIn,
	liveFacts,
	matchingLive,
	matchingSettled,
	SCOPE_PARAMS,
	type Scope,
	scopeOf,
} from "./scope.ts";

const MAX_ISSUES = 10;
const MAX_SERVER_ISSUES = 5;
const MAX_ERRORS = 200;
/** Keys that the metadata report leaves out, because other reports count their values. */
const COUNTED_ELSEWHERE = [...RECORDER_METADATA_KEYS, "utm_source", "utm_medium", "utm_campaign"];
/** Limit of sessions whose metadata is counted. A query reads one row for each metadata key of each session. */
const MAX_METADATA_SESSIONS = 2_000;
const MAX_KEYS = 12;
const MAX_VALUES = 8;
/** Limit of rows read for the retention report: one for each person and week in which the person had a session. */
const MAX_PERSON_WEEKS = 20_000;

const inScope = validator("query", firstValues(...SCOPE_PARAMS));

/**
 * Reports. They are computed from rows in D1 (facts, rollups, sessions, issues), never from recordings. All routes but
 * `/export` take `SCOPE_PARAMS`.
 */
export const analytics = new Hono<{ Bindings: Env }>()

	.get("/overview", inScope, async (c) => {
		const scope = scopeOf(c, c.req.valid("query"));
		const span = startOfDay(scope.until) - startOfDay(scope.since) + DAY_MS;
		const previousScope = {
			...scope,
			since: dayOf(startOfDay(scope.since) - span),
			until: dayOf(startOfDay(scope.since) - DAY_MS),
		};
		// Server issues cannot be filtered by attributes of sessions.
		const isUnfiltered = !Object.keys(scope.filter).length;
		const [current, previous, server] = await Promise.all([
			countsByDay(c.env, ["overview", "errors"], scope),
			countsByDay(c.env, ["overview"], previousScope),
			isUnfiltered ? totalIssues(c.env.DB, scope.project, scope, MAX_SERVER_ISSUES) : null,
		]);
		// Compares the periods only if both are complete: a period with deleted facts would seem to have few sessions.
		const isComparable = !current.isCut && !previous.isCut && current.goneUntil === null && previous.goneUntil === null;
		return c.json({
			...envelope(c.env, scope, current),
			...overview(current.days.overview, isComparable ? previous.days.overview : null, scope, server?.days),
			issues: browserIssues(sumOf(current.days.errors), MAX_ISSUES),
			/** null if a filter is set. */
			serverIssues: server && {
				open: server.open,
				top: server.top.map(({ firstSeen, ...it }) => ({ ...it, isNew: firstSeen >= timesOf(scope).since })),
			},
		});
	})

	/** Browser errors, grouped by their message without numbers. Each group has the last day (yyyymmdd) of an error. */
	.on("GET", ["/browser-issues", "/errors"], inScope, async (c) => {
		const scope = scopeOf(c, c.req.valid("query"));
		const { days, ...completeness } = await countsByDay(c.env, ["errors"], scope);
		return c.json({ ...envelope(c.env, scope, completeness), ...browserIssuesByDay(days.errors, MAX_ERRORS) });
	})

	/** Metadata of the newest sessions: the most frequent values of each key. */
	.get("/metadata", inScope, async (c) => {
		const scope = scopeOf(c, c.req.valid("query"));
		const { liveIds, isOpenCut } = await matchingLive(c.env, scope);
		const query = { ...timesOf(scope), liveIds };
		const { rows, isCut } = await countMetadata(
			c.env.DB,
			scope.project,
			query,
			COUNTED_ELSEWHERE,
			MAX_METADATA_SESSIONS,
		);
		const keys = new Map<string, { value: string; sessions: number }[]>();
		for (const { key, ...row } of rows) keys.set(key, [...(keys.get(key) ?? []), row]);
		return c.json({
			...envelope(c.env, scope, { ...COMPLETE, isCut, isOpenCut }),
			keys: [...keys].slice(0, MAX_KEYS).map(([key, values]) => ({ key, values: values.slice(0, MAX_VALUES) })),
		});
	})

	/** Weekly cohorts of identified people, with the number of people of each cohort who returned in later weeks. */
	.get("/retention", inScope, async (c) => {
		const scope = scopeOf(c, c.req.valid("query"));
		const weeks = { weekMs: WEEK_MS, from: FIRST_MONDAY_MS };
		const { liveIds, isOpenCut } = await matchingLive(c.env, scope);
		const query = { ...timesOf(scope), liveIds };
		const { seen, isCut } = await seenInWeeks(c.env.DB, scope.project, query, weeks, MAX_PERSON_WEEKS);
		const lastWeek = Math.floor((Math.min(timesOf(scope).until, scope.now) - FIRST_MONDAY_MS) / WEEK_MS);
		return c.json({ ...envelope(c.env, scope, { ...COMPLETE, isCut, isOpenCut }), cohorts: retention(seen, lastWeek) });
	})

	.get("/pages", inScope, async (c) => {
		const scope = scopeOf(c, c.req.valid("query"));
		const { days, ...completeness } = await countsByDay(c.env, ["pages"], scope);
		return c.json({ ...envelope(c.env, scope, completeness), ...pagesOf(sumOf(days.pages)) });
	})

	/** Views, heatmap, form and paths of the page `?url=`. */
	.get("/page", validator("query", firstValues(...SCOPE_PARAMS, "url")), async (c) => {
		const query = c.req.valid("query");
		const url = query.url || fail("invalid_parameter", { name: "url" });
		const scope = scopeOf(c, query);
		const [{ days, ...completeness }, found] = await Promise.all([
			countsByDay(c.env, ["pages", "heat", "forms"], scope),
			journeysIn(c.env, scope),
		]);
		return c.json({
			...envelope(c.env, scope, combine(completeness, found)),
			url,
			page: pageOf(sumOf(days.pages), url),
			heatmap: heatmapOf(sumOf(days.heat), url),
			form: formOf(sumOf(days.forms), url),
			paths: pathsOf(found.sequences, url),
		});
	})

	.get("/forms", inScope, async (c) => {
		const scope = scopeOf(c, c.req.valid("query"));
		const { days, ...completeness } = await countsByDay(c.env, ["forms"], scope);
		return c.json({ ...envelope(c.env, scope, completeness), forms: formsOf(sumOf(days.forms)) });
	})

	/**
	 * Heatmap of the page `?url=` (default: the page with the most clicks), and a recording that shows the page.
	 * `?device=auto` selects the type of device with the most views, because layouts differ.
	 */
	.get("/heatmap", validator("query", firstValues(...SCOPE_PARAMS, "url")), async (c) => {
		const query = c.req.valid("query");
		const isAuto = query.device === "auto";
		const all = scopeOf(c, { ...query, device: isAuto ? undefined : query.device });
		const scope = isAuto ? await mainDeviceScope(c.env, all, query.url) : all;
		const device = scope.filter.device ?? null;
		const { days, ...completeness } = await countsByDay(c.env, ["heat", "pages"], scope);
		const sums = sumOf(days.heat);
		const pages = clickedPages(sums);
		const url = query.url || pages[0]?.url || null;
		const reach = url === null ? null : scrollDepthsOf(sumOf(days.pages), url);
		// A page without views is in no recording.
		const isViewed = reach !== null && reach.views > 0;
		return c.json({
			...envelope(c.env, scope, completeness),
			...{ url, device, pages, heatmap: url === null ? null : heatmapOf(sums, url) },
			reach,
			recording: url === null || !isViewed ? null : await recordingOf(c.env, scope, url),
		});
	})

	/** Sessions with the highest frustration score (`?sort=duration`: longest sessions), and a histogram of scores. */
	.get("/engagement", validator("query", firstValues(...SCOPE_PARAMS, "sort", "limit")), async (c) => {
		const query = c.req.valid("query");
		const scope = scopeOf(c, query);
		const key = choiceParam(query.sort, ["score", "duration"]) === "score" ? "score" : "durationMs";
		const limit = countParam(query.limit, 100, 500);
		const live = await liveFacts(c.env, scope);
		const { rows, ...coverage } = await matchingSettled(c.env, scope);
		const settledSessions = rows.filter(({ isFirstDay }) => isFirstDay);
		const liveSessions = live.facts.filter(({ isFirstDay }) => isFirstDay);
		const scores = [0, 0, 0, 0, 0];
		for (const { score } of [...settledSessions, ...liveSessions]) scores[Math.min(Math.floor(score / 20), 4)]!++;
		const top = <T extends { sessionId: string; score: number; durationMs: number }>(sessions: T[]) =>
			sessions.sort((a, b) => b[key] - a[key] || (a.sessionId < b.sessionId ? -1 : 1)).slice(0, limit);
		const sessions = top([...(await fullFacts(c.env.DB, scope.project, top(settledSessions))), ...liveSessions]);
		return c.json({
			...envelope(c.env, scope, { ...coverage, isOpenCut: live.isCut }),
			scores,
			sessions: sessions.map(({ sessionId, startedAt, durationMs, score, signals, profile }) => ({
				...{ sessionId, startedAt, durationMs, score, signals, head: profile },
			})),
		});
	})

	/** Possible steps of funnels and goals, the most frequent first. */
	.get("/steps", inScope, async (c) => {
		const scope = scopeOf(c, c.req.valid("query"));
		const { days } = await countsByDay(c.env, ["overview", "pages", "heat"], scope);
		const clicks = newCounts();
		for (const page of Object.values(sumOf(days.heat))) {
			if (typeof page === "object" && typeof page.elements === "object") merge(clicks, page.elements);
		}
		const names = (counts: Counts | undefined, limit: number) => topOf(counts, limit).map(([name]) => name);
		const { tags } = sumOf(days.overview);
		return c.json({
			page: names(sumOf(days.pages), 100),
			click: names(clicks, 100),
			tag: names(typeof tags === "object" ? tags : undefined, 200),
		});
	})

	/**
	 * Sessions that reached each step of a funnel. Example with a time limit of one hour and a breakdown by device:
	 * `?step=page:/pricing&step=click:button%23buy&step=tag:bought&within=3600000&by=device`
	 */
	.get(
		"/funnel",
		validator("query", (query) => query),
		async (c) => {
			const query = c.req.valid("query");
			const scope = scopeOf(c, Object.fromEntries(SCOPE_PARAMS.map((name) => [name, [query[name]].flat()[0]])));
			const steps = [query.step ?? []].flat().slice(0, MAX_STEPS).map(stepOf);
			const within = Number([query.within].flat()[0]) || null;
			const by = choiceParam([query.by].flat()[0], ["", ...FACETS]);
			const [first, second] = steps;
			const found = first && second ? await journeysIn(c.env, scope) : null;
			return c.json({
				...envelope(c.env, scope, found || COMPLETE),
				steps: found ? funnel(found.sequences, steps, within) : [],
				rows: found && by ? breakdown(found.sequences, steps, within, by) : [],
			});
		},
	)

	/** Pages viewed before and after the page `?url=` (default: the page with the most views). */
	.get("/paths", validator("query", firstValues(...SCOPE_PARAMS, "url")), async (c) => {
		const query = c.req.valid("query");
		const scope = scopeOf(c, query);
		const { days } = await countsByDay(c.env, ["pages"], scope);
		const pages = topOf(sumOf(days.pages), 200).map(([url]) => url);
		const url = query.url || pages[0] || null;
		const found = url === null ? null : await journeysIn(c.env, scope);
		return c.json({
			...envelope(c.env, scope, found || COMPLETE),
			...{ url, pages, paths: found && url !== null ? pathsOf(found.sequences, url) : null },
		});
	})

	/** Sessions that reached a goal, for example `?goal=tag:bought`. */
	.get("/conversions", validator("query", firstValues(...SCOPE_PARAMS, "goal")), async (c) => {
		const query = c.req.valid("query");
		const scope = scopeOf(c, query);
		const goal = query.goal ? stepOf(query.goal) : null;
		const found = goal && (await journeysIn(c.env, scope));
		return c.json({
			...envelope(c.env, scope, found || COMPLETE),
			result: found && goal ? conversions(found.sequences, goal) : null,
		});
	})

	/** The datasets that can be exported. */
	.get("/export", (c) =>
		c.json({
			datasets: Object.entries({ ...DATASETS, ...SERVER_DATASETS }).map(([name, { title, columns }]) => ({
				...{ name, title, columns: [...columns] },
			})),
		}),
	)

	/** One dataset, with the same numbers as the reports, as a file: `?format=csv`, `json` or `ndjson`. */
	.get("/export/:dataset", validator("query", firstValues(...SCOPE_PARAMS, "format")), (c) => {
		const query = c.req.valid("query");
		const scope = scopeOf(c, query);
		const name = c.req.param("dataset");
		const all: Record<string, Dataset> = { ...DATASETS, ...SERVER_DATASETS };
		const dataset = Object.hasOwn(all, name) ? all[name] : undefined;
		if (!dataset) fail("not_found");
		const rows =
			"rowsOf" in dataset
				? dataset.rowsOf(c.env, scope)
				: "section" in dataset
					? rowsOfSums(c.env, scope, dataset)
					: "ofDay" in dataset
						? rowsOfDays(c.env, scope, dataset)
						: rowsOfFacts(c.env, scope, dataset);
		return tableResponse(
			`${name}_${scope.since}_to_${scope.until}`,
			choiceParam(query.format, FORMATS),
			dataset.columns,
			rows,
		);
	});

/** Returns the scope's filter, and its period in epoch milliseconds. */
function timesOf({ since, until, filter }: Scope) {
	return { since: startOfDay(since), until: startOfDay(until) + DAY_MS - 1, filter };
}

type Dataset = (typeof DATASETS)[string] | (typeof SERVER_DATASETS)[keyof typeof SERVER_DATASETS];

async function* rowsOfDays(env: Env, scope: Scope, { ofDay }: Extract<Dataset, { ofDay: unknown }>) {
	for (const section of SECTIONS) {
		const { days } = await countsByDay(env, [section], scope);
		const sums = [...days[section]].sort(([a], [b]) => a - b);
		for (const [day, counts] of sums) yield* ofDay(day, section, counts);
	}
}

async function* rowsOfSums(env: Env, scope: Scope, dataset: Extract<Dataset, { section: Section }>) {
	const { days } = await countsByDay(env, [dataset.section], scope);
	yield* dataset.rows(sumOf(days[dataset.section]));
}

const EXPORT_PAGE = 500;

/** Yields the rows of settled sessions, read page by page, then the rows of live sessions. */
async function* rowsOfFacts(env: Env, scope: Scope, { each }: Extract<Dataset, { each: unknown }>) {
	let after = { day: 0, sessionId: "" };
	for (;;) {
		const page = await readFacts(env.DB, scope.project, scope, after, EXPORT_PAGE);
		for (const facts of page) yield* each(facts);
		if (page.length < EXPORT_PAGE) break;
		after = page.at(-1)!;
	}
	for (const facts of (await liveFacts(env, scope)).facts) yield* each(facts);
}

/** Datasets of server reports. Names and columns are the same as in Sentiero. Filters on sessions do not apply. */
const SERVER_DATASETS = {
	problems: {
		title: "Server issues",
		columns: [
			...["id", "fingerprint", "project", "exception_class", "title", "count", "status"],
			...["first_seen", "last_seen"],
		],
		async *rowsOf(env: Env, scope: Scope) {
			const query = { ...timesOf(scope), sort: ISSUE_SORTS[0] };
			const fetchPage = (after: IssueCursor | null) => listIssues(env.DB, scope.project, query, EXPORT_PAGE, after);
			for await (const { issues } of paginate(fetchPage)) {
				for (const it of issues) {
					yield [
						...[it.fingerprint, it.fingerprint, scope.project, it.exceptionClass],
						...[`${it.exceptionClass}: ${it.message}`, it.count, it.status, it.firstSeen, it.lastSeen],
					];
				}
			}
		},
	},
	server_events: {
		title: "Server events",
		columns: ["id", "project", "name", "level", "session_id", "timestamp", "payload"],
		async *rowsOf(env: Env, scope: Scope) {
			const fetchPage = (before: string | null) =>
				listServerEvents(env.DB, scope.project, timesOf(scope), EXPORT_PAGE * 3, before);
			for await (const { events } of paginate(fetchPage)) {
				for (const { id, name, level, sessionId, at, payload } of events) {
					yield [id, scope.project, name, level, sessionId, at, payload && JSON.stringify(payload)];
				}
			}
		},
	},
};

const MAX_STEPS = 8;
/** Limit of live sessions, and of settled sessions, in which a full snapshot of a page is searched. */
const MAX_CANDIDATES = 5;

/**
 * Returns the scope limited to the type of device with the most views of a page, or of all pages. Returns the scope
 * itself if there are none.
 */
async function mainDeviceScope(env: Env, scope: Scope, url: string | undefined): Promise<Scope> {
	let found = scope;
	let most = 0;
	for (const device of DEVICES) {
		const ofDevice = { ...scope, filter: { ...scope.filter, device } };
		const { days } = await countsByDay(env, ["pages"], ofDevice);
		const pages = sumOf(days.pages);
		const views = (url ? [url] : Object.keys(pages)).reduce((sum, it) => sum + scrollDepthsOf(pages, it).views, 0);
		if (views > most) [found, most] = [ofDevice, views];
	}
	return found;
}

/** Finds a chunk with a full snapshot of the page; null: none was found. */
async function recordingOf(env: Env, scope: Scope, url: string) {
	const live = (await liveFacts(env, scope)).facts.filter(({ journey }) => journey.words.includes(url));
	const needle = JSON.stringify(url);
	const settled = await findByStep(env.DB, scope.project, scope, needle, MAX_CANDIDATES);
	const ids = [...live.map(({ sessionId }) => sessionId).slice(0, MAX_CANDIDATES), ...settled];
	const found = await findSnapshot(env.DB, scope.project, ids, ({ pages }) =>
		(pages ?? []).some(([, pageUrl, , , , , cause]) => pageUrl === url && cause === "load"),
	);
	return found ? { sessionId: found.sessionId, windowId: found.windowId, cursor: found.id } : null;
}

/** @throws invalid_parameter */
function stepOf(text: string): Step {
	const [, kind, value] = /^(page|click|tag):(.+)$/s.exec(text) ?? [];
	if (!kind || !value) fail("invalid_parameter", { name: "step" });
	return { kind: kind as Step["kind"], value: value.slice(0, 1_024) };
}
