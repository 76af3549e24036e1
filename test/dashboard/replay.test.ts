import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ChunkItem } from "../../dashboard/api.ts";
import { createReplay } from "../../dashboard/state/replay.ts";
import type { Source } from "../../dashboard/state/source.ts";
import { SESSION_IDLE_MS } from "../../src/contract/limits.ts";

const LIVE_MS = 120_000;

beforeEach(() => {
	vi.useFakeTimers({ now: 1_800_000_000_000 });
	vi.stubGlobal("document", { hidden: false });
	vi.stubGlobal("location", { origin: "http://dashboard.test", host: "dashboard.test" });
	vi.stubGlobal("addEventListener", () => {});
	vi.stubGlobal("removeEventListener", () => {});
});
afterEach(() => {
	vi.useRealTimers();
	vi.unstubAllGlobals();
});

/** A session whose last batch came when the test began, or when `receive` is called. */
function open() {
	const asked = { details: 0 };
	let receivedAt = Date.now();
	let count = 1;
	const chunk = (i: number) =>
		({
			...{ cursor: `c${i}`, firstAt: receivedAt + i, lastAt: receivedAt + i + 1, events: 2, snapshots: 1 },
			trail: { v: 1, from: receivedAt + i, to: 1, sums: [0, 0, 0], types: {}, snapshots: [0], pages: [[0]] },
		}) as unknown as ChunkItem;
	const source = {
		async detail() {
			asked.details++;
			const session = { events: count * 2, receivedAt, live: Date.now() - receivedAt < LIVE_MS };
			return { session, windows: [{ id: "w", startedAt: 0, lastAt: receivedAt, events: count * 2 }] };
		},
		trail: async () => ({ chunks: Array.from({ length: count }, (_, i) => chunk(i)) }),
		events: async () => [],
		player: () => "/player",
	} as unknown as Source;
	const replay = createReplay({ sid: "s", wid: "w", project: undefined, t: null, isPlaying: false, source });
	const stop = replay.start();
	return {
		...{ replay, asked, stop },
		receive() {
			receivedAt = Date.now();
			count++;
		},
	};
}

it("is watched as the one before it was", () => {
	const before = open().replay;
	before.setSpeed(8);
	before.toggleSkip();
	const { speed, skip } = open().replay;
	expect([speed.value, skip.value]).toEqual([8, false]);
	before.setSpeed(1);
	before.toggleSkip();
});

describe("a session that goes on", () => {
	it("is asked for more, also after a silence, until it must be over", async () => {
		const { replay, asked, stop, receive } = open();
		await vi.advanceTimersByTimeAsync(60_000);
		expect(asked.details).toBe(13);
		await vi.advanceTimersByTimeAsync(LIVE_MS);
		expect(replay.goesOn.value).toBe(false);
		asked.details = 0;
		await vi.advanceTimersByTimeAsync(300_000);
		expect(asked.details).toBe(10);

		receive();
		await vi.advanceTimersByTimeAsync(30_000);
		expect(replay.goesOn.value).toBe(true);
		expect(replay.chunks.value).toHaveLength(2);

		await vi.advanceTimersByTimeAsync(SESSION_IDLE_MS);
		asked.details = 0;
		await vi.advanceTimersByTimeAsync(SESSION_IDLE_MS);
		expect(asked.details).toBe(0);
		stop();
	});

	it("and is followed is waited for through its silence", async () => {
		const { replay, stop } = open();
		await vi.advanceTimersByTimeAsync(1_000);
		replay.goLive();
		await vi.advanceTimersByTimeAsync(LIVE_MS + 60_000);
		expect([replay.following.value, replay.goesOn.value]).toEqual([true, true]);
		await vi.advanceTimersByTimeAsync(SESSION_IDLE_MS);
		expect(replay.goesOn.value).toBe(false);
		stop();
	});
});
