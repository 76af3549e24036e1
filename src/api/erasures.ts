import { Hono } from "hono";
import { validator } from "hono/validator";
import { isId } from "../contract/ids.ts";
import { isRecord } from "../contract/redact.ts";
import { chunkStore, type Env } from "../env.ts";
import { fail } from "../http/errors.ts";
import { decodeCursor, encodeCursor, firstValues } from "../http/params.ts";
import { type ChunkRef, chunkReader, jsonResponseOf, type ReadChunk } from "../storage/chunks.ts";
import { countRemains, erase, idsToErase } from "../storage/erasures.ts";
import { listNotes } from "../storage/notes.ts";
import { deleteSegmentsOf } from "../storage/segments.ts";
import { countSessions, type Selection, selectSessions } from "../storage/selection.ts";
import { allReportsOfSession, reportsWithoutSession } from "../storage/server-of-session.ts";
import { findSession, listChunks } from "../storage/sessions.ts";
import { erasableProjects } from "./sessions.ts";

/** Limit of sessions deleted per request. The free plan allows 50 calls to D1 and R2 per request. */
const STEP = 2;
const MAX_IDS = 1_000;

/** Time for which Cloudflare can restore deleted D1 rows with Time Travel: 30 days; on the free plan 7 days. */
const TIME_TRAVEL_MS = 30 * 86_400_000;
/** Time after which the nightly exports in R2 no longer contain annotations and server reports of a deleted session. */
const SCRUBBED_MS = 86_400_000;

interface Target {
	projects: string[];
	selection: Selection;
}

/** Deletes or exports personal data: sessions selected by ID, person, metadata or period. */
export const erasures = new Hono<{ Bindings: Env }>()

	/** Counts the sessions of a selection, before they are deleted. */
	.post("/count", validator("json", selectionOf), async (c) => {
		const { projects, selection } = await targetOf(c.env, c.req.valid("json"));
		let count = 0;
		for (const project of projects) count += await countSessions(c.env.DB, project, selection);
		return c.json({ count });
	})

	/**
	 * Runs one step of deleting a selection; call again until `more` is false. Responds only after the sessions of the
	 * step were deleted from R2 and D1 and the deletion was verified.
	 * @throws not_erased
	 */
	.post("/", validator("json", selectionOf), async (c) => {
		const { projects, selection } = await targetOf(c.env, c.req.valid("json"));
		const now = Date.now();
		let handled = 0;
		let erased = 0;
		let more = false;
		for (const project of projects) {
			const remaining = STEP - handled;
			const ids: string[] = more ? [] : await idsOf(c.env.DB, project, selection, remaining + 1);
			more ||= ids.length > remaining;
			for (const sessionId of ids.slice(0, remaining)) {
				const deleted = await erase(c.env.DB, c.env.CHUNKS, { project, sessionId, windowId: null }, now);
				if (await countRemains(c.env.DB, c.env.CHUNKS, project, sessionId, deleted.days)) {
					fail("not_erased", { id: sessionId });
				}
				handled++;
				if (deleted.days.length) erased++;
			}
		}
		const { userId } = selection;
		if (!more && userId) for (const project of projects) await deleteSegmentsOf(c.env.DB, project, userId);
		return c.json({ erased, more, exportsKeepUntil: now + SCRUBBED_MS, platformKeepsUntil: now + TIME_TRAVEL_MS });
	})

	/**
	 * Returns one part of a selection's data as JSON; call again with the returned cursor until it is null. A session
	 * whose chunks do not fit into one part appears in several.
	 */
	.post("/export", validator("query", firstValues("cursor")), validator("json", selectionOf), async (c) => {
		const { projects, selection } = await targetOf(c.env, c.req.valid("json"));
		const part = await partOf(c.env, projects, selection, decodeCursor(c.req.valid("query").cursor));
		return new Response(
			`{"exportedAt":${Date.now()},"sessions":[${part.sessions.join()}],"cursor":${JSON.stringify(part.cursor)}}`,
			{ headers: { "content-type": "application/json", "x-content-type-options": "nosniff" } },
		);
	});

/**
 * Returns the IDs of sessions to delete. If a selection has only IDs, also returns IDs of sessions without rows,
 * because these may not be indexed yet.
 */
function idsOf(db: D1Database, project: string, selection: Selection, limit: number): Promise<string[]> {
	const { sessionIds, ...rest } = selection;
	const hasOnlyIds = sessionIds && Object.values(rest).every((value) => value === undefined);
	return hasOnlyIds ? idsToErase(db, project, sessionIds, limit) : selectSessions(db, project, selection, limit);
}

/** Limit of chunks per part. Reading a chunk costs one of the 50 calls per request that the free plan allows. */
const PART_CHUNKS = 30;

/**
 * Returns one part of an export, and the cursor of the next part.
 * @param after decoded cursor: project, session, and how many of the session's chunks earlier parts contain
 */
