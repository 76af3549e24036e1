import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createBuffer, toJson } from "../../recorder/buffer.ts";
import { pendingBatch } from "../support/pending-batch.ts";

const START = Date.UTC(2026, 0, 1);
let sent: { at: number; events: { n: number; pad?: string }[] }[] = [];
let problems: string[] = [];

beforeEach(() => {
	vi.useFakeTimers({ now: START });
	sent = [];
	problems = [];
});
afterEach(() => vi.useRealTimers());

const DEFAULT_RULE = { flushIntervalMs: 0, flushEventThreshold: 0 };
const open = (rule = DEFAULT_RULE) =>
	createBuffer(START, rule, {
		freeze: (text, label) => pendingBatch(text, label),
		unfreeze: () => {},
		onTooLarge: (problem) => problems.push(problem),
		send: ({ text }) => sent.push({ at: Date.now() - START, events: JSON.parse(text) }),
	});
const event = (n: number, pad = "") => ({ type: 3, timestamp: Date.now(), n, pad });

describe("flush rule", () => {
	it("sends an urgent event at once, together with the buffered events", async () => {
		const buffer = open();
		buffer.add(event(1), false);
		await vi.advanceTimersByTimeAsync(3_000);
		buffer.add(event(2), true);
		await vi.advanceTimersByTimeAsync(1);
		expect(sent.map(({ at, events }) => [at, events.map(({ n }) => n)])).toEqual([[3_000, [1, 2]]]);
	});

	it("sends 15 s after the oldest event in the first minute, and 30 s after it later", async () => {
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

	it("sends a large buffer at once, whatever the age of its events", async () => {
		const buffer = open();
		for (let n = 0; n < 5; n++) buffer.add(event(n, "x".repeat(100_000)), false);
		await vi.advanceTimersByTimeAsync(1);
		expect(sent.map(({ at, events }) => [at, events.length])).toEqual([[0, 5]]);
	});

	it("runs no timer and sends nothing while there are no events", async () => {
		const buffer = open();
		buffer.add(event(1), false);
		await vi.advanceTimersByTimeAsync(20_000);
		expect(vi.getTimerCount()).toBe(0);
		await vi.advanceTimersByTimeAsync(3_600_000);
		expect(sent).toHaveLength(1);
	});
});

describe("buffer", () => {
	it("splits events over the batch size limit into several batches, and drops an event that exceeds it alone", () => {
		const buffer = open();
		buffer.add(event(1, "x".repeat(5_000_000)), false);
		buffer.add({ ...event(2), type: 2, data: Array(9_000_000 / 1_000).fill("x".repeat(1_000)) }, false);
		buffer.add(event(3, "x".repeat(5_000_000)), false);
		buffer.flush();
		expect(sent.map(({ events }) => events.map(({ n }) => n))).toEqual([[1], [3]]);
		expect(problems).toEqual(["snapshot too large"]);
	});

	it("removes large texts from an event that would be too large with them", () => {
		const buffer = open();
		const css = `a { color: red } @font-face { src: url("data:font/woff2;base64,${"x".repeat(5_000_000)}") }`;
		buffer.add({ ...event(1, "x".repeat(5_000_000)), css, small: "kept" } as never, false);
		buffer.flush();
		expect(sent[0]!.events).toEqual([
			expect.objectContaining({ pad: "", small: "kept", css: 'a { color: red } @font-face { src: url("data:,") }' }),
		]);
		expect(problems).toEqual([]);
	});

	it("sends pieces compressed in advance when the page closes, and one batch when the page stays open", async () => {
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

	it("drops buffered events when discarded, and accepts no more", async () => {
		const buffer = open();
		buffer.add(event(1), false);
		buffer.discard();
		buffer.add(event(2), true);
		buffer.flush();
		await vi.advanceTimersByTimeAsync(60_000);
		expect(sent).toEqual([]);
	});

	it("uses the flush interval and event threshold of the page's configuration", async () => {
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

describe("event JSON", () => {
	it("ignores a library's Array.prototype.toJSON and leaves it in place", () => {
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
