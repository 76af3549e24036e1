/** Notes at moments of a recording. */

export interface Note {
	id: string;
	windowId: string;
	/** Moment of the recording to which the note belongs, epoch milliseconds by the recording's clock. */
	at: number;
	text: string;
	createdAt: number;
}

/** Returns the notes of a session, in the order of their moments. */
export async function listNotes(db: D1Database, project: string, sessionId: string): Promise<Note[]> {
	const { results } = await db
		.prepare(
			`SELECT id, window_id AS windowId, at, text, created_at AS createdAt FROM notes
			WHERE project = ?1 AND session_id = ?2 ORDER BY at, id`,
		)
		.bind(project, sessionId)
		.all<Note>();
	return results;
}

/**
 * Writes a note; replaces a note with the same ID.
 * @returns false when there is no such window, or the session has `max` other notes
 */
export async function writeNote(
	db: D1Database,
	project: string,
	sessionId: string,
	{ id, windowId, at, text, createdAt }: Note,
	max: number,
): Promise<boolean> {
	const { meta } = await db
		.prepare(
			`INSERT INTO notes (project, session_id, id, window_id, at, text, created_at)
			SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
			WHERE EXISTS (SELECT 1 FROM chunks WHERE project = ?1 AND session_id = ?2 AND window_id = ?4)
			AND (SELECT count(*) FROM notes WHERE project = ?1 AND session_id = ?2 AND id <> ?3) < ?8
			ON CONFLICT DO UPDATE SET window_id = excluded.window_id, at = excluded.at, text = excluded.text`,
		)
		.bind(project, sessionId, id, windowId, at, text, createdAt, max)
		.run();
	return meta.changes > 0;
}

export async function deleteNote(db: D1Database, project: string, sessionId: string, id: string): Promise<void> {
	await db
		.prepare("DELETE FROM notes WHERE project = ?1 AND session_id = ?2 AND id = ?3")
		.bind(project, sessionId, id)
		.run();
}
