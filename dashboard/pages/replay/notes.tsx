import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { MAX_NOTE_CHARS } from "../../../src/contract/limits.ts";
import type { NoteItem, SessionDetail } from "../../api.ts";
import { changeMark } from "../../state/change-mark.ts";
import { createNotes, type Notes } from "../../state/notes.ts";
import { sessionPath } from "../../state/paths.ts";
import type { Replay } from "../../state/replay.ts";
import { icons } from "../../ui/icons.tsx";
import { LabelEditor, Star } from "../../ui/marks.tsx";
import { clock } from "../../ui/time.tsx";
import * as text from "../replay.text.ts";

/** Loads the notes of the session. Returns null until the session is known. */
export function useNotes(replay: Replay): Notes | null {
	const session = replay.detail.value?.session;
	const notes = useMemo(() => (session ? createNotes(session) : null), [session?.id, session?.project]);
	useEffect(() => void notes?.load(), [notes]);
	return notes;
}

/** Star, labels and notes of the session. */
export function Annotations({ replay, notes }: { replay: Replay; notes: Notes | null }) {
	const session = replay.detail.value?.session;
	// While the session loads, an empty section reserves the space, so that the stage does not change its size.
	if (!session || !notes) return <section class="annotations" aria-label={text.notes} />;
	return <AnnotationsOf key={session.id} replay={replay} session={session} notes={notes} />;
}

/** Opens the form for a note at the playhead. */
export function addNote(): void {
	document.querySelector<HTMLElement>(".add-note")?.click();
}

interface AnnotationsProps {
	replay: Replay;
	session: SessionDetail["session"];
	notes: Notes;
}

function AnnotationsOf({ replay, session, notes }: AnnotationsProps) {
	const [draft, setDraft] = useState<NoteItem | null>(null);
	const undo = useRef<HTMLButtonElement>(null);
	const isOpen = replay.started.value;
	useEffect(() => {
		// An error is ignored, because its only effect is that the session is not marked as viewed.
		if (isOpen && !session.mark.viewedAt) changeMark(session, { viewed: true }).catch(() => {});
	}, [isOpen, session.id]);
	const deleted = notes.deleted.value;
	useLayoutEffect(() => {
		// The delete button, which had the focus, was removed together with its note.
		if (deleted && document.activeElement === document.body) undo.current?.focus();
	}, [deleted]);
	const startDraft = () => {
		replay.pause();
		const at = Math.round(replay.from.value + replay.offset.value);
		setDraft({ id: crypto.randomUUID(), windowId: replay.windowId.value ?? "", at, text: "", createdAt: Date.now() });
	};
	const close = () => {
		setDraft(null);
		document.querySelector<HTMLElement>(".add-note")?.focus();
	};
	const isNew = draft !== null && !notes.notes.value.some(({ id }) => id === draft.id);
	return (
		<section class="annotations" aria-label={text.notes}>
			<header>
				<Star session={session} label={text.starSession} />
				<LabelEditor session={session} />
				<button type="button" class="button add-note" disabled={!replay.chunks.value.length} onClick={startDraft}>
					{text.addNoteAt(clock(replay.offset.value))} <kbd>m</kbd>
				</button>
			</header>
			{isNew && <Draft note={draft} replay={replay} notes={notes} onClose={close} />}
			{notes.notes.value.length > 0 && (
				<ol>
					{notes.notes.value.map((note) => (
						<li key={note.id}>
							{draft?.id === note.id ? (
								<Draft note={draft} replay={replay} notes={notes} onClose={close} />
							) : (
								<Row note={note} replay={replay} notes={notes} session={session} onEdit={() => setDraft(note)} />
							)}
						</li>
					))}
				</ol>
			)}
			<p class="undo" role="status">
				{deleted && (
					<>
						{text.noteDeleted}{" "}
						<button
							ref={undo}
							type="button"
							class="button quiet"
							onClick={() => {
								void notes.undo();
								document.querySelector<HTMLElement>(".add-note")?.focus();
							}}
						>
							{text.undo}
						</button>
					</>
				)}
			</p>
			{notes.error.value && (
				<p class="notice bad" role="alert">
					{notes.error.value}
				</p>
			)}
		</section>
	);
}

interface RowProps {
	note: NoteItem;
	replay: Replay;
	notes: Notes;
	session: SessionDetail["session"];
	onEdit(): void;
}

function Row({ note, replay, notes, session, onEdit }: RowProps) {
	const isHere = note.windowId === replay.windowId.value;
	const content = <span class="note-text">{note.text}</span>;
	return (
		<>
			{isHere ? (
				<button type="button" class="note" onClick={() => replay.seek(note.at - replay.from.value)}>
					<span class="when">{clock(note.at - replay.from.value)}</span>
					{content}
				</button>
			) : (
				<a class="note" href={sessionPath(session.id, replay.project, note.windowId, note.at)}>
					<span class="when">{text.otherTab}</span>
					{content}
				</a>
			)}
			<button type="button" class="button quiet" aria-label={text.editNote(note.text)} onClick={onEdit}>
				{text.edit}
			</button>
			<button
				type="button"
				class="button quiet"
				aria-label={text.deleteNote(note.text)}
				onClick={() => void notes.remove(note)}
			>
				{icons.trash}
			</button>
		</>
	);
}

interface DraftProps {
	note: NoteItem;
	replay: Replay;
	notes: Notes;
	onClose(): void;
}

function Draft({ note, replay, notes, onClose }: DraftProps) {
	const field = useRef<HTMLTextAreaElement>(null);
	// A layout effect sets the focus before the next key press: the user may type right after pressing the shortcut.
	useLayoutEffect(() => field.current?.focus(), []);
	const [busy, setBusy] = useState(false);
	const save = async () => {
		if (busy) return;
		const content = field.current?.value.trim() ?? "";
		setBusy(true);
		const isSaved = !content || content === note.text || (await notes.write({ ...note, text: content }));
		setBusy(false);
		if (isSaved) onClose();
	};
	const at = clock(note.at - replay.from.value);
	return (
		<form
			class="draft"
			onSubmit={(event) => {
				event.preventDefault();
				void save();
			}}
		>
			<label>
				<span class="when">{at}</span>
				<span class="hidden">{text.noteAt(at)}</span>
				<textarea
					ref={field}
					rows={2}
					maxLength={MAX_NOTE_CHARS}
					readOnly={busy}
					defaultValue={note.text}
					onKeyDown={(event) => {
						if (event.key === "Escape") busy || onClose();
						else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
							event.preventDefault();
							void save();
						}
					}}
				/>
			</label>
			<button type="submit" class="button accent">
				{text.saveNote}
			</button>
			<button type="button" class="button quiet" disabled={busy} onClick={onClose}>
				{text.cancel}
			</button>
		</form>
	);
}
