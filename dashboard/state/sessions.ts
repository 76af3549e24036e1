import { batch, signal } from "@preact/signals";
import type { Filter } from "../../src/contract/filter.ts";
import { LIVE_MS } from "../../src/contract/limits.ts";
import { ApiError, api, read, type SessionItem, type SessionList, type SessionTotals } from "../api.ts";
import { unexpectedError } from "./state.text.ts";

const POLL_MS = 5_000;
/** Poll interval of filtered and sorted lists, which cost the server more. */
const SLOW_POLL_MS = 60_000;

export interface SessionQuery extends Filter {
	project?: string;
	since?: string;
	until?: string;
	live?: "true";
	sort?: string;
}

/** Filters with which the list is still cheap to poll. */
const CHEAP = ["project", "since", "until"];

/** The list as it was left last. It is restored when the user returns to it. */
interface SavedList {
	key: string;
	at: number;
	items: SessionItem[];
	next: string | null;
	projects: SessionList["projects"];
	scrollY: number;
}
let savedList: SavedList | null = null;
const SAVED_LIST_MS = 10 * 60_000;
/** Last scroll position of the list, kept because the next page may have scrolled before the list is removed. */
let lastScrollY = 0;

/** Clears the live flag of a session whose last batch is too old. */
function withCurrentLive(item: SessionItem): SessionItem {
	return item.live && Date.now() - item.receivedAt > LIVE_MS ? { ...item, live: false } : item;
}

/** Creates the session list: its pages, newer sessions, totals, selection and deletion. */
export function createSessions(filters: SessionQuery) {
	const { project } = filters;
	const projects = signal<SessionList["projects"]>([]);
	const key = JSON.stringify(filters);
	const restored = savedList?.key === key && Date.now() - savedList.at < SAVED_LIST_MS ? savedList : null;
	const items = signal<SessionItem[]>(restored?.items ?? []);
	const status = signal<"loading" | "ready" | "failed">(restored ? "ready" : "loading");
	const error = signal("");
	const next = signal<string | null>(restored?.next ?? null);
	const loadingMore = signal(false);
	/** Newer sessions. They are shown only on request, so that the list does not move while it is read. */
	const fresh = signal<SessionItem[]>([]);
	/** Totals of all sessions that match the filters; null while loading. */
	const totals = signal<SessionTotals | null>(null);
	/** IDs of the selected sessions. */
	const selected = signal<ReadonlySet<string>>(new Set());
	/** Cursor after the newer sessions, if these are to replace the list; null if they are to be added to the list. */
	let restart: { next: string | null } | null = null;

	const page = (cursor?: string) => read(api.sessions.$get({ query: { ...filters, cursor } }));

	const load = async () => {
		status.value = "loading";
		try {
			const { sessions, next: cursor, projects: all } = await page();
			batch(() => {
				projects.value = all;
				items.value = sessions;
				fresh.value = [];
				next.value = cursor;
				status.value = "ready";
			});
		} catch (failure) {
			batch(() => {
				error.value = messageOf(failure);
				status.value = "failed";
			});
		}
	};
	const count = async () => {
		totals.value = await read(api.sessions.totals.$get({ query: { ...filters } })).catch(() => null);
	};
	const more = async () => {
		if (!next.value || loadingMore.value) return;
		loadingMore.value = true;
		try {
			const { sessions, next: cursor } = await page(next.value);
			const known = new Set(items.value.map(({ id }) => id));
			items.value = [...items.value, ...sessions.filter(({ id }) => !known.has(id))];
			next.value = cursor;
		} catch (failure) {
			error.value = messageOf(failure);
		}
		loadingMore.value = false;
	};
	/** Updates shown rows in place; new sessions wait in `fresh`, unless the list is empty. */
	const poll = async () => {
		if (document.hidden || status.value !== "ready") return;
		const newest = await page().catch(() => null);
		if (!newest) return;
		const byId = new Map(newest.sessions.map((session) => [session.id, session]));
		const shown = new Set(items.value.map(({ id }) => id));
		const unseen = newest.sessions.filter(({ id }) => !shown.has(id));
		batch(() => {
			items.value = items.value.map((item) => byId.get(item.id) ?? withCurrentLive(item));
			// New sessions are at the top of the list only in the default order, by start time.
			if (filters.sort) return;
			fresh.value = unseen;
			// If no session of the newest page is shown, there may be more sessions between that page and the list. In that
			// case, `showFresh` replaces the list instead of adding to it.
			restart = unseen.length === newest.sessions.length ? { next: newest.next } : null;
			if (!items.value.length) showFresh();
		});
	};
	const showFresh = () => {
		batch(() => {
			if (restart) next.value = restart.next;
			items.value = restart ? fresh.value : [...fresh.value, ...items.value];
			fresh.value = [];
			restart = null;
		});
		void count();
	};
	return {
		projects,
		items,
		status,
		error,
		next,
		loadingMore,
		fresh,
		totals,
		selected,
		toggle(id: string) {
			const next = new Set(selected.value);
			if (!next.delete(id)) next.add(id);
			selected.value = next;
		},
		load,
		more,
		start(): () => void {
			if (restored) {
				projects.value = restored.projects;
				scrollTo(0, restored.scrollY);
				void poll();
			} else void load();
			void count();
			const isCheap = Object.keys(filters).every((name) => CHEAP.includes(name));
			const timer = setInterval(() => void poll(), isCheap ? POLL_MS : SLOW_POLL_MS);
			lastScrollY = scrollY;
			const onScroll = () => {
				if (location.pathname === "/") lastScrollY = scrollY;
			};
			addEventListener("scroll", onScroll, { passive: true });
			return () => {
				clearInterval(timer);
				removeEventListener("scroll", onScroll);
				savedList =
					status.value === "ready"
						? {
								key,
								at: Date.now(),
								items: items.value,
								next: next.value,
								projects: projects.value,
								scrollY: lastScrollY,
							}
						: null;
			};
		},
		showFresh,
		/** Deletes sessions one by one. If a request fails, the following sessions are not deleted. @throws ApiError */
		async remove(ids: readonly string[]) {
			for (const id of ids) {
				await read(api.sessions[":sid"].$delete({ param: { sid: id }, query: { project } }));
				batch(() => {
					items.value = items.value.filter((item) => item.id !== id);
					selected.value = new Set([...selected.value].filter((it) => it !== id));
				});
			}
			void count();
		},
	};
}

/** Returns the message to show for an error. */
export function messageOf(failure: unknown): string {
	return failure instanceof ApiError ? failure.message : unexpectedError;
}
