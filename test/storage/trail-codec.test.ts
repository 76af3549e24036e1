import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { extract } from "../../src/analytics/extract.ts";
import type { Trail } from "../../src/contract/trail.ts";
import { parseTrail, serializeTrail } from "../../src/storage/trail-codec.ts";
import { story } from "../support/story.ts";
import { apiJson, batchOf, post, rows } from "../support/worker.ts";

const T = Date.UTC(2026, 5, 10, 12);
const trailFrom = (text: string): Trail => extract(story(text, T), T + 60_000, 0);
const PURCHASE = trailFrom(
	`0s visit /pricing "Prices – größer" from 640 with email · 1s click #buy · 1.2s mutation · 2s type email · 3s scroll 900
	4s tag __web_vital {"metric":"LCP","value":2100,"rating":"good","url":"https://shop.example/pricing"} · 5s tag bought {"sum":3}
	6s tag error {"message":"Boom 17","name":"TypeError","stack":"at a (https://shop.example/a.js:1:2)"} · 7s route /thanks "Thanks"`,
);

describe("trail codec", () => {
	it("round-trips trails", () => {
		for (const trail of [PURCHASE, trailFrom("0s move"), { ...PURCHASE, cut: ["clicks"], shift: -7 }]) {
			expect(parseTrail(serializeTrail(trail))).toEqual(trail);
		}
		const long = {
			...PURCHASE,
			tags: Array.from({ length: 400 }, (_, i) => [i, `tag ${(i * 7_919) % 997}`, null]),
		} as Trail;
		expect(parseTrail(serializeTrail(long))).toEqual(long);
	});

	it("is much smaller than JSON, even for a trail of a few moves", () => {
		expect(serializeTrail(PURCHASE).length).toBeLessThan(JSON.stringify(PURCHASE).length * 0.65);
		const moves = trailFrom("0s move · 3s move · 9s move");
		expect([serializeTrail(moves).length < 80, JSON.stringify(moves).length > 80]).toEqual([true, true]);
	});

	it("reads trails written by earlier versions", () => {
		expect(parseTrail(JSON.stringify(FULL_TRAIL))).toEqual(FULL_TRAIL);
		expect(parseTrail(FIRST_ENCODING)).toEqual(FULL_TRAIL);
	});
});

/** A trail that uses every list, and so every entry of the preset dictionary. */
const FULL_TRAIL: Trail = {
	...{ v: 1, from: T, to: 9_000, shift: -7, skew: 1_200, sums: [1, 2, 1], answer: 0, snapshots: [20] },
	types: { "0": 1, "1": 1, "2": 1, "3": 27, "4": 1, "5": 6 },
	bursts: [[0, 5_084]],
	pages: [
		[0, "https://www.shop.example/search?q=tent", "Search", 390, 844, 0, "load"],
		[7, "/", null, 1280, 900, 0, "route"],
	],
	clicks: [
		[11, 59, 57, 2, 22, "button.btn", null],
		[12, 5, 6, 2, 30, "input#email", -1, "control"],
		[13, 5, 6, 2, null, "a.next", 2, "download"],
		[14, 5, 6, 2, 1, 'select[name="size"]', 2, "selection"],
		[15, 5, 6, 2, 1, "textarea#note", 2, "media"],
	],
	scrolls: [[662, 1, 560]],
	fields: [
		[0, 30, "name"],
		[0, 36, "password (password)"],
	],
	inputs: [[0, 30, "name", 1_227, 1_227, 1]],
	submits: [[2_599, null, "signup-form", "https://shop.example/signup"]],
	links: [[5_077, "https://shop.example/signup", "Sign up", 0]],
	vitals: [
		[9, "LCP", 348, "good", "https://shop.example/"],
		[9, "INP", 700, "poor", null],
		[9, "CLS", 0.2, "needs-improvement", null],
	],
	errors: [
		[
			8,
			"Uncaught TypeError: Cannot read properties of undefined (reading 'sum')",
			"TypeError",
			"TypeError: no\n    at pay (a.js:1:2)",
			null,
			null,
		],
	],
	tags: [
		[4_810, "add_to_cart", '{"items":2,"price":34}'],
		[4_811, "left", null],
	],
	hidden: [
		[3, 1],
		[4, 0],
	],
	failed: [
		[5, "img", "https://shop.example/a.png"],
		[6, "script", "https://shop.example/a.js"],
	],
	limits: [[6, 9_000, 2_000]],
	costs: [[7, 12, 4, 0, 900, 0]],
	cut: ["clicks"],
};

/** `FULL_TRAIL` as encoded by the first version with compression. Databases may still contain such rows. */
const FIRST_ENCODING =
	"1pZZRb4IwEMe/iunLZnJzvUIp9Wv4iMawyZxGgQxM3BK/+3JtgVbRPYwHAuFKcnf//+/uutkpci1STpdtuzZPDgQvqmMDCs69ZguSq9+omzr/IQT1QAmSpzElMdZ88nnzWdWz4pwf60MxOL21ql6Y9xGBQKaAvdqaBlpxIAm0gQhSg1QgQAwyeWtL1lkLBUhIQEDEO6VYi8ML+tjKMHKBlhr5rCzOLSPxefTLMHZR2AHQQmvJmt1PsWQrc8JHY4ZyONIzrazawoQ6nIZaSBKKlonRiA+tqKcSQShKqPiWXwHJrpDVnwIUQrnbKoSlkFq71JvdtjzVHTa7jobdNCGhviVX6nE4sMVuW07oyWQ2OFY7y0ZxeuOi4E+UuHbuUyR1C07XbN27VYyytPPpAO8U2P+naHM6Pk3vj9Ky6odpnX9PnvPZvpnjXEydyK9nR5wiB5ZvNuu2Wr/nX2QXb4YIb4hE8YUqEqeIwA7Fh5fjsDxEZmbFtubDviHBbRyjhc5ndbmlfyf9SnI3ct+wcLFJwOBJcM6D9Ye0B+R1Y2nzyS5JztGryy8=";

describe("replay and analytics", () => {
	it("read trails stored as JSON by earlier versions", async () => {
		await post(
			batchOf({ sessionId: "old", windowId: "w", events: story("0s visit / · 2s click #buy", Date.now() - 9_000) }),
		);
		const trails = async () => (await apiJson<{ chunks: unknown }>("/sessions/old/windows/w/trail")).chunks;
		const now = await trails();
		const [{ trail }] = (await rows("chunks")) as [{ trail: string }];
		await env.DB.prepare("UPDATE chunks SET trail = ?1").bind(trail).run();
		expect(await env.DB.prepare("SELECT json_valid(trail) AS it FROM chunks").first("it")).toBe(1);
		expect(await trails()).toEqual(now);
		const { totals } = await apiJson<{ totals: object }>("/analytics/overview");
		expect(totals).toMatchObject({ sessions: 1, clicks: 1 });
	});
});
