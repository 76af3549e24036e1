import { Hono } from "hono";
import { validator } from "hono/validator";
import { isId } from "../contract/ids.ts";
import { isRecord } from "../contract/redact.ts";
import { type Env, vaultOf } from "../env.ts";
import { fail } from "../http/errors.ts";
import { getChunk } from "../storage/chunks.ts";
import { erase, remainsOf } from "../storage/erasures.ts";
import { countSessions, type Selection, selectSessions } from "../storage/selection.ts";
import { findSession, listChunks } from "../storage/sessions.ts";
import { projectsOf } from "./sessions.ts";

/** Sessions that a request takes: within the free plan's 50 calls. */
const STEP = 5;
const MAX_IDS = 1_000;

/** What Cloudflare still holds of a D1 row after it is gone (Time Travel, paid plan; the free one keeps 7 days). */
const TIME_TRAVEL_MS = 30 * 86_400_000;

interface Chosen {
	projects: string[];
	selection: Selection;
}

/** What is asked for, by name, by person, by metadata or by time; and what is held about it. */
export const erasures = new Hono<{ Bindings: Env }>()

	/** How many sessions a selection holds: asked before they are erased. */
	.post("/count", validator("json", selectionOf), async (c) => {
		const { projects, selection } = chosen(c.env, c.req.valid("json"));
		let count = 0;
		for (const project of projects) count += await countSessions(c.env.DB, project, selection);
		return c.json({ count });
	})

	/**
	 * One step of erasing a selection: again until `more` is false. Each session is gone from R2 and D1 when this answers,
	 * and was looked for once more.
	 */
	.post("/", validator("json", selectionOf), async (c) => {
		const { projects, selection } = chosen(c.env, c.req.valid("json"));
		const now = Date.now();
		let erased = 0;
		let more = false;
		for (const project of projects) {
			const ids: string[] = more ? [] : await selectSessions(c.env.DB, project, selection, STEP + 1 - erased);
			more ||= ids.length > STEP - erased;
			for (const sessionId of ids.slice(0, STEP - erased)) {
				await erase(c.env.DB, c.env.CHUNKS, { project, sessionId, windowId: null }, now);
				if (await remainsOf(c.env.DB, c.env.CHUNKS, project, sessionId, now)) fail("not_erased", { id: sessionId });
				erased++;
			}
		}
		return c.json({ erased, more, platformKeepsUntil: now + TIME_TRAVEL_MS });
	})

	/** Everything held about a selection, as one JSON document: sessions with all their chunks as they are stored. */
	.post("/export", validator("json", selectionOf), async (c) => {
		const { projects, selection } = chosen(c.env, c.req.valid("json"));
		const name = (selection.userId ?? selection.sessionIds?.[0] ?? "sessions").replace(/[^\w.-]/g, "_");
		return new Response(documentOf(c.env, projects, selection), {
			headers: {
				"content-type": "application/json",
				"content-disposition": `attachment; filename="export-${name}.json"`,
				"cache-control": "no-store",
				"x-content-type-options": "nosniff",
			},
		});
	});

/** Piece by piece: what is held of a person may be large. */
function documentOf(env: Env, projects: string[], selection: Selection): ReadableStream<Uint8Array> {
	const encoder = new TextEncoder();
	async function* pieces() {
		yield `{"exportedAt":${Date.now()},"sessions":[`;
		let isFirst = true;
		for (const project of projects) {
			let after = "";
			for (;;) {
				const [id] = await selectSessions(env.DB, project, selection, 1, after);
				if (id === undefined) break;
				after = id;
				const session = await findSession(env.DB, [project], id);
				yield `${isFirst ? "" : ","}${JSON.stringify(session).slice(0, -1)},"chunks":[`;
				isFirst = false;
				let isFirstChunk = true;
				for (const { ref } of await listChunks(env.DB, project, id)) {
					const chunk = await getChunk(vaultOf(env), ref);
					if (!chunk) continue;
					const inflated = chunk.body.pipeThrough(new DecompressionStream("gzip"));
					yield (isFirstChunk ? "" : ",") + (await new Response(inflated).text());
					isFirstChunk = false;
				}
				yield "]}";
			}
		}
		yield "]}";
	}
	const source = pieces();
	return new ReadableStream({
		async pull(controller) {
			const { done, value } = await source.next();
			if (done) controller.close();
			else controller.enqueue(encoder.encode(value));
		},
	});
}

/** @throws invalid_id, invalid_parameter: one bad id, and nothing is done */
function selectionOf(body: unknown): Selection & { project?: string } {
	if (!isRecord(body)) fail("invalid_parameter", { name: "the selection" });
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
		fail("invalid_parameter", { name: "the selection: it names nothing, and that" });
	}
	if (since !== undefined && until !== undefined && since > until)
		fail("invalid_parameter", { name: "since after until" });
	return selection;
}

function textOf(value: unknown, name: string): string {
	const text =
		typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
	return text || fail("invalid_parameter", { name });
}

function chosen(env: Env, { project, ...selection }: Selection & { project?: string }): Chosen {
	return { projects: projectsOf(env, project), selection };
}
