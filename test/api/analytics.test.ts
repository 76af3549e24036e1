import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { tick } from "../../src/cron/index.ts";
import { csvCell } from "../../src/http/table.ts";
import { story } from "../support/story.ts";
import { api, apiJson, batchOf, dbWith, envWith, post } from "../support/worker.ts";

const NOW = Date.UTC(2026, 5, 10, 12);
const MINUTE = 60_000;
const DAY = 86_400_000;
const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1";
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SITE = "https://shop.example";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => void vi.useRealTimers());

async function visit(sessionId: string, at: number, text: string, options: { agent?: string; metadata?: object } = {}) {
	vi.setSystemTime(at + MINUTE);
	const batch = batchOf({ sessionId, windowId: "w", events: story(text, at), metadata: { ...options.metadata } });
	const headers = options.agent ? { "user-agent": options.agent } : undefined;
	await post(batch, { headers });
	vi.setSystemTime(NOW);
}

/** Settles and sums up what has been silent. */
async function upkeep(ticks = 4) {
	const at = NOW + 60 * MINUTE;
	vi.setSystemTime(at);
	for (let i = 0; i < ticks; i++) await tick(envWith(), at + i * MINUTE);
}

const BUY = "0s visit / · 5s visit /product · 6s click #buy · 6.2s mutation · 8s tag bought";
const LOOK = "0s visit / · 4s scroll 800 · 20s visit /help · 25s click #dead · 40s move";

async function threeVisits() {
	await visit("buyer", NOW - 3 * DAY, BUY, {
		metadata: { utm_source: "mail", entry_referrer: "https://mail.example/" },
	});
	await visit("looker", NOW - 2 * DAY, LOOK, { agent: IPHONE });
	await visit("short", NOW - 2 * DAY, '0s visit / · 1s tag error {"message":"no 1"} · 2s move');
}

