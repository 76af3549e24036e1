import { computed, signal } from "@preact/signals";
import type { Activity, ActivityKind } from "../../src/analytics/activity.ts";
import type { Replay } from "./replay.ts";
import { query, setQuery } from "./route.ts";
import { placeOf, visibleEntries } from "./timeline-ticks.ts";

/** The signals in the order in which they are offered, with their names; what servers reported is one. */
export const KINDS: readonly [Exclude<ActivityKind, "exception">, string][] = [
	["page", "Pages"],
	["click", "Clicks"],
	["input", "Input"],
	["frustration", "Frustration"],
	["error", "Errors"],
	["tag", "Events"],
	["server", "Server"],
];

const offeredAs = (kind: ActivityKind) => (kind === "exception" ? "server" : kind);

/** What of the activity is shown; the address says it. */
export function createActivityView(replay: Replay) {
	const hidden = computed<ReadonlySet<ActivityKind>>(
		() =>
			new Set((query("hide") ?? "").split(",").filter((it): it is ActivityKind => KINDS.some(([name]) => name === it))),
	);
	const text = computed(() => query("find") ?? "");
	const shown = computed(() => {
		const signals: ReadonlySet<ActivityKind> = hidden.value.has("server")
			? new Set([...hidden.value, "exception"])
			: hidden.value;
		return visibleEntries(replay.entries.value, signals, text.value);
	});
	/** The entry that was chosen, whose story is told in full. Others may come before it, and its place is another then. */
	const chosen = signal<Activity | null>(null);
	const choose = (index: number) => {
		chosen.value = replay.entries.value[index]!;
		replay.seek(chosen.value.at - replay.from.value);
	};
	/** Of a session that goes on, all entries are made anew; −1: it is not among them. */
	const indexOf = (wanted: Activity) => {
		const list = replay.entries.value;
		const known = list.indexOf(wanted);
		if (known >= 0) return known;
		const { at, kind: it, title, subject } = wanted;
		return list.findIndex(
			(entry) => entry.at === at && entry.kind === it && entry.title === title && entry.subject === subject,
		);
	};
	return {
		hidden,
		text,
		/** Indexes of the entries that are shown. */
		shown,
		chosen,
		/** Of each signal, how many there are. */
		counts: computed(() => {
			const counts = new Map<ActivityKind, number>();
			for (const { kind: it } of replay.entries.value) {
				counts.set(offeredAs(it), (counts.get(offeredAs(it)) ?? 0) + 1);
			}
			return counts;
		}),
		/** Place among those shown of the last that has happened; −1 before the first. */
		current: computed(() => placeOf(shown.value, replay.current.value)),
		choose,
		/** To the next entry that is shown, or the one before. */
		walk(step: 1 | -1) {
			const { value: list } = shown;
			const known = chosen.value ? indexOf(chosen.value) : -1;
			const at = placeOf(list, known < 0 ? replay.current.value : known);
			const next = list[at + step];
			if (next !== undefined) choose(next);
		},
		/** To the next of a kind, or the one before. Where no clock shows that it was reached, its story does. */
		jump(step: 1 | -1, isWanted: (entry: Activity) => boolean) {
			const found = replay.jump(step, isWanted, chosen.value);
			if (found && found.at <= replay.from.value) chosen.value = found;
		},
		toggle(it: ActivityKind) {
			const next = new Set(hidden.value);
			if (!next.delete(it)) next.add(it);
			setQuery({ hide: [...next].join() || null }, true);
		},
		find: (words: string) => setQuery({ find: words || null }, true),
	};
}

export type ActivityView = ReturnType<typeof createActivityView>;
