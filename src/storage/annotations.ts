/**
 * Returns statements that delete the marks, notes and shares of deleted sessions. They must run in the D1 batch that
 * deletes the sessions' rows, after that deletion, because they skip sessions that have a row.
 * @param ids JSON list of session IDs
 */
export function deleteAnnotations(db: D1Database, project: string, ids: string): D1PreparedStatement[] {
	return ["marks", "notes", "shares"].map((table) =>
		db
			.prepare(
				`DELETE FROM ${table} WHERE project = ?1 AND session_id IN (SELECT value FROM json_each(?2))
				AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.project = ?1 AND s.id = ${table}.session_id)`,
			)
			.bind(project, ids),
	);
}

/**
 * Returns statements that delete the annotations (marks, notes, shares) of erased sessions and windows. A restored
 * export may contain such annotations.
 */
export function deleteErasedAnnotations(db: D1Database): D1PreparedStatement[] {
	const deleteErased = (table: string, windows: string) => `DELETE FROM ${table} WHERE EXISTS (SELECT 1 FROM erasures e
		WHERE e.project = ${table}.project AND e.session_id = ${table}.session_id AND e.window_id IN (${windows}))`;
	const deleteOfErasedSessions = (table: string) => deleteErased(table, "''");
	const statements = [
		deleteOfErasedSessions("marks"),
		deleteErased("notes", "'', notes.window_id"),
		deleteOfErasedSessions("shares"),
	];
	return statements.map((sql) => db.prepare(sql));
}
