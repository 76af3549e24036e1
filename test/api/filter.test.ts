import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { metaFilter } from "../../src/contract/filter.ts";
import { tick } from "../../src/cron/index.ts";
import { story } from "../support/story.ts";
import { apiJson, batchOf, envWith, post, report } from "../support/worker.ts";

const NOW = Date.UTC(2026, 5, 10, 12);
const MINUTE = 60_000;
const PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1";
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

interface Visitor {
	agent: string;
	cf: Partial<IncomingRequestCfProperties>;
	story: string;
	metadata: Record<string, unknown>;
}

/** Two visitors. Some of their values also occur in other fields or in stored JSON, where a filter must not match. */
const VISITORS: Record<string, Visitor> = {
	anna: {
		agent: PHONE,
		cf: { country: "DE", city: "Berlin" },
		story: "0s visit /pricing · 5s click #buy · 5.2s mutation · 8s tag bought · 60s visit /docs/ · 90s move",
		metadata: {
			user_id: "u-1",
			utm_source: "mail",
			utm_medium: "email",
			utm_campaign: "june",
			plan: "gold",
			vip: true,
		},
	},
	ben: {
		agent: FIREFOX,
		cf: { country: "NZ", city: "Perth" },
		story:
			'0s visit / · 1s click 10,20 · 1.1s click 10,20 · 1.2s click 10,20 · 2s tag error {"message":"404"} · 3s tag left',
		metadata: {
			...{ user_id: "u-2", entry_referrer: "https://news.example/today", plan: "gold:plus" },
			...{ "shop:tier": "a:b", padded: " x ", 'size "EU"\\': "42" },
		},
	},
};

beforeEach(async () => {
	vi.useFakeTimers({ toFake: ["Date"], now: NOW });
	for (const [sessionId, { agent, cf, story: text, metadata }] of Object.entries(VISITORS)) {
		const batch = batchOf({ sessionId, windowId: "w", events: story(text, NOW - 5 * MINUTE), metadata });
		await post(batch, { headers: { "user-agent": agent }, cf });
	}
	const mark = (sid: string, changes: object) =>
		apiJson(`/sessions/${sid}/mark`, {
			...{ method: "PUT", body: JSON.stringify(changes), headers: { "content-type": "application/json" } },
		});
	await mark("anna", { starred: true, viewed: true, labels: ["größe", "other"] });
	await mark("ben", { labels: ["to do"] });
});
afterEach(() => void vi.useRealTimers());

async function settle(minutes = 60) {
	vi.setSystemTime(NOW + minutes * MINUTE);
	for (let i = 0; i < 3; i++) await tick(envWith(), NOW + (minutes + i) * MINUTE);
}

const ANNA = [
	...["page=/docs/"],
	...["device=Mobile", "browser=Safari", "os=iOS", "country=DE", "city=Berlin", "city=Berlin,%20DE", "user=u-1"],
	...["page=https://shop.example/pricing", "page=/pricing", "clicked=%23buy", "tag=bought", "q=gOlD&tag=bought"],
	...["duration=60", "duration=60-120", "entry=https://shop.example/pricing"],
	...[
		"source=mail",
		"medium=email",
		"campaign=june",
		"referrer=(direct%20/%20none)",
		"meta=plan:gold",
		"meta=vip:true",
	],
	...["meta=vip", "device=Mobile&country=DE&source=mail", "starred=true", "label=gr%C3%B6%C3%9Fe", "viewed=true"],
];
const BEN = [
	...["page=/", "error=%23", "error=404", "frustrated=true", "meta=%22shop:tier%22:a:b", "meta=%22shop:tier%22"],
	...[
		`meta=${encodeURIComponent(metaFilter('size "EU"\\', "42"))}`,
		"meta=padded:%20x%20",
		"duration=0-60&errors=true",
	],
	...[
		"errors=true",
		"score=20",
		"score=20-90",
		"duration=0-60",
		"referrer=news.example",
		"referrer=https://news.example/today",
		"country=NZ",
	],
	...["meta=plan:gold:plus", "page=https://shop.example/", "viewed=false", "label=to%20do"],
];
const NOBODY = [
	...["tag=list", "tag=words", "tag=load", "tag=%23buy", "tag=https://shop.example/", "clicked=bought", "clicked=list"],
	...["page=bought", "page=/docs", "page=/shop.example/", "error=%23buy", "error=40%23x", "error=Unknown%20error"],
	...[
		"referrer=ws.example",
		"referrer=news",
		"referrer=news.example/today",
		"referrer=https://news.example",
		"meta=shop:tier:a:b",
		"meta=padded:x",
	],
	...["device=Tablet", "device=nonsense", "country=DE&source=none", "user=u", "page=/pric", "page=/ricing", "tag=boug"],
	...[
		"duration=600",
		"duration=30-60",
		"score=98-100",
		"score=100",
		"entry=https://shop.example/pric",
		"referrer=ews.example",
		"meta=plan:gol",
		"meta=none",
	],
	...["clicked='--", "q=%25", "country=DE&errors=true", "label=gr", "label=bug", "starred=true&viewed=false"],
];
const BOTH = [
	"",
	"errors=1",
	"duration=soon",
	"score=-1",
	"unknown=1",
	"country=%20",
	"meta=plan",
	"q=gold",
	"starred=false",
	"viewed=maybe",
	"duration=1",
	"score=0-100",
];

