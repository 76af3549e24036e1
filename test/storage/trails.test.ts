import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { extract } from "../../src/analytics/extract.ts";
import type { Trail } from "../../src/contract/trail.ts";
import { trailOf, trailText } from "../../src/storage/trails.ts";
import { story } from "../support/story.ts";
import { apiJson, batchOf, post, rows } from "../support/worker.ts";

const T = Date.UTC(2026, 5, 10, 12);
const trailFrom = (text: string): Trail => extract(story(text, T), T + 60_000, 0);
const BUY = trailFrom(
	`0s visit /pricing "Prices – größer" from 640 with email · 1s click #buy · 1.2s mutation · 2s type email · 3s scroll 900
	4s tag __web_vital {"metric":"LCP","value":2100,"rating":"good","url":"https://shop.example/pricing"} · 5s tag bought {"sum":3}
	6s tag error {"message":"Boom 17","name":"TypeError","stack":"at a (https://shop.example/a.js:1:2)"} · 7s route /thanks "Thanks"`,
);

describe("a trail as D1 keeps it", () => {
	it("is the same when it is read", () => {
		for (const trail of [BUY, trailFrom("0s move"), { ...BUY, cut: ["clicks"], shift: -7 }]) {
			expect(trailOf(trailText(trail))).toEqual(trail);
		}
		const long = {
			...BUY,
			tags: Array.from({ length: 400 }, (_, i) => [i, `tag ${(i * 7_919) % 997}`, null]),
		} as Trail;
		expect(trailOf(trailText(long))).toEqual(long);
	});

	it("is a good deal less than its JSON, and of a few moves next to nothing", () => {
		expect(trailText(BUY).length).toBeLessThan(JSON.stringify(BUY).length * 0.65);
		const moves = trailFrom("0s move · 3s move · 9s move");
		expect([trailText(moves).length < 80, JSON.stringify(moves).length > 80]).toEqual([true, true]);
	});

	it("is read as it was written by any version before", () => {
		const [small] = [trailFrom("0s visit /")];
		expect(trailOf(JSON.stringify(small))).toEqual(small);
		expect(trailOf(WRITTEN)).toEqual(small);
	});
});

/** What the first version that deflates made of that one: in somebody's D1. */
const WRITTEN = "1Q49sC0MDSyMLAxBAj3aMKIVEIygC0aKOmFgrzsgv0EutSMwtyEnVh/gMEmPmRrhjzCC2FgA=";

describe("a replay", () => {
	it("has the trails of chunks that came before they were deflated", async () => {
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
