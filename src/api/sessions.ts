import { Hono } from "hono";
import { validator } from "hono/validator";
import { LIVE_MS } from "../contract/limits.ts";
import { configOf, type Env } from "../env.ts";
import { fail } from "../http/errors.ts";
import { countParam, decodeCursor, encodeCursor, idParam } from "../http/params.ts";
import { erase } from "../storage/erasures.ts";
import { findSession, listChunks, listSessions, type SessionRow } from "../storage/sessions.ts";

const PAGE = 50;
const MAX_PAGE = 200;

/** Sessions: the list, one with its windows, deletion of either. */
export const sessions = new Hono<{ Bindings: Env }>()

	/** `?project=&limit=&cursor=` → a page of sessions, newest start first. */
	.get(
		"/",
		validator("query", (query) => ({
			project: first(query.project),
			limit: first(query.limit),
			cursor: first(query.cursor),
		})),
		async (c) => {
			const query = c.req.valid("query");
			const { projects } = configOf(c.env);
			const project = projects.find(({ id }) => id === query.project) ?? projects[0]!;
			const now = Date.now();
			const page = await listSessions(
				c.env.DB,
				project.id,
				countParam(query.limit, PAGE, MAX_PAGE),
				startOf(decodeCursor(query.cursor)),
			);
			return c.json({
				sessions: page.sessions.map((session) => withLive(session, now)),
				next: page.next && encodeCursor([page.next.startedAt, page.next.id]),
			});
		},
	)

	.get("/:sid", async (c) => {
		const session = await sessionOf(c.env, c.req.param("sid"));
		const windows = new Map<string, { id: string; startedAt: number; lastAt: number; events: number }>();
		for (const { ref, firstAt, lastAt, events } of await listChunks(c.env.DB, session.project, session.id)) {
			const window = windows.get(ref.windowId);
			if (!window) windows.set(ref.windowId, { id: ref.windowId, startedAt: firstAt, lastAt, events });
			else {
				window.lastAt = Math.max(window.lastAt, lastAt);
				window.events += events;
			}
		}
		return c.json({ session: withLive(session, Date.now()), windows: [...windows.values()] });
	})

	/** Answers the same for a session that does not exist: it is gone either way, and stays away. */
	.delete("/:sid", async (c) => c.json(await remove(c.env, idParam(c.req.param("sid")), null)))

	.delete("/:sid/windows/:wid", async (c) =>
		c.json(await remove(c.env, idParam(c.req.param("sid")), idParam(c.req.param("wid")))),
	);

/** @throws invalid_id, session_not_found */
export async function sessionOf(env: Env, sid: string | undefined): Promise<SessionRow> {
	const projects = configOf(env).projects.map(({ id }) => id);
	return (await findSession(env.DB, projects, idParam(sid))) ?? fail("session_not_found");
}

async function remove(env: Env, sessionId: string, windowId: string | null): Promise<{ deletedChunks: number }> {
	let deletedChunks = 0;
	for (const { id: project } of configOf(env).projects) {
		deletedChunks += await erase(env.DB, env.CHUNKS, { project, sessionId, windowId }, Date.now());
	}
	return { deletedChunks };
}

function withLive(session: SessionRow, now: number): SessionRow & { live: boolean } {
	return { ...session, live: now - session.receivedAt < LIVE_MS };
}

function startOf(parts: string[] | null): { startedAt: number; id: string } | null {
	if (!parts) return null;
	const startedAt = Number(parts[0]);
	if (!Number.isFinite(startedAt) || parts.length !== 2) fail("invalid_parameter", { name: "cursor" });
	return { startedAt, id: parts[1]! };
}

function first(value: string | string[] | undefined): string | undefined {
	return Array.isArray(value) ? value[0] : value;
}
