import { batch, signal } from "@preact/signals";
import type { Filter } from "../../src/contract/filter.ts";
import { LIVE_MS } from "../../src/contract/limits.ts";
import { ApiError, api, read, type SessionItem, type SessionList, type SessionTotals } from "../api.ts";

const POLL_MS = 5_000;
/** What has to be looked for costs the server more. */
const SLOW_POLL_MS = 60_000;

export interface SessionQuery extends Filter {
	project?: string;
	since?: string;
	until?: string;
	live?: "true";
	sort?: string;
}

const PLAIN = ["project", "since", "until"];

/** The list that was left last. */
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
/** Where the list stood: by the time it is left, another page may have scrolled already. */
let lastScrollY = 0;

/** One that nothing new is known of. */
function withCurrentLive(item: SessionItem): SessionItem {
	return item.live && Date.now() - item.receivedAt > LIVE_MS ? { ...item, live: false } : item;
}

/** The session list: pages of it, what came since, and deletion. */
export function createSessions(asked: SessionQuery) {
	const { project } = asked;
	const projects = signal<SessionList["projects"]>([]);
	const key = JSON.stringify(asked);
	// Whoever comes back from a replay finds the list as it was left.
	const was = savedList?.key === key && Date.now() - savedList.at < SAVED_LIST_MS ? savedList : null;
	const items = signal<SessionItem[]>(was?.items ?? []);
	const status = signal<"loading" | "ready" | "failed">(was ? "ready" : "loading");
	const error = signal("");
	const next = signal<string | null>(was?.next ?? null);
	const loadingMore = signal(false);
	/** Newer sessions that wait to be shown, so that nothing jumps under the reader. */
	const fresh = signal<SessionItem[]>([]);
	/** What the whole list adds up to; null: not known yet. */
	const totals = signal<SessionTotals | null>(null);
	/** Ids that something is about to be done with. */
	const selected = signal<ReadonlySet<string>>(new Set());
	let restart: { next: string | null } | null = null;

	const page = (cursor?: string) => read(api.sessions.$get({ query: { ...asked, cursor } }));

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
		totals.value = await read(api.sessions.totals.$get({ query: { ...asked } })).catch(() => null);
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
	/** Rows that are shown get their new counts in place; new ones wait. An empty list has nothing that could jump. */
	const poll = async () => {
		if (document.hidden || status.value !== "ready") return;
		const newest = await page().catch(() => null);
		if (!newest) return;
		const byId = new Map(newest.sessions.map((session) => [session.id, session]));
		const shown = new Set(items.value.map(({ id }) => id));
		const unseen = newest.sessions.filter(({ id }) => !shown.has(id));
		batch(() => {
			items.value = items.value.map((item) => byId.get(item.id) ?? withCurrentLive(item));
			// In another order they have no place that could be told from here.
			if (asked.sort) return;
			fresh.value = unseen;
			// Nothing of the newest page is shown: what lies between is unknown, so the list begins anew.
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
			if (was) {
				projects.value = was.projects;
				scrollTo(0, was.scrollY);
				void poll();
			} else void load();
			void count();
			const isPlain = Object.keys(asked).every((name) => PLAIN.includes(name));
			const timer = setInterval(() => void poll(), isPlain ? POLL_MS : SLOW_POLL_MS);
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
		/** One by one; what is gone leaves the list at once. @throws ApiError with the rest still there */
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

export function messageOf(failure: unknown): string {
	return failure instanceof ApiError ? failure.message : "Something went wrong in this page. Reload it and try again.";
}
