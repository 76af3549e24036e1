import { dayOf, startOfDay } from "../contract/days.ts";
import type { ErrorReport, IssueStatus } from "../contract/reports.ts";
import { AFTER_ALL_IDS, unlessDeleted, unlessErased } from "./server-retention.ts";

/** Exceptions reported by servers: issues and their occurrences. */

export interface Occurrence extends ErrorReport {
	project: string;
	fingerprint: string;
	/** UUIDv7 with the time `at`. */
	id: string;
}

export interface Issue {
	fingerprint: string;
	exceptionClass: string;
	/** Message of the newest occurrence. */
	message: string;
	count: number;
	status: IssueStatus;
	/** Epoch milliseconds. */
	firstSeen: number;
	lastSeen: number;
	/** Set only while the issue is resolved. */
	resolvedAt: number | null;
	/** Time of the occurrence that last reopened the issue after it was resolved; null: none. */
	regressedAt: number | null;
}

/**
 * Stores an occurrence and updates its issue. If the session was deleted by hand, stores neither message nor context,
 * because they may contain personal data.
 */
export async function saveOccurrence(db: D1Database, occurrence: Occurrence): Promise<void> {
	const { project, fingerprint, id, at, message, backtrace, context, platform, sessionId, windowId } = occurrence;
	await db.batch([
		db
			.prepare(
				`INSERT INTO occurrences
				(project, fingerprint, id, at, message, backtrace, context, platform, session_id, window_id)
				SELECT ?1, ?2, ?3, ?4, coalesce(${unlessDeleted("?5", "?9")}, ''), ?6, ${unlessDeleted("?7", "?9")}, ?8,
					${unlessErased("?9", "?9")}, ${unlessErased("?10", "?9", "?10")}`,
			)
			.bind(
				...[project, fingerprint, id, at, message, JSON.stringify(backtrace)],
				...[context && JSON.stringify(context), platform, sessionId, windowId],
			),
		db.prepare(UPSERT_ISSUE).bind(project, fingerprint, occurrence.exceptionClass, id, at, String(dayOf(at))),
	]);
}

/** Inserts or updates an issue. A late occurrence from before the issue was resolved does not reopen it. */
const UPSERT_ISSUE = `INSERT INTO issues
(project, fingerprint, exception_class, message, count, status, first_seen, last_seen, days)
SELECT ?1, ?2, ?3, o.message, 1, 'open', ?5, ?5, json_object(?6, 1) FROM occurrences o
WHERE o.project = ?1 AND o.fingerprint = ?2 AND o.id = ?4
ON CONFLICT DO UPDATE SET
	count = count + 1,
	days = json_set(days, '$."' || ?6 || '"', coalesce(days ->> ?6, 0) + 1),
	message = CASE WHEN ?5 >= last_seen AND excluded.message <> '' THEN excluded.message ELSE message END,
	first_seen = min(first_seen, ?5),
	last_seen = max(last_seen, ?5),
	status = CASE WHEN status = 'resolved' AND ?5 > resolved_at THEN 'open' ELSE status END,
	regressed_at = CASE WHEN status = 'resolved' AND ?5 > resolved_at THEN ?5 ELSE regressed_at END,
	resolved_at = CASE WHEN status = 'resolved' AND ?5 > resolved_at THEN NULL ELSE resolved_at END`;

/** Totals of all issues, for a period. */
export interface IssueTotals {
	/** Number of issues that are open now, regardless of the period. */
	open: number;
	/** Number of exceptions by UTC day, yyyymmdd. */
	days: Map<number, number>;
	/** Open issues with the most occurrences in the period. */
	top: (Pick<Issue, "fingerprint" | "exceptionClass" | "message" | "firstSeen"> & { count: number })[];
}

/** Returns the totals of issues from the UTC day `since` to the day `until` (yyyymmdd, both included). */
export async function totalIssues(
	db: D1Database,
	project: string,
	{ since, until }: { since: number; until: number },
	limit: number,
): Promise<IssueTotals> {
	const inPeriod = `issues i, json_each(i.days) d WHERE i.project = ?1 AND i.last_seen >= ?2
		AND cast(d.key AS INTEGER) BETWEEN ?3 AND ?4`;
	const bound = [project, startOfDay(since), since, until];
	const [open, days, top] = (await db.batch([
		db.prepare("SELECT count(*) AS n FROM issues WHERE project = ?1 AND status = 'open'").bind(project),
		db.prepare(`SELECT cast(d.key AS INTEGER) AS day, sum(d.value) AS n FROM ${inPeriod} GROUP BY 1`).bind(...bound),
		db
			.prepare(
				`SELECT i.fingerprint, i.exception_class AS exceptionClass, i.message, i.first_seen AS firstSeen,
					sum(d.value) AS count FROM ${inPeriod} AND i.status = 'open'
				GROUP BY i.fingerprint ORDER BY 5 DESC, 1 LIMIT ?5`,
			)
			.bind(...bound, limit),
	])) as [D1Result<{ n: number }>, D1Result<{ day: number; n: number }>, D1Result<IssueTotals["top"][number]>];
	return {
		open: open.results[0]?.n ?? 0,
		days: new Map(days.results.map(({ day, n }) => [day, n])),
		top: top.results,
	};
}

