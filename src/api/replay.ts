import { Hono } from "hono";
import { validator } from "hono/validator";
import type { Trail } from "../contract/trail.ts";
import type { Env } from "../env.ts";
import { fail } from "../http/errors.ts";
import { idParam } from "../http/params.ts";
import { getChunk, isChunkId } from "../storage/chunks.ts";
import { type ChunkRow, listChunks } from "../storage/sessions.ts";
import { sessionOf } from "./sessions.ts";

/** What one window's replay needs: its trail, at once, and its events, chunk by chunk. */
export const replay = new Hono<{ Bindings: Env }>()

	/** The chunks in time order, each with its trail and the cursor that fetches its events. */
	.get("/:sid/windows/:wid/trail", async (c) => {
		const rows = await chunksOf(c.env, c.req.param("sid"), c.req.param("wid"));
		return c.json({
			chunks: rows.map(({ ref, firstAt, lastAt, events, snapshots, trail }) => ({
				cursor: ref.id,
				firstAt,
				lastAt,
				events,
				snapshots,
				trail: JSON.parse(trail) as Trail,
			})),
		});
	})

	/**
	 * One chunk as it is stored: the batch's JSON, gzip, never touched on its way out. Without `?cursor=` the window's
	 * first; the header `x-next-cursor` names the next and is absent after the last. A chunk is whole, so no event is lost
	 * between two calls.
	 */
	.get(
		"/:sid/windows/:wid/events",
		validator("query", ({ cursor }) => ({ cursor: Array.isArray(cursor) ? cursor[0] : cursor })),
		async (c) => {
			const { cursor } = c.req.valid("query");
			if (cursor && !isChunkId(cursor)) fail("invalid_parameter", { name: "cursor" });
			const rows = await chunksOf(c.env, c.req.param("sid"), c.req.param("wid"));
			const at = cursor ? rows.findIndex(({ ref }) => ref.id === cursor) : 0;
			const row = rows[at] ?? fail("chunk_not_found");
			const next = rows[at + 1]?.ref.id;
			if (next) c.header("x-next-cursor", next);
			const chunk = await getChunk(c.env.CHUNKS, row.ref);
			if (!chunk) return c.json({ error: "this part of the recording is missing" }, 404);
			c.header("content-type", "application/json");
			c.header("cache-control", "no-store");
			if (!/\bgzip\b/.test(c.req.header("accept-encoding") ?? "")) {
				return c.body(chunk.body.pipeThrough(new DecompressionStream("gzip")));
			}
			return new Response(chunk.body, {
				headers: { ...Object.fromEntries(c.res.headers), "content-encoding": "gzip" },
				encodeBody: "manual",
			});
		},
	);

/** @throws invalid_id, session_not_found, window_not_found */
async function chunksOf(env: Env, sid: string | undefined, wid: string | undefined): Promise<ChunkRow[]> {
	const session = await sessionOf(env, sid);
	const rows = await listChunks(env.DB, session.project, session.id, idParam(wid));
	return rows.length ? rows : fail("window_not_found");
}
