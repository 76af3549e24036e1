import { describe, expect, it } from "vitest";
import {
	anchorOf,
	firstFrameOf,
	isReady,
	loadedSpans,
	nextPart,
	type Part,
	partAt,
	reachOf,
} from "../../dashboard/state/loading.ts";

/** Chunks of ten seconds each: `S` has a Meta and a full snapshot at its beginning, `s` in its middle, `-` none. */
function window(text: string): Part[] {
	return [...text].map((letter, i) => {
		const from = i * 10_000;
		const at = letter === "S" ? 0 : 5_000;
		const snapshots = letter === "-" ? {} : { snapshots: [at + 1], pages: [[at]] as [number][] };
		return { firstAt: from, lastAt: from + 8_000, trail: { from, ...snapshots } };
	});
}

const has =
	(...indexes: number[]) =>
	(i: number) =>
		indexes.includes(i);

/** The order in which chunks are asked for. */
function order(parts: Part[], at: number): number[] {
	const asked: number[] = [];
	for (;;) {
		const next = nextPart(parts, has(...asked), at);
		if (next === null) return asked;
		asked.push(next);
	}
}

describe("the chunks that a moment needs", () => {
	it.each<[string, string, number, number[]]>([
		["from the beginning", "S--S--", 0, [0, 1, 2, 3, 4, 5]],
		["from the nearest full snapshot on, then what came before", "S--S--", 45_000, [3, 4, 5, 0, 1, 2]],
		["not from a snapshot that comes later in the chunk", "S-s-", 22_000, [0, 1, 2, 3]],
		["from a snapshot in the middle of a chunk, once it has come", "S-s-", 26_000, [2, 3, 0, 1]],
		["from the beginning when there is no other", "S---", 35_000, [0, 1, 2, 3]],
	])("are asked for %s", (_, text, at, expected) => {
		expect(order(window(text), at)).toEqual(expected);
	});

	it("begin no later than the Meta of the snapshot, which may be in the chunk before", () => {
		const parts = window("S--S");
		parts[3]!.trail.pages = [[5_000]];
		expect(anchorOf(parts, 39_000)).toBe(0);
	});

	it("are those from the snapshot to the moment, and no other", () => {
		const parts = window("S--S--");
		expect(isReady(parts, has(3, 4), 45_000)).toBe(true);
		expect(isReady(parts, has(4), 45_000)).toBe(false);
		expect(isReady(parts, has(3, 4), 25_000)).toBe(false);
		expect(isReady([], has(), 0)).toBe(false);
	});

	it("say how far it can be played", () => {
		const parts = window("S--S--");
		expect(reachOf(parts, has(0, 1, 3), 3_000)).toBe(20_000);
		expect(reachOf(parts, has(0, 1, 3), 25_000)).toBe(25_000);
		expect(reachOf(parts, has(0, 1, 2, 3, 4, 5), 3_000)).toBe(Number.POSITIVE_INFINITY);
	});

	it("are shown as spans", () => {
		expect(loadedSpans(window("S--S--"), has(0, 1, 3, 4, 5))).toEqual([
			[0, 18_000],
			[30_000, 58_000],
		]);
	});
});

describe("the beginning", () => {
	it("is the Meta before the first full snapshot, wherever that is", () => {
		expect(firstFrameOf(window("-s-"))).toBe(15_000);
		expect(firstFrameOf(window("--"))).toBe(0);
	});

	it("is the snapshot itself without one", () => {
		const parts = window("S");
		parts[0]!.trail.pages = [[0, "/", null, null, null, null, "route"]];
		expect(firstFrameOf(parts)).toBe(1);
	});
});

describe("the chunk of a moment", () => {
	it("is the last that begins by then, the later of two that begin together", () => {
		const parts = window("S--");
		parts[2]!.firstAt = parts[1]!.firstAt;
		expect([0, 9_999, 10_000, 99_000, -5].map((at) => partAt(parts, at))).toEqual([0, 0, 2, 2, 0]);
	});
});