const CASES = [
	...ANNA.map((query) => [query, ["anna"]] as const),
	...BEN.map((query) => [query, ["ben"]] as const),
	...NOBODY.map((query) => [query, []] as const),
	...BOTH.map((query) => [query, ["anna", "ben"]] as const),
];
const listed = async (query: string) =>
	(await apiJson<{ sessions: { id: string }[] }>(`/sessions?${query}`)).sessions.map(({ id }) => id).sort();
const counted = async (query: string) =>
	(await apiJson<{ totals: { sessions: number } }>(`/analytics/overview?${query}`)).totals.sessions;
const ranked = async (query: string) =>
	(await apiJson<{ sessions: { sessionId: string }[] }>(`/analytics/engagement?${query}`)).sessions
		.map(({ sessionId }) => sessionId)
		.sort();
const exported = async (query: string) =>
	(await apiJson<{ session_id: string }[]>(`/analytics/export/sessions?format=json&${query}`))
		.map(({ session_id: id }) => id)
		.sort();
const reached = async (query: string) =>
	(await apiJson<{ result: { sessions: number } }>(`/analytics/conversions?goal=tag:bought&${query}`)).result.sessions;

/**
 * Checks that the list and every report find the same sessions, both live and settled.
 * @param cases queries, each with the IDs of the sessions that match
 */
async function expectMatches(cases: readonly (readonly [string, readonly string[]])[]) {
	for (const isSettled of [false, true]) {
		if (isSettled) await settle();
		for (const [query, ids] of cases) {
			const label = `${query} of ${isSettled ? "settled" : "live"} sessions`;
			expect(await listed(query), label).toEqual(ids);
			expect(await counted(query), label).toBe(ids.length);
			expect(await ranked(query), label).toEqual(ids);
			expect(await exported(query), label).toEqual(ids);
			expect(await reached(query), label).toBe(ids.length);
		}
	}
}

