import { computed, signal } from "@preact/signals";
import { api, read } from "../api.ts";
import { isoDay, PRESETS } from "./filters.ts";
import { sessionPath, withQuery } from "./paths.ts";

const DAY_MS = 86_400_000;
const PAGE_SIZE = 200;
/** How many pages of the list are searched for the session. */
const MAX_PAGES = 5;

/** Paths of the previous and the next session; null at the start and the end of the list. */
export interface Neighbours {
	previous: string | null;
	next: string | null;
}

/**
 * Finds the previous and the next session in the list from which a session was opened.
 * @param list query of the list's URL
 * @param viewParams query parameters that the neighbours' paths keep
 */
export function createNeighbours(
	sid: string,
	project: string | undefined,
	list: string,
	viewParams: () => Record<string, string | null>,
) {
	const ids = signal<Neighbours>({ previous: null, next: null });
	const toPath = (id: string | null) => (id === null ? null : withQuery(sessionPath(id, project), viewParams()));
	return {
		found: computed<Neighbours>(() => ({ previous: toPath(ids.value.previous), next: toPath(ids.value.next) })),
		/** @throws ApiError */
		async load(): Promise<void> {
			const query = {
				...listQuery(list, Date.now()),
				...(project !== undefined && { project }),
				limit: String(PAGE_SIZE),
			};
			const listed: string[] = [];
			let cursor: string | undefined;
			for (let page = 0; page < MAX_PAGES; page++) {
				const { sessions, next } = await read(api.sessions.$get({ query: { ...query, cursor } }));
				listed.push(...sessions.map(({ id }) => id));
				const index = listed.indexOf(sid);
				// The next session of a page's last session is on the next page.
				if (!next || (index >= 0 && index < listed.length - 1)) break;
				cursor = next;
			}
			const index = listed.indexOf(sid);
			// If the session was not found, the next session is the first of the list.
			ids.value = { previous: (index > 0 && listed[index - 1]) || null, next: listed[index + 1] ?? null };
		},
	};
}

/** Converts the query of a session list's URL to the query of the API. */
export function listQuery(list: string, now: number): Record<string, string> {
	const { days, ...query } = Object.fromEntries(new URLSearchParams(list));
	const isPreset = PRESETS.includes(Number(days)) && !query.since && !query.until;
	return { ...query, ...(isPreset && { since: isoDay(now - (Number(days) - 1) * DAY_MS) }) };
}
