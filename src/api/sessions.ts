import { Hono } from "hono";
import { validator } from "hono/validator";
import { FILTERS, filterOf } from "../contract/filter.ts";
import { LIVE_MS } from "../contract/limits.ts";
import { configOf, type Env } from "../env.ts";
import { fail } from "../http/errors.ts";
import { choiceParam, countParam, decodeCursor, encodeCursor, firstValues, idParam, periodOf } from "../http/params.ts";
import { FORMATS, paginate, tableResponse } from "../http/table.ts";
import { erase } from "../storage/erasures.ts";
import { countReports } from "../storage/server-of-session.ts";
import {
	findSession,
	type ListScope,
	listChunks,
	listSessions,
	SESSION_SORTS,
	type SessionCursor,
	type SessionRow,
	type SessionSort,
	storedProjects,
	sumSessions,
} from "../storage/sessions.ts";
import { matchingLiveForList, projectOf, projectsIn } from "./scope.ts";

const PAGE = 50;
const MAX_PAGE = 200;
/** Sessions read per D1 query while a file is exported. */
const EXPORT_PAGE = 500;
const LIST_PARAMS = ["project", "since", "until", "live", ...FILTERS, "sort", "limit", "cursor"] as const;

const inProject = validator("query", firstValues("project"));

/** Sessions: list, totals, export, details with windows, deletion of sessions and windows. */
export const sessions = new Hono<{ Bindings: Env }>()

	/**
	 * `?project=&since=&until=&live=true&sort=&limit=&cursor=` and `FILTERS` → a page of the sessions that overlap the
	 * period and match the filter, by descending `sort` (default: start).
	 */
	.get("/", validator("query", firstValues(...LIST_PARAMS)), async (c) => {
		const query = c.req.valid("query");
		const now = Date.now();
		const { isOpenCut, ...scope } = await listScopeOf(c.env, query, now);
		const limit = countParam(query.limit, PAGE, MAX_PAGE);
		const sort = choiceParam(query.sort, SESSION_SORTS);
		const page = await listSessions(c.env.DB, scope, sort, limit, cursorOf(query.cursor));
		return c.json({
			sessions: page.sessions.map((session) => withLive(session, now)),
			next: page.next && encodeCursor([page.next.rank, page.next.startedAt, page.next.id]),
			isCut: page.isCut && sort !== "start",
			isOpenCut,
			...projectsIn(c.env, scope.project),
		});
	})

	/** Totals of the list. `isOpenCut`: there are more live sessions than were checked against the filter. */
	.get("/totals", validator("query", firstValues(...LIST_PARAMS)), async (c) => {
		const { isOpenCut, ...scope } = await listScopeOf(c.env, c.req.valid("query"), Date.now());
		return c.json({ ...(await sumSessions(c.env.DB, scope)), isOpenCut });
	})

	/** The list as a file: `&format=csv`, `json` or `ndjson`. */
	.get("/export", validator("query", firstValues(...LIST_PARAMS, "format")), async (c) => {
		const query = c.req.valid("query");
		const scope = await listScopeOf(c.env, query, Date.now());
		const sort = choiceParam(query.sort, SESSION_SORTS);
		return tableResponse("sessions", choiceParam(query.format, FORMATS), COLUMNS, rowsOf(c.env.DB, scope, sort));
	})

	/** One session with its windows and the number of its server reports. */
	.get("/:sid", inProject, async (c) => {
		const session = await sessionOf(c.env, c.req.param("sid"), c.req.valid("query").project);
		const [chunks, reported] = await Promise.all([
			listChunks(c.env.DB, session.project, session.id),
			countReports(c.env.DB, session.project, session.id),
		]);
		const windows = new Map<string, { id: string; startedAt: number; lastAt: number; events: number }>();
		for (const { ref, firstAt, lastAt, events } of chunks) {
			const window = windows.get(ref.windowId);
			if (!window) windows.set(ref.windowId, { id: ref.windowId, startedAt: firstAt, lastAt, events });
			else {
				window.lastAt = Math.max(window.lastAt, lastAt);
				window.events += events;
			}
		}
		return c.json({ session: { ...withLive(session, Date.now()), reported }, windows: [...windows.values()] });
	})

	/** Deletes a session. An unknown session is not an error: its late batches will be rejected, too. */
	.delete("/:sid", inProject, async (c) =>
		c.json(await remove(c.env, c.req.valid("query").project, idParam(c.req.param("sid")), null)),
	)

	.delete("/:sid/windows/:wid", inProject, async (c) => {
		const { project } = c.req.valid("query");
		return c.json(await remove(c.env, project, idParam(c.req.param("sid")), idParam(c.req.param("wid"))));
	});

