import { Hono } from "hono";
import { validator } from "hono/validator";
import { publicEpoch, publicEvents } from "../analytics/public-view.ts";
import type { RecordedEvent } from "../contract/events.ts";
import type { Batch } from "../contract/wire.ts";
import { chunkStore, configOf, type Env } from "../env.ts";
import { downloadResponse } from "../http/download.ts";
import { fail } from "../http/errors.ts";
import { choiceParam, firstValues } from "../http/params.ts";
import { newId } from "../http/token.ts";
import { writeAudit } from "../storage/audit.ts";
import { chunkReader, jsonResponseOf } from "../storage/chunks.ts";
import { MissingKeyError } from "../storage/encryption.ts";
import { type ChunkRow, clockShiftsOf, listChunks, type SessionRow } from "../storage/sessions.ts";
import { sessionOf } from "./sessions.ts";

/** Recordings as downloadable files. */
export const recordings = new Hono<{ Bindings: Env }>()

	/**
	 * Downloads a recording as a file. Uses POST, because the download writes an audit entry.
	 *
	 * - `?format=json`: `{version, exportedAt, windows: [{id, events}]}`, with timestamps corrected by `Trail.shift`
	 * - `?format=html`: a document that plays the recording without network access
	 */
	.post("/:sid/file", validator("query", firstValues("project", "format")), async (c) => {
		if (!configOf(c.env).shareableReplays) fail("sharing_off");
		const { project, format } = c.req.valid("query");
		const session = await sessionOf(c.env, c.req.param("sid"), project);
		const chunks = await listChunks(c.env.DB, session.project, session.id);
		if (!chunks.length) fail("session_not_found");
		const now = Date.now();
		const isHtml = choiceParam(format, ["json", "html"]) === "html";
		const parts = isHtml ? htmlOf(c.env, session, chunks, await templateOf(c)) : jsonOf(c.env, session, chunks, now);
		// Reads the first part before responding, so that an error in it can still become an error response.
		const first = await parts.next();
		await writeAudit(c.env.DB, {
			project: session.project,
			at: now,
			id: newId(),
			action: "recording_exported",
			subject: "",
		});
		const name = `session-${session.id}.${isHtml ? "html" : "json"}`;
		const type = `${isHtml ? "text/html" : "application/json"}; charset=utf-8`;
		// If the browser opens the file in place, it must not run on the dashboard's origin.
		const headers = { "content-security-policy": "sandbox" };
		return downloadResponse(name, type, withFirst(first.value ?? "", parts), headers);
	});

type Parts = AsyncGenerator<string, void>;

async function* withFirst(first: string, rest: Parts): Parts {
	yield first;
	yield* rest;
}

async function* jsonOf(env: Env, session: SessionRow, chunks: ChunkRow[], now: number): Parts {
	let prefix = `{"version":1,"exportedAt":${now},"windows":[`;
	for await (const part of windowsOf(env, session, chunks, (events, shift) => events.map((it) => shifted(it, shift)))) {
		yield prefix + part;
		prefix = "";
	}
	yield "]}";
}

/**
 * Yields the HTML document. It contains only what `publicEvents` allows, escaped so that no text can end the script
 * element.
 */
async function* htmlOf(env: Env, session: SessionRow, chunks: ChunkRow[], [before, after]: [string, string]): Parts {
	let prefix = `${before}{"windows":[`;
	const base = publicEpoch(session.startedAt);
	const transform: Transform = (events, shift) => publicEvents(events, shift - base);
	for await (const part of windowsOf(env, session, chunks, transform, (i) => String(i + 1))) {
		yield prefix + part.replaceAll("<", "\\u003c").replaceAll(">", "\\u003e").replaceAll("&", "\\u0026");
		prefix = "";
	}
	yield `]}${after}`;
}

type Transform = (events: RecordedEvent[], shift: number) => RecordedEvent[];

/** Yields the JSON of the windows chunk by chunk, so that memory holds only one chunk. @throws chunk_locked */
async function* windowsOf(
	env: Env,
	session: SessionRow,
	chunks: ChunkRow[],
	transform: Transform,
	name: (i: number, windowId: string) => string = (_, windowId) => windowId,
): Parts {
	const shifts = await clockShiftsOf(env.DB, session.project, session.id);
	const read = chunkReader(chunkStore(env));
	const ids = [...new Set(chunks.map(({ ref }) => ref.windowId))];
	for (const [i, windowId] of ids.entries()) {
		let text = `${i ? "," : ""}{"id":${JSON.stringify(name(i, windowId))},"events":[`;
		let isFirst = true;
		for (const { ref } of chunks.filter(({ ref }) => ref.windowId === windowId)) {
			const chunk = await read(ref).catch((error) =>
				error instanceof MissingKeyError ? fail("chunk_locked", { key: error.keyId }) : Promise.reject(error),
			);
			// A missing chunk is left out.
			if (!chunk) continue;
			const { events } = await jsonResponseOf(chunk).json<Batch>();
			for (const event of transform(events, shifts.get(`${windowId}/${ref.id}`) ?? 0)) {
				text += (isFirst ? "" : ",") + JSON.stringify(event);
				isFirst = false;
			}
			yield text;
			text = "";
		}
		yield `${text}]}`;
	}
}

function shifted(event: RecordedEvent, shift: number): RecordedEvent {
	return shift && typeof event.timestamp === "number" ? { ...event, timestamp: event.timestamp + shift } : event;
}

/** Placeholder for the recording in dashboard/html/recording.html. */
const PLACEHOLDER = '"the recording"';

/** Returns the document that the dashboard's build creates, split at the placeholder. */
async function templateOf({ env, req }: { env: Env; req: { url: string } }): Promise<[string, string]> {
	const asset = await env.ASSETS.fetch(new URL("/recording.html", req.url));
	const [before, after] = asset.ok ? (await asset.text()).split(PLACEHOLDER) : [];
	if (before === undefined || after === undefined) {
		throw new Error("recording.html is not among the assets: run npm run build");
	}
	return [before, after];
}
