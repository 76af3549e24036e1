import { batch, signal } from "@preact/signals";
import { sentence } from "./sessions.ts";

const REFRESH_MS = 30_000;
const KEPT_MS = 10 * 60_000;

interface Page<T> {
	items: T[];
	next: string | null;
}

interface Source<T, H> {
	/** Tells its lists apart. */
	key: string;
	keyOf(item: T): string;
	/** The first page, with what is said of them all. */
	first(): Promise<Page<T> & { head: H }>;
	more(cursor: string): Promise<Page<T>>;
}

/** The list that was left last: whoever comes back finds it as it was. */
let left: { key: string; at: number; page: Page<unknown>; head: unknown } | null = null;

/** For who changed what may stand in it. */
export function forgetLeft(): void {
	left = null;
}

/** A list that is read page by page, and kept up to date without moving what is read. */
export function createPaged<T, H>({ key, keyOf, first, more }: Source<T, H>) {
	const was = left?.key === key && Date.now() - left.at < KEPT_MS ? left : null;
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
				error.value = sentence(failure);
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
		const shown = new Set(items.value.map(keyOf));
		const isAll = page.next === null;
		batch(() => {
			head.value = page.head;
			// An empty list has nothing that could jump.
			if (!shown.size) items.value = page.items;
			else items.value = items.value.flatMap((item) => byKey.get(keyOf(item)) ?? (isAll ? [] : [item]));
			fresh.value = shown.size ? page.items.filter((item) => !shown.has(keyOf(item))).length : 0;
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
				error.value = sentence(failure);
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
				left = { key, at: Date.now(), page: { items: items.value, next: next.value }, head: head.value };
			};
		},
	};
}
