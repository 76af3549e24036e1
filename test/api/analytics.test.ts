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

async function recordSession(
	sessionId: string,
	at: number,
	text: string,
	options: { agent?: string; metadata?: object } = {},
) {
	vi.setSystemTime(at + MINUTE);
	const batch = batchOf({ sessionId, windowId: "w", events: story(text, at), metadata: { ...options.metadata } });
	const headers = options.agent ? { "user-agent": options.agent } : undefined;
	await post(batch, { headers });
	vi.setSystemTime(NOW);
}

/** Runs the background jobs an hour after NOW, so that they settle the sessions and roll up their days. */
async function runJobs(ticks = 4) {
	const at = NOW + 60 * MINUTE;
	vi.setSystemTime(at);
	for (let i = 0; i < ticks; i++) await tick(envWith(), at + i * MINUTE);
}

const BUY = "0s visit / · 5s visit /product · 6s click #buy · 6.2s mutation · 8s tag bought";
const LOOK = "0s visit / · 4s scroll 800 · 20s visit /help · 25s click #dead · 40s move";

async function recordThreeSessions() {
	await recordSession("buyer", NOW - 3 * DAY, BUY, {
		metadata: { utm_source: "mail", entry_referrer: "https://mail.example/" },
	});
	await recordSession("looker", NOW - 2 * DAY, LOOK, { agent: IPHONE });
	await recordSession("short", NOW - 2 * DAY, '0s visit / · 1s tag error {"message":"no 1"} · 2s move');
}

