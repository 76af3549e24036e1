import { computed, signal } from "@preact/signals";
import { api, read } from "../api.ts";
import { isoDay, PRESETS } from "./filters.ts";
import { sessionPath, withQuery } from "./paths.ts";

const DAY_MS = 86_400_000;
const PAGE = 200;
/** Further down a list nobody came from. */
const MAX_PAGES = 5;

export interface Neighbours {
	before: string | null;
	after: string | null;
}

/**
 * The sessions beside one in the list it was opened from.
 * @param list the query of the list's address
 * @param kept what their addresses keep of this one
 */
export function createNeighbours(
	sid: string,
	project: string | undefined,
	list: string,
	kept: () => Record<string, string | null>,
) {
	const beside = signal<{ before: string | null; after: string | null }>({ before: null, after: null });
	const pathOf = (id: string | null) => (id === null ? null : withQuery(sessionPath(id, project), kept()));
	return {
		/** Their addresses; null: there is none. */
		found: computed<Neighbours>(() => ({ before: pathOf(beside.value.before), after: pathOf(beside.value.after) })),
		async load(): Promise<void> {
			const asked = { ...listQuery(list, Date.now()), ...(project !== undefined && { project }), limit: String(PAGE) };
			const ids: string[] = [];
			let cursor: string | undefined;
			for (let page = 0; page < MAX_PAGES; page++) {
				const { sessions, next } = await read(api.sessions.$get({ query: { ...asked, cursor } }));
				ids.push(...sessions.map(({ id }) => id));
				const at = ids.indexOf(sid);
				// The last of a page has a neighbour on the next one.
				if (!next || (at >= 0 && at < ids.length - 1)) break;
				cursor = next;
			}
			const at = ids.indexOf(sid);
			// When it is not in that list, the first of it is as good a place to go on as any.
			beside.value = { before: (at > 0 && ids[at - 1]) || null, after: ids[at + 1] ?? null };
		},
	};
}

/** What the API is to be asked for by the address of a list. */
export function listQuery(list: string, now: number): Record<string, string> {
	const { days, ...asked } = Object.fromEntries(new URLSearchParams(list));
	const isPreset = PRESETS.includes(Number(days)) && !asked.since && !asked.until;
	return { ...asked, ...(isPreset && { since: isoDay(now - (Number(days) - 1) * DAY_MS) }) };
}
