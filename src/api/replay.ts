import { Hono } from "hono";
import { validator } from "hono/validator";
import { MAX_REPORTED } from "../contract/limits.ts";
import { chunkStore, type Env } from "../env.ts";
import { fail } from "../http/errors.ts";
import { firstValues, idParam } from "../http/params.ts";
import { getChunk, inflate, isChunkId } from "../storage/chunks.ts";
import { MissingKeyError } from "../storage/encryption.ts";
import { reportsOfSession } from "../storage/server-of-session.ts";
import { findChunk, listTrails, sessionsOfUser } from "../storage/sessions.ts";
import { sessionOf } from "./sessions.ts";

/** More of one person's visits are found by the list. */
const MAX_VISITS = 50;

/** What one window's replay needs: its trail, at once, and its events, chunk by chunk; and who was seen, when else. */
export const replay = new Hono<{ Bindings: Env }>()

	/** The sessions of whoever this one is of by the site's own word, the newest first, this one too; none without a word. */
	.get("/:sid/person", validator("query", firstValues("project")), async (c) => {
		const session = await sessionOf(c.env, c.req.param("sid"), c.req.valid("query").project);
		const { userId, project } = session;
		const found = userId === null ? [] : await sessionsOfUser(c.env.DB, project, userId, MAX_VISITS + 1);
		return c.json({
			userId,
			sessions: found
				.slice(0, MAX_VISITS)
				.map(({ id, startedAt, lastAt, pages, clicks, errors, client, metadata }) => ({
					...{ id, startedAt, lastAt, pages, clicks, errors, client },
					entryUrl: String(metadata.entry_url ?? metadata.url ?? ""),
				})),
			isCut: found.length > MAX_VISITS,
		});
	})

	/** What servers reported of this session, by the server's clock; of each kind the newest, if there are more. */
	.get("/:sid/reported", validator("query", firstValues("project")), async (c) => {
		const session = await sessionOf(c.env, c.req.param("sid"), c.req.valid("query").project);
		return c.json(await reportsOfSession(c.env.DB, session.project, session.id, MAX_REPORTED));
	})

	/** The chunks in time order, each with its trail and the cursor that fetches its events. */
	.get("/:sid/windows/:wid/trail", validator("query", firstValues("project")), async (c) => {
		const session = await sessionOf(c.env, c.req.param("sid"), c.req.valid("query").project);
		const rows = await listTrails(c.env.DB, session.project, session.id, idParam(c.req.param("wid")));
		if (!rows.length) fail("window_not_found");
		return c.json({
			chunks: rows.map(({ ref, firstAt, lastAt, events, snapshots, trail }) => ({
				cursor: ref.id,
				firstAt,
				lastAt,
				events,
				snapshots,
				trail,
			})),
		});
	})

	/**
	 * One chunk: the batch's JSON; gzip as it is stored, never touched on its way out, unless it was in a pack. Without
	 * `?cursor=` the window's first; the header `x-next-cursor` names the next and is absent after the last. A chunk is
	 * whole, so no event is lost between two calls.
	 */
	.get("/:sid/windows/:wid/events", validator("query", firstValues("cursor", "project")), async (c) => {
		const { cursor, project } = c.req.valid("query");
		if (cursor && !isChunkId(cursor)) fail("invalid_parameter", { name: "cursor" });
		const session = await sessionOf(c.env, c.req.param("sid"), project);
		const wid = idParam(c.req.param("wid"));
		const { ref, next } =
			(await findChunk(c.env.DB, session.project, session.id, wid, cursor ?? null)) ??
			fail(cursor ? "chunk_not_found" : "window_not_found");
		if (next) c.header("x-next-cursor", next);
		const chunk = await getChunk(chunkStore(c.env), ref).catch((error) =>
			error instanceof MissingKeyError ? fail("chunk_locked", { key: error.keyId }) : Promise.reject(error),
		);
		if (!chunk) return c.json({ error: "this part of the recording is missing" }, 404);
		c.header("content-type", "application/json");
		c.header("cache-control", "no-store");
		if (!chunk.isGzip || !/\bgzip\b/.test(c.req.header("accept-encoding") ?? "")) return c.body(inflate(chunk).body!);
		return new Response(chunk.body, {
			headers: { ...Object.fromEntries(c.res.headers), "content-encoding": "gzip" },
			encodeBody: "manual",
		});
	});