export const ISSUE_SORTS = ["last_seen", "first_seen", "count"] as const;

export interface IssueQuery {
	status?: IssueStatus | undefined;
	/** Text contained in `{class}: {message}`, case-insensitive. */
	search?: string | undefined;
	sort: (typeof ISSUE_SORTS)[number];
	/** Period of `lastSeen`, epoch milliseconds, both ends included. */
	since: number | null;
	until: number | null;
}

export interface IssueCursor {
	rank: number;
	fingerprint: string;
}

const COLUMNS = `fingerprint, exception_class AS exceptionClass, message, count, status, first_seen AS firstSeen,
last_seen AS lastSeen, resolved_at AS resolvedAt, regressed_at AS regressedAt`;

const WHERE = `FROM issues WHERE project = ?1 AND last_seen BETWEEN ?2 AND ?3
AND (?4 IS NULL OR instr(lower(exception_class || ': ' || message), lower(?4)))`;

const valuesOf = (project: string, { search, since, until }: IssueQuery) => [
	project,
	since ?? 0,
	until ?? Number.MAX_SAFE_INTEGER,
	search ?? null,
];

/** Returns a page of issues, in descending order of `query.sort`. */
export async function listIssues(
	db: D1Database,
	project: string,
	query: IssueQuery,
	limit: number,
	after: IssueCursor | null,
): Promise<{ issues: Issue[]; next: IssueCursor | null }> {
	const { results } = await db
		.prepare(
			`SELECT ${COLUMNS}, ${query.sort} AS rank ${WHERE} AND (?5 IS NULL OR status = ?5)
			AND (?6 IS NULL OR (${query.sort}, fingerprint) < (?6, ?7))
			ORDER BY ${query.sort} DESC, fingerprint DESC LIMIT ?8`,
		)
		.bind(
			...valuesOf(project, query),
			...[query.status ?? null, after?.rank ?? null, after?.fingerprint ?? null, limit + 1],
		)
		.all<Issue & { rank: number }>();
	const page = results.slice(0, limit);
	const last = page.at(-1);
	return {
		issues: page.map(({ rank: _, ...issue }) => issue),
		next: results.length > limit ? { rank: last!.rank, fingerprint: last!.fingerprint } : null,
	};
}

/** Counts the issues that match a query by status. Ignores the status in the query. */
export async function countIssues(
	db: D1Database,
	project: string,
	query: Omit<IssueQuery, "sort">,
): Promise<Record<IssueStatus, number>> {
	const { results } = await db
		.prepare(`SELECT status, count(*) AS n ${WHERE} GROUP BY status`)
		.bind(...valuesOf(project, { ...query, sort: "last_seen" }))
		.all<{ status: IssueStatus; n: number }>();
	return { open: 0, resolved: 0, ignored: 0, ...Object.fromEntries(results.map(({ status, n }) => [status, n])) };
}

export async function findIssue(db: D1Database, project: string, fingerprint: string): Promise<Issue | null> {
	return db
		.prepare(`SELECT ${COLUMNS} FROM issues WHERE project = ?1 AND fingerprint = ?2`)
		.bind(project, fingerprint)
		.first<Issue>();
}

/** @returns false when there is no such issue */
export async function setIssueStatus(
	db: D1Database,
	project: string,
	fingerprint: string,
	status: IssueStatus,
	now: number,
): Promise<boolean> {
	const { meta } = await db
		.prepare(
			`UPDATE issues SET status = ?3, resolved_at = CASE ?3 WHEN 'resolved' THEN ?4 END
			WHERE project = ?1 AND fingerprint = ?2`,
		)
		.bind(project, fingerprint, status, now)
		.run();
	return meta.changes > 0;
}

/** Returns a page of occurrences, newest first. @param before ID of the last occurrence of the previous page */
export async function listOccurrences(
	db: D1Database,
	project: string,
	fingerprint: string,
	limit: number,
	before: string | null,
): Promise<{ occurrences: StoredOccurrence[]; next: string | null }> {
	const { results } = await db
		.prepare(
			`SELECT id, at, message, backtrace, context, platform, session_id AS sessionId, window_id AS windowId,
				EXISTS (SELECT 1 FROM sessions s WHERE s.project = ?1 AND s.id = session_id) AS isRecorded
			FROM occurrences WHERE project = ?1 AND fingerprint = ?2 AND id < ?3
			ORDER BY id DESC LIMIT ?4`,
		)
		.bind(project, fingerprint, before ?? AFTER_ALL_IDS, limit + 1)
		.all<Record<keyof StoredOccurrence, unknown>>();
	const occurrences = results.slice(0, limit).map(
		(row) =>
			({
				...row,
				backtrace: JSON.parse(String(row.backtrace)),
				context: row.context === null ? null : JSON.parse(String(row.context)),
				isRecorded: row.isRecorded === 1,
			}) as StoredOccurrence,
	);
	return { occurrences, next: results.length > limit ? occurrences.at(-1)!.id : null };
}

