import type { FilterName } from "../../src/contract/filter.ts";

/** Texts of the state modules and of the API client. */

/* api.ts */
export const unreachable = "The server cannot be reached. Check your connection and try again.";
export const serverError = "The server failed to answer. Try again; if it keeps failing, check the Worker's logs.";

/* sessions.ts */
export const unexpectedError = "The dashboard has failed. Reload the page and try again.";

/* filters.ts: names of filters, in the filter menu and before the value in the filter bar */
export const filterNames: Record<FilterName, string> = {
	q: "Text",
	page: "Visited page",
	clicked: "Clicked element",
	tag: "Custom event",
	errors: "With errors",
	frustrated: "With rage or dead clicks",
	error: "Error message",
	score: "Frustration score",
	duration: "Duration in seconds",
	user: "Person / user ID",
	entry: "Entry page",
	referrer: "Referrer",
	source: "Source",
	medium: "Medium",
	campaign: "Campaign",
	country: "Country",
	city: "City",
	device: "Device",
	browser: "Browser",
	os: "OS",
	meta: "Metadata",
	starred: "Starred",
	label: "Label",
	viewed: "Viewed",
};
export const withServerErrors = "With server errors";
export const withBrowserErrors = "With browser errors";
export const notViewed = "Not viewed yet";
export const duration = "Duration";
export const orMore = (from: string) => `${from} or more`;
export const range = (from: string, to: string) => `${from} to ${to}`;

/* issues.ts */
export const statusUnchanged = (failure: string, issue: string) => `${failure} The status of ${issue} is unchanged.`;
export const statusNotSet = (failure: string, issue: string, status: string) =>
	`${failure} The status of ${issue} was not changed to ${status}.`;
