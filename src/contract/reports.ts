/** Reports from servers: exceptions (`POST /errors`) and events (`POST /track`). Times are epoch milliseconds. */

export const LEVELS = ["debug", "info", "warn", "error"] as const;
export type Level = (typeof LEVELS)[number];

export const ISSUE_STATUSES = ["open", "resolved", "ignored"] as const;
export type IssueStatus = (typeof ISSUE_STATUSES)[number];

export interface ErrorReport {
	exceptionClass: string;
	message: string;
	/** Innermost frame first; empty if none was sent. */
	backtrace: string[];
	context: Record<string, unknown> | null;
	at: number;
	/** Name of the platform in lower case. It selects how frames are normalized. */
	platform: string | null;
	/** Session in which the exception happened. The server reads the ID from the recorder's cookies. */
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
