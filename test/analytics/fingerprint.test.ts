import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fingerprintText, firstChars, type Normalize } from "../../src/analytics/fingerprint.ts";

function hash(
	exceptionClass: string,
	backtrace: string[],
	platform: string | null = null,
	own: Record<string, Normalize> = {},
) {
	const text = fingerprintText({ project: "app", exceptionClass, backtrace, platform }, undefined, own);
	return createHash("sha256").update(text).digest("hex").slice(0, 40);
}

describe("fingerprint", () => {
	it.each([
		["RuntimeError", ["app/x.rb:14:in `f'"], null, "3302fc60d3c1842e08da322c36857c46c8baa230"],
		["RuntimeError", ["app/x.rb:88:in `f'"], null, "3302fc60d3c1842e08da322c36857c46c8baa230"],
		[
			"RuntimeError",
			["/srv/app/models/user.rb:42:in 'User#save'", "/srv/app/controllers/u.rb:7"],
			"ruby",
			"62001e7fb4bc83716a6f6f4045cb11891ca01420",
		],
		["RuntimeError", ["src/app.cr:451 in 'a'"], "crystal", "82c6a640c73bdcd10ec3334aca0bdb47363d7041"],
		["RuntimeError", ["src/app.cr:5:3 in 'a'"], "crystal", "82c6a640c73bdcd10ec3334aca0bdb47363d7041"],
		["E", [], null, "e5c31d5ae488a8e6b253661470a745ef008cc0cc"],
	])("of %s %j (%s) equals Sentiero's", (exceptionClass, frames, platform, expected) => {
		expect(hash(exceptionClass, frames, platform)).toBe(expected);
	});

	it("ignores line numbers and addresses only", () => {
		expect(hash("E", ["a.rb:1:in `x' 0xAB12"])).toBe(hash("E", ["a.rb:9:in `x' 0xff"]));
		expect(hash("E", ["a.rb:1:in `step_1'"])).not.toBe(hash("E", ["a.rb:1:in `step_2'"]));
		expect(hash("E", ["a.rb:1:in `V2::Api'"])).not.toBe(hash("E", ["a.rb:1:in `V3::Api'"]));
		expect(hash("E", ["a.rb:1"])).not.toBe(hash("F", ["a.rb:1"]));
		expect(hash("E", ["src/a.cr:5:3 in 'a'"])).not.toBe(hash("E", ["src/a.cr:6:3 in 'a'"]));
		expect(hash("E", ["at f (a.js:10:5)"], "node")).toBe(hash("E", ["at f (a.js:11:9)"], "node"));
		expect(hash("E", ["a.go:10"], "go")).toBe(hash("E", ["a.go:12"], "go"));
	});

	it("uses the first five frames", () => {
		const frames = ["a:1", "b:1", "c:1", "d:1", "e:1"];
		expect(hash("E", [...frames, "f:1"])).toBe(hash("E", [...frames, "g:1"]));
	});

	it("uses custom normalizers, and ignores those that fail", () => {
		const own: Record<string, Normalize> = {
			go: (frame) => frame.replace(/\+0x.*/, ""),
			bad: () => {
				throw new Error("no");
			},
			deep: (frame) => own.deep!(`${frame}.`),
			wide: (frame) => frame.repeat(100_000),
		};
		expect(hash("E", ["main.go +0x1"], "go", own)).toBe(hash("E", ["main.go +0x2"], "go", own));
		expect(hash("E", ["a:1"], "bad", own)).not.toBe(hash("E", ["a:2"], "bad", own));
		expect(hash("E", ["a:1"], "deep", own)).not.toBe(hash("E", ["a:2"], "deep", own));
		expect(fingerprintText({ project: "p", exceptionClass: "E", backtrace: ["ab"], platform: "wide" }, "", own)).toBe(
			`p\nE\n${"ab".repeat(500)}`,
		);
	});

	// Quadratic time would exceed the test's time limit.
	it("takes linear time for hostile frames", () => {
		hash("E", [`0x${"a".repeat(1_000_000)}`, `${":1".repeat(500_000)}x`, `${"\0".repeat(1_000_000)}x`]);
	});

	it("does not split surrogate pairs", () => {
		expect(firstChars("a😀b", 2)).toBe("a😀");
		expect(firstChars("ab", 2)).toBe("ab");
	});
});
