import { Hono } from "hono";
import { validator } from "hono/validator";
import { isId } from "../contract/ids.ts";
import { isRecord } from "../contract/redact.ts";
import { chunkStore, type Env } from "../env.ts";
import { fail } from "../http/errors.ts";
import { decodeCursor, encodeCursor, firstValues } from "../http/params.ts";
import { type ChunkRef, chunkReader, inflate, type ReadChunk } from "../storage/chunks.ts";
import { countRemains, erase, notErased } from "../storage/erasures.ts";
import { listNotes } from "../storage/notes.ts";
import { deleteSegmentsOf } from "../storage/segments.ts";
import { countSessions, type Selection, selectSessions } from "../storage/selection.ts";
import { allReportsOfSession, reportsWithoutSession } from "../storage/server-of-session.ts";
import { findSession, listChunks } from "../storage/sessions.ts";
import { erasableProjects } from "./sessions.ts";

/** Sessions that a request takes: within the free plan's 50 calls. */
const STEP = 2;
const MAX_IDS = 1_000;

/** What Cloudflare still holds of a D1 row after it is gone (Time Travel, paid plan; the free one keeps 7 days). */
const TIME_TRAVEL_MS = 30 * 86_400_000;
/** Until then the nightly exports in R2 were scrubbed of what people added to a session, and servers reported of it. */
const SCRUBBED_MS = 86_400_000;

interface Chosen {
	projects: string[];
	selection: Selection;
}

/** What is asked for, by name, by person, by metadata or by time; and what is held about it. */
export const erasures = new Hono<{ Bindings: Env }>()

	/** How many sessions a selection holds: asked before they are erased. */
	.post("/count", validator("json", selectionOf), async (c) => {
		const { projects, selection } = await chosen(c.env, c.req.valid("json"));
		let count = 0;
		for (const project of projects) count += await countSessions(c.env.DB, project, selection);
		return c.json({ count });
	})

	/**
	 * One step of erasing a selection: again until `more` is false. Each session is gone from R2 and D1 when this answers,
	 * and was looked for once more.
	 */
	.post("/", validator("json", selectionOf), async (c) => {
		const { projects, selection } = await chosen(c.env, c.req.valid("json"));
		const now = Date.now();
		let taken = 0;
		let erased = 0;
		let more = false;
		for (const project of projects) {
			const room = STEP - taken;
			const ids: string[] = more ? [] : await idsOf(c.env.DB, project, selection, room + 1);
			more ||= ids.length > room;
			for (const sessionId of ids.slice(0, room)) {
				const gone = await erase(c.env.DB, c.env.CHUNKS, { project, sessionId, windowId: null }, now);
				if (await countRemains(c.env.DB, c.env.CHUNKS, project, sessionId, gone.days)) {
					fail("not_erased", { id: sessionId });
				}
				taken++;
				if (gone.days.length) erased++;
			}
		}
		const { userId } = selection;
		if (!more && userId) for (const project of projects) await deleteSegmentsOf(c.env.DB, project, userId);
		return c.json({ erased, more, exportsKeepUntil: now + SCRUBBED_MS, platformKeepsUntil: now + TIME_TRAVEL_MS });
	})

	/**
	 * Everything held about a selection, as a JSON document of as many parts as it takes: again with `?cursor=` until that
	 * is null. A session whose chunks go over two parts stands in both.
	 */
	.post("/export", validator("query", firstValues("cursor")), validator("json", selectionOf), async (c) => {
		const { projects, selection } = await chosen(c.env, c.req.valid("json"));
		const part = await partOf(c.env, projects, selection, decodeCursor(c.req.valid("query").cursor));
		return new Response(
			`{"exportedAt":${Date.now()},"sessions":[${part.sessions.join()}],"cursor":${JSON.stringify(part.cursor)}}`,
			{ headers: { "content-type": "application/json", "x-content-type-options": "nosniff" } },
		);
	});

/** Ids alone are erased whether or not the index knows them: their rows may be on their way. */
function idsOf(db: D1Database, project: string, selection: Selection, limit: number): Promise<string[]> {
	const { sessionIds, ...rest } = selection;
	const isIdsAlone = sessionIds && Object.values(rest).every((value) => value === undefined);
	return isIdsAlone ? notErased(db, project, sessionIds, limit) : selectSessions(db, project, selection, limit);
}

