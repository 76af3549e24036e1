import { describe, expect, it } from "vitest";
import { flatten } from "../../dashboard/state/flatten.ts";

describe("what a server said, as rows", () => {
	it("names what is nested by its path", () => {
		const said = { release: "v1", request: { path: "/cart", ip: null, params: { id: 7, tags: ["a", 1] } }, none: {} };
		expect(flatten(said)).toEqual([
			["release", "v1"],
			["request.path", "/cart"],
			["request.ip", "null"],
			["request.params.id", "7"],
			["request.params.tags", '["a",1]'],
			["none", "{}"],
		]);
	});

	it("has none for nothing, and one for what is nested too deep", () => {
		expect(flatten(null)).toEqual([]);
		expect(flatten({})).toEqual([]);
		let deep: unknown = 1;
		for (let i = 0; i < 2_000; i++) deep = { a: deep };
		const rows = flatten(deep);
		expect(rows).toHaveLength(1);
		expect(rows[0]![0]).toBe("a.a.a.a");
	});
});
