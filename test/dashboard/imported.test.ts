import { describe, expect, it } from "vitest";
import { InvalidRecordingError, importedSource, parseRecording } from "../../dashboard/state/imported.ts";

const event = (timestamp: number, type = 3) => ({ type, timestamp, data: { source: 3, id: 1, x: 0, y: 0 } });
const LIST = [event(2_000), event(1_000, 2)];

describe("recording from a file", () => {
	it.each<[string, unknown, number[][]]>([
		["an array of events", LIST, [[1_000, 2_000]]],
		["events in an object", { events: LIST, sessionId: "s" }, [[1_000, 2_000]]],
		[
			"exported windows, without empty ones",
			{
				version: 1,
				windows: [
					{ id: "a", events: LIST },
					{ id: "b", events: [] },
					{ id: "c", events: [event(5)] },
				],
			},
			[[1_000, 2_000], [5]],
		],
		["unknown types", [event(1, 99), event(2)], [[1, 2]]],
	])("may contain %s", (_, content, times) => {
		const windows = parseRecording(JSON.stringify(content));
		expect(windows.map(({ events }) => events.map(({ timestamp }) => timestamp))).toEqual(times);
	});

	it.each<[string, string]>([
		["", "empty"],
		[" \n", "empty"],
		["<html>", "not JSON"],
		["[{]", "not JSON"],
		["null", "not a recording"],
		["7", "not a recording"],
		['"text"', "not a recording"],
		["{}", "not a recording"],
		['{"events":{}}', "not a recording"],
		["[]", "no events"],
		['{"windows":[]}', "no events"],
		['{"windows":[null,7]}', "no events"],
		[JSON.stringify([event(1)]), "single event"],
		['[{"type":3,"timestamp":1},null]', "Entry 2 of the list is not an rrweb event"],
		['[{"timestamp":1},{}]', "Entry 1 has no numeric type"],
		['[{"type":"3","timestamp":1}]', "Entry 1 has no numeric type"],
		['[{"type":3,"timestamp":1},{"type":3}]', "Entry 2 has no valid timestamp"],
		['[{"type":3,"timestamp":"1"}]', "Entry 1 has no valid timestamp"],
		['[{"type":3,"timestamp":-1}]', "Entry 1 has no valid timestamp"],
		['[{"type":3,"timestamp":1e999}]', "Entry 1 has no valid timestamp"],
	])("is rejected with its own message, not that of the JSON parser: %j", (text, message) => {
		expect(() => parseRecording(text)).toThrow(InvalidRecordingError);
		expect(() => parseRecording(text)).toThrow(message);
		expect(() => parseRecording(text)).not.toThrow(/Unexpected|position/);
	});

	it("is played in chunks, each with its trail, and every event once", async () => {
		const at = 1_790_000_000_000;
		const events = Array.from({ length: 1_203 }, (_, i) => event(at + i * 10, i ? 3 : 2));
		const source = importedSource(parseRecording(JSON.stringify(events)));
		const { windows } = await source.detail();
		expect(windows).toEqual([{ id: "0", startedAt: at, lastAt: at + 12_020, events: 1_203 }]);
		const { chunks } = await source.trail("0");
		expect(chunks.map(({ events, snapshots }) => [events, snapshots])).toEqual([
			[500, 1],
			[500, 0],
			[203, 0],
		]);
		expect(chunks.map(({ trail }) => trail.from)).toEqual([at, at + 5_000, at + 10_000]);
		const lists = await Promise.all(chunks.map(({ cursor }) => source.events("0", cursor)));
		expect(lists.flat()).toEqual(events);
	});
});
