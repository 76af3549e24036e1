import { describe, expect, it } from "vitest";
import { joinRecords, readRecords } from "../../dashboard/state/records.ts";
import type { RecordedEvent } from "../../src/contract/events.ts";

const T = 1_700_000_000_000;
const custom = (tag: string, payload: unknown, at = T): RecordedEvent => ({
	...{ type: 5, timestamp: at, data: { tag, payload } },
});
const call = (payload: object) => readRecords([custom("__network", { url: "https://x.example/a", ...payload })], 0);

describe("what the recorder heard", () => {
	it("is the lines of the console, at the trail's times", () => {
		const events = [custom("__console", { level: "warn", args: ["no", "3"] }), custom("sale", { level: "warn" })];
		expect(readRecords(events, 500).lines).toEqual([{ at: T + 500, level: "warn", text: "no 3" }]);
	});

	it("is the calls, from when they were sent", () => {
		const payload = { api: "fetch", method: "POST", status: 500, startedAt: T - 90, durationMs: 80, requestBytes: 7 };
		expect(call(payload).calls).toEqual([
			{
				...{ at: T - 90, api: "fetch", method: "POST", url: "https://x.example/a", status: 500, durationMs: 80 },
				...{ requestBytes: 7, responseBytes: null },
			},
		]);
	});

	it.each<[string, object, number]>([
		["no beginning", { durationMs: 80 }, T - 80],
		["a beginning that cannot be", { startedAt: 5, durationMs: 80 }, T],
		["a beginning after its end", { startedAt: T + 9e9 }, T],
		["a length that is none", { durationMs: -4 }, T],
	])("has a place on the timeline with %s", (_, payload, at) => {
		expect(call(payload).calls[0]!.at).toBe(at);
	});

	it.each([
		["no payload", custom("__console", null)],
		["no address", custom("__network", { status: 200 })],
		["no time", { type: 5, data: { tag: "__console", payload: { level: "log", args: [] } } }],
		["another type", { type: 3, timestamp: T, data: { tag: "__console", payload: {} } }],
	])("leaves out what has %s", (_, event) => {
		expect(readRecords([event as RecordedEvent], 0)).toEqual({ lines: [], calls: [] });
	});

	it("takes what is no text as one", () => {
		const { lines } = readRecords([custom("__console", { level: "shout", args: [null, { a: 1 }, ["b"]] })], 0);
		expect(lines).toEqual([{ at: T, level: "log", text: "null [object Object] b" }]);
	});

	it("is in time order, whatever chunk came first", () => {
		const at = (time: number) => readRecords([custom("__console", { args: [String(time)] }, time)], 0);
		expect(joinRecords(at(T + 5), at(T)).lines.map(({ text }) => text)).toEqual([String(T), String(T + 5)]);
	});
});
