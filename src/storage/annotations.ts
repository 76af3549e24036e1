/**
 * Returns statements that delete the marks, notes and shares of deleted sessions. Must run in the same batch, after the
 * sessions' rows are deleted.
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

/** Returns statements that delete annotations of erased sessions and windows, which a restored export brought back. */
export function deleteErasedAnnotations(db: D1Database): D1PreparedStatement[] {
	const isErased = (table: string, windows: string) => `DELETE FROM ${table} WHERE EXISTS (SELECT 1 FROM erasures e
		WHERE e.project = ${table}.project AND e.session_id = ${table}.session_id AND e.window_id IN (${windows}))`;
	const of = (table: string) => isErased(table, "''");
	const tables = [of("marks"), isErased("notes", "'', notes.window_id"), of("shares")];
	return tables.map((sql) => db.prepare(sql));
}
