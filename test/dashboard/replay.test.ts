import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ChunkItem } from "../../dashboard/api.ts";
import { ApiError } from "../../dashboard/api.ts";
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

/** Opens a session whose last batch arrives at the start of the test, or when `receive` is called. */
function open({ isShared = false, reported = 0 } = {}) {
	const asked = { details: 0, reports: 0 };
	const reports = { count: reported, at: Date.now() };
	let receivedAt = Date.now();
	let count = 1;
	const chunk = (i: number) =>
		({
			...{ cursor: `c${i}`, firstAt: receivedAt + i, lastAt: receivedAt + i + 1, events: 2, snapshots: 1 },
			trail: {
				v: 1,
				from: receivedAt + i,
				to: 1,
				sums: [0, 0, 0],
				types: {},
				snapshots: [0],
				pages: [[0, "/", null, 800, 600, 0, "load"]],
			},
		}) as unknown as ChunkItem;
	const source = {
		async detail() {
			asked.details++;
			const live = Date.now() - receivedAt < LIVE_MS;
			const session = { project: "shop", events: count * 2, receivedAt, live, reported: reports.count };
			return { session, windows: [{ id: "w", startedAt: 0, lastAt: receivedAt, events: count * 2 }] };
		},
		trail: async () => ({ chunks: Array.from({ length: count }, (_, i) => chunk(i)) }),
		events: async () => [],
		...(!isShared && {
			async reported() {
				asked.reports++;
				const at = { kind: "event", at: reports.at, windowId: null, name: "paid", level: "info", payload: null };
				return { items: Array.from({ length: reports.count }, (_, i) => ({ ...at, id: `e${i}` })), isCut: false };
			},
		}),
		playerUrl: () => "/player",
	} as unknown as Source;
	const replay = createReplay({ sid: "s", wid: "w", project: undefined, t: null, isPlaying: false, source });
	const stop = replay.start();
	return {
		...{ replay, asked, reports, stop },
		receive() {
			receivedAt = Date.now();
			count++;
		},
	};
}

it("a replay keeps the speed and the skip setting of the previous replay", () => {
	const before = open().replay;
	before.setSpeed(8);
	before.toggleSkip();
	const { speed, skip } = open().replay;
	expect([speed.value, skip.value]).toEqual([8, false]);
	before.setSpeed(1);
	before.toggleSkip();
});

it("a replay counts as played from the first play on, also in other tabs of its session", async () => {
	const { replay, stop } = open();
	await vi.advanceTimersByTimeAsync(0);
	replay.started.value = true;
	expect(replay.hasPlayed.value).toBe(false);
	replay.play();
	replay.pause();
	const { hasPlayed, playing } = replay;
	expect([playing.value, hasPlayed.value]).toEqual([false, true]);
	const source = { playerUrl: () => "" } as unknown as Source;
	const next = (sid: string) =>
		createReplay({ sid, wid: "other", project: undefined, t: null, isPlaying: false, source, previous: replay });
	expect([next("s").hasPlayed.value, next("another").hasPlayed.value]).toEqual([true, false]);
	stop();
});

it("a replay opens the tab at the moment of the URL, or else the last active tab", async () => {
	const windows = [
		{ id: "first", startedAt: 1_700_000_000_000, lastAt: 1_700_000_060_000 },
		{ id: "last", startedAt: 1_700_000_050_000, lastAt: 1_700_000_090_000 },
	];
	const source = {
		detail: async () => ({ session: { events: 2, receivedAt: 0, live: false }, windows }),
		trail: async () => ({ chunks: [] }),
		playerUrl: () => "/player",
	} as unknown as Source;
	const tabAt = async (t: string | null) => {
		const replay = createReplay({ sid: "s", wid: null, project: undefined, t, isPlaying: false, source });
		const stop = replay.start();
		await vi.advanceTimersByTimeAsync(0);
		stop();
		return replay.windowId.value;
	};
	expect(await tabAt("1700000010000")).toBe("first");
	expect(await tabAt("1700000055000")).toBe("last");
	for (const t of [null, "5000", "1700009990000"]) expect(await tabAt(t)).toBe("last");
});

