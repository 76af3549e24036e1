import { computed, signal } from "@preact/signals";
import type { Activity, ActivityKind } from "../../src/analytics/activity.ts";
import type { Replay } from "./replay.ts";
import { query, setQuery } from "./route.ts";
import { lastPositionUpTo, visibleEntries } from "./timeline-ticks.ts";

/** Kinds that can be hidden, in display order. `server` stands for server exceptions and server events. */
export const FILTER_KINDS = ["page", "click", "input", "frustration", "error", "tag", "server"] as const;
type FilterKind = (typeof FILTER_KINDS)[number];

const filterKindOf = (kind: ActivityKind): FilterKind => (kind === "exception" ? "server" : kind);

/** Creates the state of the activity list: its filters, which are in the URL, and the selected entry. */
export function createActivityState(replay: Replay) {
	const hidden = computed<ReadonlySet<ActivityKind>>(() => {
		const listed = (query("hide") ?? "").split(",");
		return new Set(listed.filter((it): it is FilterKind => FILTER_KINDS.some((kind) => kind === it)));
	});
	const text = computed(() => query("find") ?? "");
	const shown = computed(() => {
		const hiddenKinds: ReadonlySet<ActivityKind> = hidden.value.has("server")
			? new Set([...hidden.value, "exception"])
			: hidden.value;
		return visibleEntries(replay.entries.value, hiddenKinds, text.value);
	});
	/** The entry whose details are shown; not its index, which changes when entries are inserted before it. */
	const selected = signal<Activity | null>(null);
	const select = (index: number) => {
		selected.value = replay.entries.value[index]!;
		replay.seek(selected.value.at - replay.from.value);
	};
	/** Returns an entry's index; −1 if it is gone. Compares fields: new data of a live session replaces all entries. */
	const indexOf = (entry: Activity) => {
		const list = replay.entries.value;
		const index = list.indexOf(entry);
		if (index >= 0) return index;
		const { at, kind, title, subject } = entry;
		return list.findIndex(
			(other) => other.at === at && other.kind === kind && other.title === title && other.subject === subject,
		);
	};
	return {
		hidden,
		text,
		/** Indexes of the visible entries. */
		shown,
		selected,
		/** Index of the selected entry; −1 if there is none. */
		selectedIndex: computed(() => (selected.value ? indexOf(selected.value) : -1)),
		/** Number of entries of each kind. */
		counts: computed(() => {
			const counts = new Map<FilterKind, number>();
			for (const entry of replay.entries.value) {
				const kind = filterKindOf(entry.kind);
				counts.set(kind, (counts.get(kind) ?? 0) + 1);
			}
			return counts;
		}),
		/** Position in `shown` of the last entry at or before the playhead; −1 before the first. */
		current: computed(() => lastPositionUpTo(shown.value, replay.current.value)),
		select,
		/** Selects the next or the previous visible entry. */
		walk(step: 1 | -1) {
			const { value: list } = shown;
			const selectedIndex = selected.value ? indexOf(selected.value) : -1;
			const position = lastPositionUpTo(list, selectedIndex < 0 ? replay.current.value : selectedIndex);
			const next = list[position + step];
			if (next !== undefined) select(next);
		},
		/**
		 * Seeks to the next or previous match. A match at the start of the recording is also selected, so that the next
		 * jump continues after it: the seek may not have moved the playhead.
		 */
		jump(step: 1 | -1, matches: (entry: Activity) => boolean) {
			const found = replay.jump(step, matches, selected.value);
			if (found && found.at <= replay.from.value) selected.value = found;
		},
		toggle(kind: ActivityKind) {
			const next = new Set(hidden.value);
			if (!next.delete(kind)) next.add(kind);
			setQuery({ hide: [...next].join() || null }, true);
		},
		find: (input: string) => setQuery({ find: input || null }, true),
	};
}

export type ActivityState = ReturnType<typeof createActivityState>;
