import { computed, signal } from "@preact/signals";
import { withQuery } from "./paths.ts";

/** The router: the only module that changes the URL. */

const address = signal(location.pathname + location.search);

addEventListener("popstate", () => {
	const left: unknown = history.state?.leftBy;
	usedLink = typeof left === "string" ? left : null;
	address.value = location.pathname + location.search;
});

/** After Back, the path of the link that the user had followed from this page; null after any other navigation. */
let usedLink: string | null = null;

/** Returns the path of the link that the user had followed from this page; null unless the user returned with Back. */
export function linkToReturnTo(): string | null {
	return usedLink;
}

export type Route =
	| { page: "sessions" }
	| { page: "replay"; sid: string; wid: string | null }
	| { page: "analytics"; report: Report }
	| { page: "issues" }
	| { page: "issue"; fingerprint: string }
	| { page: "events" }
	| { page: "event"; id: string }
	| { page: "maintenance" }
	| { page: "import" }
	| { page: "nothing" };

export const REPORTS = [
	...([
		"overview",
		"pages",
		"heatmap",
		"vitals",
		"scroll",
		"forms",
		"frustration",
		"engagement",
		"funnel",
		"conversions",
		"retention",
		"paths",
		"export",
	] as const),
];
export type Report = (typeof REPORTS)[number];

const path = computed(() => address.value.split("?")[0] ?? "/");

export const route = computed<Route>(() => {
	const parts = path.value.split("/").filter(Boolean);
	if (!parts.length) return { page: "sessions" };
	if (parts[0] === "analytics" && parts.length <= 2) {
		const report = REPORTS.find((it) => it === (parts[1] ?? "overview"));
		if (report) return { page: "analytics", report };
	}
	if (parts[0] === "issues" && parts.length <= 2) {
		return parts[1] ? { page: "issue", fingerprint: parts[1] } : { page: "issues" };
	}
	if (parts[0] === "server-events" && parts.length <= 2) {
		return parts[1] ? { page: "event", id: parts[1] } : { page: "events" };
	}
	if (parts[0] === "import" && parts.length === 1) return { page: "import" };
	if (parts[0] === "maintenance" && parts.length === 1) return { page: "maintenance" };
	if (parts[0] === "sessions" && parts[1] && parts.length === 2) return { page: "replay", sid: parts[1], wid: null };
	if (parts[0] === "sessions" && parts[1] && parts[2] === "windows" && parts[3] && parts.length === 4) {
		return { page: "replay", sid: parts[1], wid: parts[3] };
	}
	return { page: "nothing" };
});

/** Returns a query parameter of the URL. */
export function query(name: string): string | null {
	return new URLSearchParams(address.value.split("?")[1]).get(name);
}

/** Returns all values of a repeated query parameter. */
export function queryAll(name: string): string[] {
	return new URLSearchParams(address.value.split("?")[1]).getAll(name);
}

/** Returns the path of this page with changed query parameters. A value of null removes a parameter. */
export function hrefWith(changes: Record<string, string | null>): string {
	const params = new URLSearchParams([
		...[...new URLSearchParams(address.value.split("?")[1])].filter(([name]) => !(name in changes)),
		...Object.entries(changes).filter((it): it is [string, string] => it[1] !== null),
	]);
	return params.size ? `${path.value}?${params}` : path.value;
}

/** Sets all values of a repeated query parameter, without adding a history entry. */
export function setQueryAll(name: string, values: readonly string[]): void {
	const params = new URLSearchParams(address.value.split("?")[1]);
	params.delete(name);
	for (const value of values) params.append(name, value);
	const to = `${path.value}?${params}`;
	history.replaceState(history.state, "", to);
	address.value = to;
}

/**
 * Changes query parameters. A value of null removes a parameter.
 * @param isReplaced whether the history entry is replaced; otherwise one is added
 */
export function setQuery(changes: Record<string, string | null>, isReplaced = false): void {
	const params = new URLSearchParams(address.value.split("?")[1]);
	for (const [name, value] of Object.entries(changes)) {
		if (value) params.set(name, value);
		else params.delete(name);
	}
	const search = params.toString();
	const to = path.value + (search && `?${search}`);
	if (to === address.value) return;
	if (isReplaced) history.replaceState(history.state, "", to);
	else history.pushState(null, "", to);
	address.value = to;
}

/**
 * Returns the link back to the list from which this page was opened, with the filters of the list. They are in the URL
 * parameter `list` of this page.
 * @param list path of the list, such as `/issues`
 */
export function listHref(list: string): string {
	const filters = query("list");
	return filters ? `${list}?${filters}` : withQuery(list, { project: query("project") });
}

/**
 * Navigates to a path.
 * @param isPushed whether a history entry is added; otherwise replaces it, for navigation that the user did not start
 */
export function go(to: string, isPushed = true): void {
	usedLink = null;
	if (isPushed) {
		history.replaceState({ leftBy: to }, "");
		history.pushState(null, "", to);
	} else history.replaceState(null, "", to);
	address.value = to;
	scrollTo(0, 0);
}

/** Makes plain clicks on links of this origin navigate without loading a new document. */
export function interceptLinks(root: HTMLElement): void {
	root.addEventListener("click", (event) => {
		if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
		const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href]") : null;
		if (!link || link.target || link.origin !== location.origin || link.hasAttribute("download")) return;
		if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
		event.preventDefault();
		go(link.pathname + link.search);
	});
}
