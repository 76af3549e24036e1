import { describe, expect, it } from "vitest";
import { importedRecording, NotARecording, parseRecording } from "../../dashboard/state/imported.ts";

const event = (timestamp: number, type = 3) => ({ type, timestamp, data: { source: 3, id: 1, x: 0, y: 0 } });
const LIST = [event(2_000), event(1_000, 2)];

describe("a file with a recording", () => {
	it.each<[string, unknown, number[][]]>([
		["a list of events", LIST, [[1_000, 2_000]]],
		["events in an object", { events: LIST, sessionId: "s" }, [[1_000, 2_000]]],
		[
			"windows, as they are handed out, but for empty ones",
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
		["types that are not known", [event(1, 99), event(2)], [[1, 2]]],
	])("may hold %s", (_, content, times) => {
		const windows = parseRecording(JSON.stringify(content));
		expect(windows.map(({ events }) => events.map(({ timestamp }) => timestamp))).toEqual(times);
	});

	it.each<[string, string]>([
		["", "empty"],
		[" \n", "empty"],
		["<html>", "not JSON"],
		["[{]", "not JSON"],
		["null", "no recording"],
		["7", "no recording"],
		['"text"', "no recording"],
		["{}", "no recording"],
		['{"events":{}}', "no recording"],
		["[]", "no events"],
		['{"windows":[]}', "no events"],
		['{"windows":[null,7]}', "no events"],
		[JSON.stringify([event(1)]), "single event"],
		['[{"type":3,"timestamp":1},null]', "Entry 2 of the list is not an event"],
		['[{"timestamp":1},{}]', "Entry 1 has no type"],
		['[{"type":"3","timestamp":1}]', "Entry 1 has no type"],
		['[{"type":3,"timestamp":1},{"type":3}]', "Entry 2 has no time"],
		['[{"type":3,"timestamp":"1"}]', "Entry 1 has no time"],
		['[{"type":3,"timestamp":-1}]', "Entry 1 has no time"],
		['[{"type":3,"timestamp":1e999}]', "Entry 1 has no time"],
	])("that is %j is refused with a sentence, without what the parser said", (text, words) => {
		expect(() => parseRecording(text)).toThrow(NotARecording);
		expect(() => parseRecording(text)).toThrow(words);
		expect(() => parseRecording(text)).not.toThrow(/Unexpected|position/);
	});

	it("is played in parts, each event once, with a trail of each", async () => {
		const at = 1_790_000_000_000;
		const events = Array.from({ length: 1_203 }, (_, i) => event(at + i * 10, i ? 3 : 2));
		const source = importedRecording(parseRecording(JSON.stringify(events)));
		const { windows } = await source.detail();
		expect(windows).toEqual([{ id: "0", startedAt: at, lastAt: at + 12_020, events: 1_203 }]);
		const { chunks } = await source.trail("0");
		expect(chunks.map(({ events, snapshots }) => [events, snapshots])).toEqual([
			[500, 1],
			[500, 0],
			[203, 0],
		]);
		expect(chunks.map(({ trail }) => trail.from)).toEqual([at, at + 5_000, at + 10_000]);
		const parts = await Promise.all(chunks.map(({ cursor }) => source.events("0", cursor)));
		expect(parts.flat()).toEqual(events);
	});
});
