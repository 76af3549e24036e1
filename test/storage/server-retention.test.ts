import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { tick } from "../../src/cron/index.ts";
import { restoreExport } from "../../src/storage/backup.ts";
import { lowestIdAt } from "../../src/storage/server-retention.ts";
import { api, apiJson, batchOf, envWith, gzip, pageEvents, post, report, rows, withKeys } from "../support/worker.ts";

/**
 * Tests the deletion of server reports (issues and server events) with their session, by retention and by caps, and which
 * reports exports and the overview contain.
 */

const NOW = Date.now();
const DAY = 86_400_000;

const json = (method: string, body: unknown) => ({
	...{ method, body: JSON.stringify(body), headers: { "content-type": "application/json" } },
});

async function postSession(id: string, at = NOW - 60_000) {
	await post(batchOf({ sessionId: id, windowId: "w", events: pageEvents(at) }));
}

function exception(message: string, session: string | null, at = NOW - 30_000, name = "E", on = withKeys()) {
	const sent = { exception_class: name, message, session_id: session, window_id: session && "w", timestamp: at / 1000 };
	return report("/errors", sent, { on });
}

function event(name: string, session: string | null, at = NOW - 30_000, on = withKeys()) {
	return report("/track", { name, session_id: session, timestamp: at / 1000 }, { on });
}

const issues = async () =>
	(await rows<{ exception_class: string; count: number; message: string }>("issues"))
		.map((it) => [it.exception_class, it.count, it.message] as const)
		.sort(([a], [b]) => (a < b ? -1 : 1));
const messages = async () => (await rows<{ message: string }>("occurrences")).map(({ message }) => message).sort();
const names = async () => (await rows<{ name: string }>("server_events")).map(({ name }) => name).sort();

/** Marks the export job as having run. On a new D1, it would first restore an export. */
const allowExport = () => env.DB.exec("INSERT INTO jobs (name, ran_at, lease_until) VALUES ('export', 0, 0)");

afterEach(() => {
	vi.useRealTimers();
	vi.restoreAllMocks();
});

