import { type AuditEntry, auditStatement } from "./audit.ts";

/** Shares: share links, each to one session. Queries ignore expired shares. */

export interface Share {
	id: string;
	createdAt: number;
	expiresAt: number;
	views: number;
	/** Time of the last view; null: not viewed yet. */
	viewedAt: number | null;
}

export interface StoredShare extends Share {
	project: string;
	sessionId: string;
	tokenHash: string;
}

const COLUMNS = `id, created_at AS createdAt, expires_at AS expiresAt, views, viewed_at AS viewedAt`;

/** Creates a share. @returns false when there is no such session, or it already has `max` valid shares */
export async function createShare(
	db: D1Database,
	share: StoredShare,
	max: number,
	audit: AuditEntry,
): Promise<boolean> {
	const [created] = await db.batch([
		db
			.prepare(
				`INSERT INTO shares (project, session_id, id, token_hash, created_at, expires_at, views)
				SELECT project, id, ?3, ?4, ?5, ?6, 0 FROM sessions WHERE project = ?1 AND id = ?2
				AND (SELECT count(*) FROM shares WHERE project = ?1 AND session_id = ?2 AND expires_at > ?5) < ?7`,
			)
			.bind(...[share.project, share.sessionId, share.id, share.tokenHash], ...[share.createdAt, share.expiresAt, max]),
		auditStatement(db, audit, true),
	]);
	return created!.meta.changes > 0;
}

/** Returns the valid shares of a session, newest first. */
export async function listShares(db: D1Database, project: string, sessionId: string, now: number): Promise<Share[]> {
	const { results } = await db
		.prepare(
			`SELECT ${COLUMNS} FROM shares WHERE project = ?1 AND session_id = ?2 AND expires_at > ?3
			ORDER BY created_at DESC, id`,
		)
		.bind(project, sessionId, now)
		.all<Share>();
	return results;
}

export async function findShare(db: D1Database, id: string, now: number): Promise<StoredShare | null> {
	return db
		.prepare(
			`SELECT project, session_id AS sessionId, token_hash AS tokenHash, ${COLUMNS} FROM shares
			WHERE id = ?1 AND expires_at > ?2`,
		)
		.bind(id, now)
		.first<StoredShare>();
}

export async function countView(db: D1Database, { project, sessionId, id }: StoredShare, audit: AuditEntry) {
	await db.batch([
		db
			.prepare(`UPDATE shares SET views = views + 1, viewed_at = ?4 WHERE project = ?1 AND session_id = ?2 AND id = ?3`)
			.bind(project, sessionId, id, audit.at),
		auditStatement(db, audit, true),
	]);
}

/** Deletes a share. Afterwards only the audit log mentions it. */
export async function revokeShare(db: D1Database, project: string, sessionId: string, id: string, audit: AuditEntry) {
	await db.batch([
		db.prepare("DELETE FROM shares WHERE project = ?1 AND session_id = ?2 AND id = ?3").bind(project, sessionId, id),
		auditStatement(db, audit, true),
	]);
}

export async function deleteExpiredShares(db: D1Database, now: number): Promise<void> {
	await db.prepare("DELETE FROM shares WHERE expires_at <= ?1").bind(now).run();
}