describe("the overview", () => {
	it.each(["live", "settled", "summed up"])("has every number right, of sessions that are %s", async (state) => {
		await threeVisits();
		// The first tick sums up the oldest day.
		if (state === "settled") await upkeep(1);
		else if (state === "summed up") await upkeep();
		else vi.setSystemTime(NOW - 2 * DAY + 2 * MINUTE);
		const found = await apiJson<Record<string, unknown>>("/analytics/overview?since=2026-06-05&until=2026-06-10");
		expect(found.totals).toEqual({
			...{
				sessions: 3,
				events: expect.any(Number),
				views: 5,
				clicks: 2,
				errors: 1,
				rageClicks: 0,
				deadClicks: 1,
				rages: 0,
				deads: 1,
			},
			...{ errored: 1, frustrated: 1, bounces: 1, meanDurationMs: 16_667, medianDurationMs: expect.any(Number) },
			...{ meanActiveMs: expect.any(Number), errorFree: 66.7, bounceRate: 33.3 },
		});
		expect(found).toMatchObject({
			lengths: [2, 1, 0, 0, 0],
			values: {
				device: [{ value: "Mobile", sessions: 1, errored: 0 }],
				entry: [{ value: `${SITE}/`, sessions: 3, errored: 1 }],
				referrer: [{ value: "https://mail.example/", sessions: 1 }],
				source: [{ value: "mail", sessions: 1 }],
			},
			tags: [{ name: "bought", count: 1, sessions: 1 }],
			isCut: false,
		});
		const series = found.series as { label: string; sessions: number; views: number }[];
		const days = series.map(({ label, sessions, views }) => `${label} ${sessions} ${views}`);
		expect(days.slice(0, 4)).toEqual(["2026-06-05 0 0", "2026-06-06 0 0", "2026-06-07 1 2", "2026-06-08 2 3"]);
		expect(days).toHaveLength(state === "live" ? 4 : 6);
	});

	it("compares with as many days before, and says nothing where there were none", async () => {
		await threeVisits();
		await upkeep();
		const deltas = async (query: string) => (await apiJson<{ deltas: object }>(`/analytics/overview?${query}`)).deltas;
		expect(await deltas("since=2026-06-08&until=2026-06-08")).toEqual({
			...{ sessions: 100, views: 50, events: expect.any(Number), errorFree: -50 },
		});
		expect(await deltas("since=2026-06-07&until=2026-06-07")).toMatchObject({ sessions: null, errorFree: null });
	});

	it("tells long periods by ISO weeks", async () => {
		const { series } = await apiJson<{ series: { label: string }[] }>(
			"/analytics/overview?since=2026-01-01&until=2026-06-10",
		);
		expect(series.map(({ label }) => label).slice(0, 2)).toEqual(["2026-W01", "2026-W02"]);
		expect(series).toHaveLength(24);
	});

	it("tells a day or two by hours, as long as they are known", async () => {
		await visit(
			"a",
			Date.UTC(2026, 5, 9, 23, 58),
			'0s visit / · 1s tag error {"message":"no"} · 150s visit /b · 151s move',
		);
		const hours = async () => {
			const { series } = await apiJson<{
				series: { label: string; sessions: number; views: number; errors: number }[];
			}>("/analytics/overview?since=2026-06-09&until=2026-06-10");
			return series
				.filter((it) => it.sessions + it.views + it.errors > 0)
				.map((it) => `${it.label} ${it.sessions} ${it.views} ${it.errors}`);
		};
		const expected = ["2026-06-09T23 1 1 1", "2026-06-10T00 0 1 0"];
		vi.setSystemTime(NOW - 11 * 60 * MINUTE);
		expect(await hours()).toEqual(expected);
		await upkeep();
		expect(await hours()).toEqual(expected);
	});

	it("has the most frequent errors, whatever their numbers are, and leads to their sessions", async () => {
		await visit("a", NOW - DAY, '0s visit / · 1s tag error {"message":"Item 12 is gone"} · 2s move');
		await visit("b", NOW - DAY, '0s visit / · 1s tag error {"message":"Item 7 is gone"} · 2s move');
		await visit("c", NOW - DAY, '0s visit / · 1s tag error {"message":"Other"} · 2s move');
		for (const state of ["live", "settled"]) {
			if (state === "live") vi.setSystemTime(NOW - DAY + 2 * MINUTE);
			else await upkeep();
			const { issues } = await apiJson<{ issues: { message: string }[] }>("/analytics/overview");
			expect(issues).toEqual([
				{ message: "Item # is gone", count: 2, sessions: 2 },
				{ message: "Other", count: 1, sessions: 1 },
			]);
			const { sessions } = await apiJson<{ sessions: { id: string }[] }>(
				`/sessions?error=${encodeURIComponent(issues[0]!.message)}`,
			);
			expect(sessions.map(({ id }) => id).sort()).toEqual(["a", "b"]);
		}
	});

	it("has all of them in a list of their own, with the day that each was last seen", async () => {
		await visit("a", NOW - 2 * DAY, '0s visit / · 1s tag error {"message":"Item 12 is gone"} · 2s move');
		await visit("b", NOW - DAY, '0s visit / · 1s tag error {"message":"Item 7 is gone"} · 2s move');
		await visit("c", NOW - 2 * DAY, '0s visit / · 1s tag error {"message":"Other"} · 2s move');
		for (const state of ["open", "summed up"]) {
			if (state === "summed up") await upkeep();
			const ask = (query: string) =>
				apiJson<{ issues: object[]; more: boolean; isCut: boolean }>(
					`/analytics/browser-issues?until=2026-06-10&${query}`,
				);
			expect(await ask("since=2026-06-05")).toMatchObject({
				issues:
					state === "open"
						? [{ message: "Item # is gone", count: 1, sessions: 1, lastDay: 20260609 }]
						: [
								{ message: "Item # is gone", count: 2, sessions: 2, lastDay: 20260609 },
								{ message: "Other", count: 1, sessions: 1, lastDay: 20260608 },
							],
				more: false,
				isCut: false,
			});
			expect((await ask("since=2026-06-01&device=Mobile")).issues).toEqual([]);
		}
	});

	it("counts an error after midnight against the session on that day too", async () => {
		const midnight = Date.UTC(2026, 5, 8);
		await visit("night", midnight - 10_000, '0s visit / · 20s visit /late · 30s tag error {"message":"no"} · 31s move');
		await upkeep();
		for (const day of ["2026-06-07", "2026-06-08"]) {
			const { totals } = await apiJson<{ totals: object }>(`/analytics/overview?since=${day}&until=${day}`);
			expect(totals).toMatchObject({ sessions: 1, errored: 1, errorFree: 0 });
		}
	});

	it("says from when on a filter tells, and compares with nothing that is gone", async () => {
		const on = envWith({ RETENTION_DAYS: 5 });
		for (const days of [8, 7, 2, 1]) await visit(`d${days}`, NOW - days * DAY, BUY);
		await upkeep();
		for (let i = 0; i < 8; i++) await tick(on, NOW + (70 + i) * MINUTE);
		const ask = (query: string) =>
			apiJson<{ totals: { sessions: number }; deltas: object; goneUntil: number | null }>(
				`/analytics/overview?since=2026-06-07&until=2026-06-10${query}`,
			);
		expect(await ask("")).toMatchObject({ totals: { sessions: 2 }, deltas: { sessions: 100 }, goneUntil: null });
		expect(await ask("&tag=bought")).toMatchObject({ totals: { sessions: 2 }, deltas: { sessions: null } });
		const longer = await apiJson<object>("/analytics/overview?since=2026-06-01&until=2026-06-10&tag=bought");
		expect(longer).toMatchObject({ totals: { sessions: 2 }, goneUntil: 20260603 });
		expect(await apiJson<object>("/analytics/engagement?since=2026-06-01")).toMatchObject({ goneUntil: 20260603 });
	});

	it("has nothing of a time that is yet to come", async () => {
		await visit("a", NOW - MINUTE, BUY);
		const future = await apiJson<object>("/analytics/overview?since=2099-01-01");
		expect(future).toMatchObject({ totals: { sessions: 0, errorFree: null } });
	});

	it("has the values that most have, and all others as one", async () => {
		for (let i = 0; i < 13; i++) {
			await visit(`s${i}`, NOW - DAY, "0s visit / · 1s move", {
				metadata: { utm_source: `from-${Math.max(0, i - 1)}` },
			});
		}
		await upkeep();
		const { values } = await apiJson<{ values: { source: { value: string; sessions: number }[] } }>(
			"/analytics/overview",
		);
		expect(values.source).toHaveLength(11);
		expect([values.source[0], values.source.at(-1)]).toMatchObject([
			{ value: "from-0", sessions: 2 },
			{ value: "(other)", sessions: 2 },
		]);
		const file = await apiJson<object[]>("/analytics/export/pages?format=json");
		expect(file).toHaveLength(1);
	});

	it("says how many sessions were longer than is kept", async () => {
		const clicks = Array.from({ length: 300 }, (_, i) => `${i + 1}s click #b${i}`).join(" · ");
		await visit("long", NOW - DAY, `0s visit / · ${clicks}`);
		await visit("short", NOW - DAY, BUY);
		await upkeep();
		expect(await apiJson<object>("/analytics/overview")).toMatchObject({ cut: 1, totals: { clicks: 301 } });
	});

	it("can be of one kind of device", async () => {
		await threeVisits();
		await upkeep();
		const totals = async (device: string) =>
			(await apiJson<{ totals: { sessions: number } }>(`/analytics/overview?device=${device}`)).totals.sessions;
		expect([await totals("Mobile"), await totals("Tablet"), await totals("nonsense")]).toEqual([1, 0, 0]);
	});

	it("counts a session over midnight in either day's views, and once in all", async () => {
		const midnight = Date.UTC(2026, 5, 8);
		await visit("night", midnight - 10_000, "0s visit / · 20s visit /late · 30s click #x");
		await upkeep();
		const totals = async (since: string, until: string) =>
			(await apiJson<{ totals: Record<string, number> }>(`/analytics/overview?since=${since}&until=${until}`)).totals;
		expect(await totals("2026-06-07", "2026-06-08")).toMatchObject({ sessions: 1, views: 2, clicks: 1 });
		expect(await totals("2026-06-07", "2026-06-07")).toMatchObject({ sessions: 1, views: 1, clicks: 0 });
		expect(await totals("2026-06-08", "2026-06-08")).toMatchObject({ sessions: 1, views: 1, clicks: 1 });
	});

	it("reads of sessions that go on only those that have changed, and tells them as they are", async () => {
		const at = NOW - 5 * MINUTE;
		for (const id of ["a", "b", "c"]) await visit(id, at, "0s visit / · 1s click #one · 2s move");
		const read: string[][] = [];
		const prepare = (sql: string) => {
			const statement = env.DB.prepare(sql);
			if (!sql.includes("PARTITION BY session_id")) return statement;
			const bind = (...values: unknown[]) => {
				read.push(JSON.parse(String(values[1])));
				return statement.bind(...values);
			};
			return { bind };
		};
		const on = envWith({ DB: dbWith({ prepare }) });
		const clicks = async (query = "") =>
			(await apiJson<{ totals: { clicks: number } }>(`/analytics/overview?since=2026-06-01${query}`, { on })).totals
				.clicks;
		expect([await clicks(), read.splice(0).flat().sort()]).toEqual([3, ["a", "b", "c"]]);
		expect([await clicks(), await clicks("&device=Desktop"), read.splice(0)]).toEqual([3, 0, []]);
		await post(
			batchOf({ sessionId: "b", windowId: "w", seq: 1, events: story("0s click #two · 1s click #three", at + MINUTE) }),
		);
		expect([await clicks(), read.splice(0)]).toEqual([5, [["b"]]]);
		await post(batchOf({ sessionId: "c", windowId: "v", events: story("0s visit / · 1s click #four", at + MINUTE) }));
		expect([await clicks(), read.splice(0)]).toEqual([6, [["c"]]]);
		await api("/sessions/c/windows/v", { method: "DELETE" });
		await api("/sessions/a", { method: "DELETE" });
		expect([await clicks(), read.splice(0)]).toEqual([4, [["c"]]]);
	});

	it("counts a session once that goes on after it was settled", async () => {
		await visit("a", NOW - 2 * MINUTE, BUY);
		await upkeep();
		await post(
			batchOf({
				sessionId: "a",
				windowId: "w",
				seq: 1,
				events: story("0s click #more · 1s mutation", NOW + 70 * MINUTE),
			}),
		);
		const totals = async () => (await apiJson<{ totals: Record<string, number> }>("/analytics/overview")).totals;
		expect(await totals()).toMatchObject({ sessions: 1, clicks: 1 });
		vi.setSystemTime(NOW + 180 * MINUTE);
		for (let i = 0; i < 4; i++) await tick(envWith(), NOW + (180 + i) * MINUTE);
		expect(await totals()).toMatchObject({ sessions: 1, clicks: 2 });
	});

	it("shows within the same minute what a visitor just did", async () => {
		await visit("now", NOW - 2 * MINUTE, BUY);
		const { totals } = await apiJson<{ totals: object }>("/analytics/overview");
		expect(totals).toMatchObject({ sessions: 1, views: 2, clicks: 1 });
	});
});

