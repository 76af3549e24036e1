import { count } from "../ui/table.tsx";

/** Texts of the replay page, from top to bottom. Those of the drawer and the share dialog are in separate files. */

/* Title and header */
export const session = "Session";
export const sessionOf = (userId: string, time: string) => `Session of ${userId}, ${time}`;
export const sessionFrom = (location: string, time: string) => `Session from ${location}, ${time}`;
export const sessionAt = (time: string) => `Session at ${time}`;
export const notFound = "Session not found";
export const notFoundReason = "It was deleted, its retention period has ended, or the URL is wrong.";
export const allSessions = "All sessions";
export const unknownLocation = "Unknown location";
export const live = "Live";
export const previousSession = "Previous session";
export const nextSession = "Next session";
export const copyLink = "Copy link";
export const copyLinkToMoment = "Copy a link to this moment";
export const share = "Share";
export const shareRecording = "Share this recording";
export const deleteSession = "Delete session";

/* Tabs */
export const tabs = "Tabs of this session";
export const tab = (n: number) => `Tab ${n}`;
export const followVisitor = "Follow the visitor";

/* Missing parts of the recording */
const parts = (n: number) => (n === 1 ? "1 part" : `${count(n)} parts`);
export const timeSpan = (from: string, to: string) => `${from} to ${to}`;
export const andLater = " and later";
export const partsMissing = (n: number, spans: string) =>
	`${parts(n)} of this recording ${n === 1 ? "is" : "are"} missing (${spans}). After a missing part, the picture may be outdated.`;
export const partsUndecryptable = (n: number, spans: string, reason: string) =>
	`${parts(n)} cannot be decrypted (${spans}): ${reason}.`;
export const partsUndrawable = (n: number, spans: string, reason: string) =>
	`${parts(n)} cannot be drawn (${spans}): ${reason}.`;
export const partsUnreachable = (n: number, spans: string) => `${parts(n)} could not be loaded (${spans}).`;
export const tryAgain = "Try again";
export const eventsSkipped = (n: number) =>
	n === 1 ? "1 event of an unknown type was skipped." : `${count(n)} events of unknown types were skipped.`;
export const tooDeep = "the page is nested too deeply for this browser";

/* Stage */
export const stageAtActualSize = "Recorded page at actual size";
export const partMissing = "This part is missing. The picture may be outdated.";
export const partUndecryptable = "This part cannot be decrypted. The picture may be outdated.";
export const partUndrawable = "This part cannot be drawn. The picture may be outdated.";
export const atLiveEnd = "Live: waiting for the visitor's next action.";
export const loading = "Loading recording";
export const play = "Play";
export const recording = "Recording";
export const nothingToDraw = "Nothing to draw";
export const noSnapshot = "This tab has no full snapshot: its first batch was rejected or lost.";
export const singleEvent = "Only one event";
export const nothingToPlay = "Nothing else was recorded in this tab, so there is nothing to play.";
export const couldNotLoad = "This recording could not be loaded";
export const playerFailed = "The player failed. Reload the page and try again.";
export const encrypted = (reason: string) => `It cannot be decrypted: ${reason}.`;
export const missing = "The part it starts with is missing from storage.";
export const undrawable = (reason: string) => `It cannot be drawn: ${reason}.`;

/* Overlay */
export const depthUnknown = "Scroll depth unknown";
export const seenDownTo = (px: number) => `Page seen down to ${px} px`;
export const clicksOnPage = (n: number) => (n === 1 ? "1 click on this page" : `${count(n)} clicks on this page`);

/* Controls */
export const pause = "Pause";
export const goLive = "Go to live";
export const speed = "Speed";
export const overlay = "Overlay";
export const overlays = {
	off: "No overlay",
	"so-far": "Clicks so far",
	all: "All clicks",
	depth: "Scroll depth",
};
export const skipInactivity = "Skip inactivity";
export const actualSize = "Actual size";
export const showActualSize = "Show at actual size";
export const fitToWindow = "Fit to window";
export const fullScreen = "Full screen";

/* Timeline */
export const position = "Position";
export const positionOf = (time: string, total: string) => `${time} of ${total}`;
export const inactiveFor = (length: string) => `Inactive for ${length}`;
export const reasons = {
	missing: "Missing",
	encrypted: "Cannot be decrypted",
	unreachable: "Could not be loaded",
	undrawable: "Cannot be drawn",
};
export const more = (n: number) => `and ${count(n)} more`;
export const pageFor = (page: string, length: string) => `${page} for ${length}`;

/* Activity */
export const activity = "Activity";
export const someOf = (shown: number, total: number) => `${count(shown)} of ${count(total)}`;
export const nextError = "Next error";
export const nextRageClick = "Next rage click";
export const show = "Show";
export const kinds = {
	page: "Pages",
	click: "Clicks",
	input: "Input",
	frustration: "Frustration",
	error: "Errors",
	tag: "Custom events",
	server: "Server",
};
export const searchActivity = "Search activity";
export const search = "Search";
export const noActivity = "No activity was recorded in this tab.";
export const noMatches = "No matches. Change the search or the selected kinds.";
export const exception = "Exception";
export const serverEvent = "Server event";
export const selectedEntry = "Selected entry";
export const selectAnEntry = "Select an entry to see its details.";
export const viewIssue = "View issue";
export const viewServerEvent = "View server event";

/* Stars, labels and notes */
export const notes = "Notes";
export const starSession = "Star session";
export const addNoteAt = (time: string) => `Add note at ${time}`;
export const noteAt = (time: string) => `Note at ${time}`;
export const otherTab = "Other tab";
export const edit = "Edit";
export const editNote = (note: string) => `Edit note: ${note}`;
export const deleteNote = (note: string) => `Delete note: ${note}`;
export const saveNote = "Save note";
export const cancel = "Cancel";
export const noteDeleted = "Note deleted.";
export const undo = "Undo";

/* Deletion */
export const deleteThisSession = "Delete this session?";
export const deleteThisTab = "Delete this tab?";
export const whatToDelete = "What to delete";
export const wholeSession = "The whole session with all its tabs";
export const onlyThisTab = "Only this tab";
export const sessionDeletion = "The recording and all data of this session will be deleted. This cannot be undone.";
export const tabDeletion = "Everything recorded in this tab will be deleted. This cannot be undone.";
export const deleteTab = "Delete tab";

/* Keyboard shortcuts */
export const playOrPause = "Play or pause";
export const forward = "5 seconds forward";
export const back = "5 seconds back";
export const faster = "Faster";
export const slower = "Slower";
export const nextEntry = "Next activity";
export const previousEntry = "Previous activity";
export const previousError = "Previous error";
export const previousRageClick = "Previous rage click";
export const addNote = "Add a note at this moment";
export const actualSizeOrFit = "Actual size or fit";
export const space = "Space";
export const shiftE = "Shift E";
export const shiftR = "Shift R";
