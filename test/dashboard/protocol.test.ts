import { describe, expect, it } from "vitest";
import { offsetOf } from "../../dashboard/player/protocol.ts";

const FROM = Date.UTC(2026, 0, 5, 12);

describe("URL parameter t", () => {
	it.each<[string, string | null, number | null]>([
		["an offset", "12345", 12_345],
		["the beginning", "0", 0],
		["a fraction", "1500.5", 1500.5],
		["an offset of a day", "86400000", 86_400_000],
		["the largest offset", "99999999999", 99_999_999_999],
		["the time of the first event", String(FROM), 0],
		["a time later on", String(FROM + 12_345), 12_345],
		["a time with a fraction", `${FROM}.5`, 0.5],
		["a time before the first event", String(FROM - 1), 0],
		["the smallest time", "100000000000", 0],
		["nothing", null, null],
		["an empty text", "", null],
		["a negative number", "-5", null],
		["a sign", "+5", null],
		["an exponent", "1e3", null],
		["another base", "0x10", null],
		["white space", " 5", null],
		["a line break", "5\n", null],
		["half a fraction", "5.", null],
		["no whole part", ".5", null],
		["words", "NaN", null],
		["a clock", "1:30", null],
	])("is read or ignored: %s", (_, t, offset) => expect(offsetOf(t, FROM)).toBe(offset));
});