describe("pages", () => {
	it("have their views, entries, exits, time, scroll and trouble", async () => {
		await threeVisits();
		await upkeep();
		const { pages } = await apiJson<{ pages: { url: string }[] }>("/analytics/pages");
		expect(pages.map(({ url }) => url.replace(SITE, ""))).toEqual(["/", "/help", "/product"]);
		expect(pages[0]).toMatchObject({
			...{ views: 3, sessions: 3, entries: 3, exits: 1, bounceRate: 33.3, errors: 1, deads: 0 },
			...{ meanTimeMs: Math.round((5_000 + 4_000 + 2_000) / 3), scrolled: 1, meanDepthPx: 800, heightPx: 1_600 },
		});
		expect(pages[1]).toMatchObject({ deads: 1, troubled: 1, died: [{ selector: "#dead", count: 1 }] });
	});
});

describe("a heatmap", () => {
	it("has places on the page, elements, and a recording that shows it", async () => {
		const text =
			"0s visit / · 1s scroll 400 · 2s click 640,100 · 2.1s mutation · 3s click #buy · 3.1s mutation · 4s visit /b";
		await visit("a", NOW - DAY, text);
		await visit("b", NOW - DAY, text, { agent: IPHONE });
		for (const state of ["live", "settled"]) {
			if (state === "live") vi.setSystemTime(NOW - DAY + 2 * MINUTE);
			else await upkeep();
			const found = await apiJson<Record<string, unknown>>("/analytics/heatmap");
			expect(found).toMatchObject({
				...{ url: `${SITE}/`, pages: [{ url: `${SITE}/`, clicks: 4 }] },
				heatmap: {
					clicks: 4,
					sessions: 2,
					columns: 40,
					rowPx: 20,
					elements: [{ selector: "#buy", count: 2, sessions: 2 }],
				},
				recording: { windowId: "w", cursor: expect.stringMatching(/^\d{13}-00000-/) },
			});
			// 640 of 1280 pixels, 100 below a scroll of 400; and the button, at 100, 200.
			expect((found.heatmap as { bins: number[][] }).bins.sort()).toEqual([
				[20, 25, 2],
				[3, 30, 2],
			]);
			const { heatmap } = await apiJson<{ heatmap: { clicks: number } }>("/analytics/heatmap?device=Mobile");
			expect(heatmap.clicks).toBe(2);
		}
		expect(await apiJson("/analytics/heatmap?url=https://x.example/")).toMatchObject({
			heatmap: { clicks: 0 },
			recording: null,
		});
	});

	it("tells rage from dead clicks, and how far the page was scrolled", async () => {
		const rage = "2s click 64,100 · 2.1s click 64,100 · 2.2s click 64,100";
		await visit(
			"a",
			NOW - DAY,
			`0s visit / · ${rage} · 4s scroll 1000 · 6s click 640,10 · 9s click 10,10 · 9.1s mutation`,
		);
		await visit("b", NOW - DAY, "0s visit / · 5s move");
		for (const state of ["live", "settled"]) {
			if (state === "live") vi.setSystemTime(NOW - DAY + 2 * MINUTE);
			else await upkeep();
			const { heatmap, reach } = await apiJson<{
				heatmap: { bins: number[][]; rage: number[][]; dead: number[][] };
				reach: { views: number; bottoms: number[][] };
			}>("/analytics/heatmap");
			expect(heatmap.bins.toSorted()).toEqual([
				[0, 50, 1],
				[2, 5, 3],
				[20, 50, 1],
			]);
			expect(heatmap.rage).toEqual([[2, 5, 3]]);
			expect(heatmap.dead).toEqual([[20, 50, 1]]);
			// 1,000 pixels, and a screen of 720 below.
			expect(reach).toEqual({ views: 2, bottoms: [[1_800, 1]] });
		}
	});

	it("leads to the sessions that it counts, live or settled", async () => {
		await threeVisits();
		const found = async (query: string) =>
			(await apiJson<{ sessions: { id: string }[] }>(`/sessions?${query}`)).sessions.map(({ id }) => id).sort();
		for (const state of ["live", "settled"]) {
			if (state === "settled") await upkeep();
			expect(await found("clicked=%23buy")).toEqual(["buyer"]);
			expect(await found(`page=${SITE}/help`)).toEqual(["looker"]);
			expect(await found(`page=${SITE}/help&clicked=%23buy`)).toEqual([]);
			expect(await found(`page=${SITE}/hel`)).toEqual([]);
		}
	});
});