describe("deleting a session", () => {
	it("deletes its reports and subtracts them from issues; others stay", async () => {
		await postSession("a");
		await postSession("b");
		await exception("b's", "b", NOW - 50_000);
		await exception("nobody's", null, NOW - 40_000);
		await exception("a's secret", "a", NOW - 30_000);
		await exception("a's only", "a", NOW - 30_000, "Only");
		await event("a.paid", "a");
		await event("b.paid", "b");
		await event("started", null);
		expect((await api("/sessions/a", { method: "DELETE" })).status).toBe(200);
		expect(await issues()).toEqual([["E", 2, "nobody's"]]);
		expect(await messages()).toEqual(["b's", "nobody's"]);
		expect(await names()).toEqual(["b.paid", "started"]);
	});

	it("clears the message of an issue that has no other occurrence stored", async () => {
		await postSession("a");
		await exception("first", null, NOW - 50_000);
		await exception("a's secret", "a");
		await env.DB.exec("DELETE FROM occurrences WHERE message = 'first'");
		await apiJson("/erasures", json("POST", { sessionIds: ["a"] }));
		expect(await issues()).toEqual([["E", 1, ""]]);
		expect(JSON.stringify([await rows("issues"), await rows("occurrences")])).not.toContain("secret");
	});

	it("removes the session ID and personal data from later reports", async () => {
		await postSession("a");
		await exception("somebody else's", null);
		await api("/sessions/a", { method: "DELETE" });
		const late = { session_id: "a", context: { user: "Ada" }, payload: { user: "Ada" }, backtrace: ["a.rb:1"] };
		await report("/errors", { exception_class: "E", message: "Ada's", ...late });
		await report("/errors", { exception_class: "F", message: "Ada's", ...late });
		await report("/track", { name: "late", ...late });
		expect((await rows("occurrences")).filter(({ backtrace }) => backtrace !== "[]")).toMatchObject([
			{ message: "", session_id: null, window_id: null, context: null, backtrace: '["a.rb:1"]' },
			{ message: "", session_id: null, window_id: null, context: null },
		]);
		expect(await rows("server_events")).toMatchObject([{ name: "late", session_id: null, payload: null }]);
		expect(JSON.stringify(await rows("issues"))).not.toContain("Ada");
	});

	it("leaves no report with the session's ID when servers report concurrently", async () => {
		await postSession("a");
		await Promise.all([
			...Array.from({ length: 6 }, (_, i) => exception(`it broke ${i}`, "a")),
			api("/sessions/a", { method: "DELETE" }),
			...Array.from({ length: 6 }, (_, i) => event(`paid ${i}`, "a")),
		]);
		expect((await rows("occurrences")).filter(({ session_id }) => session_id !== null)).toEqual([]);
		expect((await rows("server_events")).filter(({ session_id }) => session_id !== null)).toEqual([]);
		const counted = (await rows<{ count: number }>("issues")).reduce((sum, { count }) => sum + count, 0);
		expect(counted).toBe((await rows("occurrences")).length);
	});

	it("keeps reports when the session's last window is deleted", async () => {
		await postSession("a");
		await exception("it broke", "a");
		await event("paid", "a");
		expect((await api("/sessions/a/windows/w", { method: "DELETE" })).status).toBe(200);
		expect(await rows("sessions")).toEqual([]);
		expect(await messages()).toEqual(["it broke"]);
		expect(await names()).toEqual(["paid"]);
	});

	it("is finished by a background job after an interruption, also for a session with reports only", async () => {
		vi.spyOn(console, "error").mockReturnValue();
		await exception("it broke", "ghost");
		const put = () => Promise.reject(new Error("R2 is away"));
		const CHUNKS = new Proxy(env.CHUNKS, {
			get: (target, name) => (name === "put" ? put : Reflect.get(target, name).bind(target)),
		});
		const init = json("POST", { sessionIds: ["ghost"] });
		expect((await api("/erasures", { ...init, on: withKeys({ CHUNKS }) })).status).toBe(500);
		for (let minute = 0; minute < 3; minute++) await tick(withKeys(), NOW + minute * 60_000);
		expect([await issues(), await messages()]).toEqual([[], []]);
		// Reports that an interrupted deletion left behind are also deleted when the request is repeated.
		await exception("it broke", "ghost");
		await env.DB.exec("UPDATE occurrences SET session_id = 'ghost'");
		await apiJson("/erasures", init);
		expect(await messages()).toEqual([]);
	});

	it("deletes reports of a session that was never recorded", async () => {
		await exception("it broke", "ghost");
		await apiJson("/erasures", json("POST", { sessionIds: ["ghost"] }));
		expect([await issues(), await messages()]).toEqual([[], []]);
	});
});

describe("export of personal data", () => {
	it("includes reports of servers", async () => {
		await post(batchOf({ sessionId: "a", windowId: "w", metadata: { user_id: "u" } }));
		await exception("it broke", "a");
		await event("paid", "a");
		const exported = await apiJson<{ sessions: { reported: unknown[] }[] }>(
			"/erasures/export",
			json("POST", { userId: "u" }),
		);
		expect(exported.sessions[0]!.reported).toMatchObject([{ message: "it broke" }, { name: "paid" }]);
	});

	it("includes reports of a session that was never recorded", async () => {
		await postSession("b");
		await exception("it broke", "ghost");
		await event("paid", "ghost");
		const { sessions } = await apiJson<{ sessions: { id: string; reported: unknown[] }[] }>(
			"/erasures/export",
			json("POST", { sessionIds: ["b", "ghost", "never"] }),
		);
		expect(sessions.map(({ id }) => id)).toEqual(["b", "ghost"]);
		expect(sessions[1]!.reported).toMatchObject([{ message: "it broke" }, { name: "paid" }]);
	});
});

