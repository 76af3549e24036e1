import { computed, signal } from "@preact/signals";
import type { Activity, Signal } from "../../src/analytics/activity.ts";
import { placeOf, shownEntries } from "./marks.ts";
import type { Replay } from "./replay.ts";
import { query, setQuery } from "./route.ts";

/** The signals in the order in which they are offered, with their names. */
export const SIGNALS: readonly [Signal, string][] = [
	["page", "Pages"],
	["click", "Clicks"],
	["input", "Input"],
	["frustration", "Frustration"],
	["error", "Errors"],
	["tag", "Events"],
];

/** What of the activity is shown; the address says it. */
export function createActivityView(replay: Replay) {
	const hidden = computed<ReadonlySet<Signal>>(
		() => new Set((query("hide") ?? "").split(",").filter((it): it is Signal => SIGNALS.some(([name]) => name === it))),
	);
	const text = computed(() => query("find") ?? "");
	const shown = computed(() => shownEntries(replay.entries.value, hidden.value, text.value));
	/** The entry that was chosen, whose story is told in full. */
	const chosen = signal<number | null>(null);
	const choose = (index: number) => {
		chosen.value = index;
		replay.seek(replay.entries.value[index]!.at - replay.from.value);
	};
	return {
		hidden,
		text,
		/** Indexes of the entries that are shown. */
		shown,
		chosen,
		/** Of each signal, how many there are. */
		counts: computed(() => {
			const counts = new Map<Signal, number>();
			for (const { signal: it } of replay.entries.value) counts.set(it, (counts.get(it) ?? 0) + 1);
			return counts;
		}),
		/** Place among those shown of the last that has happened; −1 before the first. */
		current: computed(() => placeOf(shown.value, replay.current.value)),
		choose,
		/** To the next entry that is shown, or the one before. */
		walk(step: 1 | -1) {
			const { value: list } = shown;
			const at = chosen.value === null ? placeOf(list, replay.current.value) : placeOf(list, chosen.value);
			const next = list[at + step];
			if (next !== undefined) choose(next);
		},
		toggle(it: Signal) {
			const next = new Set(hidden.value);
			if (!next.delete(it)) next.add(it);
			setQuery({ hide: [...next].join() || null }, true);
		},
		find: (words: string) => setQuery({ find: words || null }, true),
		/** The story of this one, when it is told in full. */
		told: computed<Activity | null>(() =>
			chosen.value === null ? null : (replay.entries.value[chosen.value] ?? null),
		),
	};
}

export type ActivityView = ReturnType<typeof createActivityView>;