describe("a filter", () => {
	// The timeout allows for a thousand requests.
	it("matches the same sessions in the list and in every report, live and settled", {
		timeout: 30_000,
	}, async () => {
		await expectMatches(CASES);
	});

	it("matches the same sessions in the metadata and retention reports", async () => {
		for (const isSettled of [false, true]) {
			if (isSettled) await settle();
			const { keys } = await apiJson<{ keys: { key: string }[] }>(
				"/analytics/metadata?clicked=%23buy&entry=https://shop.example/pricing",
			);
			expect(keys.map(({ key }) => key)).toContain("vip");
			expect(keys.map(({ key }) => key)).not.toContain("shop:tier");
			const people = async (query: string) =>
				(await apiJson<{ cohorts: { people: number }[] }>(`/analytics/retention?${query}`)).cohorts.length;
			expect([await people("error=404"), await people("tag=nothing")]).toEqual([1, 0]);
		}
	});

	it("finds new events of a settled session at once in the list, and in reports once it is settled again", async () => {
		await settle();
		vi.setSystemTime(NOW + 70 * MINUTE);
		const events = story("0s visit /terms · 5s click #again", NOW + 69 * MINUTE);
		await post(batchOf({ sessionId: "anna", windowId: "w", seq: 1, events }));
		expect(await listed("clicked=%23again&page=/pricing")).toEqual(["anna"]);
		expect(await counted("clicked=%23again")).toBe(0);
		await settle(120);
		expect([await listed("clicked=%23again"), await counted("clicked=%23again")]).toEqual([["anna"], 1]);
	});

	it("finds old sessions that are not settled, unless the list's period excludes them", async () => {
		vi.setSystemTime(NOW + 3 * 24 * 60 * MINUTE);
		expect(await listed("clicked=%23buy&page=/docs/")).toEqual(["anna"]);
		expect(await listed("clicked=%23buy&since=2026-06-10&until=2026-06-10")).toEqual(["anna"]);
		expect(await listed("clicked=%23buy&until=2026-06-01")).toEqual([]);
		expect(await listed("clicked=%23buy&live=true")).toEqual([]);
	});

	it("reports when there are more live sessions than it checks", async () => {
		const isCut = async (query: string) =>
			(await apiJson<{ isOpenCut: boolean }>(`/sessions/totals?${query}`)).isOpenCut;
		expect(await isCut("clicked=%23buy")).toBe(false);
		await env.DB.exec(
			`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
			INSERT INTO sessions (project, id, started_at, last_at, received_at, windows, chunks, events, bytes, pages, clicks,
				errors, first_stamp, client, metadata)
			SELECT project, 'copy-' || i, started_at - i, last_at, received_at, windows, chunks, events, bytes, pages, clicks,
				errors, first_stamp, client, metadata FROM sessions, n WHERE id = 'anna'`.replaceAll("\n", " "),
		);
		expect([await isCut("clicked=%23buy"), await isCut("country=DE")]).toEqual([true, false]);
		expect(await isCut("clicked=%23buy&until=2026-06-01")).toBe(false);
		expect(await apiJson("/sessions?clicked=%23buy")).toMatchObject({ isOpenCut: true });
	});

	it("distinguishes browser errors and server errors, everywhere", async () => {
		const events = story("0s visit /checkout · 4s tag bought", NOW - 5 * MINUTE);
		await post(batchOf({ sessionId: "carl", windowId: "w", events }));
		await report("/errors", { exception_class: "Timeout", message: "no answer", session_id: "carl" });
		const cases = [
			["errors=true", ["ben", "carl"]],
			["errors=browser", ["ben"]],
			["errors=server", ["carl"]],
			["errors=elsewhere", ["anna", "ben", "carl"]],
			["errors=server&page=/checkout", ["carl"]],
			["errors=server&errors=true&device=Mobile", []],
		] as const;
		await expectMatches(cases);
	});

	it("covers both days of a session over midnight", async () => {
		const midnight = Date.UTC(2026, 5, 10);
		const text = "0s visit /night · 1s tag late · 20s visit /morning · 30s click #tea · 31s move";
		await post(batchOf({ sessionId: "late", windowId: "w", events: story(text, midnight - 10_000) }));
		await settle();
		const overview = await apiJson<{ totals: { views: number } }>("/analytics/overview?tag=late");
		expect(overview.totals.views).toBe(2);
	});

	it("finds live sessions, and returns the fields of the list", async () => {
		expect(await listed("live=true")).toEqual(["anna", "ben"]);
		await settle();
		expect(await listed("live=true")).toEqual([]);
		const { sessions } = await apiJson<{
			sessions: { id: string; score: number; snapshots: number; userId: string }[];
		}>("/sessions?sort=score");
		expect(sessions.map(({ id, snapshots, userId }) => [id, snapshots, userId])).toEqual([
			["ben", 1, "u-2"],
			["anna", 2, "u-1"],
		]);
		expect(sessions[0]!.score).toBeGreaterThan(sessions[1]!.score);
	});
});
