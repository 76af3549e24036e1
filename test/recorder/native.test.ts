import { describe, expect, it } from "vitest";
import { arrayFrom } from "../../recorder/native.ts";

describe("arrayFrom", () => {
	it("copies a list with more items than a call can have arguments", () => {
		expect(arrayFrom(new Set(new Array(500_000).keys()))).toHaveLength(500_000);
	});

	it("copies a list without an iterator, and maps it", () => {
		expect(arrayFrom({ length: 2, 0: "a", 1: "b" }, (item, i) => item + i)).toEqual(["a0", "b1"]);
	});
});
