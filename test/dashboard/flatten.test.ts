import { describe, expect, it } from "vitest";
import { flatten } from "../../dashboard/state/flatten.ts";

describe("flattened payload", () => {
	it("names nested values by their path", () => {
		const payload = {
			release: "v1",
			request: { path: "/cart", ip: null, params: { id: 7, tags: ["a", 1] } },
			none: {},
		};
		expect(flatten(payload)).toEqual([
			["release", "v1"],
			["request.path", "/cart"],
			["request.ip", "null"],
			["request.params.id", "7"],
			["request.params.tags", '["a",1]'],
			["none", "{}"],
		]);
	});

	it("has no rows for empty values, and one row for a value that is nested too deeply", () => {
		expect(flatten(null)).toEqual([]);
		expect(flatten({})).toEqual([]);
		let deep: unknown = 1;
		for (let i = 0; i < 2_000; i++) deep = { a: deep };
		const rows = flatten(deep);
		expect(rows).toHaveLength(1);
		expect(rows[0]![0]).toBe("a.a.a.a");
	});
});