async function partOf(env: Env, projects: readonly string[], selection: Selection, after: string[] | null) {
	const [atProject = projects[0]!, atSession = "", atChunk = "0"] = after ?? [];
	const sessions: string[] = [];
	let remaining = PART_CHUNKS;
	let firstChunk = Number(atChunk) || 0;
	let lastSession = firstChunk ? "" : atSession;
	if (!projects.includes(atProject)) fail("invalid_parameter", { name: "cursor" });
	for (const project of projects.slice(projects.indexOf(atProject))) {
		for (;;) {
			const id = firstChunk ? atSession : (await selectSessions(env.DB, project, selection, 1, lastSession))[0];
			if (id === undefined) break;
			lastSession = id;
			const session = await findSession(env.DB, [project], id);
			const notes = session ? await listNotes(env.DB, project, id) : [];
			const reported = session ? await allReportsOfSession(env.DB, project, id) : [];
			const chunks = session ? (await listChunks(env.DB, project, id)).slice(firstChunk) : [];
			const texts: string[] = [];
			const read = chunkReader(chunkStore(env));
			for (const { ref } of chunks.slice(0, remaining)) texts.push(await textOfChunk(read, ref));
			if (session)
				sessions.push(`${JSON.stringify({ ...session, notes, reported }).slice(0, -1)},"chunks":[${texts.join()}]}`);
			if (chunks.length > remaining) {
				return { sessions, cursor: encodeCursor([project, id, firstChunk + remaining]) };
			}
			firstChunk = 0;
			// Reading the session, its notes and its reports costs calls, too.
			remaining -= texts.length + 4;
			if (remaining <= 0) return { sessions, cursor: encodeCursor([project, id, 0]) };
		}
		lastSession = "";
		const { sessionIds } = selection;
		if (!sessionIds) continue;
		// Adds the server reports of selected session IDs for which no session is stored.
		const reports = await reportsWithoutSession(env.DB, project, JSON.stringify(sessionIds));
		for (const id of new Set(reports.map((it) => it.session_id))) {
			const reported = reports.filter((it) => it.session_id === id);
			sessions.push(JSON.stringify({ project, id, reported, chunks: [] }));
		}
	}
	return { sessions, cursor: null };
}

/** Returns the stored JSON of a chunk with its receipt, or the reason why it cannot be read. */
async function textOfChunk(read: ReadChunk, ref: ChunkRef): Promise<string> {
	try {
		const chunk = await read(ref);
		if (!chunk) return JSON.stringify({ missing: ref.id });
		const text = await jsonResponseOf(chunk).text();
		return `{"receipt":${JSON.stringify(chunk.receipt)},${text.slice(1)}`;
	} catch (error) {
		console.error("cannot read a chunk for an export", error);
		return JSON.stringify({ unreadable: ref.id, reason: error instanceof Error ? error.message : String(error) });
	}
}

/** @throws invalid_id, invalid_parameter */
function selectionOf(body: unknown): Selection & { project?: string } {
	if (!isRecord(body)) fail("invalid_parameter", { name: "selection" });
	const selection: Selection & { project?: string } = {};
	if (body.project !== undefined) selection.project = String(body.project);
	if (body.sessionIds !== undefined) {
		const ids: unknown = body.sessionIds;
		if (!Array.isArray(ids) || !ids.length || ids.length > MAX_IDS) fail("invalid_parameter", { name: "sessionIds" });
		if (!ids.every(isId)) fail("invalid_id");
		selection.sessionIds = ids;
	}
	if (body.userId !== undefined) selection.userId = textField(body.userId, "userId");
	if (body.metadata !== undefined) {
		if (!isRecord(body.metadata)) fail("invalid_parameter", { name: "metadata" });
		const { key, value } = body.metadata;
		selection.metadata = { key: textField(key, "metadata.key"), value: textField(value, "metadata.value") };
	}
	for (const name of ["since", "until"] as const) {
		if (body[name] === undefined) continue;
		const time = body[name];
		if (typeof time !== "number" || !Number.isFinite(time)) fail("invalid_parameter", { name });
		selection[name] = time;
	}
	const { sessionIds, userId, metadata, since, until } = selection;
	if (!sessionIds && !userId && !metadata && since === undefined && until === undefined) {
		fail("invalid_parameter", { name: "selection: give sessionIds, userId, metadata, since or until" });
	}
	if (since !== undefined && until !== undefined && since > until)
		fail("invalid_parameter", { name: "since: it is after until" });
	return selection;
}

function textField(value: unknown, name: string): string {
	const text =
		typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
	return text || fail("invalid_parameter", { name });
}

async function targetOf(env: Env, { project, ...selection }: Selection & { project?: string }): Promise<Target> {
	return { projects: await erasableProjects(env, project), selection };
}
