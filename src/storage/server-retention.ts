import { dayOf } from "../contract/days.ts";

/** Deletion of reports from servers (occurrences and server events): with their sessions, by age and by caps. */

/** Returns an SQL expression: `value`, or NULL if the session or window was erased. `?1` is the project. */
export function unlessErased(value: string, sessionId: string, windowId = "''"): string {
	return `CASE WHEN EXISTS (SELECT 1 FROM erasures WHERE project = ?1 AND session_id = ${sessionId}
		AND window_id IN ('', coalesce(${windowId}, ''))) THEN NULL ELSE ${value} END`;
}

/** Returns an SQL expression: `value`, which may be personal data, or NULL if the session was deleted by hand. */
export function unlessDeleted(value: string, sessionId: string): string {
	return `CASE WHEN EXISTS (SELECT 1 FROM erasures WHERE project = ?1 AND session_id = ${sessionId}
		AND window_id = '' AND reason = 'deleted') THEN NULL ELSE ${value} END`;
}

/**
 * Returns statements that delete the reports of sessions that were deleted by hand, and reduce the counts of issues by
 * the number of deleted occurrences.
 * @param ids JSON list of session IDs
 */
export function eraseReports(db: D1Database, project: string, ids: string): D1PreparedStatement[] {
	return [ERASE_FROM_ISSUES, DELETE_EMPTY_ISSUES, ...DELETE_REPORTS].map((sql) => db.prepare(sql).bind(project, ids));
}

/**
 * Returns statements that delete the reports of purged sessions. Issues keep their counts, but take their message from
 * an occurrence that remains.
 * @param ids JSON list of session IDs
 */
export function purgeReports(db: D1Database, project: string, ids: string): D1PreparedStatement[] {
	return [REPLACE_ISSUE_MESSAGES, ...DELETE_REPORTS].map((sql) =>
		db.prepare(`${sql} AND ${SESSION_NOT_STORED}`).bind(project, ids),
	);
}

/** Returns a statement that fills in missing messages of issues from their newest occurrences. */
function refreshIssueMessages(db: D1Database): D1PreparedStatement {
	return db.prepare(
		`UPDATE issues SET message = coalesce((SELECT o.message FROM occurrences o WHERE o.project = issues.project
			AND o.fingerprint = issues.fingerprint ORDER BY o.id DESC LIMIT 1), '') WHERE message = ''`,
	);
}

/** Deletes reports of erased sessions, which a restored export may have brought back. */
export async function eraseReportsOfErased(db: D1Database): Promise<void> {
	const { results } = await db
		.prepare(
			`SELECT e.project, e.reason, json_group_array(DISTINCT e.session_id) AS ids FROM erasures e
			WHERE e.window_id = '' AND (
				EXISTS (SELECT 1 FROM occurrences o WHERE o.project = e.project AND o.session_id = e.session_id)
				OR EXISTS (SELECT 1 FROM server_events v WHERE v.project = e.project AND v.session_id = e.session_id)
			) GROUP BY 1, 2`,
		)
		.all<{ project: string; reason: "deleted" | "purged"; ids: string }>();
	for (const { project, reason, ids } of results) {
		await db.batch((reason === "deleted" ? eraseReports : purgeReports)(db, project, ids));
	}
	await refreshIssueMessages(db).run();
}

/**
 * How long the counts per day of an issue are kept after data retention has deleted the occurrences: longer than 90
 * days, the longest preset period in the dashboard.
 */
const DAY_COUNTS_RETENTION_MS = 100 * 86_400_000;

/** SQL of a table with an index hint. Without the hint, SQLite scans all rows of the project. */
export const BY_SESSION = (table: string) => `${table} INDEXED BY ${table}_by_session`;

export const OF_SESSIONS = "project = ?1 AND session_id IN (SELECT value FROM json_each(?2))";

/** SQL condition: the session of the row was never stored, or has been deleted. */
export const SESSION_NOT_STORED = "NOT EXISTS (SELECT 1 FROM sessions s WHERE s.project = ?1 AND s.id = session_id)";

/** SQL that selects a column of an issue's newest occurrence, without occurrences of the sessions in ?2. */
const NEWEST_REMAINING = (column: string) =>
	`SELECT o.${column} FROM occurrences o WHERE o.project = ?1 AND o.fingerprint = issues.fingerprint
	AND (o.session_id IS NULL OR o.session_id NOT IN (SELECT value FROM json_each(?2))) ORDER BY o.id DESC LIMIT 1`;

/**
 * Subtracts the sessions' occurrences from the counts of their issues. Each issue takes its message and its last time
 * from the newest occurrence that remains.
 */
const ERASE_FROM_ISSUES = `UPDATE issues SET count = max(0, count - gone.n),
days = (SELECT json_group_object(key, value - coalesce(gone.days ->> key, 0)) FROM json_each(issues.days)
	WHERE value > coalesce(gone.days ->> key, 0)),
message = coalesce((${NEWEST_REMAINING("message")}), ''),
last_seen = coalesce((${NEWEST_REMAINING("at")}), last_seen)
FROM (
	SELECT fingerprint, sum(n) AS n, json_group_object(day, n) AS days FROM (
		SELECT fingerprint, strftime('%Y%m%d', at / 1000, 'unixepoch') AS day, count(*) AS n
		FROM ${BY_SESSION("occurrences")} WHERE ${OF_SESSIONS} GROUP BY 1, 2
	) GROUP BY fingerprint
) gone
WHERE issues.project = ?1 AND issues.fingerprint = gone.fingerprint`;

