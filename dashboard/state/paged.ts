import { batch, signal } from "@preact/signals";
import { messageOf } from "./sessions.ts";

const REFRESH_MS = 30_000;
const SAVED_MS = 10 * 60_000;

interface Page<T> {
	items: T[];
	next: string | null;
}

interface ListSource<T, S> {
	/** Identifies the list with its filters: a saved list is restored only if the key is the same. */
	key: string;
	keyOf(item: T): string;
	/** Returns whether the first item is listed before the second. */
	isBefore(one: T, other: T): boolean;
	/** Returns whether an item stays in the list even if a later response of the server does not include it. */
	isPinned?(item: T): boolean;
	/** Loads the first page and the data about the whole list. */
	first(): Promise<Page<T> & { summary: S }>;
	more(cursor: string): Promise<Page<T>>;
}

/** The list that the user left last. It is restored when the user returns to it. */
let savedPages: { key: string; at: number; page: Page<unknown>; summary: unknown } | null = null;

/** Discards the saved list, after a change to an item that it may contain. */
export function resetSavedPages(): void {
	savedPages = null;
}

/** Creates a list that is loaded page by page, and refreshed without moving the rows on screen. */
export function createPaged<T, S>({ key, keyOf, isBefore, isPinned, first, more }: ListSource<T, S>) {
	const restored = savedPages?.key === key && Date.now() - savedPages.at < SAVED_MS ? savedPages : null;
	const items = signal<T[]>((restored?.page.items as T[] | undefined) ?? []);
	const summary = signal<S | null>((restored?.summary as S | undefined) ?? null);
	const next = signal<string | null>(restored?.page.next ?? null);
	const status = signal<"loading" | "ready" | "failed">(restored ? "ready" : "loading");
	const error = signal("");
	const isLoadingMore = signal(false);
	/** Number of newer items that are not shown yet. */
	const fresh = signal(0);
	let changes = 0;

	const load = async () => {
		status.value = "loading";
		try {
			const page = await first();
			batch(() => {
				items.value = page.items;
				summary.value = page.summary;
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
		// The response may not contain local changes that were made since the request.
		if (!page || before !== changes) return;
		const byKey = new Map(page.items.map((item) => [keyOf(item), item]));
		const known = items.value;
		const shown = new Set(known.map(keyOf));
		const last = page.items.at(-1);
		// Items that are sorted after the last item of the page stay. Other items that are not on the page were deleted.
		const isBeyond = (item: T) => page.next !== null && last !== undefined && isBefore(last, item);
		// An unknown item after all known ones is not new: it has moved up from the next page.
		const isFresh = (item: T) =>
			!shown.has(keyOf(item)) && (next.value === null || known.some((it) => isBefore(item, it)));
		batch(() => {
			summary.value = page.summary;
			fresh.value = known.length ? page.items.filter(isFresh).length : 0;
			if (known.length) {
				items.value = known.flatMap((it) => byKey.get(keyOf(it)) ?? (isPinned?.(it) || isBeyond(it) ? [it] : []));
			} else {
				// An empty list has no rows that could move.
				items.value = page.items;
				next.value = page.next;
			}
		});
	};
	return {
		items,
		summary,
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
		/** Applies a local change that the next response of the server may not contain yet. */
		change(apply: () => void) {
			changes++;
			batch(apply);
		},
		start(): () => void {
			void (restored ? refresh() : load());
			const timer = setInterval(() => void refresh(), REFRESH_MS);
			return () => {
				clearInterval(timer);
				if (status.value !== "ready") return;
				savedPages = { key, at: Date.now(), page: { items: items.value, next: next.value }, summary: summary.value };
			};
		},
	};
}
