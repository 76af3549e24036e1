import { describe, expect, it } from "vitest";
import { createTimeScale, inactivityEnd, type Span, skipInactivity } from "../../dashboard/state/time-scale.ts";

const MINUTE = 60_000;
/** A minute of which something happens in the first and last ten seconds, and ten minutes of nothing between. */
const QUIET: Span[] = [[10_000, 10_000 + 10 * MINUTE]];
const TOTAL = 20_000 + 10 * MINUTE;

describe("the line of a recording", () => {
	it("is straight where nothing is quiet, or not for long", () => {
		for (const quiet of [[], [[10, 9_000]] as Span[]]) {
			const { toFraction: placeOf, toOffset: offsetOf, folded } = createTimeScale(20_000, quiet, 0.1);
			expect([-1, 0, 5_000, 20_000, 30_000].map(placeOf)).toEqual([0, 0, 0.25, 1, 1]);
			expect([-1, 0, 0.25, 1, 2].map(offsetOf)).toEqual([0, 0, 5_000, 20_000, 20_000]);
			expect(folded).toEqual([]);
		}
	});

	it("gives a long quiet span a piece, and the rest to what happened", () => {
		const { toFraction: placeOf, folded } = createTimeScale(TOTAL, QUIET, 0.1);
		expect(folded).toEqual(QUIET);
		const places = [0, 5_000, 10_000, 10_000 + 5 * MINUTE, 10_000 + 10 * MINUTE, TOTAL].map(placeOf);
		for (const [i, place] of [0, 0.225, 0.45, 0.5, 0.55, 1].entries()) expect(places[i]).toBeCloseTo(place, 10);
	});

	it("leads back to the moment it came from, and never backwards", () => {
		const quiet: Span[] = Array.from({ length: 40 }, (_, i) => [i * 50_000 + 5_000, i * 50_000 + 16_000 + i * 800]);
		for (const piece of [0, 0.01, 0.1, 0.9]) {
			const { toFraction: placeOf, toOffset: offsetOf } = createTimeScale(2_000_000, quiet, piece);
			let before = -1;
			for (let offset = 0; offset <= 2_000_000; offset += 1_777) {
				const place = placeOf(offset);
				expect(place).toBeGreaterThanOrEqual(before);
				before = place;
				if (piece) expect(Math.abs(offsetOf(place) - offset)).toBeLessThan(1);
			}
		}
	});

	it("leaves half of itself to what happened, however much is quiet", () => {
		const quiet: Span[] = Array.from({ length: 40 }, (_, i) => [i * 50_000 + 5_000, i * 50_000 + 50_000]);
		const { toFraction: placeOf, folded } = createTimeScale(2_000_000, quiet, 0.1);
		const taken = folded.map(([from, to]) => placeOf(to) - placeOf(from));
		expect(taken).toHaveLength(40);
		expect(taken.reduce((sum, share) => sum + share)).toBeCloseTo(0.5, 10);
	});

	it("does not make room for what takes no more than a piece", () => {
		expect(createTimeScale(60 * MINUTE, [[10_000, 21_000]], 0.1).folded).toEqual([]);
	});

	it("has ends when all of it is quiet, or nothing is there", () => {
		expect([0, 50_000, 100_000].map(createTimeScale(100_000, [[0, 100_000]], 0.1).toFraction)).toEqual([0, 0.5, 1]);
		expect(createTimeScale(0, [], 0.1).toFraction(0)).toBe(0);
	});
});

describe("playing", () => {
	it("passes over the rest of a long quiet span once it is in it, and stays in a short one", () => {
		const quiet: [number, number][] = [
			[1_000, 8_000],
			[20_000, 60_000],
		];
		expect([1_000, 5_000, 20_500, 21_000, 59_000, 60_000].map((at) => inactivityEnd(quiet, at))).toEqual([
			...[null, null, null, 60_000, 60_000, null],
		]);
	});
});

describe("a step", () => {
	it.each([
		["in what happens", 1_000, 6_000, 6_000],
		["into the quiet, on", 6_000, 11_000, 10_000 + 10 * MINUTE],
		["into the quiet, back", 11_000 + 10 * MINUTE, 6_000 + 10 * MINUTE, 10_000],
		["to its edge", 5_000, 10_000, 10_000],
	])("%s", (_, from, to, at) => {
		expect(skipInactivity(QUIET, from, to)).toBe(at);
	});
});
