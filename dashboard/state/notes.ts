import { signal } from "@preact/signals";
import { api, type NoteItem, read, type SessionItem } from "../api.ts";
import { messageOf } from "./sessions.ts";

/** The notes of a session, by their moments. What fails is as if it had not been tried, but for the error. */
export function createNotes({ id: sid, project }: Pick<SessionItem, "id" | "project">) {
	const notes = signal<NoteItem[]>([]);
	const error = signal("");
	/** The one that was deleted last, for as long as it can come back. */
	const deleted = signal<NoteItem | null>(null);

	const of = (id: string) => ({ param: { sid, id }, query: { project } });
	const byMoment = (list: NoteItem[]) => list.sort((a, b) => a.at - b.at);
	const without = (id: string) => notes.value.filter((note) => note.id !== id);
	/** @returns whether it was done */
	const isDone = async (ask: () => Promise<unknown>): Promise<boolean> => {
		error.value = "";
		try {
			await ask();
			return true;
		} catch (failure) {
			error.value = messageOf(failure);
			return false;
		}
	};
	/** It shows once it is kept: until then its draft does, which nobody may have to write again. */
	const write = async (note: NoteItem) => {
		const json = { windowId: note.windowId, at: note.at, text: note.text };
		const isKept = await isDone(() => read(api.sessions[":sid"].notes[":id"].$put({ ...of(note.id), json })));
		if (isKept) notes.value = byMoment([...without(note.id), note]);
		return isKept;
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
			if (await isDone(() => read(api.sessions[":sid"].notes[":id"].$delete(of(note.id))))) deleted.value = note;
			else notes.value = byMoment([...without(note.id), note]);
		},
		async undo() {
			const note = deleted.value;
			if (note && (await write(note))) deleted.value = null;
		},
	};
}

export type Notes = ReturnType<typeof createNotes>;
