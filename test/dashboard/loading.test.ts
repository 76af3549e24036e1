import { describe, expect, it } from "vitest";
import {
	anchorIndexOf,
	type ChunkInfo,
	chunkIndexAt,
	firstFrameOf,
	isReady,
	loadedSpans,
	nextChunkIndex,
	playableUntil,
} from "../../dashboard/state/loading.ts";

/**
 * Returns a chunk for each letter; one starts every ten seconds. `S` has a Meta event and a full snapshot at its start,
 * `s` has both in its middle, and `-` has none.
 */
function window(text: string): ChunkInfo[] {
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

/** Returns the indexes of the chunks in the order in which they are loaded. */
function order(chunks: ChunkInfo[], at: number): number[] {
	const loaded: number[] = [];
	for (;;) {
		const next = nextChunkIndex(chunks, has(...loaded), at);
		if (next === null) return loaded;
		loaded.push(next);
	}
}

describe("chunks that a moment needs", () => {
	it.each<[string, string, number, number[]]>([
		["from the start", "S--S--", 0, [0, 1, 2, 3, 4, 5]],
		["from the nearest full snapshot on, then earlier ones", "S--S--", 45_000, [3, 4, 5, 0, 1, 2]],
		["from an earlier chunk if the snapshot in their chunk is later", "S-s-", 22_000, [0, 1, 2, 3]],
		["from a snapshot in the middle of a chunk if it is earlier", "S-s-", 26_000, [2, 3, 0, 1]],
		["from the start if there is no other snapshot", "S---", 35_000, [0, 1, 2, 3]],
	])("are loaded %s", (_, text, at, expected) => {
		expect(order(window(text), at)).toEqual(expected);
	});

	it("include the Meta event of the snapshot, which may be in the previous chunk", () => {
		const chunks = window("S--S");
		chunks[3]!.trail.pages = [[5_000]];
		expect(anchorIndexOf(chunks, 39_000)).toBe(0);
	});

	it("are those from the snapshot to the moment", () => {
		const chunks = window("S--S--");
		expect(isReady(chunks, has(3, 4), 45_000)).toBe(true);
		expect(isReady(chunks, has(4), 45_000)).toBe(false);
		expect(isReady(chunks, has(3, 4), 25_000)).toBe(false);
		expect(isReady([], has(), 0)).toBe(false);
	});

	it("determine until when playback is possible", () => {
		const chunks = window("S--S--");
		expect(playableUntil(chunks, has(0, 1, 3), 3_000)).toBe(20_000);
		expect(playableUntil(chunks, has(0, 1, 3), 25_000)).toBe(25_000);
		expect(playableUntil(chunks, has(0, 1, 2, 3, 4, 5), 3_000)).toBe(Number.POSITIVE_INFINITY);
	});

	it("are joined into spans once loaded", () => {
		expect(loadedSpans(window("S--S--"), has(0, 1, 3, 4, 5))).toEqual([
			[0, 18_000],
			[30_000, 58_000],
		]);
	});
});

describe("first frame", () => {
	it("is the Meta event before the first full snapshot, in whichever chunk", () => {
		expect(firstFrameOf(window("-s-"))).toBe(15_000);
		expect(firstFrameOf(window("--"))).toBe(0);
	});

	it("is the snapshot itself without a Meta event", () => {
		const chunks = window("S");
		chunks[0]!.trail.pages = [[0, "/", null, null, null, null, "route"]];
		expect(firstFrameOf(chunks)).toBe(1);
	});
});

describe("chunk of a moment", () => {
	it("is the last chunk that starts at or before the moment; of two that start together, the later one", () => {
		const chunks = window("S--");
		chunks[2]!.firstAt = chunks[1]!.firstAt;
		expect([0, 9_999, 10_000, 99_000, -5].map((at) => chunkIndexAt(chunks, at))).toEqual([0, 0, 2, 2, 0]);
	});
});
