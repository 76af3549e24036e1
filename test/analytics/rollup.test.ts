import { describe, expect, it } from "vitest";
import { agentOf } from "../../src/analytics/agent.ts";
import { analysis } from "../../src/analytics/analysis.ts";
import { branchAt, numberAt, OTHER, parseCounts } from "../../src/analytics/counts.ts";
import { digest, type Facts } from "../../src/analytics/digest.ts";
import { extract } from "../../src/analytics/extract.ts";
import { addValue, percentileOf, percentiles } from "../../src/analytics/histogram.ts";
import { sumOf } from "../../src/analytics/overview.ts";
import { RATINGS, SECTIONS, VITALS } from "../../src/analytics/rollup.ts";
import { randomFrom } from "../support/random.ts";
import { makeSampleSession, makeTimes } from "../support/sample-sessions.ts";
import { storyChunks } from "../support/story.ts";

const NOON = Date.UTC(2026, 5, 10, 12);
const random = randomFrom(3);

function session(i: number): Facts {
	const path = random.pick(["/a", "/b", "/c", `/only-${i}`]);
	const text = [
		`0s visit ${path} with mail`,
		"1s click #buy · 1.2s click #buy · 1.4s click #buy",
		`3s type mail · 4s scroll ${100 + random.below(3_000)}`,
		`5s tag error {"message":"no ${i} of 5"} · 6s tag ${random.pick(["bought", "left"])}`,
		'7s tag __perf {"metric":"LCP","value":900,"rating":"good"} · 9s visit /end',
	].join(" · ");
	const trail = extract(storyChunks([text], NOON)[0]!, NOON);
	const client = { device: random.pick(["Desktop", "Mobile"] as const), browser: random.pick(["Firefox", "Chrome"]) };
	return digest({ windows: new Map([["w", [trail]]]), client, metadata: {} })[0]!;
}