const DELETE_EMPTY_ISSUES = `DELETE FROM issues WHERE project = ?1 AND count = 0
AND fingerprint IN (SELECT fingerprint FROM ${BY_SESSION("occurrences")} WHERE ${OF_SESSIONS})`;

const REPLACE_ISSUE_MESSAGES = `UPDATE issues SET message = coalesce((${NEWEST_REMAINING("message")}), '')
FROM (SELECT DISTINCT fingerprint, session_id FROM ${BY_SESSION("occurrences")} WHERE ${OF_SESSIONS}) gone
WHERE issues.project = ?1 AND issues.fingerprint = gone.fingerprint`;

const DELETE_REPORTS = ["occurrences", "server_events"].map(
	(table) => `DELETE FROM ${BY_SESSION(table)} WHERE ${OF_SESSIONS}`,
);

/** Limit of rows that a step deletes from each table. */
const STEP_ROWS = 1_000;

/**
 * Runs one step of data retention for reports. The age of a report counts from its own time, not from its session's.
 * @param cutoff epoch milliseconds
 * @returns whether there may be more
 */
export async function purgeOldReports(db: D1Database, project: string, cutoff: number): Promise<boolean> {
	// IDs sort by time. The join starts at the issues, so that only rows to delete are read.
	const [occurrences, events] = await db.batch([
		db
			.prepare(
				`DELETE FROM occurrences WHERE (project, fingerprint, id) IN (
				SELECT o.project, o.fingerprint, o.id FROM issues i CROSS JOIN occurrences o
				ON o.project = i.project AND o.fingerprint = i.fingerprint AND o.id < ?3
				WHERE i.project = ?1 AND i.first_seen < ?2 LIMIT ${STEP_ROWS})`,
			)
			.bind(project, cutoff, lowestIdAt(cutoff)),
		db
			.prepare(
				`DELETE FROM server_events WHERE project = ?1 AND id IN (
				SELECT id FROM server_events WHERE project = ?1 AND id < ?2 LIMIT ${STEP_ROWS})`,
			)
			.bind(project, lowestIdAt(cutoff)),
		db
			.prepare(
				`DELETE FROM issues WHERE project = ?1 AND last_seen < ?2
				AND NOT EXISTS (SELECT 1 FROM occurrences o WHERE o.project = ?1 AND o.fingerprint = issues.fingerprint)`,
			)
			.bind(project, cutoff),
		db
			.prepare(
				`UPDATE issues SET days = (SELECT json_group_object(key, value) FROM json_each(issues.days) WHERE key >= ?2)
				WHERE project = ?1 AND EXISTS (SELECT 1 FROM json_each(issues.days) WHERE key < ?2)`,
			)
			.bind(project, String(dayOf(cutoff - DAY_COUNTS_RETENTION_MS))),
	]);
	return occurrences!.meta.changes >= STEP_ROWS || events!.meta.changes >= STEP_ROWS;
}

export interface ReportCaps {
	issues: number | null;
	occurrencesPerIssue: number | null;
	serverEvents: number | null;
}

/**
 * Enforces the caps of a project: deletes the least recently seen issues with their occurrences, then the oldest
 * occurrences of each issue, and the oldest server events.
 */
export async function enforceReportCaps(db: D1Database, project: string, caps: ReportCaps): Promise<void> {
	const { issues, occurrencesPerIssue, serverEvents } = caps;
	if (issues !== null) {
		const excess = `project = ?1 AND fingerprint IN (SELECT fingerprint FROM issues
			WHERE project = ?1 ORDER BY last_seen DESC, fingerprint LIMIT -1 OFFSET ?2)`;
		await db.batch(
			["occurrences", "issues"].map((table) =>
				db.prepare(`DELETE FROM ${table} WHERE ${excess}`).bind(project, issues),
			),
		);
	}
	if (occurrencesPerIssue !== null) {
		await db
			.prepare(
				`DELETE FROM occurrences WHERE project = ?1 AND (fingerprint, id) IN (SELECT fingerprint, id FROM (
					SELECT fingerprint, id, row_number() OVER (PARTITION BY fingerprint ORDER BY id DESC) AS n
					FROM occurrences WHERE project = ?1
					AND fingerprint IN (SELECT fingerprint FROM issues WHERE project = ?1 AND count > ?2)) WHERE n > ?2)`,
			)
			.bind(project, occurrencesPerIssue)
			.run();
	}
	if (serverEvents !== null) {
		await db
			.prepare(
				`DELETE FROM server_events WHERE project = ?1 AND id <= (SELECT id FROM server_events
				WHERE project = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)`,
			)
			.bind(project, serverEvents)
			.run();
	}
}

/** Sorts after every ID, because IDs are hexadecimal. */
export const AFTER_ALL_IDS = "g";

/** Returns the lower bound of UUIDv7 IDs at or after a time. @param at epoch milliseconds */
export function lowestIdAt(at: number): string {
	const time = Math.max(0, Math.floor(at)).toString(16).padStart(12, "0");
	return `${time.slice(0, 8)}-${time.slice(8)}`;
}
