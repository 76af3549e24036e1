import { count } from "../../ui/table.tsx";

/** Texts of the drawer below the replay, panel by panel. */

export const sessionData = "Session data";
export const details = "Details";
export const console = "Console";
export const network = "Network";
export const pages = "Pages";
export const forms = "Forms";
export const events = "Events";
export const server = "Server";
export const loadingRecording = "Loading recording…";
export const selectARow = "Select a row to see its details.";

/* Details */
export const sessionId = "Session ID";
export const started = "Started";
export const duration = "Duration";
export const activeTime = "Active time in this tab";
export const active = (time: string, percentage: number) => `${time} (${percentage}%)`;
export const device = "Device";
export const viewport = "Viewport";
export const size = (width: number, height: number) => `${width} × ${height}`;
export const location = "Location";
export const timeZone = "Time zone";
export const stored = "Stored";
export const eventsAndSize = (n: number, bytes: string) => `${n === 1 ? "1 event" : `${count(n)} events`}, ${bytes}`;
export const otherSessions = (userId: string) => `Other sessions of ${userId}`;
export const sessionsFailed = "Other sessions could not be loaded. Reload the page to try again.";
export const noOtherSessions = "No other sessions of this person are stored.";
export const pageCount = (n: number) => (n === 1 ? "1 page" : `${count(n)} pages`);
export const errorCount = (n: number) => (n === 1 ? "1 error" : `${count(n)} errors`);
export const entryPage = (path: string) => `entry page ${path}`;
export const olderInList = "Older sessions are in the session list.";

/* Console */
export const level = "Level";
export const allLevels = "All levels";
export const warningsAndErrors = "Warnings and errors";
export const errors = "Errors";
export const noConsole = "No console output was recorded. To record it, set captureConsole in the recorder.";

/* Network */
export const noNetwork = "No requests were recorded. To record them, set captureNetwork in the recorder.";
export const allPages = "All pages";
export const noRequests = "This page made no requests.";
export const ms = (milliseconds: number) => `${Math.round(milliseconds)} ms`;
export const failed = "failed";
export const opaque = "opaque";
export const call = (status: string, api: string, time: string) => `${status}${api && ` (${api})`}, ${time}`;
export const sent = (bytes: string) => `${bytes} sent`;
export const received = (bytes: string) => `${bytes} received`;

/* Pages */
export const pagesOfTab = "Pages of this tab";
export const page = "Page";
export const unknownPage = "Unknown";
export const timeOnPage = "Time on page";
export const scrollDepth = "Scroll depth";
export const depth = (px: number, screens: number) =>
	`${count(px)} px, ${screens === 1 ? "1 screen" : `${screens} screens`}`;
export const recorderOverhead = "Recorder overhead";
export const ratings: Record<string, string> = {
	good: "Good",
	"needs-improvement": "Needs improvement",
	poor: "Poor",
};
export const longestTask = (time: string) => `longest task ${time}`;
export const longTasks = (n: number) => `${count(n)} over 50 ms`;
export const batchesLost = (n: number) => (n === 1 ? "1 batch lost" : `${count(n)} batches lost`);

/* Forms */
export const noForms = "No form fields were filled in in this tab.";
export const formFields = "Form fields";
export const field = "Field";
export const order = "Order";
export const nthOf = (n: number, total: number) => `${n} of ${total}`;
export const changes = "Changes";
export const editingTime = "Editing time";
export const untilNextField = "Start to next field";
export const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/* Events */
export const loadingEvents = "Loading events…";
export const eventsInPart = (n: number) => `${count(n)} events in this part of the recording`;
export const types: Record<number, string> = {
	0: "DOMContentLoaded",
	1: "Load",
	2: "Full snapshot",
	4: "Meta",
	5: "Custom event",
	6: "Plugin",
};
export const sources: Record<number, string> = {
	0: "Mutation",
	1: "Mouse move",
	2: "Mouse interaction",
	3: "Scroll",
	4: "Viewport resize",
	5: "Input",
	6: "Touch move",
	7: "Media interaction",
	8: "Style sheet rule",
	9: "Canvas mutation",
	10: "Font",
	11: "Log",
	12: "Drag",
	13: "Style declaration",
	14: "Selection",
	15: "Adopted style sheet",
	16: "Custom element",
};
export const unknownType = (type: unknown) => `Type ${String(type)}`;
export const unknownSource = (source: unknown) => `Incremental snapshot, source ${String(source)}`;
export const charactersInTotal = (n: number) => `… ${count(n)} characters in total`;

/* Server */
export const noReports = "No server exceptions or server events in this session.";
export const kind = "Kind";
export const exceptionsAndEvents = "Exceptions and server events";
export const exceptions = "Exceptions";
export const serverEvents = "Server events";
export const newestOfEachKind = (max: number) => `Shows the newest ${count(max)} of each kind.`;
export const noMatches = "No matches. Change the kind or the level.";
export const exception = "Exception";
export const before = "before";
export const after = "after";
export const notRecordedThen = (time: string) => `${time}, outside of the recording`;
