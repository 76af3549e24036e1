import { batch, signal } from "@preact/signals";
import { messageOf } from "./sessions.ts";

const REFRESH_MS = 30_000;
const SAVED_MS = 10 * 60_000;

interface Page<T> {
	items: T[];
	next: string | null;
}

interface Source<T, H> {
	/** Tells its lists apart. */
	key: string;
	keyOf(item: T): string;
	/** Whether the one stands before the other. */
	isBefore(one: T, other: T): boolean;
	/** Stays although it is not asked for any more, in case it comes back. */
	isPinned?(item: T): boolean;
	/** The first page, with what is said of them all. */
	first(): Promise<Page<T> & { head: H }>;
	more(cursor: string): Promise<Page<T>>;
}

/** The list that was left last: whoever comes back finds it as it was. */
let savedPages: { key: string; at: number; page: Page<unknown>; head: unknown } | null = null;

/** For who changed what may stand in it. */
export function resetSavedPages(): void {
	savedPages = null;
}

/** A list that is read page by page, and kept up to date without moving what is read. */
export function createPaged<T, H>({ key, keyOf, isBefore, isPinned: isHeld, first, more }: Source<T, H>) {
	const was = savedPages?.key === key && Date.now() - savedPages.at < SAVED_MS ? savedPages : null;
	const items = signal<T[]>((was?.page.items as T[] | undefined) ?? []);
	const head = signal<H | null>((was?.head as H | undefined) ?? null);
	const next = signal<string | null>(was?.page.next ?? null);
	const status = signal<"loading" | "ready" | "failed">(was ? "ready" : "loading");
	const error = signal("");
	const isLoadingMore = signal(false);
	/** How many newer ones wait to be shown. */
	const fresh = signal(0);
	let changes = 0;

	const load = async () => {
		status.value = "loading";
		try {
			const page = await first();
			batch(() => {
				items.value = page.items;
				head.value = page.head;
				next.value = page.next;
				fresh.value = 0;
				error.value = "";
				status.value = "ready";
			});
		} catch (failure) {
			batch(() => {
				error.value = messageOf(failure);
				status.value = "failed";
			});
		}
	};
	const refresh = async () => {
		if (document.hidden || status.value !== "ready") return;
		const before = changes;
		const page = await first().catch(() => null);
		// What was changed meanwhile is not in it.
		if (!page || before !== changes) return;
		const byKey = new Map(page.items.map((item) => [keyOf(item), item]));
		const known = items.value;
		const shown = new Set(known.map(keyOf));
		const last = page.items.at(-1);
		// What would stand in the page, and does not, is gone.
		const isBeyond = (item: T) => page.next !== null && last !== undefined && isBefore(last, item);
		// What stands behind all that is read has moved up from the next page.
		const isFresh = (item: T) =>
			!shown.has(keyOf(item)) && (next.value === null || known.some((it) => isBefore(item, it)));
		batch(() => {
			head.value = page.head;
			fresh.value = known.length ? page.items.filter(isFresh).length : 0;
			if (known.length) {
				items.value = known.flatMap((it) => byKey.get(keyOf(it)) ?? (isHeld?.(it) || isBeyond(it) ? [it] : []));
			} else {
				// An empty list has nothing that could jump.
				items.value = page.items;
				next.value = page.next;
			}
		});
	};
	return {
		items,
		head,
		next,
		status,
		error,
		isLoadingMore,
		fresh,
		load,
		refresh,
		async more() {
			if (!next.value || isLoadingMore.value) return;
			isLoadingMore.value = true;
			error.value = "";
			try {
				const page = await more(next.value);
				const known = new Set(items.value.map(keyOf));
				items.value = [...items.value, ...page.items.filter((item) => !known.has(keyOf(item)))];
				next.value = page.next;
			} catch (failure) {
				error.value = messageOf(failure);
			}
			isLoadingMore.value = false;
		},
		/** Something that is known here before the server is asked again. */
		change(apply: () => void) {
			changes++;
			batch(apply);
		},
		start(): () => void {
			void (was ? refresh() : load());
			const timer = setInterval(() => void refresh(), REFRESH_MS);
			return () => {
				clearInterval(timer);
				if (status.value !== "ready") return;
				savedPages = { key, at: Date.now(), page: { items: items.value, next: next.value }, head: head.value };
			};
		},
	};
}
