import type { SessionTotals } from "../api.ts";
import { count, sessionsOf } from "../ui/table.tsx";
import { duration } from "../ui/time.tsx";

/** Texts of the session list, in the order in which they appear. */

export const title = "Sessions";
export const importRecording = "Import";
export const showNew = (n: number) => `Show ${count(n)} new`;
export const totals = ({ sessions, errored, durationMs, isCut }: SessionTotals) =>
	[
		isCut ? `${sessionsOf(sessions)} among the newest 5,000` : sessionsOf(sessions),
		`${count(errored)} with errors`,
		`${duration(durationMs / sessions)} on average`,
	].join(", ");
export const downloadCsv = "Download CSV";

/* Filters */
export const search = "Search by ID, person or metadata";
export const order = "Order";
export const orders = [
	["start", "Newest first"],
	["activity", "Last active first"],
	["duration", "Longest first"],
	["events", "Most events"],
	["pages", "Most pages"],
	["clicks", "Most clicks"],
	["errors", "Most errors"],
	["score", "Most frustration"],
] as const;
export const withErrors = "With errors";
export const liveNow = "Live now";

/* Selection */
export const selected = (n: number) => `${count(n)} selected`;
export const deleteSessions = (n: number) => `Delete ${sessionsOf(n)}`;
export const clearSelection = "Clear selection";

export const tooManyLive = "Too many live sessions to search all of them. The others appear here after they end.";

/* Table */
export const selectAll = "Select all sessions shown";
export const visitor = "Visitor";
export const entryPage = "Entry page";
export const started = "Started";
export const durationColumn = "Duration";
export const pages = "Pages";
export const clicks = "Clicks";
export const errors = "Errors";
export const frustration = "Frustration";
export const aboutFrustration = "Frustration score from 0 to 100; higher is worse";
export const lastActive = "Last active";
export const events = "Events";
export const actions = "Actions";

/* Row */
export const unknownLocation = "Unknown location";
export const unknownBrowser = "Unknown browser";
/** Name of a session, distinct from the others in the list: "Berlin, Germany, Chrome, started 12:04 PM". */
export const sessionName = (location: string, browser: string | undefined, startedAt: string) =>
	[location, browser, `started ${startedAt}`].filter(Boolean).join(", ");
/** Name of a session in the labels of its checkbox and buttons. @param location empty if unknown */
export const sessionLabel = (location: string, browser: string | undefined, startedAt: string) =>
	location || browser
		? `the session from ${sessionName(location, browser, startedAt)}`
		: `the session started ${startedAt}`;
export const select = (session: string) => `Select ${session}`;
export const star = (session: string) => `Star ${session}`;
export const deleteOne = (session: string) => `Delete ${session}`;
export const live = "Live";
export const bot = "Bot";
export const noReplay = "No replay";
export const aboutNoReplay = "The first full snapshot never arrived, so there is nothing to play.";
export const lastPage = (path: string) => `Last page: ${path}`;
/* Units after the numbers on phones, where the table has no column headings */
export const pageUnit = (n: number) => (n === 1 ? "page" : "pages");
export const clickUnit = (n: number) => (n === 1 ? "click" : "clicks");
export const errorUnit = (n: number) => (n === 1 ? "error" : "errors");
export const frustrationUnit = "frustration";
export const lastActiveUnit = "last active";
export const eventUnit = "events";
export const onServer = (n: number) => `${count(n)} on the server`;

/* Empty states */
export const noMatchesInNewest = "No matches in the newest 5,000 sessions.";
export const searchOlder = "Search older sessions";
export const searching = "Searching…";
export const noMatches = "No sessions match these filters.";
export const showAll = "Show all sessions";
export const showOlder = "Show older sessions";
export const loading = "Loading…";
export const theSessions = "The sessions";

/* Confirmation */
export const confirmTitle = (n: number) => (n === 1 ? "Delete this session?" : `Delete ${sessionsOf(n)}?`);
export const confirmAction = (n: number) => (n === 1 ? "Delete session" : `Delete ${sessionsOf(n)}`);
export const confirmBody = (n: number, durationMs: number) =>
	n === 1
		? `The recording (${duration(durationMs)}) and all data about the session are deleted. This cannot be undone.`
		: `The recordings (${duration(durationMs)}) and all data about these sessions are deleted. This cannot be undone.`;

/* Keyboard shortcuts */
export const nextSession = "Next session";
export const previousSession = "Previous session";
export const toggleSelection = "Select or deselect the session";
export const focusSearch = "Search";
export const showNewSessions = "Show new sessions";