describe("live session", () => {
	it("is polled, also while it sends nothing, until it must have ended", async () => {
		const { replay, asked, stop, receive } = open();
		await vi.advanceTimersByTimeAsync(60_000);
		expect(asked.details).toBe(13);
		await vi.advanceTimersByTimeAsync(LIVE_MS);
		expect(replay.isGrowing.value).toBe(false);
		asked.details = 0;
		await vi.advanceTimersByTimeAsync(300_000);
		expect(asked.details).toBe(10);

		receive();
		await vi.advanceTimersByTimeAsync(30_000);
		expect(replay.isGrowing.value).toBe(true);
		expect(replay.chunks.value).toHaveLength(2);

		await vi.advanceTimersByTimeAsync(SESSION_IDLE_MS);
		asked.details = 0;
		await vi.advanceTimersByTimeAsync(SESSION_IDLE_MS);
		expect(asked.details).toBe(0);
		stop();
	});

	it("counts as growing while it is followed, even if it sends nothing", async () => {
		const { replay, stop } = open();
		await vi.advanceTimersByTimeAsync(1_000);
		replay.goLive();
		await vi.advanceTimersByTimeAsync(LIVE_MS + 60_000);
		expect([replay.following.value, replay.isGrowing.value]).toEqual([true, true]);
		await vi.advanceTimersByTimeAsync(SESSION_IDLE_MS);
		expect(replay.isGrowing.value).toBe(false);
		stop();
	});
});

describe("server items", () => {
	it("are loaded when there are any, and again when there are more, while the session is live", async () => {
		const { replay, asked, reports, stop } = open();
		const shown = () => replay.entries.value.filter(({ kind }) => kind === "server").length;
		await vi.advanceTimersByTimeAsync(20_000);
		expect([asked.reports, shown()]).toEqual([0, 0]);
		reports.count = 1;
		await vi.advanceTimersByTimeAsync(5_000);
		expect([asked.reports, shown()]).toEqual([1, 1]);
		await vi.advanceTimersByTimeAsync(20_000);
		expect(asked.reports).toBe(1);
		reports.count = 3;
		await vi.advanceTimersByTimeAsync(5_000);
		expect([asked.reports, shown()]).toEqual([2, 3]);
		await vi.advanceTimersByTimeAsync(LIVE_MS + SESSION_IDLE_MS);
		asked.details = 0;
		reports.count = 4;
		await vi.advanceTimersByTimeAsync(SESSION_IDLE_MS);
		expect([asked.details, asked.reports]).toEqual([0, 2]);
		stop();
	});

	it("link to pages in the project of the session", async () => {
		const { replay, stop } = open({ reported: 1 });
		await vi.advanceTimersByTimeAsync(1_000);
		expect(replay.entries.value.map(({ href }) => href)).toContain("/server-events/e0?project=shop");
		stop();
	});

	it("of the first moment or earlier can be jumped to from the start of the recording", async () => {
		const { replay, reports, stop } = open({ reported: 1 });
		reports.at -= 5_000;
		await vi.advanceTimersByTimeAsync(1_000);
		const isServer = ({ kind }: { kind: string }) => kind === "server";
		const found = replay.jump(1, isServer);
		expect(found?.at).toBe(replay.from.value);
		expect(replay.jump(1, isServer, found)).toBeNull();
		replay.seek(1);
		expect(replay.jump(1, isServer)).toBeNull();
		expect(replay.jump(-1, isServer)).toEqual(found);
		stop();
	});

	it("appear after the timeline and are reused in the next tab", async () => {
		const { replay, stop } = open({ reported: 2 });
		const steps: number[] = [];
		const unwatch = replay.entries.subscribe((list) => void steps.push(list.length));
		await vi.advanceTimersByTimeAsync(1_000);
		expect(steps).toEqual([0, 1, 3]);
		const source = { playerUrl: () => "" } as unknown as Source;
		const other = createReplay({
			...{ sid: "s", wid: "other", project: undefined, t: null, isPlaying: false, source, previous: replay },
		});
		expect(other.reported.value.items).toHaveLength(2);
		unwatch();
		stop();
	});

	it("are not loaded for a shared recording", async () => {
		const { replay, asked, stop } = open({ isShared: true, reported: 5 });
		await vi.advanceTimersByTimeAsync(60_000);
		expect([asked.reports, replay.entries.value.length, replay.placedItems.value.length]).toEqual([0, 1, 0]);
		stop();
	});
});

