import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createBuffer, toJson } from "../../recorder/buffer.ts";
import { pendingBatch } from "../support/pending-batch.ts";

const START = Date.UTC(2026, 0, 1);
let sent: { at: number; events: { n: number }[] }[] = [];

beforeEach(() => {
	vi.useFakeTimers({ now: START });
	sent = [];
});
afterEach(() => vi.useRealTimers());

const USUAL = { flushIntervalMs: 0, flushEventThreshold: 0 };
const open = (rule = USUAL) =>
	createBuffer(START, rule, {
		freeze: (text, label) => pendingBatch(text, label),
		unfreeze: () => {},
		send: ({ text }) => sent.push({ at: Date.now() - START, events: JSON.parse(text) }),
	});
const event = (n: number, pad = "") => ({ type: 3, timestamp: Date.now(), n, pad });

describe("the flush rule", () => {
	it("sends at once what is urgent, with what waited before it", async () => {
		const buffer = open();
		buffer.add(event(1), false);
		await vi.advanceTimersByTimeAsync(3_000);
		buffer.add(event(2), true);
		await vi.advanceTimersByTimeAsync(1);
		expect(sent.map(({ at, events }) => [at, events.map(({ n }) => n)])).toEqual([[3_000, [1, 2]]]);
	});

	it("sends 15 s after the oldest event in the first minute, 30 s after it later on", async () => {
		const buffer = open();
		buffer.add(event(1), false);
		await vi.advanceTimersByTimeAsync(10_000);
		buffer.add(event(2), false);
		await vi.advanceTimersByTimeAsync(60_000);
		buffer.add(event(3), false);
		await vi.advanceTimersByTimeAsync(40_000);
		expect(sent.map(({ at, events }) => [at, events.length])).toEqual([
			[15_000, 2],
			[100_000, 1],
		]);
	});

	it("sends by size before it is due by age", async () => {
		const buffer = open();
		for (let n = 0; n < 5; n++) buffer.add(event(n, "x".repeat(100_000)), false);
		await vi.advanceTimersByTimeAsync(1);
		expect(sent.map(({ at, events }) => [at, events.length])).toEqual([[0, 5]]);
	});

	it("has no timer, and sends nothing, while nothing happens", async () => {
		const buffer = open();
		buffer.add(event(1), false);
		await vi.advanceTimersByTimeAsync(20_000);
		expect(vi.getTimerCount()).toBe(0);
		await vi.advanceTimersByTimeAsync(3_600_000);
		expect(sent).toHaveLength(1);
	});
});

describe("a buffer", () => {
	it("splits what would be too large for a batch, and leaves out what is too large alone", () => {
		const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
		const buffer = open();
		buffer.add(event(1, "x".repeat(5_000_000)), false);
		buffer.add(event(2, "x".repeat(9_000_000)), false);
		buffer.add(event(3, "x".repeat(5_000_000)), false);
		buffer.flush();
		expect(sent.map(({ events }) => events.map(({ n }) => n))).toEqual([[1], [3]]);
		expect(warn).toHaveBeenCalledOnce();
	});

	it("has compressed most of it ahead when the page leaves, and still sends it as one batch when it stays", async () => {
		const leaving = open();
		for (let n = 0; n < 10; n++) leaving.add(event(n, "x".repeat(10_000)), false);
		leaving.leave();
		expect(sent.map(({ events }) => events.map(({ n }) => n))).toEqual([
			[0, 1, 2, 3],
			[4, 5, 6, 7],
			[8, 9],
		]);
		await vi.advanceTimersByTimeAsync(60_000);
		expect(sent).toHaveLength(3);
		sent = [];
		const staying = open();
		for (let n = 0; n < 10; n++) staying.add(event(n, "x".repeat(10_000)), false);
		await vi.advanceTimersByTimeAsync(60_000);
		expect(sent.map(({ events }) => events.length)).toEqual([10]);
	});

	it("forgets what waits when it is discarded, and takes no more", async () => {
		const buffer = open();
		buffer.add(event(1), false);
		buffer.discard();
		buffer.add(event(2), true);
		buffer.flush();
		await vi.advanceTimersByTimeAsync(60_000);
		expect(sent).toEqual([]);
	});

	it("goes by the page's own interval and number, where it has them", async () => {
		const buffer = open({ flushIntervalMs: 2_000, flushEventThreshold: 3 });
		buffer.add(event(1), false);
		await vi.advanceTimersByTimeAsync(2_000);
		for (const n of [2, 3, 4]) buffer.add(event(n), false);
		await vi.advanceTimersByTimeAsync(1);
		expect(sent.map(({ at, events }) => [at, events.length])).toEqual([
			[2_000, 1],
			[2_000, 3],
		]);
	});
});

describe("the text of an event", () => {
	it("is not the one that an old library makes of arrays, which keeps its way", () => {
		const { prototype } = Array as { prototype: { toJSON?: unknown } };
		Object.defineProperty(prototype, "toJSON", { value: () => "mine", configurable: true, writable: true });
		try {
			expect(toJson({ a: [1] })).toBe('{"a":[1]}');
			expect(JSON.stringify([1])).toBe('"mine"');
		} finally {
			delete prototype.toJSON;
		}
	});
});