describe("retention", () => {
	it("deletes older reports, with or without a session, keeps newer ones, and is idempotent", async () => {
		const twoDays = withKeys({ RETENTION_DAYS: 2 });
		await exception("old", null, NOW - 3 * DAY, "Old");
		await exception("old of both", null, NOW - 3 * DAY);
		await exception("young", null, NOW - DAY);
		await event("old", null, NOW - 3 * DAY);
		await event("young", "a", NOW - DAY);
		for (let i = 0; i < 2; i++) {
			await tick(twoDays, NOW + i * 3_600_000);
			// Counts include deleted occurrences.
			expect(await issues()).toEqual([["E", 2, "young"]]);
			expect([await messages(), await names()]).toEqual([["young"], ["young"]]);
		}
	});

	it("deletes exactly up to its cutoff, in several steps through the API", async () => {
		vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
		const oneDay = envWith({ RETENTION_DAYS: 1 });
		await event("just young enough", null, NOW - DAY);
		await event("a moment older", null, NOW - DAY - 1);
		await env.DB.prepare(
			`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2100)
			INSERT INTO server_events (project, id, at, name, level)
			SELECT 'default', '00000000-0000-7000-8000-' || printf('%012d', i), 5, 'old', 'info' FROM n`,
		).run();
		const steps = [];
		do steps.push(await apiJson<{ more: boolean }>("/maintenance/purge", { method: "POST", on: oneDay }));
		while (steps.at(-1)!.more);
		expect(steps).toHaveLength(3);
		expect(await names()).toEqual(["just young enough"]);
	});

	it("deletes reports with their session, and reports of projects that are no longer configured", async () => {
		await postSession("a", NOW - 3 * DAY);
		await exception("its", "a", NOW - DAY);
		await tick(withKeys({ RETENTION_DAYS: 2 }), NOW);
		expect([await rows("sessions"), await messages()]).toEqual([[], []]);
		// The issue keeps its count, but not its message.
		expect(await issues()).toEqual([["E", 1, ""]]);

		const other = withKeys({ PROJECTS: [{ id: "other" }], INGEST_KEYS: ["other:0123456789abcdef0123456789abcdef"] });
		await event("forgotten", null, NOW - 3 * DAY, other);
		// Each tick covers one project: first the configured one, then the one that is no longer configured.
		for (const minute of [60, 61]) await tick(withKeys({ RETENTION_DAYS: 2 }), NOW + minute * 60_000);
		expect(await names()).toEqual([]);
	});
});

describe("caps", () => {
	it("delete the issues not seen for longest, and the oldest occurrences and events", async () => {
		const on = withKeys({ MAX_PROBLEMS: 2, MAX_OCCURRENCES_PER_PROBLEM: 2, MAX_SERVER_EVENTS: 3 });
		for (const [i, name] of ["A", "B", "C"].entries()) {
			for (let n = 0; n < 3; n++) await exception(`${name}${n}`, null, NOW - 90_000 + i * 10_000 + n, name);
		}
		for (let n = 0; n < 5; n++) await event(`e${n}`, null, NOW - 60_000 + n);
		await tick(on, NOW);
		expect(await issues()).toEqual([
			["B", 3, "B2"],
			["C", 3, "C2"],
		]);
		expect(await messages()).toEqual(["B1", "B2", "C1", "C2"]);
		expect(await names()).toEqual(["e2", "e3", "e4"]);
	});

	it("are off when set to 0", async () => {
		const unlimited = withKeys({ MAX_PROBLEMS: 0, MAX_OCCURRENCES_PER_PROBLEM: 0, MAX_SERVER_EVENTS: 0 });
		await exception("it broke", null);
		await event("paid", null);
		await tick(unlimited, NOW);
		expect([await messages(), await names()]).toEqual([["it broke"], ["paid"]]);
	});
});