describe("link to a server item", () => {
	const T = 1_800_000_000_000;
	/** Tab a is open from 0 to 60 s, tab b from 50 to 90 s. The visitor's clock is 20 s behind the server's. */
	const windows = [
		{ id: "a", startedAt: T, lastAt: T + 60_000 },
		{ id: "b", startedAt: T + 50_000, lastAt: T + 90_000 },
	];
	const items = [
		{ id: "of-a", at: T + 75_000, windowId: "a" },
		{ id: "of-none", at: T + 60_000, windowId: null },
	].map((it) => ({ ...it, kind: "exception", fingerprint: "f", exceptionClass: "E", message: "", platform: null }));
	const source = (delayMs: number) =>
		({
			detail: async () => ({ session: { events: 4, receivedAt: T, live: false, reported: 2 }, windows }),
			async trail(wid: string) {
				const window = windows.find(({ id }) => id === wid);
				if (!window) throw new ApiError(404, "");
				const { startedAt: firstAt, lastAt } = window;
				const trail = { v: 1, from: firstAt, skew: 20_000, snapshots: [0], pages: [], types: {}, sums: [0, 0, 0] };
				return { chunks: [{ cursor: "c", firstAt, lastAt, events: 4, snapshots: 1, trail }] };
			},
			events: async () => [],
			async reported() {
				await new Promise((resolve) => setTimeout(resolve, delayMs));
				return { items, isCut: false };
			},
			playerUrl: () => "/player",
		}) as unknown as Source;
	async function follow(wid: string | null, item: string | null, at: number, meanwhile?: number) {
		const t = String(T + at * 1_000);
		const replay = createReplay({
			...{ sid: "s", wid, project: undefined, t, item },
			isPlaying: false,
			source: source(1_000),
		});
		const stop = replay.start();
		await vi.advanceTimersByTimeAsync(500);
		const before = replay.offset.value / 1_000;
		if (meanwhile !== undefined) replay.seek(meanwhile * 1_000);
		await vi.advanceTimersByTimeAsync(1_000);
		stop();
		const otherTab = replay.itemInOtherTab.value;
		return [
			replay.windowId.value,
			before,
			replay.offset.value / 1_000,
			otherTab && [otherTab.windowId, (otherTab.at - T) / 1_000],
		];
	}

	it.each<[string, Parameters<typeof follow>, unknown[]]>([
		["seeks to its moment on the recording's clock", ["a", "of-a", 75], ["a", 60, 55, null]],
		["does not seek if the user has sought elsewhere", ["a", "of-a", 75, 7], ["a", 60, 7, null]],
		["opens the tab that was open at its moment", [null, "of-none", 65], ["b", 15, 15, ["a", 40]]],
		["ignores a tab that was not recorded", ["gone", "of-none", 30], ["a", 30, 40, null]],
		["stays at the moment of the URL if the item no longer exists", ["a", "lost", 30], ["a", 30, 30, null]],
	])("%s", async (_, asked, expected) => {
		expect(await follow(...asked)).toEqual(expected);
	});

	it("does not replace a tab that the URL names without an item", async () => {
		expect((await follow("gone", null, 30)).slice(0, 1)).toEqual(["gone"]);
	});
});
