import { describe, expect, it } from "vitest";
import { isId, uuidv7 } from "../../src/contract/ids.ts";
import { randomFrom } from "../support/random.ts";

describe("ID", () => {
	it.each<[unknown]>([["a"], ["0"], ["_"], ["-"], ["Az09_-"], ["a".repeat(128)], ["__proto__"]])(
		"accepts %j",
		(value) => expect(isId(value)).toBe(true),
	);

	it.each<[unknown]>(
		[
			...[
				"",
				" ",
				"a b",
				" a",
				"a ",
				"a\n",
				"\na",
				"a\0",
				"a/b",
				"a.b",
				"..",
				"a:b",
				"a%20b",
				"a?",
				"ä",
				"а",
				"٣",
				"a\u200b",
			],
			...["a".repeat(129), 1, 0, Number.NaN, true, null, undefined, [], ["a"], {}, { toString: () => "a" }],
			new String("a"),
		].map((value): [unknown] => [value]),
	)("rejects %j", (value) => expect(isId(value)).toBe(false));
});

describe("UUID version 7", () => {
	const SHAPE = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
	const random = randomFrom(1);
	const bytes = () => Uint8Array.from(random.many(10, () => random.below(256)));

	it("matches the example of RFC 9562, appendix A.6", () => {
		const tail = Uint8Array.of(0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f);
		expect(uuidv7(0x017f22e279b0, tail)).toBe("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
	});

	it("has version and variant for any random bytes, and is a valid ID", () => {
		for (const tail of [new Uint8Array(10), new Uint8Array(10).fill(0xff), ...random.many(200, bytes)]) {
			const uuid = uuidv7(1_790_000_000_000, tail);
			expect(uuid).toMatch(SHAPE);
			expect(isId(uuid)).toBe(true);
		}
	});

	it("keeps all 74 random bits", () => {
		const seen = new Set([uuidv7(1, new Uint8Array(10))]);
		for (let bit = 0; bit < 80; bit++) {
			const tail = new Uint8Array(10);
			tail[bit >> 3] = 1 << (bit & 7);
			seen.add(uuidv7(1, tail));
		}
		expect(seen.size).toBe(75);
	});

	it("sorts by time, down to the millisecond", () => {
		const times = [0, 1, 255, 256, 65_535, 65_536, 1_790_000_000_000, 1_790_000_000_001, 2 ** 48 - 1];
		const uuids = times.map((time) => uuidv7(time, bytes()));
		expect(uuids.toSorted()).toEqual(uuids);
		expect(uuids.map((uuid) => Number.parseInt(uuid.replace("-", "").slice(0, 12), 16))).toEqual(times);
	});

	it("keeps its format for invalid times and for too few bytes", () => {
		for (const time of [-1, 0.5, 1_790_000_000_000.9, 2 ** 48, 1e15]) expect(uuidv7(time, bytes())).toMatch(SHAPE);
		expect(uuidv7(1, new Uint8Array())).toBe("00000000-0001-7000-8000-000000000000");
	});
});