describe("forms", () => {
	it("have who began, who sent, and where the others left", async () => {
		const send = "tag __form_submit {}";
		await visit("a", NOW - DAY, `0s visit /form with mail, name · 1s type mail · 3s type name · 4s ${send} · 5s move`);
		await visit("b", NOW - DAY, "0s visit /form with mail, name · 1s type mail · 9s visit /");
		await upkeep();
		const { forms } = await apiJson<{ forms: object[] }>("/analytics/forms");
		expect(forms).toEqual([
			{
				...{ url: `${SITE}/form`, started: 2, completed: 1, completionRate: 50, sends: 1 },
				fields: [
					{ label: "mail", sessions: 2, reach: 100, meanFillMs: 0, changes: 0, left: 1 },
					{ label: "name", sessions: 1, reach: 50, meanFillMs: 0, changes: 0, left: 0 },
				],
			},
		]);
	});
});

describe("what can be taken along", () => {
	const file = async (path: string) => {
		const response = await api(`/analytics/export/${path}`);
		return {
			type: response.headers.get("content-type"),
			name: response.headers.get("content-disposition"),
			text: await response.text(),
		};
	};

	it("is what the pages show, as CSV, JSON and NDJSON, of settled and live sessions", async () => {
		await threeVisits();
		await upkeep();
		await visit("live", NOW + 60 * MINUTE, "0s visit / · 5s move");
		vi.setSystemTime(NOW + 61 * MINUTE);
		const { text, name, type } = await file("sessions?format=csv&since=2026-06-01");
		expect(name).toBe('attachment; filename="sessions_20260601_to_20260610.csv"');
		expect(type).toBe("text/csv; charset=utf-8");
		const lines = text.trim().split("\r\n");
		expect(lines[0]).toMatch(
			/^session_id,created_at,first_event_at,last_event_at,duration_ms,event_count,url,referrer,browser,device,has_errors/,
		);
		expect(
			lines
				.slice(1)
				.map((line) => line.split(",")[0])
				.sort(),
		).toEqual(["buyer", "live", "looker", "short"]);
		const json = JSON.parse((await file("pages?format=json")).text) as Record<string, unknown>[];
		expect(json[0]).toMatchObject({ url: `${SITE}/`, views: 4, dead_clicks: 0 });
		const events = (await file("browser_events?format=ndjson")).text
			.trim()
			.split("\n")
			.map((line) => JSON.parse(line));
		expect(events).toEqual([
			{ session_id: "buyer", window_id: "w", timestamp: NOW - 3 * DAY + 8_000, tag: "bought", url: `${SITE}/product` },
		]);
		const errors = JSON.parse((await file("errors?format=json")).text);
		expect(errors).toMatchObject([{ message: "no 1", count: 1, session_id: "short", offset_ms: 1_000 }]);
		expect((await file("stats?format=csv")).text).toContain("device:Mobile,1\r\n");
	});

	it("has every dataset that is listed, empty too, and no other", async () => {
		const { datasets } = await apiJson<{ datasets: { name: string; columns: string[] }[] }>("/analytics/export");
		for (const { name, columns } of datasets) {
			expect((await file(`${name}?format=csv`)).text.split("\r\n")[0]).toBe(columns.join());
			expect(Array.isArray(JSON.parse((await file(`${name}?format=json`)).text))).toBe(true);
		}
		for (const name of ["custom_events", "constructor", "__proto__"]) {
			expect((await api(`/analytics/export/${name}`)).status).toBe(404);
		}
	});

	it.each([
		["=1+1", "'=1+1"],
		["-3", "'-3"],
		[-3, "-3"],
		["@a", "'@a"],
		['a "b", c', '"a ""b"", c"'],
		["plain", "plain"],
		[null, ""],
		[true, "true"],
	])("the cell %j is %s", (cell, text) => expect(csvCell(cell)).toBe(text));
});