describe("rollup of a day", () => {
	const facts = Array.from({ length: 40 }, (_, i) => session(i));

	it.each(SECTIONS)("has the same JSON in any order and any portions: %s", (section) => {
		const whole = analysis.sum(section, null, facts);
		const shuffled = facts.toSorted(() => random.below(3) - 1);
		let json: string | null = null;
		for (let i = 0; i < shuffled.length; i += 7) json = analysis.sum(section, json, shuffled.slice(i, i + 7));
		expect(json).toBe(whole);
		expect(whole.length).toBeGreaterThan(20);
	});

	it("loses values of fewer than five sessions when it is anonymized, and keeps the totals", () => {
		for (const section of SECTIONS) {
			const anonymized = analysis.anonymize(section, analysis.sum(section, null, facts));
			expect(anonymized).not.toContain("/only-");
			expect(analysis.anonymize(section, anonymized)).toBe(anonymized);
		}
		const before = parseCounts(analysis.sum("pages", null, facts));
		const after = parseCounts(analysis.anonymize("pages", analysis.sum("pages", null, facts)));
		const total = (counts: typeof before) =>
			Object.keys(counts).reduce((sum, url) => sum + numberAt(branchAt(counts, url), "n"), 0);
		expect(total(after)).toBe(total(before));
		expect(Object.keys(after)).toContain(OTHER);
	});

	it("of fewer than five sessions has no durations and depths when it is anonymized", () => {
		const few = facts.slice(0, 4);
		const overview = parseCounts(analysis.anonymize("overview", analysis.sum("overview", null, few)));
		expect(numberAt(overview, "s")).toBe(4);
		expect(Object.keys(overview)).not.toEqual(expect.arrayContaining(["ms"]));
		expect(overview.h ?? overview.scores ?? overview.lengths).toBeUndefined();
		const pages = parseCounts(analysis.anonymize("pages", analysis.sum("pages", null, facts.slice(0, 8))));
		const end = branchAt(pages, "https://shop.example/end")!;
		// All sessions have a view of this page, without a duration and without scrolling.
		expect([numberAt(end, "n"), end.h, end.bottoms]).toEqual([8, undefined, undefined]);
	});

	it("of sample sessions has no value of fewer than five sessions once it is anonymized, for any device", () => {
		const chance = randomFrom(11);
		const days = new Map<number, Facts[]>();
		for (const at of makeTimes(chance, 600, NOON - 10 * 86_400_000, NOON)) {
			const { batches, cf, userAgent } = makeSampleSession(chance, "https://shop.example", at);
			const client = { ...agentOf(userAgent), ...cf };
			const trails = batches.map(({ events }) => extract(events, NOON));
			for (const it of digest({ windows: new Map([["w", trails]]), client, metadata: batches.at(-1)!.metadata! })) {
				days.set(it.day, [...(days.get(it.day) ?? []), it]);
			}
		}
		/** Returns all texts of a session in the form in which rollups contain them. */
		const wordsOf = (it: Facts) =>
			new Set([...it.details.words, ...Object.values(it.profile), `${it.profile.city}, ${it.profile.country}`]);
		let checked = 0;
		for (const list of days.values()) {
			for (const device of [undefined, "Desktop", "Mobile", "Tablet"]) {
				const some = list.filter(({ profile }) => !device || profile.device === device);
				const sessions = new Map<string, number>();
				for (const it of some) for (const word of wordsOf(it)) sessions.set(word, (sessions.get(word) ?? 0) + 1);
				// Short lower-case words are excluded, because they are also keys of the rollup.
				const isKey = (word: string) => /^[a-z0-9]{0,3}$/.test(word);
				const rare = [...sessions].filter(([word, n]) => n < 5 && !isKey(word)).map(([word]) => word);
				for (const section of SECTIONS) {
					const anonymized = parseCounts(analysis.anonymize(section, analysis.sum(section, null, some)));
					const keys = new Set<string>();
					const walk = (counts: object) => {
						for (const [key, value] of Object.entries(counts)) {
							keys.add(key);
							if (typeof value === "object") walk(value);
						}
					};
					walk(anonymized);
					const vocabulary = new Set<string>([...VITALS, ...RATINGS]);
					expect(rare.filter((word) => keys.has(word) && !vocabulary.has(word))).toEqual([]);
					checked += keys.size;
				}
			}
		}
		expect(checked).toBeGreaterThan(1_000);
	});

	it("stays small enough for a row by merging the rarest values", () => {
		const many = Array.from({ length: 1_500 }, (_, i) => {
			const it = structuredClone(facts[i % facts.length]!);
			it.details.words = it.details.words.map((word) =>
				/^https/.test(word) ? `${word}/${"x".repeat(800)}/${i}` : word,
			);
			return it;
		});
		const common = Array.from({ length: 20 }, () => facts[0]!);
		for (const section of SECTIONS) {
			let json: string | null = null;
			const all = [...common, ...many];
			for (let i = 0; i < all.length; i += 300) json = analysis.sum(section, json, all.slice(i, i + 300));
			expect(json!.length).toBeLessThanOrEqual(400_000);
		}
		const pages = parseCounts(analysis.sum("pages", null, [...common, ...many]));
		expect(numberAt(branchAt(pages, "https://shop.example/end"), "n")).toBe(20);
	});

	it("treats __proto__ like any other key", () => {
		const odd = structuredClone(facts[0]!);
		odd.details.words = odd.details.words.map((word) => (word.endsWith("/end") ? "__proto__" : word));
		odd.profile.entry = "constructor";
		const pages = parseCounts(analysis.sum("pages", null, [odd]));
		expect(numberAt(branchAt(pages, "__proto__"), "n")).toBe(1);
		// The second portion is added to stored JSON that has the key already (first case) or not yet (second case).
		for (const portions of [
			[[odd], [odd]],
			[[facts[0]!], [odd, odd]],
		]) {
			const json = portions.reduce((text: string | null, some) => analysis.sum("pages", text, some), null)!;
			expect(numberAt(branchAt(parseCounts(json), "__proto__"), "n")).toBe(2);
			expect(numberAt(branchAt(sumOf(new Map([[1, parseCounts(json)]])), "__proto__"), "n")).toBe(2);
		}
		expect(branchAt(parseCounts("{}"), "__proto__")).toBeUndefined();
		expect(numberAt(branchAt(parseCounts(analysis.sum("overview", null, [odd])), "entry", "constructor"), "s")).toBe(1);
		expect(({} as { n?: unknown }).n).toBeUndefined();
	});
});

describe("percentiles", () => {
	it("use the nearest rank", () => {
		expect([50, 75, 90].map((p) => percentileOf([1, 2, 3, 4], p))).toEqual([2, 3, 4]);
		expect(percentileOf([7], 50)).toBe(7);
	});

	it("of a histogram are exact below 15, and within 3.4% above", () => {
		for (let value = 0; value < 3_000_000; value = value < 200 ? value + 1 : Math.ceil(value * 1.013)) {
			const histogram = {};
			addValue(histogram, value, 3);
			const [found] = percentiles(histogram, [50]);
			if (value < 15) expect(found).toBe(value);
			else expect(Math.abs(found! - value) / value).toBeLessThan(0.034);
		}
		expect(percentiles({}, [50])).toEqual([null]);
	});

	it("of a histogram are within 3.4% of the exact percentiles", () => {
		const histogram = {};
		for (let value = 1; value <= 1_000; value++) addValue(histogram, value);
		const found = percentiles(histogram, [50, 75, 90]).map(Number);
		const off = [500, 750, 900].map((exact, i) => Math.abs(found[i]! - exact) / exact);
		expect(Math.max(...off)).toBeLessThan(0.034);
	});
});
