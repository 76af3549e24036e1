import { MAX_LABELS } from "../../src/contract/limits.ts";
import type { Level } from "../../src/contract/reports.ts";
import { count } from "./table.tsx";

/** Texts of the shared components, component by component, in the order in which they appear. */

/* title.ts */
export const documentTitle = (name: string) => `${name} – Sentiero Edge`;

/* shell.tsx */
export const skipToContent = "Skip to content";
export const mainNavigation = "Main";
export const home = "Sentiero Edge: sessions";
export const sessions = "Sessions";
export const analytics = "Analytics";
export const issues = "Issues";
export const events = "Events";
export const maintenance = "Maintenance";
export const logOut = "Log out";
export const pageNotFound = "Page not found";
export const allSessions = "All sessions";

/* filters.tsx */
export const project = "Project";
export const removeFilter = (filter: string) => `Remove filter ${filter}`;
export const period = "Period";
export const anyTime = "Any time";
export const lastDays = (days: number) => (days === 1 ? "Today" : `Last ${days} days`);
export const customRange = "Custom range…";
export const from = "From";
export const to = "To";

/* filter-menu.tsx */
export const filter = "Filter";
export const filterBy = "Filter by";
export const examples = {
	page: "/pricing",
	clicked: "button#buy",
	tag: "signed_up",
	score: "60 or 60-80",
	duration: "120 or 30-120",
	user: "4711",
	entry: "https://…",
	referrer: "news.example",
	country: "DE",
	city: "Berlin",
	browser: "Firefox",
	os: "iOS",
	device: "Mobile",
	source: "newsletter",
	medium: "email",
	campaign: "summer",
	meta: "plan:pro",
};
export const addFilter = "Add filter";
export const segments = "Segments";
export const noSegments = "Add filters, then save them as a segment.";
export const deleteSegment = (name: string) => `Delete segment ${name}`;
export const segmentDeleted = (name: string) => `Segment ${name} deleted.`;
export const undo = "Undo";
export const segmentName = "Segment name";
export const saveSegment = "Save segment";

/* paged.tsx */
export const couldNotLoad = (what: string) => `${what} could not be loaded`;
export const tryAgain = "Try again";
export const showNew = (n: number) => `Show ${count(n)} new`;
export const loading = "Loading…";

/* level.tsx */
export const levels: Record<Level, string> = { debug: "Debug", info: "Info", warn: "Warning", error: "Error" };

/* marks.tsx */
export const star = "Star";
export const starred = "Starred";
export const showSessionsLabeled = (label: string) => `Show sessions labeled ${label}`;
export const removeLabel = (label: string) => `Remove label ${label}`;
export const addLabel = "Add label";
export const labelLimitReached = `Limit of ${MAX_LABELS} labels reached`;

/* copy.tsx */
export const copy = "Copy";
export const copied = "Copied";
export const copyBlocked = "Blocked by browser";

/* confirm.tsx */
export const cancel = "Cancel";
export const deleting = "Deleting…";

/* keys.tsx */
export const keyboardShortcuts = "Keyboard shortcuts";
export const shortcuts = "Shortcuts";
export const listShortcuts = "List keyboard shortcuts";
export const useCharacterKeys = "Use letters and symbols as shortcuts";
export const aboutCharacterKeys = "If off, only ?, Space, Enter, Escape and the arrow keys work.";
export const close = "Close";

/* time.tsx */
export const justNow = "just now";

/* chart.tsx */
export const time = "Time";
export const showAsTable = "Show as table";

/* counts-card.tsx */
export const noData = "No data.";

/* info.tsx */
export const about = (label: string) => `About ${label}`;