describe("a session that is settled while a report is read", () => {
	it.each([
		["funnel?step=page:/&step=page:/product", "steps.0.sessions"],
		["conversions?goal=tag:bought", "result.sessions"],
		["paths?url=https://shop.example/", "paths.views"],
		["engagement", "sessions.length"],
		["overview?browser=Firefox", "totals.sessions"],
		["overview", "totals.sessions"],
	])("counts once in %s", async (path, place) => {
		for (const [i, id] of ["a", "b", "c"].entries()) await visit(id, NOW - (120 - i) * MINUTE, BUY, { agent: FIREFOX });
		let isAsked = false;
		let isSettled = false;
		const on = envWith({
			DB: dbWith({
				prepare: (sql: string) => {
					// What is settled: it is asked for after what goes on.
					isAsked ||= sql.includes("FROM facts WHERE project = ?1 AND rolled = 0");
					return env.DB.prepare(sql);
				},
				batch: async (statements: D1PreparedStatement[]) => {
					if (isAsked && !isSettled) {
						isSettled = true;
						await upkeep();
					}
					return env.DB.batch(statements);
				},
			}),
		});
		vi.setSystemTime(NOW);
		const told = await apiJson<object>(`/analytics/${path}`, { on });
		const value = place.split(".").reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], told);
		expect([isSettled, value]).toEqual([true, 3]);
	});
});

