import { signal } from "@preact/signals";
import { api, type NoteItem, read, type SessionItem } from "../api.ts";
import { sentence } from "./sessions.ts";

/** The notes of a session, by their moments. Each verb shows at once what it does, and takes it back when it fails. */
export function createNotes({ id: sid, project }: Pick<SessionItem, "id" | "project">) {
	const notes = signal<NoteItem[]>([]);
	const error = signal("");
	/** The one that was deleted last, for as long as it can come back. */
	const deleted = signal<NoteItem | null>(null);

	const of = (id: string) => ({ param: { sid, id }, query: { project } });
	const byMoment = (list: NoteItem[]) => list.sort((a, b) => a.at - b.at);
	const change = async (to: NoteItem[], ask: () => Promise<unknown>) => {
		const before = notes.value;
		notes.value = byMoment(to);
		error.value = "";
		try {
			await ask();
			return true;
		} catch (failure) {
			notes.value = before;
			error.value = sentence(failure);
			return false;
		}
	};
	const write = (note: NoteItem) => {
		const json = { windowId: note.windowId, at: note.at, text: note.text };
		return change([...notes.value.filter(({ id }) => id !== note.id), note], () =>
			read(api.sessions[":sid"].notes[":id"].$put({ ...of(note.id), json })),
		);
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
				error.value = sentence(failure);
			}
		},
		async remove(note: NoteItem) {
			const left = notes.value.filter(({ id }) => id !== note.id);
			if (await change(left, () => read(api.sessions[":sid"].notes[":id"].$delete(of(note.id))))) deleted.value = note;
		},
		async undo() {
			const note = deleted.value;
			if (note && (await write(note))) deleted.value = null;
		},
	};
}

export type Notes = ReturnType<typeof createNotes>;