describe("the nightly export", () => {
	it("writes reports in parts, and restores them except reports erased since then", async () => {
		await postSession("a");
		await exception("last", "a");
		const [{ fingerprint } = {}] = await rows("issues");
		const many = (table: string, columns: string, values: string) =>
			env.DB.prepare(
				`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
				INSERT INTO ${table} (project, id, at, session_id, ${columns})
				SELECT 'default', '${lowestIdAt(NOW)}-7000-8000-' || printf('%012d', i), ${NOW} - i, CASE i % 50 WHEN 7 THEN 'a' END, ${values}
				FROM n`,
			).run();
		await many("occurrences", "fingerprint, message, backtrace", `'${fingerprint}', 'it''s ' || i, '[]'`);
		await many("server_events", "name, level, payload", "'paid', 'info', '{\"a/b\":1}'");
		await env.DB.exec("UPDATE issues SET count = 601");
		const before = { occurrences: await rows("occurrences"), server_events: await rows("server_events") };
		const issue = await rows("issues");
		await allowExport();
		for (let minute = 0; minute < 20; minute++) await tick(withKeys(), NOW + minute * 60_000);
		const tables = ["issues", "occurrences", "server_events"];
		const restore = async () => {
			for (const table of tables) await env.DB.exec(`DELETE FROM ${table}`);
			let cursor: string | null = null;
			do ({ cursor } = await restoreExport(env.DB, env.CHUNKS, cursor));
			while (cursor);
		};
		await restore();
		expect({ occurrences: await rows("occurrences"), server_events: await rows("server_events") }).toEqual(before);
		expect(await rows("issues")).toEqual(issue.map((it) => ({ ...it, message: "it's 600" })));
		await api("/sessions/a", { method: "DELETE" });
		await restore();
		expect((await rows("issues"))[0]!.message).toBe("it's 600");
		for (const table of ["occurrences", "server_events"] as const) {
			expect(await rows(table)).toEqual(before[table].filter(({ session_id }) => session_id !== "a"));
		}
		// Within a day, the session's reports are removed from the exports as well.
		for (let minute = 0; minute < 30; minute++) await tick(withKeys(), NOW + DAY / 2 + DAY + minute * 60_000);
		for (const table of tables) await env.DB.exec(`DELETE FROM ${table}`);
		await env.DB.exec("DELETE FROM erasures");
		let cursor: string | null = null;
		do ({ cursor } = await restoreExport(env.DB, env.CHUNKS, cursor));
		while (cursor);
		expect((await rows("occurrences")).filter(({ session_id }) => session_id === "a")).toEqual([]);
	});

	it("is restored automatically into a new D1, and not overwritten before that", async () => {
		await postSession("a");
		await exception("it broke", "a");
		await exception("nobody's", null);
		await event("paid", null);
		await allowExport();
		for (let minute = 0; minute < 8; minute++) await tick(withKeys(), NOW + minute * 60_000);
		await api("/sessions/a", { method: "DELETE" });
		for (const table of ["issues", "occurrences", "server_events", "jobs", "erasures", "sessions", "chunks"]) {
			await env.DB.exec(`DELETE FROM ${table}`);
		}
		const exports_ = async () => (await env.CHUNKS.list({ prefix: ".export/" })).objects.map(({ key }) => key);
		const before = await exports_();
		await event("came in between", null);
		for (let minute = 0; minute < 8; minute++) await tick(withKeys(), NOW + DAY + minute * 60_000);
		expect(await exports_()).toEqual(before);
		// The report of the deleted session is subtracted, because the ledger in R2 contains the session.
		expect(await issues()).toEqual([["E", 1, "nobody's"]]);
		expect([await messages(), await names()]).toEqual([["nobody's"], ["came in between", "paid"]]);
		for (let minute = 0; minute < 8; minute++) await tick(withKeys(), NOW + 2.5 * DAY + minute * 60_000);
		expect((await exports_()).length).toBeGreaterThan(before.length);
	});

	it("continues a restore with the same day when a newer export is written meanwhile", async () => {
		for (let i = 0; i < 12; i++) {
			await env.CHUNKS.put(`.export/20260101.${String(i).padStart(5, "0")}.json.gz`, await gzip('{"tables":{}}'));
		}
		await env.CHUNKS.put(".export/20260101.json.gz", await gzip('{"tables":{}}'));
		const first = await restoreExport(env.DB, env.CHUNKS);
		expect(first.cursor).toContain(".export/20260101.00009");
		await env.CHUNKS.put(".export/20260102.json.gz", await gzip('{"tables":{}}'));
		expect(await restoreExport(env.DB, env.CHUNKS, first.cursor)).toEqual({ rows: 0, cursor: null });
	});

	it("splits long rows into small parts, and does not block other daily jobs when it fails", async () => {
		const frames = Array.from({ length: 100 }, () => "\u0001".repeat(800));
		for (let i = 0; i < 12; i++) {
			await report("/errors", { exception_class: "E", message: `${i}`, backtrace: frames });
		}
		expect(JSON.parse(String((await rows("occurrences"))[0]!.backtrace))).toHaveLength(40);
		await allowExport();
		for (let minute = 0; minute < 14; minute++) await tick(withKeys(), NOW + minute * 60_000);
		const parts = (await env.CHUNKS.list({ prefix: ".export/" })).objects;
		expect(parts.length).toBeGreaterThan(2);

		vi.spyOn(console, "error").mockReturnValue();
		const put = () => Promise.reject(new Error("R2 is away"));
		const CHUNKS = new Proxy(env.CHUNKS, {
			get: (target, name) => (name === "put" ? put : Reflect.get(target, name).bind(target)),
		});
		const on = withKeys({ CHUNKS });
		for (let minute = 0; minute < 14; minute++) await tick(on, NOW + 1.5 * DAY + minute * 60_000);
		const jobs = new Map((await rows<{ name: string; ran_at: number }>("jobs")).map((it) => [it.name, it.ran_at]));
		expect(jobs.get("export")).toBeLessThan(NOW + DAY);
		for (const name of ["tombstones", "settle old", "scrub exports", "sweep days"]) {
			expect(jobs.get(name), name).toBeGreaterThan(NOW + DAY);
		}
	});

	it("drops reports past retention within a day", async () => {
		const on = withKeys({ RETENTION_DAYS: 5 });
		await exception("old", null, NOW - 4 * DAY);
		await exception("young", null, NOW - 2 * DAY);
		await event("old", null, NOW - 4 * DAY);
		await allowExport();
		for (let minute = 0; minute < 6; minute++) await tick(on, NOW + minute * 60_000);
		for (let minute = 0; minute < 20; minute++) await tick(on, NOW + 2 * DAY + minute * 60_000);
		const exported = [];
		for (const { key } of (await env.CHUNKS.list({ prefix: ".export/" })).objects) {
			const inflated = (await env.CHUNKS.get(key))!.body.pipeThrough(new DecompressionStream("gzip"));
			exported.push(...((await new Response(inflated).text()).match(/"(message|name)":"[^"]*"/g) ?? []));
		}
		expect([...new Set(exported)].sort()).toEqual(['"message":""', '"message":"young"']);
		expect((await env.CHUNKS.list({ prefix: ".export/" })).objects.length).toBeGreaterThan(3);
	});
});

describe("the overview", () => {
	const overview = (query: string) =>
		apiJson<{
			serverIssues: { open: number; top: object[] } | null;
			series: { label: string; serverErrors: number | null }[];
		}>(`/analytics/overview?${query}`);
	const iso = (at: number) => new Date(at).toISOString().slice(0, 10);

	it("shows server exceptions by day, and the most frequent open issues of the period", async () => {
		for (const n of [1, 2, 3]) await exception(`a${n}`, null, NOW - 5 * DAY, "A");
		for (const n of [1, 2]) await exception(`b${n}`, null, NOW - 3 * DAY - n, "B");
		await exception("c", null, NOW - 3 * DAY, "C");
		await exception("a4", null, NOW - 3 * DAY, "A");
		const found = (await rows("issues")).find((it) => it.exception_class === "C")!;
		await apiJson(`/issues/${found.fingerprint}/status`, json("PUT", { status: "resolved" }));
		const { series, serverIssues } = await overview(`since=${iso(NOW - 4 * DAY)}&until=${iso(NOW)}`);
		expect(series.map(({ serverErrors }) => serverErrors)).toEqual([0, 4, 0, 0, 0]);
		expect(serverIssues).toEqual({
			open: 2,
			top: [
				{ ...{ exceptionClass: "B", message: "b1", count: 2, isNew: true }, fingerprint: expect.any(String) },
				{ ...{ exceptionClass: "A", message: "a4", count: 1, isNew: false }, fingerprint: expect.any(String) },
			],
		});
		expect((await overview(`since=${iso(NOW - 60 * DAY)}`)).series.reduce((sum, it) => sum + it.serverErrors!, 0)).toBe(
			7,
		);
		// Server errors are not available by hour, and server issues not with a filter.
		expect((await overview(`since=${iso(NOW)}`)).series[0]!.serverErrors).toBeNull();
		expect((await overview("device=Mobile")).serverIssues).toBeNull();
	});

	it("does not count deleted sessions", async () => {
		await postSession("a");
		await exception("a's", "a", NOW - 3 * DAY);
		await exception("nobody's", null, NOW - 3 * DAY);
		await exception("nobody's", null, NOW - 2 * DAY);
		await api("/sessions/a", { method: "DELETE" });
		const { series } = await overview(`since=${iso(NOW - 4 * DAY)}`);
		expect(series.map(({ serverErrors }) => serverErrors)).toEqual([0, 1, 1, 0, 0]);
	});
});

describe("data export", () => {
	it("contains issues and server events of the period, across pages", async () => {
		await exception("=1+1", null, NOW - 2 * DAY);
		await exception("older", null, NOW - 6 * DAY, "Old");
		await event("paid, in full", "s-1", NOW - 2 * DAY);
		await event("older", null, NOW - 6 * DAY);
		const since = `since=${new Date(NOW - 4 * DAY).toISOString().slice(0, 10)}`;
		const file = async (name: string, format: string) =>
			(await api(`/analytics/export/${name}?${since}&format=${format}`)).text();
		const [{ fingerprint } = {}] = (await rows("issues")).filter((it) => it.exception_class === "E");
		expect(await file("problems", "csv")).toBe(
			"id,fingerprint,project,exception_class,title,count,status,first_seen,last_seen\r\n" +
				`${fingerprint},${fingerprint},default,E,E: =1+1,1,open,${NOW - 2 * DAY},${NOW - 2 * DAY}\r\n`,
		);
		expect(JSON.parse(await file("server_events", "json"))).toEqual([
			{
				...{ id: expect.any(String), project: "default", name: "paid, in full", level: "info", session_id: "s-1" },
				...{ timestamp: NOW - 2 * DAY, payload: null },
			},
		]);
		await env.DB.prepare(
			`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
			INSERT INTO server_events (project, id, at, name, level)
			SELECT 'default', substr(e.id, 1, 13) || printf('-7000-8000-%012d', n.i), e.at, 'many', 'info'
			FROM n, server_events e WHERE e.name LIKE 'paid%'`,
		).run();
		expect((await file("server_events", "ndjson")).trim().split("\n")).toHaveLength(1_201);
		const { datasets } = await apiJson<{ datasets: { name: string }[] }>("/analytics/export");
		for (const name of [
			...["sessions", "errors", "browser_events", "problems", "server_events", "stats", "heatmap", "scroll", "forms"],
			"web_vitals",
		]) {
			expect(datasets.map((it) => it.name)).toContain(name);
		}
		expect((await api("/analytics/export/custom_events")).status).toBe(404);
	});
});
