import { describe, expect, it, vi } from "vitest";
import { ApiError, type ChunkItem } from "../../dashboard/api.ts";
import { createChunkLoader } from "../../dashboard/state/chunk-loader.ts";
import type { RecordedEvent } from "../../src/contract/events.ts";

/** Returns a chunk of eight seconds, which starts with a Meta event and a full snapshot if `hasSnapshot`. */
const chunk = (cursor: string, from: number, hasSnapshot = false, lastAt = from + 8_000) =>
	({
		...{ cursor, firstAt: from, lastAt, events: 2, snapshots: hasSnapshot ? 1 : 0 },
		trail: { v: 1, from, to: 8_000, sums: [0, 0, 0], types: {}, ...(hasSnapshot && { snapshots: [1], pages: [[0]] }) },
	}) as unknown as ChunkItem;
const LIST = ["S", "-", "-", "S", "-"].map((kind, i) => chunk(`c${i}`, i * 10_000, kind === "S"));

const TOO_DEEP = -1;

type Answers = Record<string, RecordedEvent[] | Error>;

function loaderOf(answers: Answers, wanted = 0) {
	const asked: string[] = [];
	const given: string[] = [];
	let idle = () => {};
	const loader = createChunkLoader({
		fetchEvents: async ({ cursor }) => {
			asked.push(cursor);
			const answer = answers[cursor] ?? [];
			if (answer instanceof Error) throw answer;
			return answer;
		},
		playhead: () => wanted,
		playerReady: Promise.resolve(),
		deliver({ cursor }, events) {
			// Throws like `postMessage` for a value that it cannot clone.
			if (events.some(({ type }) => type === TOO_DEEP)) throw new RangeError("Maximum call stack size exceeded");
			given.push([cursor, ...events.map(({ timestamp }) => timestamp)].join(" "));
		},
		onChunkDone: () => {},
		onIdle: () => idle(),
	});
	/** Runs an action and resolves when all chunks are done. */
	const run = (act: () => unknown) =>
		new Promise<void>((resolve) => {
			idle = resolve;
			act();
		});
	return { loader, asked, given, run };
}

describe("chunk loader", () => {
	it("delivers the chunks that the playhead needs first, then earlier ones", async () => {
		const { loader, given, run } = loaderOf({}, 45_000);
		loader.chunks.value = LIST;
		await run(loader.load);
		expect(given).toEqual(["c3", "c4", "c0", "c1", "c2"]);
		expect(loader.complete.value).toBe(true);
		expect(loader.loaded.value).toEqual([[0, 48_000]]);
	});

	it("requests each chunk once", async () => {
		const { loader, asked, run } = loaderOf({});
		loader.chunks.value = LIST;
		await run(() => [loader.load(), loader.load()]);
		loader.chunks.value = [...LIST, chunk("c5", 50_000)];
		await run(loader.load);
		expect(asked).toEqual(["c0", "c1", "c2", "c3", "c4", "c5"]);
	});

	it("reports why chunks are missing, and retries those whose request failed", async () => {
		const answers: Answers = {
			c1: new ApiError(404, "missing"),
			c2: new ApiError(409, "encrypted with k1"),
			c4: new ApiError(0, "The server cannot be reached."),
		};
		const { loader, asked, given, run } = loaderOf(answers);
		loader.chunks.value = LIST;
		await run(loader.load);
		expect(loader.missingChunks.value.map(({ cursor, reason, from }) => `${cursor} ${reason} ${from}`)).toEqual([
			"c1 missing 10000",
			"c2 encrypted 20000",
			"c4 unreachable 40000",
		]);
		expect(loader.isReady(25_000)).toBe(true);
		delete answers.c4;
		asked.length = 0;
		await run(loader.retry);
		expect(asked).toEqual(["c4"]);
		expect(given).toEqual(["c0", "c3", "c4"]);
		expect(loader.missingChunks.value.map(({ cursor }) => cursor)).toEqual(["c1", "c2"]);
	});

	it("logs an unexpected failure and loads the other chunks", async () => {
		const log = vi.spyOn(console, "error").mockImplementation(() => {});
		const { loader, given, run } = loaderOf({ c1: new TypeError("what") });
		loader.chunks.value = LIST;
		await run(loader.load);
		expect(given).toEqual(["c0", "c2", "c3", "c4"]);
		expect(loader.missingChunks.value.map(({ reason }) => reason)).toEqual(["unreachable"]);
		expect(log).toHaveBeenCalledOnce();
		log.mockRestore();
	});

	it("counts a chunk as missing if the player cannot receive it, and loads the others", async () => {
		const log = vi.spyOn(console, "error").mockImplementation(() => {});
		const { loader, given, run } = loaderOf({ c1: [{ type: TOO_DEEP, timestamp: 10_000 }] });
		loader.chunks.value = LIST;
		await run(loader.load);
		expect(given).toEqual(["c0", "c2", "c3", "c4"]);
		expect(loader.missingChunks.value.map(({ cursor, reason }) => `${cursor} ${reason}`)).toEqual(["c1 undrawable"]);
		expect(loader.complete.value).toBe(true);
		log.mockRestore();
	});

	it("delivers only the new events of a chunk that replaces a shorter one", async () => {
		const at = (...times: number[]): RecordedEvent[] => times.map((timestamp) => ({ type: 3, timestamp }));
		const { loader, given, run } = loaderOf({ small: at(0, 5), large: at(0, 5, 9), other: at(0, 3) });
		loader.chunks.value = [chunk("small", 0, true, 5)];
		await run(loader.load);
		loader.chunks.value = [chunk("large", 0, true, 9)];
		await run(loader.load);
		// Two chunks may start at the same time; both are delivered.
		loader.chunks.value = [chunk("large", 0, true, 9), chunk("other", 0, true, 3)];
		await run(loader.load);
		expect(given).toEqual(["small 0 5", "large 9", "other 0 3"]);
	});
});
