import type { Level, ServerEventReport } from "../contract/reports.ts";
import { AFTER_ALL_IDS, lowestIdAt, unlessDeleted, unlessErased } from "./server-retention.ts";

/** Server events: events reported by servers. */

export interface ServerEvent extends ServerEventReport {
	/** UUIDv7 with the time `at`. */
	id: string;
}

export interface StoredEvent extends ServerEvent {
	/** Whether the session is stored and can be opened. */
	isRecorded: boolean;
}

export async function saveServerEvent(db: D1Database, event: ServerEvent & { project: string }): Promise<void> {
	await db
		.prepare(
			`INSERT INTO server_events (project, id, at, name, level, payload, session_id)
			SELECT ?1, ?2, ?3, ?4, ?5, ${unlessDeleted("?6", "?7")}, ${unlessErased("?7", "?7")}`,
		)
		.bind(
			event.project,
			event.id,
			event.at,
			event.name,
			event.level,
			event.payload && JSON.stringify(event.payload),
			event.sessionId,
		)
		.run();
}

export interface EventQuery {
	/** Text contained in the name, case-insensitive. */
	search?: string | undefined;
	level?: Level | undefined;
	/** Period of `at`, epoch milliseconds, both ends included. */
	since: number | null;
	until: number | null;
}

const COLUMNS = `id, at, name, level, payload, session_id AS sessionId,
EXISTS (SELECT 1 FROM sessions s WHERE s.project = ?1 AND s.id = session_id) AS isRecorded`;

/** IDs sort by time, so a period is a range of the primary key. */
const WHERE = `FROM server_events WHERE project = ?1 AND id >= ?2 AND id < ?3
AND (?4 IS NULL OR instr(lower(name), lower(?4)))`;

const valuesOf = (project: string, { search, since, until }: EventQuery, before: string | null = null) => [
	project,
	lowestIdAt(since ?? 0),
	before ?? (until === null ? AFTER_ALL_IDS : lowestIdAt(until + 1)),
	search ?? null,
];

/** Returns a page of events, newest first. @param before ID of the last event of the previous page */
export async function listServerEvents(
	db: D1Database,
	project: string,
	query: EventQuery,
	limit: number,
	before: string | null,
): Promise<{ events: StoredEvent[]; next: string | null }> {
	const { results } = await db
		.prepare(
			`SELECT ${COLUMNS} ${WHERE}
			AND (?5 IS NULL OR level = ?5) ORDER BY id DESC LIMIT ?6`,
		)
		.bind(...valuesOf(project, query, before), query.level ?? null, limit + 1)
		.all<RawEvent>();
	const events = results.slice(0, limit).map(parseEvent);
	return { events, next: results.length > limit ? events.at(-1)!.id : null };
}

/** Counts the events that match a query by level. Ignores the level in the query. */
export async function countLevels(db: D1Database, project: string, query: EventQuery): Promise<Record<Level, number>> {
	const { results } = await db
		.prepare(`SELECT level, count(*) AS n ${WHERE} GROUP BY level`)
		.bind(...valuesOf(project, query))
		.all<{ level: Level; n: number }>();
	return { debug: 0, info: 0, warn: 0, error: 0, ...Object.fromEntries(results.map(({ level, n }) => [level, n])) };
}

export async function findServerEvent(db: D1Database, project: string, id: string): Promise<StoredEvent | null> {
	const row = await db
		.prepare(`SELECT ${COLUMNS} FROM server_events WHERE project = ?1 AND id = ?2`)
		.bind(project, id)
		.first<RawEvent>();
	return row && parseEvent(row);
}

type RawEvent = Omit<StoredEvent, "payload" | "isRecorded"> & { payload: string | null; isRecorded: number };

function parseEvent({ payload, isRecorded, ...row }: RawEvent): StoredEvent {
	return { ...row, payload: payload === null ? null : JSON.parse(payload), isRecorded: isRecorded === 1 };
}
