/**
 * Audit log of share links and exported recordings. Entries never change. A change of a share link and its entry are
 * written in one D1 batch.
 */

export interface AuditEntry {
	project: string;
	/** Epoch milliseconds. */
	at: number;
	id: string;
	action: "share_created" | "share_viewed" | "share_revoked" | "recording_exported";
	/** ID of the share link; empty if a recording was exported. */
	subject: string;
}

const RETENTION_MS = 366 * 86_400_000;

/** Limit of entries per share link, action and hour, so that the holder of a link cannot flood the log. */
const MAX_PER_HOUR = 60;
const HOUR_MS = 3_600_000;

/**
 * Returns a statement that writes an entry.
 * @param onlyIfChanged true: writes the entry only if the previous statement of the D1 batch changed a row
 */
export function auditStatement(db: D1Database, entry: AuditEntry, onlyIfChanged = false): D1PreparedStatement {
	return db
		.prepare(
			`INSERT INTO audit (project, at, id, action, subject) SELECT ?1, ?2, ?3, ?4, ?5
			WHERE ${onlyIfChanged ? "changes() > 0 AND " : ""}(SELECT count(*) FROM audit WHERE project = ?1 AND at > ?2 - ${HOUR_MS}
				AND action = ?4 AND subject = ?5 AND subject <> '') < ${MAX_PER_HOUR}`,
		)
		.bind(entry.project, entry.at, entry.id, entry.action, entry.subject);
}

export async function writeAudit(db: D1Database, entry: AuditEntry): Promise<void> {
	await auditStatement(db, entry).run();
}

/** Returns the newest entries, newest first. */
export async function listAudit(db: D1Database, project: string, limit: number): Promise<AuditEntry[]> {
	const { results } = await db
		.prepare("SELECT project, at, id, action, subject FROM audit WHERE project = ?1 ORDER BY at DESC, id DESC LIMIT ?2")
		.bind(project, limit)
		.all<AuditEntry>();
	return results;
}

export async function deleteOldAudit(db: D1Database, now: number): Promise<void> {
	await db
		.prepare("DELETE FROM audit WHERE at < ?1")
		.bind(now - RETENTION_MS)
		.run();
}
