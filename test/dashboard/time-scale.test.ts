import { describe, expect, it } from "vitest";
import { createTimeScale, inactivityEnd, type Span, skipInactivity } from "../../dashboard/state/time-scale.ts";

const MINUTE = 60_000;
/** Ten minutes of inactivity between ten seconds of activity at the start and at the end. */
const INACTIVE: Span[] = [[10_000, 10_000 + 10 * MINUTE]];
const TOTAL = 20_000 + 10 * MINUTE;

describe("time scale", () => {
	it("is linear without long inactivity", () => {
		for (const inactive of [[], [[10, 9_000]] as Span[]]) {
			const { toFraction, toOffset, folded } = createTimeScale(20_000, inactive, 0.1);
			expect([-1, 0, 5_000, 20_000, 30_000].map(toFraction)).toEqual([0, 0, 0.25, 1, 1]);
			expect([-1, 0, 0.25, 1, 2].map(toOffset)).toEqual([0, 0, 5_000, 20_000, 20_000]);
			expect(folded).toEqual([]);
		}
	});

	it("folds a long span of inactivity and leaves the rest of the width to activity", () => {
		const { toFraction, folded } = createTimeScale(TOTAL, INACTIVE, 0.1);
		expect(folded).toEqual(INACTIVE);
		const fractions = [0, 5_000, 10_000, 10_000 + 5 * MINUTE, 10_000 + 10 * MINUTE, TOTAL].map(toFraction);
		for (const [i, fraction] of [0, 0.225, 0.45, 0.5, 0.55, 1].entries()) {
			expect(fractions[i]).toBeCloseTo(fraction, 10);
		}
	});

	it("is monotonic and invertible", () => {
		const inactive: Span[] = Array.from({ length: 40 }, (_, i) => [i * 50_000 + 5_000, i * 50_000 + 16_000 + i * 800]);
		for (const foldWidth of [0, 0.01, 0.1, 0.9]) {
			const { toFraction, toOffset } = createTimeScale(2_000_000, inactive, foldWidth);
			let before = -1;
			for (let offset = 0; offset <= 2_000_000; offset += 1_777) {
				const fraction = toFraction(offset);
				expect(fraction).toBeGreaterThanOrEqual(before);
				before = fraction;
				if (foldWidth) expect(Math.abs(toOffset(fraction) - offset)).toBeLessThan(1);
			}
		}
	});

	it("leaves at least half of the width to activity", () => {
		const inactive: Span[] = Array.from({ length: 40 }, (_, i) => [i * 50_000 + 5_000, i * 50_000 + 50_000]);
		const { toFraction, folded } = createTimeScale(2_000_000, inactive, 0.1);
		const taken = folded.map(([from, to]) => toFraction(to) - toFraction(from));
		expect(taken).toHaveLength(40);
		expect(taken.reduce((sum, share) => sum + share)).toBeCloseTo(0.5, 10);
	});

	it("does not fold a span that would be no wider than its fold", () => {
		expect(createTimeScale(60 * MINUTE, [[10_000, 21_000]], 0.1).folded).toEqual([]);
	});

	it("reaches from 0 to 1 if everything is inactive or the recording is empty", () => {
		expect([0, 50_000, 100_000].map(createTimeScale(100_000, [[0, 100_000]], 0.1).toFraction)).toEqual([0, 0.5, 1]);
		expect(createTimeScale(0, [], 0.1).toFraction(0)).toBe(0);
	});
});

describe("playback", () => {
	it("skips the rest of a long span of inactivity, and plays a short one", () => {
		const inactive: [number, number][] = [
			[1_000, 8_000],
			[20_000, 60_000],
		];
		expect([1_000, 5_000, 20_500, 21_000, 59_000, 60_000].map((at) => inactivityEnd(inactive, at))).toEqual([
			...[null, null, null, 60_000, 60_000, null],
		]);
	});
});

describe("step", () => {
	it.each([
		["within activity has its full length", 1_000, 6_000, 6_000],
		["forward into inactivity ends after it", 6_000, 11_000, 10_000 + 10 * MINUTE],
		["back into inactivity ends before it", 11_000 + 10 * MINUTE, 6_000 + 10 * MINUTE, 10_000],
		["to the edge of inactivity ends there", 5_000, 10_000, 10_000],
	])("%s", (_, from, to, at) => {
		expect(skipInactivity(INACTIVE, from, to)).toBe(at);
	});
});