describe("what sessions did one after another", () => {
	it("is a funnel, of settled and of live ones", async () => {
		await threeVisits();
		await upkeep();
		const at = NOW + 60 * MINUTE;
		await visit("live", at - MINUTE, "0s visit / · 3s visit /product");
		vi.setSystemTime(at);
		const { steps } = await apiJson<{ steps: object[] }>(
			"/analytics/funnel?step=page:/&step=page:/product&step=click:%23buy&step=tag:bought",
		);
		expect(steps).toMatchObject([
			{ kind: "page", value: "/", sessions: 4, rate: 100, medianMs: null },
			{ sessions: 2, rate: 50, medianMs: 3_000, lost: [{ sessionId: "live", at: 3_000 }] },
			{ sessions: 1, rate: 25, medianMs: 1_000 },
			{ sessions: 1, rate: 25, medianMs: 2_000, lost: [] },
		]);
		const within = await apiJson<{ steps: { sessions: number }[] }>(
			"/analytics/funnel?step=page:/&step=tag:bought&within=7000",
		);
		expect(within.steps.map(({ sessions }) => sessions)).toEqual([4, 0]);
	});

	it.each([
		["equal moments do not follow each other", "1s tag a · 1s tag b", ["a", "b"], [1, 0]],
		["the same step twice needs a second time", "1s tag a · 2s tag a", ["a", "a"], [1, 1]],
		["once is not twice", "1s tag a", ["a", "a"], [1, 0]],
		["order counts", "1s tag b · 2s tag a", ["a", "b"], [1, 0]],
	])("%s", async (_, text, tags, expected) => {
		await visit("x", NOW - DAY, `0s visit / · ${text} · 9s move`);
		await upkeep();
		const query = tags.map((tag) => `step=tag:${tag}`).join("&");
		const { steps } = await apiJson<{ steps: { sessions: number }[] }>(`/analytics/funnel?${query}`);
		expect(steps.map(({ sessions }) => sessions)).toEqual(expected);
	});

	it("goes over midnight, settled as well as live", async () => {
		const midnight = Date.UTC(2026, 5, 9);
		await visit("night", midnight - 10_000, '0s visit /start · 5s tag error {"message":"no"} · 20s tag bought');
		for (const state of ["live", "settled"]) {
			if (state === "live") vi.setSystemTime(midnight + 2 * MINUTE);
			else await upkeep();
			const { steps } = await apiJson<{ steps: { sessions: number }[] }>(
				"/analytics/funnel?step=page:/start&step=tag:bought",
			);
			expect(steps.map(({ sessions }) => sessions)).toEqual([1, 1]);
			const { totals } = await apiJson<{ totals: object }>("/analytics/overview");
			expect(totals).toMatchObject({ sessions: 1, errored: 1, errorFree: 0 });
		}
	});

	it("is what came before a page, and after it", async () => {
		await threeVisits();
		await upkeep();
		expect(await apiJson("/analytics/paths")).toMatchObject({
			url: `${SITE}/`,
			paths: {
				views: 3,
				entries: 3,
				exits: 1,
				before: [],
				after: [
					{ url: `${SITE}/help`, count: 1 },
					{ url: `${SITE}/product`, count: 1 },
				],
			},
		});
		expect(await apiJson(`/analytics/paths?url=${SITE}/help`)).toMatchObject({
			paths: { views: 1, entries: 0, exits: 1, before: [{ url: `${SITE}/`, count: 1 }], after: [] },
		});
	});

	it("is a goal, reached or not, by where sessions came from", async () => {
		await threeVisits();
		await upkeep();
		const { result } = await apiJson<{ result: { facets: Record<string, object[]> } }>(
			"/analytics/conversions?goal=tag:bought",
		);
		expect(result).toMatchObject({ sessions: 3, converted: 1 });
		expect(result.facets.entry).toMatchObject([
			{
				...{ value: `${SITE}/`, sessions: 3, conversions: 1, rate: 33.3, isLow: true },
				...{ converted: { sessionId: "buyer", at: 8_000 }, notConverted: { at: 0 } },
			},
		]);
		expect(result.facets.referrer).toMatchObject([
			{ value: "(direct / none)", sessions: 2, conversions: 0 },
			{ value: "mail.example", sessions: 1, conversions: 1, rate: 100 },
		]);
	});

	it("is a goal that counts each session once, over midnight, live, alike or not", async () => {
		const midnight = Date.UTC(2026, 5, 9);
		await visit("late", midnight - 10_000, "0s visit / · 20s tag bought");
		await visit("later", midnight - 5_000, "0s visit / · 20s visit /help");
		for (const id of ["a", "b", "c"]) await visit(id, midnight - DAY, LOOK, { agent: id === "c" ? IPHONE : FIREFOX });
		await visit("buyer", midnight - DAY, BUY, { agent: IPHONE });
		await upkeep();
		const at = NOW + 60 * MINUTE;
		await visit("live", at - MINUTE, "0s visit /", { agent: IPHONE });
		vi.setSystemTime(at);
		const ask = (query: string) =>
			apiJson<{ result: { facets: Record<string, object[]> } }>(`/analytics/conversions?goal=tag:bought${query}`);
		const { result } = await ask("");
		expect(result).toMatchObject({ sessions: 7, converted: 2 });
		expect(result.facets.entry).toMatchObject([
			{ value: `${SITE}/`, sessions: 7, conversions: 2, notConverted: { sessionId: "later", at: 0 } },
		]);
		const ofPhones = { value: "Mobile", sessions: 3, conversions: 1, notConverted: { sessionId: "c", at: 0 } };
		expect(result.facets.device).toEqual(expect.arrayContaining([expect.objectContaining(ofPhones)]));
		const phones = (await ask("&device=Mobile")).result;
		expect(phones).toMatchObject({ sessions: 3, converted: 1, facets: { device: [ofPhones] } });
		expect((await ask("&since=2026-06-09&until=2026-06-09")).result).toMatchObject({ sessions: 2, converted: 1 });
	});

	it("can be made of what there is", async () => {
		await threeVisits();
		await upkeep();
		expect(await apiJson("/analytics/steps")).toEqual({
			page: [`${SITE}/`, `${SITE}/help`, `${SITE}/product`],
			click: ["#buy", "#dead"],
			tag: ["bought"],
		});
	});

	it("is asked for in words that are known", async () => {
		for (const query of ["funnel?step=x:1&step=tag:a", "funnel?step=tag:&step=tag:a", "conversions?goal=bought"]) {
			expect((await api(`/analytics/${query}`)).status).toBe(400);
		}
		expect(await apiJson("/analytics/funnel?step=tag:a")).toMatchObject({ steps: [] });
	});
});

