import { Hono } from "hono";
import { validator } from "hono/validator";
import { MAX_SERVER_ITEMS } from "../contract/limits.ts";
import { chunkStore, type Env } from "../env.ts";
import { fail } from "../http/errors.ts";
import { firstValues, idParam } from "../http/params.ts";
import { getChunk, isChunkId, jsonResponseOf } from "../storage/chunks.ts";
import { MissingKeyError } from "../storage/encryption.ts";
import { reportsOfSession } from "../storage/server-of-session.ts";
import { findChunk, listTrails, sessionsOfUser } from "../storage/sessions.ts";
import { sessionOf } from "./sessions.ts";

/** Limit of the sessions of a person that are returned; the session list shows the others. */
const MAX_PERSON_SESSIONS = 50;

/** Data of a replay: the trail and the events of each window, all sessions of the same person, and server reports. */
export const replay = new Hono<{ Bindings: Env }>()

	/** Sessions of the same person, this one included, newest first; none if the session has no user ID. */
	.get("/:sid/person", validator("query", firstValues("project")), async (c) => {
		const session = await sessionOf(c.env, c.req.param("sid"), c.req.valid("query").project);
		const { userId, project } = session;
		const found = userId === null ? [] : await sessionsOfUser(c.env.DB, project, userId, MAX_PERSON_SESSIONS + 1);
		return c.json({
			userId,
			sessions: found
				.slice(0, MAX_PERSON_SESSIONS)
				.map(({ id, startedAt, lastAt, pages, clicks, errors, client, metadata }) => ({
					...{ id, startedAt, lastAt, pages, clicks, errors, client },
					entryUrl: String(metadata.entry_url ?? metadata.url ?? ""),
				})),
			isCut: found.length > MAX_PERSON_SESSIONS,
		});
	})

	/** Exceptions and server events of the session, by the server's clock: the newest `MAX_SERVER_ITEMS` of each kind. */
	.on("GET", ["/:sid/reports", "/:sid/reported"], validator("query", firstValues("project")), async (c) => {
		const session = await sessionOf(c.env, c.req.param("sid"), c.req.valid("query").project);
		return c.json(await reportsOfSession(c.env.DB, session.project, session.id, MAX_SERVER_ITEMS));
	})

	/** A window's chunks in time order, each with its trail and the `?cursor=` with which its events are requested. */
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
	 * JSON of one chunk: the chunk with the ID `?cursor=`, or without a cursor the window's first chunk. The header
	 * `x-next-cursor` contains the ID of the next chunk and is absent after the last. The stored gzip is sent unchanged,
	 * unless the chunk is in a pack or the client does not accept gzip.
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
		if (!chunk.isGzip || !/\bgzip\b/.test(c.req.header("accept-encoding") ?? ""))
			return c.body(jsonResponseOf(chunk).body!);
		return new Response(chunk.body, {
			headers: { ...Object.fromEntries(c.res.headers), "content-encoding": "gzip" },
			encodeBody: "manual",
		});
	});