/** Chunks of a part: each costs a call, of the free plan's 50. */
const PART_CHUNKS = 30;

/** @param after project, session and number of its chunks that were handed out before */
async function partOf(env: Env, projects: readonly string[], selection: Selection, after: string[] | null) {
	const [atProject = projects[0]!, atSession = "", atChunk = "0"] = after ?? [];
	const sessions: string[] = [];
	let room = PART_CHUNKS;
	let first = Number(atChunk) || 0;
	let last = first ? "" : atSession;
	if (!projects.includes(atProject)) fail("invalid_parameter", { name: "cursor" });
	for (const project of projects.slice(projects.indexOf(atProject))) {
		for (;;) {
			const id = first ? atSession : (await selectSessions(env.DB, project, selection, 1, last))[0];
			if (id === undefined) break;
			last = id;
			const session = await findSession(env.DB, [project], id);
			const notes = session ? await listNotes(env.DB, project, id) : [];
			const reported = session ? await allReportsOfSession(env.DB, project, id) : [];
			const chunks = session ? (await listChunks(env.DB, project, id)).slice(first) : [];
			const texts: string[] = [];
			const read = chunkReader(chunkStore(env));
			for (const { ref } of chunks.slice(0, room)) texts.push(await textOfChunk(read, ref));
			if (session)
				sessions.push(`${JSON.stringify({ ...session, notes, reported }).slice(0, -1)},"chunks":[${texts.join()}]}`);
			if (chunks.length > room) {
				return { sessions, cursor: encodeCursor([project, id, first + room]) };
			}
			first = 0;
			// The calls to find a session count too.
			room -= texts.length + 4;
			if (room <= 0) return { sessions, cursor: encodeCursor([project, id, 0]) };
		}
		last = "";
		const { sessionIds } = selection;
		if (!sessionIds) continue;
		// Ids that nothing else is known of.
		const reports = await reportsWithoutSession(env.DB, project, JSON.stringify(sessionIds));
		for (const id of new Set(reports.map((it) => it.session_id))) {
			const reported = reports.filter((it) => it.session_id === id);
			sessions.push(JSON.stringify({ project, id, reported, chunks: [] }));
		}
	}
	return { sessions, cursor: null };
}

/** As it is stored, with what was noted at its receipt; of one that cannot be read, why, and the rest goes on. */
async function textOfChunk(read: ReadChunk, ref: ChunkRef): Promise<string> {
	try {
		const chunk = await read(ref);
		if (!chunk) return JSON.stringify({ missing: ref.id });
		const text = await inflate(chunk).text();
		return `{"receipt":${JSON.stringify(chunk.receipt)},${text.slice(1)}`;
	} catch (error) {
		console.error("a chunk could not be read for an export", error);
		return JSON.stringify({ unreadable: ref.id, reason: error instanceof Error ? error.message : String(error) });
	}
}

/** @throws invalid_id, invalid_parameter, empty_selection, invalid_period */
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
	if (body.userId !== undefined) selection.userId = textOf(body.userId, "userId");
	if (body.metadata !== undefined) {
		if (!isRecord(body.metadata)) fail("invalid_parameter", { name: "metadata" });
		const { key, value } = body.metadata;
		selection.metadata = { key: textOf(key, "metadata.key"), value: textOf(value, "metadata.value") };
	}
	for (const name of ["since", "until"] as const) {
		if (body[name] === undefined) continue;
		const time = body[name];
		if (typeof time !== "number" || !Number.isFinite(time)) fail("invalid_parameter", { name });
		selection[name] = time;
	}
	const { sessionIds, userId, metadata, since, until } = selection;
	if (!sessionIds && !userId && !metadata && since === undefined && until === undefined) {
		fail("empty_selection");
	}
	if (since !== undefined && until !== undefined && since > until) fail("invalid_period");
	return selection;
}

function textOf(value: unknown, name: string): string {
	const text =
		typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
	return text || fail("invalid_parameter", { name });
}

async function chosen(env: Env, { project, ...selection }: Selection & { project?: string }): Promise<Chosen> {
	return { projects: await erasableProjects(env, project), selection };
}
