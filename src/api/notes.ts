import { Hono } from "hono";
import { validator } from "hono/validator";
import { MAX_NOTE_CHARS, MAX_NOTES } from "../contract/limits.ts";
import { isRecord } from "../contract/redact.ts";
import type { Env } from "../env.ts";
import { fail } from "../http/errors.ts";
import { firstValues, idParam } from "../http/params.ts";
import { deleteNote, listNotes, type Note, writeNote } from "../storage/notes.ts";
import { sessionOf } from "./sessions.ts";

const inProject = validator("query", firstValues("project"));

/**
 * Notes at moments of a recording. The client chooses the ID of a note, so that it can undo a deletion by writing the
 * same note again.
 */
export const notes = new Hono<{ Bindings: Env }>()

	.get("/:sid/notes", inProject, async (c) => {
		const { project, id } = await sessionOf(c.env, c.req.param("sid"), c.req.valid("query").project);
		return c.json({ notes: await listNotes(c.env.DB, project, id) });
	})

	/** Writes a note. Body: `{windowId, at, text}`. */
	.put("/:sid/notes/:id", inProject, validator("json", noteOf), async (c) => {
		const session = await sessionOf(c.env, c.req.param("sid"), c.req.valid("query").project);
		const note: Note = { ...c.req.valid("json"), id: idParam(c.req.param("id")), createdAt: Date.now() };
		if (!(await writeNote(c.env.DB, session.project, session.id, note, MAX_NOTES))) {
			fail("note_refused", { max: MAX_NOTES });
		}
		return c.json({ note });
	})

	/** Deletes a note. The response is the same if the note does not exist. */
	.delete("/:sid/notes/:id", inProject, async (c) => {
		const { project, id } = await sessionOf(c.env, c.req.param("sid"), c.req.valid("query").project);
		await deleteNote(c.env.DB, project, id, idParam(c.req.param("id")));
		return c.json({ deleted: true });
	});

/** @throws invalid_parameter, invalid_note */
function noteOf(body: unknown): Pick<Note, "windowId" | "at" | "text"> {
	if (!isRecord(body)) fail("invalid_parameter", { name: "note" });
	const { windowId, at } = body;
	const text = typeof body.text === "string" ? body.text.trim() : "";
	if (!Number.isSafeInteger(at) || (at as number) < 0) fail("invalid_parameter", { name: "at" });
	if (!text || text.length > MAX_NOTE_CHARS) fail("invalid_note", { max: MAX_NOTE_CHARS });
	return { windowId: idParam(typeof windowId === "string" ? windowId : undefined), at: at as number, text };
}
