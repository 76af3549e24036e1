import { describe, expect, it } from "vitest";
import { compilePattern, PatternError } from "../../src/contract/patterns.ts";

describe("custom patterns", () => {
	it.each<[string, string, string]>([
		["ORD-\\d+", "ORD-1 ord-2 ORD-x", "[] ord-2 ORD-x"],
		["/ord-\\d+/i", "ORD-1 ord-2", "[] []"],
		["\\b[A-Z]{2}\\d{2}(?: ?\\d{4}){4,7}\\b", "IBAN DE12 5001 0517 5407 3249 31", "IBAN [] 31"],
		["\\+\\d{1,3} \\d{4,12}", "call +49 15112345678 now", "call [] now"],
		["(?:cat|dog)s?-\\d{3}", "cats-123 dog-456 cow-7", "[] [] cow-7"],
		["[^\\s@]+@corp", "a jane@corp b", "a [] b"],
		["(?:ab|cd)+e", "abcde abc", "[] abc"],
		["x?y", "xy y", "[] []"],
		["^start", "start start", "[] start"],
		["a.c", "abc a\nc", "[] a\nc"],
		["\\u00e9+", "é éé", "[] []"],
	])("%s is accepted", (pattern, text, expected) => {
		expect(text.replace(compilePattern(pattern), "[]")).toBe(expected);
	});

	it.each([
		["(a+)+b", "can both match"],
		["(?:a|b+)*c", "can both match"],
		["(?:a|a)*b", "can both match"],
		["(?:a|ab)(?:a|ab)c", "can both match"],
		["a?a?a?aaa", "can both match"],
		["(?:a?b?)*c", "can both match"],
		["a*a*b", "can both match"],
		["\\d+\\d{4}", "can both match"],
		["[\\w.]+@[\\w.]+\\.com", "can both match"],
		[".*secret", "can both match"],
		["\\w+\\s?\\w+x", "can both match"],
		["(?:a+b)+c", "contains a repetition"],
		["(?:[A-Za-z]+ )+\\d{5}", "contains a repetition"],
		["(?:(?:\\d,){1,3};)+x", "contains a repetition"],
		["(\\d)\\1", "back references"],
		["(?=a)b", "lookahead"],
		["(?<!a)b", "lookbehind"],
		["(", "nvalid"],
		["a{1,500}", "more than 128"],
		["a*", "the empty string"],
		["/a/gs", "only supported flag"],
		["x".repeat(501), "longer than"],
	])("%s is rejected", (pattern, why) => {
		expect(() => compilePattern(pattern)).toThrow(PatternError);
		expect(() => compilePattern(pattern)).toThrow(why);
	});

	// A search that takes quadratic time would exceed the test's time limit by minutes.
	it.each([
		"\\d+-\\d+-\\d+x",
		"[a-z]+\\d+[a-z]{3}\\d?!",
		"(?:ab?){1,20}c",
		"\\b[A-Z]{2}\\d{2}(?: ?\\d{4}){4,7}\\b",
		"[^\\s@]+@corp",
	])("that are accepted search 500 KB of any text in linear time: %s", (source) => {
		const pattern = compilePattern(source);
		for (const piece of ["1", "1-", "a1", "ab", "a", "AB12 ", "AB12 3456 7890 ", "x@", "-"]) {
			piece.repeat(Math.ceil(500_000 / piece.length)).replace(pattern, "");
		}
	});
});
