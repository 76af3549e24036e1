import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createThrottle } from "../../recorder/throttle.ts";
import type { RecordedEvent } from "../../src/contract/events.ts";

let later: RecordedEvent[] = [];
let limits: number[] = [];

beforeEach(() => {
	vi.useFakeTimers({ now: 1_000_000 });
	later = [];
	limits = [];
});
afterEach(() => vi.useRealTimers());

const open = (limit = 0) =>
	createThrottle(
		limit,
		(event) => later.push(event),
		(changes) => limits.push(changes),
		() => "color: red; top: 9px",
	);

type Change = { id: number; attributes: Record<string, unknown> };
const mutation = (attributes: Change[], more = {}) => ({
	type: 3,
	timestamp: Date.now(),
	data: { source: 0, texts: [], attributes, removes: [], adds: [], ...more },
});
const attributesOf = (event: RecordedEvent) => (event.data as { attributes: Change[] }).attributes;

describe("attribute throttle", () => {
	it("drops intermediate values of a fast-changing attribute and keeps the last value of every attribute", () => {
		const throttle = open();
		let passed = 0;
		let last: unknown;
		const apply = (event: RecordedEvent) => {
			for (const { attributes } of attributesOf(event)) if ("x" in attributes) last = attributes.x;
		};
		for (let frame = 0; frame < 600; frame++) {
			const event = mutation([{ id: 7, attributes: frame === 300 ? { x: frame, once: "1" } : { x: frame } }]);
			if (throttle.pass(event)) {
				passed++;
				apply(event);
			}
			vi.advanceTimersByTime(16);
		}
		vi.advanceTimersByTime(2_000);
		for (const event of later) apply(event);
		// Of 600 changes in ten seconds, fewer than 250 are emitted.
		expect(passed + later.length).toBeLessThan(250);
		expect(later.length).toBeGreaterThan(3);
		expect(last).toBe(599);
		expect(later.some((event) => attributesOf(event).some(({ attributes }) => attributes.once === "1"))).toBe(true);
	});

	it("passes other nodes and other changes of the same event", () => {
		const throttle = open();
		for (let i = 0; i < 100; i++) throttle.pass(mutation([{ id: 7, attributes: { x: i } }]));
		const event = mutation([
			{ id: 7, attributes: { x: 100 } },
			{ id: 8, attributes: { x: 1 } },
		]);
		expect(throttle.pass(event)).toBe(true);
		expect(attributesOf(event).map(({ id }) => id)).toEqual([8]);
		expect(throttle.pass(mutation([{ id: 7, attributes: {} }], { texts: [{ id: 9 }] }))).toBe(true);
	});

	it("merges changed style properties", () => {
		const throttle = open();
		for (let i = 0; i < 60; i++) throttle.pass(mutation([{ id: 7, attributes: { x: i } }]));
		throttle.pass(mutation([{ id: 7, attributes: { style: { top: "1px", left: "1px" } } }]));
		throttle.pass(mutation([{ id: 7, attributes: { style: { top: "2px" }, class: "a" } }]));
		vi.advanceTimersByTime(1_000);
		expect(attributesOf(later[0]!)).toEqual([
			{ id: 7, attributes: { style: { top: "2px", left: "1px" }, class: "a" } },
		]);
	});

	it("reads the current style when a full style and a changed property are both deferred", () => {
		const throttle = open();
		for (let i = 0; i < 60; i++) throttle.pass(mutation([{ id: 7, attributes: { x: i } }]));
		throttle.pass(mutation([{ id: 7, attributes: { style: "color: red; top: 1px" } }]));
		throttle.pass(mutation([{ id: 7, attributes: { style: { top: "9px" } } }]));
		vi.advanceTimersByTime(1_000);
		expect(attributesOf(later[0]!)).toEqual([{ id: 7, attributes: { style: "color: red; top: 9px" } }]);
	});

	it("discards deferred changes of a removed node, and all of them at a full snapshot", () => {
		const throttle = open();
		for (const id of [7, 8]) for (let i = 0; i < 61; i++) throttle.pass(mutation([{ id, attributes: { x: i } }]));
		throttle.pass(mutation([], { removes: [{ id: 7 }] }));
		vi.advanceTimersByTime(1_000);
		expect(attributesOf(later[0]!).map(({ id }) => id)).toEqual([8]);
		throttle.pass(mutation([{ id: 8, attributes: { x: 99 } }]));
		for (let i = 0; i < 61; i++) throttle.pass(mutation([{ id: 8, attributes: { x: i } }]));
		throttle.pass({ type: 2, data: {} });
		vi.advanceTimersByTime(5_000);
		expect(later).toHaveLength(1);
	});
});

describe("change limit", () => {
	const adds = (n: number) => mutation([], { adds: Array.from({ length: n }, (_, id) => ({ node: { id } })) });

	it("is reported when a ten-second window exceeds it", () => {
		const throttle = open(1_000);
		expect(throttle.pass(adds(600))).toBe(true);
		vi.advanceTimersByTime(11_000);
		expect(throttle.pass(adds(600))).toBe(true);
		expect(limits).toEqual([]);
		expect(throttle.pass(adds(401))).toBe(false);
		expect(limits).toEqual([1_001]);
	});

	it("does not apply when it is 0", () => {
		expect(open(0).pass(adds(100_000))).toBe(true);
		expect(limits).toEqual([]);
	});
});

describe("typing throttle", () => {
	const typed = (text: string, typing = true, id = 7) => ({
		...{ type: 3, timestamp: Date.now(), data: { source: 5, id, text, isChecked: false, ...(typing && { typing }) } },
	});
	const texts = () => later.map(({ data }) => (data as { text: string }).text);

	it("passes the first text at once, and the last one half a second later", () => {
		const throttle = open();
		expect(throttle.pass(typed("a"))).toBe(true);
		vi.advanceTimersByTime(100);
		expect(throttle.pass(typed("ab"))).toBe(false);
		expect(throttle.pass(typed("abc"))).toBe(false);
		vi.advanceTimersByTime(400);
		expect(texts()).toEqual(["abc"]);
		expect(later[0]!.timestamp).toBe(Date.now());
		vi.advanceTimersByTime(5_000);
		expect(later).toHaveLength(1);
	});

	it("emits at most twice a second while a visitor types, for each field", () => {
		const throttle = open();
		let passed = 0;
		for (let i = 0; i < 100; i++) {
			if (throttle.pass(typed(`${i}`))) passed++;
			if (throttle.pass(typed(`${i}`, true, 8))) passed++;
			vi.advanceTimersByTime(50);
		}
		vi.advanceTimersByTime(1_000);
		expect(passed + later.length).toBeLessThanOrEqual(24);
		expect(texts().slice(-2)).toEqual(["99", "99"]);
	});

	it("emits nothing after the change that ends the typing, a full snapshot or the end of the capture", () => {
		for (const end of [
			(throttle: ReturnType<typeof open>) => throttle.pass(typed("abc", false)),
			(throttle: ReturnType<typeof open>) => throttle.pass({ type: 2, timestamp: Date.now(), data: {} }),
			(throttle: ReturnType<typeof open>) => throttle.stop(),
		]) {
			const throttle = open();
			throttle.pass(typed("a"));
			throttle.pass(typed("ab"));
			end(throttle);
			vi.advanceTimersByTime(2_000);
			expect(later).toEqual([]);
		}
	});
});
