import { count, sessionsOf } from "../ui/table.tsx";

/** Texts of the section that deletes and exports personal data, in the order in which they appear. */

export const title = "Delete or export personal data";
export const about =
	"Deleted sessions are removed from R2 and D1 at once. Data that arrives for them later is rejected.";
export const sessions = "Sessions";
export const kinds = {
	person: "of a person",
	before: "before a day",
	metadata: "with a metadata value",
	ids: "by ID",
};
export const userId = "User ID, as passed to Sentiero.identify";
export const beforeDay = "Before this day (UTC)";
export const key = "Metadata key";
export const value = "Value";
export const ids = "Session IDs, comma-separated or space-separated";
export const find = "Find";
export const deleteFound = (n: number) => (n ? `Delete ${sessionsOf(n)}` : "Delete and reject later data");
export const exportFound = "Export as JSON";
export const noneFound = "No sessions found.";

/* Confirmation */
export const confirmTitle = (action: string) => `${action}?`;
export const confirmBody = "The recordings and all data about these sessions are deleted. This cannot be undone.";

/* Progress and results */
export const deletedSoFar = (n: number) => `${sessionsOf(n)} deleted…`;
export const deleted = (n: number, timeTravelUntil: string) =>
	[
		n ? `${sessionsOf(n)} deleted.` : "No data found. New data for these IDs will be rejected.",
		`Cloudflare's copies of the index (D1 Time Travel) expire by ${timeTravelUntil}.`,
		"Copies made with npm run backup still contain the data.",
	].join(" ");
export const fetchedSoFar = (n: number, all: number) => `${count(n)} of ${sessionsOf(all)} fetched…`;
export const exported = (n: number) => `${sessionsOf(n)} exported.`;
export const exportFailed = "The export failed. Try again.";