describe("sessions by how much their visitors struggled", () => {
	it("come with what it was, the worst first", async () => {
		await threeVisits();
		await upkeep();
		const { sessions, scores } = await apiJson<{ sessions: { sessionId: string; score: number }[]; scores: number[] }>(
			"/analytics/engagement",
		);
		expect(sessions.map(({ sessionId }) => sessionId)).toEqual(["short", "looker", "buyer"]);
		expect(sessions[0]).toMatchObject({ score: 20, signals: { bounce: 1, abandon: 1 } });
		expect(scores).toEqual([2, 1, 0, 0, 0]);
		const longest = await apiJson<{ sessions: { sessionId: string }[] }>("/analytics/engagement?sort=duration&limit=1");
		expect(longest.sessions.map(({ sessionId }) => sessionId)).toEqual(["looker"]);
	});
});

describe("metadata", () => {
	it("is counted by key and value, of sessions like the filter, without what other numbers tell", async () => {
		const of = (plan: string, more: object = {}) => ({ metadata: { plan, user_id: "u", utm_source: "mail", ...more } });
		await visit("a", NOW - DAY, BUY, of("pro", { beta: true }));
		await visit("b", NOW - DAY, BUY, of("pro"));
		await visit("c", NOW - DAY, LOOK, of("free"));
		const keys = async (query: string) => (await apiJson<{ keys: object[] }>(`/analytics/metadata?${query}`)).keys;
		expect(await keys("")).toEqual([
			{
				key: "plan",
				values: [
					{ value: "pro", sessions: 2 },
					{ value: "free", sessions: 1 },
				],
			},
			{ key: "beta", values: [{ value: "true", sessions: 1 }] },
		]);
		expect(await keys("meta=beta")).toEqual([
			{ key: "beta", values: [{ value: "true", sessions: 1 }] },
			{ key: "plan", values: [{ value: "pro", sessions: 1 }] },
		]);
		expect(await keys("until=2026-06-01&since=2026-06-01")).toEqual([]);
	});
});

