import { describe, expect, it } from "vitest";
import { metaFilter, metaOf } from "../../src/contract/filter.ts";

describe("a metadata filter", () => {
	it.each(["plan", "shop:tier", 'a"b', "a\\b", '"', "\\", '\\"', ':"\\:', "a b", "größe", '"x":y', "\\\\"])(
		"keeps the key %j and the value",
		(key) => {
			for (const value of ["x", "", "a:b", '"', "\\", 'y"z']) {
				expect(metaOf(metaFilter(key, value))).toEqual({ key, value });
			}
		},
	);

	it("without a value matches every value of the key", () => {
		expect(metaOf("plan")).toEqual({ key: "plan", value: null });
		expect(metaOf('"shop:tier"')).toEqual({ key: "shop:tier", value: null });
	});

	it("that is not valid JSON is taken as a key", () => {
		expect(metaOf('"\\x":y')).toEqual({ key: '"\\x":y', value: null });
	});
});
