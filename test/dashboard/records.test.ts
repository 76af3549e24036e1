import { describe, expect, it } from "vitest";
import { mergeRecords, readRecords } from "../../dashboard/state/records.ts";
import type { RecordedEvent } from "../../src/contract/events.ts";

const T = 1_700_000_000_000;
const custom = (tag: string, payload: unknown, at = T): RecordedEvent => ({
	...{ type: 5, timestamp: at, data: { tag, payload } },
});
const call = (payload: object) => readRecords([custom("__network", { url: "https://x.example/a", ...payload })], 0);

describe("console lines and network calls", () => {
	it("include console lines at the trail's times", () => {
		const events = [custom("__console", { level: "warn", args: ["no", "3"] }), custom("sale", { level: "warn" })];
		expect(readRecords(events, 500).lines).toEqual([{ at: T + 500, level: "warn", text: "no 3" }]);
	});

	it("include network calls by the time of the request", () => {
		const payload = { api: "fetch", method: "POST", status: 500, startedAt: T - 90, durationMs: 80, requestBytes: 7 };
		expect(call(payload).calls).toEqual([
			{
				...{ at: T - 90, api: "fetch", method: "POST", url: "https://x.example/a", status: 500, durationMs: 80 },
				...{ requestBytes: 7, responseBytes: null },
			},
		]);
	});

	it.each<[string, object, number]>([
		["no start", { durationMs: 80 }, T - 80],
		["an implausible start", { startedAt: 5, durationMs: 80 }, T],
		["a start after its end", { startedAt: T + 9e9 }, T],
		["a negative duration", { durationMs: -4 }, T],
	])("have a time even with %s", (_, payload, at) => {
		expect(call(payload).calls[0]!.at).toBe(at);
	});

	it.each([
		["no payload", custom("__console", null)],
		["no URL", custom("__network", { status: 200 })],
		["no time", { type: 5, data: { tag: "__console", payload: { level: "log", args: [] } } }],
		["another type", { type: 3, timestamp: T, data: { tag: "__console", payload: {} } }],
	])("skip an event with %s", (_, event) => {
		expect(readRecords([event as RecordedEvent], 0)).toEqual({ lines: [], calls: [] });
	});

	it("convert other values to text", () => {
		const { lines } = readRecords([custom("__console", { level: "shout", args: [null, { a: 1 }, ["b"]] })], 0);
		expect(lines).toEqual([{ at: T, level: "log", text: "null [object Object] b" }]);
	});

	it("are in time order, whatever the order of the chunks", () => {
		const at = (time: number) => readRecords([custom("__console", { args: [String(time)] }, time)], 0);
		expect(mergeRecords(at(T + 5), at(T)).lines.map(({ text }) => text)).toEqual([String(T), String(T + 5)]);
	});
});