export type StoredOccurrence = Omit<ErrorReport, "exceptionClass"> & {
	id: string;
	/** Whether the session is stored and can be opened. */
	isRecorded: boolean;
};

/** Distribution of an issue's stored occurrences. */
export interface OccurrenceStats {
	/** Number of stored occurrences, and the time of the oldest one, epoch milliseconds. */
	kept: number;
	oldest: number | null;
	/** Occurrences in the last day, week and 30 days. */
	lastDay: number;
	lastWeek: number;
	lastMonth: number;
	/**
	 * Number of occurrences on each of the last 30 UTC days that has any; `day` is like `2026-07-01`. Includes
	 * occurrences that are no longer stored.
	 */
	days: { day: string; count: number }[];
	/** Most frequent first. */
	paths: Facet[];
	environments: Facet[];
	browsers: Facet[];
	/** Newest first. */
	releases: (Facet & { firstSeen: number })[];
	/** Sessions in which the exception happened, the one with the newest occurrence first. */
	sessions: AffectedSession[];
	/** Names of the lists above that are truncated. */
	cut: CutList[];
}

type CutList = "paths" | "environments" | "browsers" | "releases" | "sessions";

export interface Facet {
	value: string;
	count: number;
}

export interface AffectedSession {
	id: string;
	/** Newest occurrence in the session: its time in epoch milliseconds (`at`), ID (`item`) and window (`windowId`). */
	at: number;
	item: string;
	windowId: string | null;
	/** Number of occurrences in the session. */
	count: number;
	/** Start and end of the session, epoch milliseconds; null: the session was never stored, or has been deleted. */
	startedAt: number | null;
	lastAt: number | null;
	browser: string | null;
}

const DAY_MS = 86_400_000;
const TOP = 8;
const MAX_SESSIONS = 50;

export async function readOccurrenceStats(
	db: D1Database,
	project: string,
	fingerprint: string,
	now: number,
): Promise<OccurrenceStats> {
	const since = (days: number) => `at > ${now - days * DAY_MS}`;
	const occurrencesSql = "FROM occurrences o WHERE o.project = ?1 AND o.fingerprint = ?2";
	const facet = (value: string, from = occurrencesSql) =>
		`SELECT cast(${value} AS TEXT) AS value, count(*) AS count ${from} AND ${value} IS NOT NULL
		GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${TOP + 1}`;
	const withSessionSql = occurrencesSql.replace(
		" WHERE",
		" JOIN sessions s ON s.project = o.project AND s.id = o.session_id WHERE",
	);
	const [sums, days, paths, environments, browsers, releases, sessions] = await db.batch<Record<string, unknown>>(
		[
			`SELECT count(*) AS kept, min(at) AS oldest, total(${since(1)}) AS lastDay,
				total(${since(7)}) AS lastWeek, total(${since(30)}) AS lastMonth ${occurrencesSql}`,
			`SELECT substr(d.key, 1, 4) || '-' || substr(d.key, 5, 2) || '-' || substr(d.key, 7) AS day, d.value AS count
				FROM issues o, json_each(o.days) d WHERE o.project = ?1 AND o.fingerprint = ?2
				AND d.key > '${dayOf(now - 30 * DAY_MS)}' ORDER BY d.key`,
			facet("o.context ->> '$.request.path'"),
			facet("o.context ->> '$.environment'"),
			facet("s.client ->> 'browser'", withSessionSql),
			`SELECT cast(o.context ->> '$.release' AS TEXT) AS value, count(*) AS count, min(at) AS firstSeen ${occurrencesSql}
				AND o.context ->> '$.release' IS NOT NULL GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT ${TOP + 1}`,
			`SELECT o.session_id AS id, max(o.at) AS at, o.id AS item, o.window_id AS windowId, count(*) AS count,
				s.started_at AS startedAt, s.last_at AS lastAt, s.client ->> 'browser' AS browser
				${occurrencesSql.replace(" WHERE", " LEFT JOIN sessions s ON s.project = o.project AND s.id = o.session_id WHERE")}
				AND o.session_id IS NOT NULL GROUP BY o.session_id ORDER BY 2 DESC LIMIT ${MAX_SESSIONS + 1}`,
		].map((sql) => db.prepare(sql).bind(project, fingerprint)),
	);
	const cut: CutList[] = [];
	const listOf = <T>(name: CutList, { results }: D1Result, limit: number) => {
		if (results.length > limit) cut.push(name);
		return results.slice(0, limit) as T[];
	};
	return {
		...(sums!.results[0] as unknown as Pick<OccurrenceStats, "kept" | "oldest" | "lastDay" | "lastWeek" | "lastMonth">),
		days: days!.results as unknown as OccurrenceStats["days"],
		paths: listOf<Facet>("paths", paths!, TOP),
		environments: listOf<Facet>("environments", environments!, TOP),
		browsers: listOf<Facet>("browsers", browsers!, TOP),
		releases: listOf<OccurrenceStats["releases"][number]>("releases", releases!, TOP),
		sessions: listOf<AffectedSession>("sessions", sessions!, MAX_SESSIONS),
		cut,
	};
}
