import { signal } from "@preact/signals";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Replay } from "../../dashboard/state/replay.ts";
import type { Activity, ActivityKind } from "../../src/analytics/activity.ts";

let createActivityView: typeof import("../../dashboard/state/activity.ts").createActivityView;

beforeAll(async () => {
	vi.stubGlobal("location", { pathname: "/sessions/s", search: "" });
	vi.stubGlobal("history", { replaceState() {} });
	vi.stubGlobal("addEventListener", () => {});
	vi.stubGlobal("document", { getElementById: () => null });
	({ createActivityView } = await import("../../dashboard/state/activity.ts"));
});

const entry = (at: number, is: ActivityKind, subject = ""): Activity => ({
	at,
	kind: is,
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
let view: ReturnType<typeof createActivityView>;
beforeEach(() => {
	entries = signal(make());
	seeks = [];
	const seek = (at: number) => void seeks.push(at);
	view = createActivityView({ entries, from: signal(0), current: signal(0), seek } as unknown as Replay);
});

describe("the activity", () => {
	it("is walked from entry to entry, those too that are the same", () => {
		for (let i = 0; i < 4; i++) view.walk(1);
		expect([seeks, view.chosen.value?.subject]).toEqual([[5, 5, 9], "last"]);
	});

	it("has the story of what a jump finds at the beginning, where the clock stands still", () => {
		const jump = (_: 1, __: () => boolean, chosen: Activity | null) => entries.value?.[chosen ? 1 : 0] ?? null;
		view = createActivityView({ entries, from: signal(1), current: signal(0), jump } as unknown as Replay);
		view.jump(1, () => true);
		expect(view.chosen.value?.kind).toBe("page");
		view.jump(1, () => true);
		expect(view.chosen.value?.kind).toBe("page");
	});

	it("goes on from the chosen one when others have joined above", () => {
		view.choose(3);
		entries.value = [...make().slice(0, 1), entry(2, "exception"), entry(3, "server"), ...make().slice(1)];
		expect(view.chosen.value?.subject).toBe("last");
		view.walk(-1);
		expect(seeks).toEqual([9, 5]);
	});

	it("offers all that servers reported as one", () => {
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
