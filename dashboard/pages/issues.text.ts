import type { IssueStatus } from "../../src/contract/reports.ts";
import { count } from "../ui/table.tsx";

/** Texts of the issue list and of the page of a single issue, in the order in which they appear. */

export const title = "Issues";
export const source = "Source";
export const server = "Server";
export const browser = "Browser";

/* Server issues */
export const status = "Status";
export const statuses: Record<IssueStatus, string> = { open: "Open", resolved: "Resolved", ignored: "Ignored" };
export const all = "All";
export const search = "Search by class or message";
export const order = "Order";
export const orders = [
	["last_seen", "Last seen first"],
	["first_seen", "Newest first"],
	["count", "Most frequent first"],
] as const;
export const issue = "Issue";
export const occurrences = "Occurrences";
export const lastSeen = "Last seen";
export const lastSeenUtc = "Last seen (UTC)";
export const firstSeen = "First seen";
export const actions = "Actions";
/** Name of an issue, distinct from others of its class: "TypeError: undefined is not a function". */
export const issueName = (exceptionClass: string, message: string) =>
	message ? `${exceptionClass}: ${message.slice(0, 120)}` : exceptionClass;
export const isNew = "New";
export const regressed = "Regressed";
export const regressedAt = (time: string) => `Resolved, then occurred again: ${time}`;
export const since = (time: string) => `Since ${time}`;
export const occurrenceUnit = (n: number) => (n === 1 ? "occurrence" : "occurrences");
export const noMatches = "No issues match these filters.";
export const noneWithStatus = (name: string) => `No ${name} issues`;
export const showAll = "Show all issues";
export const showAllCount = (n: number) => `Show all ${count(n)} issues`;
export const showMore = "Show more issues";
export const theIssues = "The issues";

/* Changing the status */
export const verbs: Record<IssueStatus, string> = { resolved: "Resolve", ignored: "Ignore", open: "Reopen" };
export const setStatus = (verb: string, name: string) => `${verb} ${name}`;
export const results: Record<IssueStatus, string> = { resolved: "resolved", ignored: "ignored", open: "reopened" };
export const undo = "Undo";

/* Setup */
export const setupTitle = "Exceptions of your servers appear here";
export const reportException = "Report an exception";
export const aboutReporting =
	"Sentiero's reporters do this automatically; any program can. The exception appears here at once.";

/* Browser issues */
export const searchMessage = "Search by message";
export const browserErrors = "Errors in the browser";
export const error = "Error";
export const sessions = "Sessions";
export const rareErrors = "Other errors, each in a few sessions";
export const aboutBrowserErrors =
	"Uncaught errors and unhandled promise rejections of your pages appear here. They are captured while";
export const isOnByDefault = "is on, which is the default.";
export const noErrorMatches = "No errors match this search.";
export const grouping = "Errors that differ only in numbers are grouped; # stands for a number.";
export const onlyFrequent = "Only the 200 most frequent errors are shown.";

/* Single issue */
export const loadingIssue = "Loading the issue";
export const thisIssue = "This issue";
export const noSuchIssue = "Issue not found";
export const aboutNoSuchIssue = "It was never reported, or it has been deleted.";
export const resolved = "Resolved";
export const fingerprint = "Fingerprint";
export const copyFingerprint = "Copy fingerprint";
export const total = "Total";
export const last24Hours = "Last 24 hours";
export const last7Days = "Last 7 days";
export const last30Days = "Last 30 days";
export const atLeast = "at least";
export const chart = "Occurrences in the last 30 days (UTC)";
export const storedOf = (stored: number, all: number, since: string | null) =>
	`${count(stored)} of ${count(all)} occurrences are stored${since === null ? "" : `, since ${since}`}. The lists below cover only those.`;
export const newestFirst = "Newest first";
export const noneStored = "All occurrences have been deleted.";
export const showOlder = "Show older occurrences";
export const affectedSessions = "Affected sessions";
export const noSessions = "None known. To link them, have your reporter send the visitor's cookie";
export const asSessionId = "as";
export const notRecorded = "not stored";
export const times = (n: number) => (n === 1 ? "once" : `${count(n)} times`);
export const onlyNewest = "Only the newest are shown.";
export const onlyMostFrequent = "Only the most frequent are shown.";
export const paths = "Request paths";
export const environments = "Environments";
export const browsers = "Browsers";
export const releases = "Releases";
export const first = "first seen";

/* Occurrence */
export const noBacktrace = "This occurrence has no backtrace.";
export const backtrace = "Backtrace, innermost frame first";
export const showAllFrames = (n: number) => `Show all ${count(n)} frames`;
export const watchMoment = "Watch this moment";
export const itsSession = "Session";
export const isNotRecorded = "is not stored.";

/* Keyboard shortcuts */
export const nextIssue = "Next issue";
export const previousIssue = "Previous issue";
export const openIssue = "Open the issue";
export const verbIssue = (verb: string) => `${verb} the issue`;
export const undoLast = "Undo the last change";
export const nextError = "Next error";
export const previousError = "Previous error";
export const nextOccurrence = "Next occurrence";
export const previousOccurrence = "Previous occurrence";
export const focusSearch = "Search";
