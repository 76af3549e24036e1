import { signal } from "@preact/signals";
import { api, type NoteItem, read, type SessionItem } from "../api.ts";
import { messageOf } from "./sessions.ts";

/** Creates the state of a session's notes, sorted by moment. A change that fails is reverted and sets `error`. */
export function createNotes({ id: sid, project }: Pick<SessionItem, "id" | "project">) {
	const notes = signal<NoteItem[]>([]);
	const error = signal("");
	/** The last deleted note, which `undo` restores. */
	const deleted = signal<NoteItem | null>(null);

	const paramsOf = (id: string) => ({ param: { sid, id }, query: { project } });
	const byMoment = (list: NoteItem[]) => list.sort((a, b) => a.at - b.at);
	const without = (id: string) => notes.value.filter((note) => note.id !== id);
	/** Runs a request and returns whether it succeeded; if not, sets `error`. */
	const attempt = async (request: () => Promise<unknown>): Promise<boolean> => {
		error.value = "";
		try {
			await request();
			return true;
		} catch (failure) {
			error.value = messageOf(failure);
			return false;
		}
	};
	/** Saves a note, then adds it to the list. Until a note is saved, its draft stays open, so that no text is lost. */
	const write = async (note: NoteItem) => {
		const json = { windowId: note.windowId, at: note.at, text: note.text };
		const isSaved = await attempt(() => read(api.sessions[":sid"].notes[":id"].$put({ ...paramsOf(note.id), json })));
		if (isSaved) notes.value = byMoment([...without(note.id), note]);
		return isSaved;
	};
	return {
		notes,
		error,
		deleted,
		write,
		async load() {
			try {
				notes.value = (await read(api.sessions[":sid"].notes.$get({ param: { sid }, query: { project } }))).notes;
			} catch (failure) {
				error.value = messageOf(failure);
			}
		},
		async remove(note: NoteItem) {
			notes.value = without(note.id);
			if (await attempt(() => read(api.sessions[":sid"].notes[":id"].$delete(paramsOf(note.id))))) deleted.value = note;
			else notes.value = byMoment([...without(note.id), note]);
		},
		async undo() {
			const note = deleted.value;
			if (note && (await write(note))) deleted.value = null;
		},
	};
}

export type Notes = ReturnType<typeof createNotes>;