describe("retention", () => {
	it("has who came again in later weeks", async () => {
		const people: [string, string, number][] = [
			["a1", "anna", 15],
			["a2", "anna", 14],
			["a3", "anna", 1],
			["b1", "ben", 15],
			["b2", "ben", 8],
			["c1", "cleo", 1],
		];
		for (const [id, person, days] of people) await visit(id, NOW - days * DAY, BUY, { metadata: { user_id: person } });
		await visit("nobody", NOW - DAY, BUY);
		// The 10th of June 2026 is a Wednesday.
		expect(await apiJson<object>("/analytics/retention")).toMatchObject({
			cohorts: [
				{ week: "2026-W22", people: 2, came: [1, 1] },
				{ week: "2026-W24", people: 1, came: [] },
			],
			isCut: false,
		});
		expect(await apiJson<object>("/analytics/retention?user=ben")).toMatchObject({
			cohorts: [{ week: "2026-W22", people: 1, came: [1, 0] }],
		});
	});
});

describe("a page's report", () => {
	it("has everything of that page, and of no other", async () => {
		await threeVisits();
		await visit("form", NOW - DAY, "0s visit /product with mail · 1s type mail · 3s type mail · 5s visit /");
		for (const state of ["live", "settled"]) {
			if (state === "settled") await upkeep();
			else vi.setSystemTime(NOW - 2 * DAY + 2 * MINUTE);
			const found = await apiJson<Record<string, { [key: string]: unknown }>>(`/analytics/page?url=${SITE}/product`);
			expect(found).toMatchObject({
				page: { views: state === "live" ? 1 : 2, tags: [{ name: "bought", count: 1 }] },
				heatmap: { clicks: 1, elements: [{ selector: "#buy" }] },
				paths: { before: [{ url: `${SITE}/`, count: 1 }] },
			});
			if (state === "settled") expect(found.form).toMatchObject({ fields: [{ label: "mail", sessions: 1 }] });
		}
		expect(await apiJson<object>(`/analytics/page?url=${SITE}/none`)).toMatchObject({ page: null, form: null });
		expect((await api("/analytics/page")).status).toBe(400);
	});
});

describe("a funnel told apart", () => {
	it("has its steps for each value, and how many came through", async () => {
		await visit("a", NOW - DAY, BUY, { agent: FIREFOX });
		await visit("b", NOW - DAY, BUY, { agent: IPHONE });
		await visit("c", NOW - DAY, LOOK, { agent: IPHONE });
		await upkeep();
		const ask = (query: string) => apiJson<{ rows: object[] }>(`/analytics/funnel?step=page:/&step=tag:bought${query}`);
		expect((await ask("&by=device")).rows).toEqual([
			{ value: "Mobile", sessions: [2, 1], rate: 50, isLow: true },
			{ value: "Desktop", sessions: [1, 1], rate: 100, isLow: true },
		]);
		expect((await ask("&by=device&within=2000")).rows).toEqual([
			{ value: "Mobile", sessions: [2, 0], rate: 0, isLow: true },
			{ value: "Desktop", sessions: [1, 0], rate: 0, isLow: true },
		]);
		expect((await ask("")).rows).toEqual([]);
		expect((await ask("&by=nonsense")).rows).toEqual([]);
	});
});

describe("the sums of each day", () => {
	it("can be taken along, and add up to what the pages say", async () => {
		await threeVisits();
		await upkeep();
		const rows = await apiJson<{ day: number; part: string; path: string; value: number }[]>(
			"/analytics/export/rollups?format=json",
		);
		const sum = (part: string, path: string[]) =>
			rows
				.filter((row) => row.part === part && row.path === JSON.stringify(path))
				.map(({ day, value }) => [day, value]);
		expect(sum("overview", ["s"])).toEqual([
			[20260607, 1],
			[20260608, 2],
		]);
		expect(sum("pages", [`${SITE}/help`, "n"])).toEqual([[20260608, 1]]);
	});
});
