import type { Level } from "../contract/reports.ts";
import { BY_SESSION, OF_SESSIONS, SESSION_NOT_STORED } from "./server-retention.ts";

/** Reports of servers (exceptions and server events) that belong to sessions. */

/** Exception or server event of a session. */
export type ServerReportOfSession = {
	id: string;
	/** Time by the server's clock, epoch milliseconds. */
	at: number;
	windowId: string | null;
} & (
	| { kind: "exception"; fingerprint: string; exceptionClass: string; message: string; platform: string | null }
	| { kind: "event"; name: string; level: Level; payload: Record<string, unknown> | null }
);

/** Counts the reports of a session. */
export async function countReports(db: D1Database, project: string, sessionId: string): Promise<number> {
	const n = await db
		.prepare(
			`SELECT (SELECT count(*) FROM occurrences WHERE project = ?1 AND session_id = ?2)
				+ (SELECT count(*) FROM server_events WHERE project = ?1 AND session_id = ?2) AS n`,
		)
		.bind(project, sessionId)
		.first<number>("n");
	return n ?? 0;
}

/** Returns the newest reports of a session, at most `limit` of each kind, in ascending order of time. */
export async function reportsOfSession(
	db: D1Database,
	project: string,
	sessionId: string,
	limit: number,
): Promise<{ items: ServerReportOfSession[]; isCut: boolean }> {
	const [exceptions, events] = (await db.batch([
		db
			.prepare(
				`SELECT 'exception' AS kind, o.id, o.at, o.window_id AS windowId, o.fingerprint, o.message, o.platform,
					coalesce(i.exception_class, '') AS exceptionClass
				FROM occurrences o LEFT JOIN issues i ON i.project = o.project AND i.fingerprint = o.fingerprint
				WHERE o.project = ?1 AND o.session_id = ?2 ORDER BY o.id DESC LIMIT ?3`,
			)
			.bind(project, sessionId, limit + 1),
		db
			.prepare(
				`SELECT 'event' AS kind, id, at, NULL AS windowId, name, level, payload FROM server_events
				WHERE project = ?1 AND session_id = ?2 ORDER BY id DESC LIMIT ?3`,
			)
			.bind(project, sessionId, limit + 1),
	])) as [D1Result<ServerReportOfSession>, D1Result<ServerReportOfSession & { payload: string | null }>];
	const items: ServerReportOfSession[] = [
		...exceptions.results.slice(0, limit),
		...events.results.slice(0, limit).map((row) => ({ ...row, payload: row.payload && JSON.parse(row.payload) })),
	];
	return {
		items: items.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)),
		isCut: exceptions.results.length > limit || events.results.length > limit,
	};
}

/** Returns the complete rows of a session's reports, for the export of personal data. */
export function allReportsOfSession(db: D1Database, project: string, sessionId: string) {
	return readRows(db, project, JSON.stringify([sessionId]), OF_SESSIONS);
}

/**
 * Returns the complete rows of reports whose session is not stored: it was never recorded, or it has been deleted.
 * @param ids JSON list of session IDs
 */
export function reportsWithoutSession(db: D1Database, project: string, ids: string) {
	return readRows(db, project, ids, `${OF_SESSIONS} AND ${SESSION_NOT_STORED}`);
}

async function readRows(db: D1Database, project: string, ids: string, where: string) {
	const found = await db.batch<Record<string, unknown>>(
		["occurrences", "server_events"].map((table) =>
			db.prepare(`SELECT * FROM ${BY_SESSION(table)} WHERE ${where} ORDER BY session_id, id`).bind(project, ids),
		),
	);
	return found.flatMap(({ results }) => results);
}