type ListQuery = Partial<Record<(typeof LIST_PARAMS)[number], string | undefined>>;

async function listScopeOf(env: Env, query: ListQuery, now: number): Promise<ListScope & { isOpenCut: boolean }> {
	const project = projectOf(env, query.project);
	const filter = filterOf(query);
	const period = { ...periodOf(query), liveSince: query.live === "true" ? now - LIVE_MS : undefined };
	return { project, ...period, filter, ...(await matchingLiveForList(env, project, filter, period)) };
}

const COLUMNS = [
	...["session_id", "started_at", "last_event_at", "duration_ms", "user_id", "country", "city", "browser", "os"],
	...["device", "entry_url", "url", "pages", "clicks", "errors", "server_errors", "events", "score", "metadata"],
];

async function* rowsOf(db: D1Database, scope: ListScope, sort: SessionSort) {
	const fetchPage = (after: SessionCursor | null) => listSessions(db, scope, sort, EXPORT_PAGE, after);
	for await (const page of paginate(fetchPage)) {
		for (const { client, metadata, ...it } of page.sessions) {
			yield [
				...[it.id, it.startedAt, it.lastAt, it.lastAt - it.startedAt, it.userId, client.country ?? null],
				...[client.city ?? null, client.browser ?? null, client.os ?? null, client.device ?? null],
				...[String(metadata.entry_url ?? ""), String(metadata.url ?? ""), it.pages, it.clicks, it.errors],
				...[it.serverErrors, it.events, it.score, JSON.stringify(metadata)],
			];
		}
	}
}

/** Returns the given project in a list; if none is given, all configured projects. @throws invalid_parameter */
export function projectsOf(env: Env, projectId: string | undefined): string[] {
	const ids = configOf(env).projects.map(({ id }) => id);
	if (projectId === undefined) return ids;
	return ids.includes(projectId) ? [projectId] : fail("invalid_parameter", { name: "project" });
}

/**
 * Returns the projects in which data may be deleted: the given project; if none is given, all. Unlike `projectsOf`,
 * includes projects that are no longer configured but still have data.
 * @throws invalid_parameter
 */
export async function erasableProjects(env: Env, projectId: string | undefined): Promise<string[]> {
	const ids = new Set([...projectsOf(env, undefined), ...(await storedProjects(env.DB))]);
	if (projectId === undefined) return [...ids];
	return ids.has(projectId) ? [projectId] : fail("invalid_parameter", { name: "project" });
}

/**
 * Finds a session by ID. Browsers choose session IDs, so sessions of two projects may have the same ID: callers that
 * know the project must pass it.
 * @throws invalid_id, invalid_parameter, session_not_found
 */
export async function sessionOf(env: Env, sid: string | undefined, project?: string): Promise<SessionRow> {
	return (await findSession(env.DB, projectsOf(env, project), idParam(sid))) ?? fail("session_not_found");
}

async function remove(env: Env, projectId: string | undefined, sessionId: string, windowId: string | null) {
	let deletedChunks = 0;
	for (const project of await erasableProjects(env, projectId)) {
		deletedChunks += (await erase(env.DB, env.CHUNKS, { project, sessionId, windowId }, Date.now())).chunks;
	}
	return { deletedChunks };
}

function withLive<T extends SessionRow>(session: T, now: number): T & { live: boolean } {
	return { ...session, live: now - session.receivedAt < LIVE_MS };
}

function cursorOf(value: string | undefined): SessionCursor | null {
	const parts = decodeCursor(value);
	if (!parts) return null;
	const [rank, startedAt] = parts.map(Number);
	if (parts.length !== 3 || !Number.isFinite(rank) || !Number.isFinite(startedAt)) {
		fail("invalid_parameter", { name: "cursor" });
	}
	return { rank: rank!, startedAt: startedAt!, id: parts[2]! };
}
