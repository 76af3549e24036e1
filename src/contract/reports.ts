/** What servers tell: exceptions (`POST /errors`) and events of their own (`POST /track`). Times are epoch milliseconds. */

export const LEVELS = ["debug", "info", "warn", "error"] as const;
export type Level = (typeof LEVELS)[number];

export const ISSUE_STATUSES = ["open", "resolved", "ignored"] as const;
export type IssueStatus = (typeof ISSUE_STATUSES)[number];

export interface ErrorReport {
	exceptionClass: string;
	message: string;
	/** The innermost frame first; empty: none was sent. */
	backtrace: string[];
	context: Record<string, unknown> | null;
	at: number;
	/** In lower case; tells how its frames are read. */
	platform: string | null;
	/** The visit it happened in, as the recorder's cookies name it. */
	sessionId: string | null;
	windowId: string | null;
}

export interface ServerEventReport {
	name: string;
	level: Level;
	payload: Record<string, unknown> | null;
	at: number;
	sessionId: string | null;
}
