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
import { chunkReader, inflate } from "../storage/chunks.ts";
import { MissingKeyError } from "../storage/encryption.ts";
import { type ChunkRow, clockShiftsOf, listChunks, type SessionRow } from "../storage/sessions.ts";
import { sessionOf } from "./sessions.ts";

/** Recordings as files. */
export const recordings = new Hono<{ Bindings: Env }>()

	/**
	 * `?format=json`: all events of all windows, as they are stored: `{version, exportedAt, windows: [{id, events}]}`.
	 * `?format=html`: a document that plays the picture by itself, without the network. A POST, because it is written down.
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
		// What is wrong with the first part is wrong with all: told before the file begins.
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
		// Opened in the dashboard's own place, it would still be nobody.
		const headers = { "content-security-policy": "sandbox" };
		return downloadResponse(name, type, withFirst(first.value ?? "", parts), headers);
	});

type Parts = AsyncGenerator<string, void>;

async function* withFirst(first: string, rest: Parts): Parts {
	yield first;
	yield* rest;
}

async function* jsonOf(env: Env, session: SessionRow, chunks: ChunkRow[], now: number): Parts {
	let head = `{"version":1,"exportedAt":${now},"windows":[`;
	for await (const part of windowsOf(env, session, chunks, (events, shift) => events.map((it) => moved(it, shift)))) {
		yield head + part;
		head = "";
	}
	yield "]}";
}

/** The same, but for what may not be shown; and nothing in it can end the element that it stands in. */
async function* htmlOf(env: Env, session: SessionRow, chunks: ChunkRow[], [before, after]: [string, string]): Parts {
	let head = `${before}{"windows":[`;
	const base = publicEpoch(session.startedAt);
	const choose: Choose = (events, shift) => publicEvents(events, shift - base);
	for await (const part of windowsOf(env, session, chunks, choose, (i) => String(i + 1))) {
		yield head + part.replaceAll("<", "\\u003c").replaceAll(">", "\\u003e").replaceAll("&", "\\u0026");
		head = "";
	}
	yield `]}${after}`;
}

type Choose = (events: RecordedEvent[], shift: number) => RecordedEvent[];

/** Window by window, chunk by chunk: one of them is in memory at a time. @throws chunk_locked */
async function* windowsOf(
	env: Env,
	session: SessionRow,
	chunks: ChunkRow[],
	choose: Choose,
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
			// The rest is worth having without it.
			if (!chunk) continue;
			const { events } = await inflate(chunk).json<Batch>();
			for (const event of choose(events, shifts.get(`${windowId}/${ref.id}`) ?? 0)) {
				text += (isFirst ? "" : ",") + JSON.stringify(event);
				isFirst = false;
			}
			yield text;
			text = "";
		}
		yield `${text}]}`;
	}
}

function moved(event: RecordedEvent, shift: number): RecordedEvent {
	return shift && typeof event.timestamp === "number" ? { ...event, timestamp: event.timestamp + shift } : event;
}

/** Where the recording goes, in dashboard/html/recording.html. */
const MARK = '"the recording"';

/** The document that the dashboard's build made, in two halves. */
async function templateOf({ env, req }: { env: Env; req: { url: string } }): Promise<[string, string]> {
	const asset = await env.ASSETS.fetch(new URL("/recording.html", req.url));
	const [before, after] = asset.ok ? (await asset.text()).split(MARK) : [];
	if (before === undefined || after === undefined) {
		throw new Error("recording.html is not among the assets: run npm run build");
	}
	return [before, after];
}
