import { signal } from "@preact/signals";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Replay } from "../../dashboard/state/replay.ts";
import type { Activity, ActivityKind } from "../../src/analytics/activity.ts";

let createActivityState: typeof import("../../dashboard/state/activity.ts").createActivityState;

beforeAll(async () => {
	vi.stubGlobal("location", { pathname: "/sessions/s", search: "" });
	vi.stubGlobal("history", { replaceState() {} });
	vi.stubGlobal("addEventListener", () => {});
	vi.stubGlobal("document", { getElementById: () => null });
	({ createActivityState } = await import("../../dashboard/state/activity.ts"));
});

const entry = (at: number, kind: ActivityKind, subject = ""): Activity => ({
	at,
	kind,
	title: "",
	subject,
	detail: null,
});
const make = () => [
	entry(1, "page"),
	entry(5, "server", "twin"),
	entry(5, "server", "twin"),
	entry(9, "click", "last"),
];

let entries: ReturnType<typeof signal<Activity[]>>;
let seeks: number[];
let view: ReturnType<typeof createActivityState>;
beforeEach(() => {
	entries = signal(make());
	seeks = [];
	const seek = (at: number) => void seeks.push(at);
	view = createActivityState({ entries, from: signal(0), current: signal(0), seek } as unknown as Replay);
});

describe("activity list", () => {
	it("moves from entry to entry, even between entries at the same time", () => {
		for (let i = 0; i < 4; i++) view.walk(1);
		expect([seeks, view.selected.value?.subject]).toEqual([[5, 5, 9], "last"]);
	});

	it("selects the entry that a jump finds at the start, even though the playhead does not move", () => {
		const jump = (_: 1, __: () => boolean, chosen: Activity | null) => entries.value?.[chosen ? 1 : 0] ?? null;
		view = createActivityState({ entries, from: signal(1), current: signal(0), jump } as unknown as Replay);
		view.jump(1, () => true);
		expect(view.selected.value?.kind).toBe("page");
		view.jump(1, () => true);
		expect(view.selected.value?.kind).toBe("page");
	});

	it("continues from the selected entry after others were inserted above", () => {
		view.select(3);
		entries.value = [...make().slice(0, 1), entry(2, "exception"), entry(3, "server"), ...make().slice(1)];
		expect(view.selected.value?.subject).toBe("last");
		view.walk(-1);
		expect(seeks).toEqual([9, 5]);
	});

	it("filters server exceptions and server events together", () => {
		entries.value = [...make(), entry(10, "exception")];
		expect([...view.counts.value]).toEqual([
			["page", 1],
			["server", 3],
			["click", 1],
		]);
		view.toggle("server");
		expect(view.shown.value).toEqual([0, 3]);
		view.toggle("server");
		expect(view.shown.value).toEqual([0, 1, 2, 3, 4]);
	});
});