describe("the overview", () => {
	it.each(["live", "settled", "rolled up"])("has correct numbers when sessions are %s", async (state) => {
		await recordThreeSessions();
		// A single tick rolls up only the oldest day.
		if (state === "settled") await runJobs(1);
		else if (state === "rolled up") await runJobs();
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

	it("compares with the preceding period of the same length, and has no change without one", async () => {
		await recordThreeSessions();
		await runJobs();
		const deltas = async (query: string) => (await apiJson<{ deltas: object }>(`/analytics/overview?${query}`)).deltas;
		expect(await deltas("since=2026-06-08&until=2026-06-08")).toEqual({
			...{ sessions: 100, views: 50, events: expect.any(Number), errorFree: -50 },
		});
		expect(await deltas("since=2026-06-07&until=2026-06-07")).toMatchObject({ sessions: null, errorFree: null });
	});

	it("shows long periods by ISO week", async () => {
		const { series } = await apiJson<{ series: { label: string }[] }>(
			"/analytics/overview?since=2026-01-01&until=2026-06-10",
		);
		expect(series.map(({ label }) => label).slice(0, 2)).toEqual(["2026-W01", "2026-W02"]);
		expect(series).toHaveLength(24);
	});

	it("shows one or two days by hour, live and settled", async () => {
		await recordSession(
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
		await runJobs();
		expect(await hours()).toEqual(expected);
	});

	it("groups the most frequent errors regardless of numbers in them, and finds their sessions", async () => {
		await recordSession("a", NOW - DAY, '0s visit / · 1s tag error {"message":"Item 12 is gone"} · 2s move');
		await recordSession("b", NOW - DAY, '0s visit / · 1s tag error {"message":"Item 7 is gone"} · 2s move');
		await recordSession("c", NOW - DAY, '0s visit / · 1s tag error {"message":"Other"} · 2s move');
		for (const state of ["live", "settled"]) {
			if (state === "live") vi.setSystemTime(NOW - DAY + 2 * MINUTE);
			else await runJobs();
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

	it("has a full list of errors with the last day of each", async () => {
		await recordSession("a", NOW - 2 * DAY, '0s visit / · 1s tag error {"message":"Item 12 is gone"} · 2s move');
		await recordSession("b", NOW - DAY, '0s visit / · 1s tag error {"message":"Item 7 is gone"} · 2s move');
		await recordSession("c", NOW - 2 * DAY, '0s visit / · 1s tag error {"message":"Other"} · 2s move');
		for (const state of ["live", "rolled up"]) {
			if (state === "rolled up") await runJobs();
			const read = (query: string) =>
				apiJson<{ issues: object[]; more: boolean; isCut: boolean }>(
					`/analytics/browser-issues?until=2026-06-10&${query}`,
				);
			expect(await read("since=2026-06-05")).toMatchObject({
				issues:
					state === "live"
						? [{ message: "Item # is gone", count: 1, sessions: 1, lastDay: 20260609 }]
						: [
								{ message: "Item # is gone", count: 2, sessions: 2, lastDay: 20260609 },
								{ message: "Other", count: 1, sessions: 1, lastDay: 20260608 },
							],
				more: false,
				isCut: false,
			});
			expect((await read("since=2026-06-01&device=Mobile")).issues).toEqual([]);
		}
	});

	it("counts a session as errored on the day of an error after midnight, too", async () => {
		const midnight = Date.UTC(2026, 5, 8);
		await recordSession(
			"night",
			midnight - 10_000,
			'0s visit / · 20s visit /late · 30s tag error {"message":"no"} · 31s move',
		);
		await runJobs();
		for (const day of ["2026-06-07", "2026-06-08"]) {
			const { totals } = await apiJson<{ totals: object }>(`/analytics/overview?since=${day}&until=${day}`);
			expect(totals).toMatchObject({ sessions: 1, errored: 1, errorFree: 0 });
		}
	});

	it("names the last day whose facts are deleted if there is a filter, and does not compare with it", async () => {
		const on = envWith({ RETENTION_DAYS: 5 });
		for (const days of [8, 7, 2, 1]) await recordSession(`d${days}`, NOW - days * DAY, BUY);
		await runJobs();
		for (let i = 0; i < 8; i++) await tick(on, NOW + (70 + i) * MINUTE);
		const overview = (query: string) =>
			apiJson<{ totals: { sessions: number }; deltas: object; goneUntil: number | null }>(
				`/analytics/overview?since=2026-06-07&until=2026-06-10${query}`,
			);
		expect(await overview("")).toMatchObject({ totals: { sessions: 2 }, deltas: { sessions: 100 }, goneUntil: null });
		expect(await overview("&tag=bought")).toMatchObject({ totals: { sessions: 2 }, deltas: { sessions: null } });
		const longer = await apiJson<object>("/analytics/overview?since=2026-06-01&until=2026-06-10&tag=bought");
		expect(longer).toMatchObject({ totals: { sessions: 2 }, goneUntil: 20260603 });
		expect(await apiJson<object>("/analytics/engagement?since=2026-06-01")).toMatchObject({ goneUntil: 20260603 });
	});

	it("is empty for a future period", async () => {
		await recordSession("a", NOW - MINUTE, BUY);
		const future = await apiJson<object>("/analytics/overview?since=2099-01-01");
		expect(future).toMatchObject({ totals: { sessions: 0, errorFree: null } });
	});

	it("lists the most frequent values, and sums up all others", async () => {
		for (let i = 0; i < 13; i++) {
			await recordSession(`s${i}`, NOW - DAY, "0s visit / · 1s move", {
				metadata: { utm_source: `from-${Math.max(0, i - 1)}` },
			});
		}
		await runJobs();
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

	it("counts sessions whose details were truncated", async () => {
		const clicks = Array.from({ length: 300 }, (_, i) => `${i + 1}s click #b${i}`).join(" · ");
		await recordSession("long", NOW - DAY, `0s visit / · ${clicks}`);
		await recordSession("short", NOW - DAY, BUY);
		await runJobs();
		expect(await apiJson<object>("/analytics/overview")).toMatchObject({ cut: 1, totals: { clicks: 301 } });
	});

	it("can be limited to a device", async () => {
		await recordThreeSessions();
		await runJobs();
		const totals = async (device: string) =>
			(await apiJson<{ totals: { sessions: number } }>(`/analytics/overview?device=${device}`)).totals.sessions;
		expect([await totals("Mobile"), await totals("Tablet"), await totals("nonsense")]).toEqual([1, 0, 0]);
	});

	it("counts a session over midnight in the views of both days, and once in total", async () => {
		const midnight = Date.UTC(2026, 5, 8);
		await recordSession("night", midnight - 10_000, "0s visit / · 20s visit /late · 30s click #x");
		await runJobs();
		const totals = async (since: string, until: string) =>
			(await apiJson<{ totals: Record<string, number> }>(`/analytics/overview?since=${since}&until=${until}`)).totals;
		expect(await totals("2026-06-07", "2026-06-08")).toMatchObject({ sessions: 1, views: 2, clicks: 1 });
		expect(await totals("2026-06-07", "2026-06-07")).toMatchObject({ sessions: 1, views: 1, clicks: 0 });
		expect(await totals("2026-06-08", "2026-06-08")).toMatchObject({ sessions: 1, views: 1, clicks: 1 });
	});

	it("reads only live sessions that changed, and shows their current state", async () => {
		const at = NOW - 5 * MINUTE;
		for (const id of ["a", "b", "c"]) await recordSession(id, at, "0s visit / · 1s click #one · 2s move");
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

	it("counts a session once if it continues after it was settled", async () => {
		await recordSession("a", NOW - 2 * MINUTE, BUY);
		await runJobs();
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

	it("includes what a visitor did one minute ago", async () => {
		await recordSession("now", NOW - 2 * MINUTE, BUY);
		const { totals } = await apiJson<{ totals: object }>("/analytics/overview");
		expect(totals).toMatchObject({ sessions: 1, views: 2, clicks: 1 });
	});
});

describe("pages", () => {
	it("have views, entries, exits, time, scroll depth, errors and dead clicks", async () => {
		await recordThreeSessions();
		await runJobs();
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
	it("has click positions, elements, and a recording that shows the page", async () => {
		const text =
			"0s visit / · 1s scroll 400 · 2s click 640,100 · 2.1s mutation · 3s click #buy · 3.1s mutation · 4s visit /b";
		await recordSession("a", NOW - DAY, text);
		await recordSession("b", NOW - DAY, text, { agent: IPHONE });
		for (const state of ["live", "settled"]) {
			if (state === "live") vi.setSystemTime(NOW - DAY + 2 * MINUTE);
			else await runJobs();
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
			// Each bin is a column, a row and a number of clicks: two clicks at (640, 100) and two on the button at
			// (100, 200), in a viewport that is 1,280 pixels wide and scrolled down by 400.
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

	it("can show the type of device with the most views, because layouts differ", async () => {
		const text = "0s visit / · 2s click 640,100 · 2.1s mutation · 4s visit /b";
		await recordSession("a", NOW - DAY, text, { agent: FIREFOX });
		for (const id of ["b", "c"]) await recordSession(id, NOW - DAY, text, { agent: IPHONE });
		await recordSession("d", NOW - DAY, "0s visit /wide · 2s click 640,100 · 2.1s mutation", { agent: FIREFOX });
		await runJobs();
		const shown = async (query: string) => {
			const { device, url, heatmap } = await apiJson<{ device: string; url: string; heatmap: { clicks: number } }>(
				`/analytics/heatmap?${query}`,
			);
			return [device, url?.replace(SITE, ""), heatmap?.clicks];
		};
		expect(await shown("device=auto")).toEqual(["Mobile", "/", 2]);
		expect(await shown(`device=auto&url=${SITE}/wide`)).toEqual(["Desktop", "/wide", 1]);
		expect(await shown("device=auto&since=2020-01-01&until=2020-01-02")).toEqual([null, undefined, undefined]);
		expect(await shown("device=Desktop")).toEqual(["Desktop", "/", 1]);
		expect(await shown("")).toEqual([null, "/", 3]);
	});

	it("distinguishes rage and dead clicks, and shows scroll depth", async () => {
		const rage = "2s click 64,100 · 2.1s click 64,100 · 2.2s click 64,100";
		await recordSession(
			"a",
			NOW - DAY,
			`0s visit / · ${rage} · 4s scroll 1000 · 6s click 640,10 · 9s click 10,10 · 9.1s mutation`,
		);
		await recordSession("b", NOW - DAY, "0s visit / · 5s move");
		for (const state of ["live", "settled"]) {
			if (state === "live") vi.setSystemTime(NOW - DAY + 2 * MINUTE);
			else await runJobs();
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
			// The depth is the scroll position of 1,000 pixels plus the viewport height of 720, rounded up.
			expect(reach).toEqual({ views: 2, bottoms: [[1_800, 1]] });
		}
	});

	it("matches the session list, live and settled", async () => {
		await recordThreeSessions();
		const found = async (query: string) =>
			(await apiJson<{ sessions: { id: string }[] }>(`/sessions?${query}`)).sessions.map(({ id }) => id).sort();
		for (const state of ["live", "settled"]) {
			if (state === "settled") await runJobs();
			expect(await found("clicked=%23buy")).toEqual(["buyer"]);
			expect(await found(`page=${SITE}/help`)).toEqual(["looker"]);
			expect(await found(`page=${SITE}/help&clicked=%23buy`)).toEqual([]);
			expect(await found(`page=${SITE}/hel`)).toEqual([]);
		}
	});
});

describe("forms", () => {
	it("have starts, completions, and the fields at which visitors left", async () => {
		const send = "tag __form_submit {}";
		await recordSession(
			"a",
			NOW - DAY,
			`0s visit /form with mail, name · 1s type mail · 3s type name · 4s ${send} · 5s move`,
		);
		await recordSession("b", NOW - DAY, "0s visit /form with mail, name · 1s type mail · 9s visit /");
		await runJobs();
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

describe("exports", () => {
	const file = async (path: string) => {
		const response = await api(`/analytics/export/${path}`);
		return {
			type: response.headers.get("content-type"),
			name: response.headers.get("content-disposition"),
			text: await response.text(),
		};
	};

	it("contain the numbers of the reports as CSV, JSON and NDJSON, for settled and live sessions", async () => {
		await recordThreeSessions();
		await runJobs();
		await recordSession("live", NOW + 60 * MINUTE, "0s visit / · 5s move");
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

	it("exist for every listed dataset, even if it is empty, and for no other", async () => {
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
	])("write the cell %j as %s", (cell, text) => expect(csvCell(cell)).toBe(text));
});

describe("a session that is settled while a report is being read", () => {
	it.each([
		["funnel?step=page:/&step=page:/product", "steps.0.sessions"],
		["conversions?goal=tag:bought", "result.sessions"],
		["paths?url=https://shop.example/", "paths.views"],
		["engagement", "sessions.length"],
		["overview?browser=Firefox", "totals.sessions"],
		["overview", "totals.sessions"],
	])("counts once in %s", async (path, field) => {
		for (const [i, id] of ["a", "b", "c"].entries())
			await recordSession(id, NOW - (120 - i) * MINUTE, BUY, { agent: FIREFOX });
		let isReading = false;
		let isSettled = false;
		const on = envWith({
			DB: dbWith({
				prepare: (sql: string) => {
					// Reports read live sessions first, then settled ones. The sessions are settled between the two reads.
					isReading ||= sql.includes("FROM facts WHERE project = ?1 AND rolled = 0");
					return env.DB.prepare(sql);
				},
				batch: async (statements: D1PreparedStatement[]) => {
					if (isReading && !isSettled) {
						isSettled = true;
						await runJobs();
					}
					return env.DB.batch(statements);
				},
			}),
		});
		vi.setSystemTime(NOW);
		const report = await apiJson<object>(`/analytics/${path}`, { on });
		const value = field.split(".").reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], report);
		expect([isSettled, value]).toEqual([true, 3]);
	});
});

describe("journeys of sessions", () => {
	it("make a funnel of settled and live sessions", async () => {
		await recordThreeSessions();
		await runJobs();
		const at = NOW + 60 * MINUTE;
		await recordSession("live", at - MINUTE, "0s visit / · 3s visit /product");
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
		["a step must be later than the one before", "1s tag a · 1s tag b", ["a", "b"], [1, 0]],
		["the same step twice needs two events", "1s tag a · 2s tag a", ["a", "a"], [1, 1]],
		["one event is not two steps", "1s tag a", ["a", "a"], [1, 0]],
		["order matters", "1s tag b · 2s tag a", ["a", "b"], [1, 0]],
	])("are evaluated by a funnel: %s", async (_, text, tags, expected) => {
		await recordSession("x", NOW - DAY, `0s visit / · ${text} · 9s move`);
		await runJobs();
		const query = tags.map((tag) => `step=tag:${tag}`).join("&");
		const { steps } = await apiJson<{ steps: { sessions: number }[] }>(`/analytics/funnel?${query}`);
		expect(steps.map(({ sessions }) => sessions)).toEqual(expected);
	});

	it("continue over midnight, settled and live", async () => {
		const midnight = Date.UTC(2026, 5, 9);
		await recordSession("night", midnight - 10_000, '0s visit /start · 5s tag error {"message":"no"} · 20s tag bought');
		for (const state of ["live", "settled"]) {
			if (state === "live") vi.setSystemTime(midnight + 2 * MINUTE);
			else await runJobs();
			const { steps } = await apiJson<{ steps: { sessions: number }[] }>(
				"/analytics/funnel?step=page:/start&step=tag:bought",
			);
			expect(steps.map(({ sessions }) => sessions)).toEqual([1, 1]);
			const { totals } = await apiJson<{ totals: object }>("/analytics/overview");
			expect(totals).toMatchObject({ sessions: 1, errored: 1, errorFree: 0 });
		}
	});

	it("provide the paths before and after a page", async () => {
		await recordThreeSessions();
		await runJobs();
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

	it("provide conversions of a goal by entry page and referrer", async () => {
		await recordThreeSessions();
		await runJobs();
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

	it("count each session once in conversions: over midnight, live, and with a filter", async () => {
		const midnight = Date.UTC(2026, 5, 9);
		await recordSession("late", midnight - 10_000, "0s visit / · 20s tag bought");
		await recordSession("later", midnight - 5_000, "0s visit / · 20s visit /help");
		for (const id of ["a", "b", "c"])
			await recordSession(id, midnight - DAY, LOOK, { agent: id === "c" ? IPHONE : FIREFOX });
		await recordSession("buyer", midnight - DAY, BUY, { agent: IPHONE });
		await runJobs();
		const at = NOW + 60 * MINUTE;
		await recordSession("live", at - MINUTE, "0s visit /", { agent: IPHONE });
		vi.setSystemTime(at);
		const conversions = (query: string) =>
			apiJson<{ result: { facets: Record<string, object[]> } }>(`/analytics/conversions?goal=tag:bought${query}`);
		const { result } = await conversions("");
		expect(result).toMatchObject({ sessions: 7, converted: 2 });
		expect(result.facets.entry).toMatchObject([
			{ value: `${SITE}/`, sessions: 7, conversions: 2, notConverted: { sessionId: "later", at: 0 } },
		]);
		const ofPhones = { value: "Mobile", sessions: 3, conversions: 1, notConverted: { sessionId: "c", at: 0 } };
		expect(result.facets.device).toEqual(expect.arrayContaining([expect.objectContaining(ofPhones)]));
		const phones = (await conversions("&device=Mobile")).result;
		expect(phones).toMatchObject({ sessions: 3, converted: 1, facets: { device: [ofPhones] } });
		expect((await conversions("&since=2026-06-09&until=2026-06-09")).result).toMatchObject({
			sessions: 2,
			converted: 1,
		});
	});

	it("provide the most frequent steps for funnels", async () => {
		await recordThreeSessions();
		await runJobs();
		expect(await apiJson("/analytics/steps")).toEqual({
			page: [`${SITE}/`, `${SITE}/help`, `${SITE}/product`],
			click: ["#buy", "#dead"],
			tag: ["bought"],
		});
	});

	it("cannot be evaluated for unknown kinds of steps", async () => {
		for (const query of ["funnel?step=x:1&step=tag:a", "funnel?step=tag:&step=tag:a", "conversions?goal=bought"]) {
			expect((await api(`/analytics/${query}`)).status).toBe(400);
		}
		expect(await apiJson("/analytics/funnel?step=tag:a")).toMatchObject({ steps: [] });
	});
});

describe("sessions by frustration score", () => {
	it("are listed with their signals, highest score first", async () => {
		await recordThreeSessions();
		await runJobs();
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
	it("is counted by key and value for sessions that match the filter, without keys that have their own report", async () => {
		const of = (plan: string, more: object = {}) => ({ metadata: { plan, user_id: "u", utm_source: "mail", ...more } });
		await recordSession("a", NOW - DAY, BUY, of("pro", { beta: true }));
		await recordSession("b", NOW - DAY, BUY, of("pro"));
		await recordSession("c", NOW - DAY, LOOK, of("free"));
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
	it("shows how many people came back in later weeks", async () => {
		const people: [string, string, number][] = [
			["a1", "anna", 15],
			["a2", "anna", 14],
			["a3", "anna", 1],
			["b1", "ben", 15],
			["b2", "ben", 8],
			["c1", "cleo", 1],
		];
		for (const [id, person, days] of people)
			await recordSession(id, NOW - days * DAY, BUY, { metadata: { user_id: person } });
		await recordSession("nobody", NOW - DAY, BUY);
		// NOW is Wednesday, 10 June 2026, in week 24.
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
	it("covers everything about that page only", async () => {
		await recordThreeSessions();
		await recordSession("form", NOW - DAY, "0s visit /product with mail · 1s type mail · 3s type mail · 5s visit /");
		for (const state of ["live", "settled"]) {
			if (state === "settled") await runJobs();
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

describe("a funnel with a breakdown", () => {
	it("has steps and a conversion rate for each value", async () => {
		await recordSession("a", NOW - DAY, BUY, { agent: FIREFOX });
		await recordSession("b", NOW - DAY, BUY, { agent: IPHONE });
		await recordSession("c", NOW - DAY, LOOK, { agent: IPHONE });
		await runJobs();
		const funnel = (query: string) =>
			apiJson<{ rows: object[] }>(`/analytics/funnel?step=page:/&step=tag:bought${query}`);
		expect((await funnel("&by=device")).rows).toEqual([
			{ value: "Mobile", sessions: [2, 1], rate: 50, isLow: true },
			{ value: "Desktop", sessions: [1, 1], rate: 100, isLow: true },
		]);
		expect((await funnel("&by=device&within=2000")).rows).toEqual([
			{ value: "Mobile", sessions: [2, 0], rate: 0, isLow: true },
			{ value: "Desktop", sessions: [1, 0], rate: 0, isLow: true },
		]);
		expect((await funnel("")).rows).toEqual([]);
		expect((await funnel("&by=nonsense")).rows).toEqual([]);
	});
});

describe("the rollups export", () => {
	it("adds up to the numbers of the reports", async () => {
		await recordThreeSessions();
		await runJobs();
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
