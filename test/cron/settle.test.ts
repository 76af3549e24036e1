import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { analysis } from "../../src/analytics/analysis.ts";
import { tick } from "../../src/cron/index.ts";
import { resetDayCache } from "../../src/storage/day-cache.ts";
import { readUnrolled, writeRollups } from "../../src/storage/rollups.ts";
import { rollUpStep, settleStep } from "../../src/storage/settle.ts";
import { randomFrom } from "../support/random.ts";
import { makeSampleSession, makeTimes } from "../support/sample-sessions.ts";
import { apiJson, batchOf, dbWith, envWith, pageEvents, post, rows } from "../support/worker.ts";

const NOW = Date.UTC(2026, 5, 10, 12);
const MINUTE = 60_000;
const DAY = 86_400_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => {
	vi.useRealTimers();
	vi.restoreAllMocks();
});

async function recordSession(sessionId: string, at = NOW, batches = 2, path = "/pricing") {
	for (let seq = 0; seq < batches; seq++) {
		const events = pageEvents(at + seq * 20_000, `https://shop.example${path}`);
		await post(batchOf({ sessionId, seq, events }));
	}
}

/** Records sample sessions of a shop. Each batch is received one second after its last event. */
async function recordSampleSessions(count: number) {
	const random = randomFrom(count);
	for (const at of makeTimes(random, count, NOW - 180 * MINUTE, NOW - 60 * MINUTE)) {
		const { userAgent, cf, batches } = makeSampleSession(random, "https://shop.example", at);
		for (const batch of batches) {
			vi.setSystemTime(batch.events.at(-1)!.timestamp! + 1_000);
			await post(batch, { headers: { "user-agent": userAgent }, cf: cf as Partial<IncomingRequestCfProperties> });
		}
	}
}

async function runJobs(from: number, ticks = 3, on = envWith()) {
	for (let i = 0; i < ticks; i++) {
		vi.setSystemTime(from + i * MINUTE);
		await tick(on, from + i * MINUTE);
	}
}

const rollups = async () =>
	Object.fromEntries(
		(await rows<{ part: string; cell: string; day: number; data: string }>("rollups")).map(
			({ part, cell, day, data }) => [`${part}/${cell}/${day}`, data],
		),
	);
const overview = async (day = 20260610) => JSON.parse((await rollups())[`overview//${day}`] ?? "{}");

describe("a session", () => {
	it("is settled after half an hour without batches, and its day is rolled up", async () => {
		await recordSession("a");
		await runJobs(NOW + 29 * MINUTE, 1);
		expect(await rows("facts")).toEqual([]);
		await runJobs(NOW + 31 * MINUTE);
		expect(await rows("facts")).toMatchObject([{ session_id: "a", day: 20260610, rolled: 1, clicks: 2, views: 1 }]);
		expect(await overview()).toMatchObject({ s: 1, clicks: 2, views: 1, events: 12 });
	});

	it("that continues is settled again, as if it had arrived at once", async () => {
		await recordSession("a", NOW, 1);
		await recordSession("b", NOW, 2, "/other");
		await runJobs(NOW + 31 * MINUTE);
		await post(batchOf({ sessionId: "a", seq: 1, events: pageEvents(NOW + 20_000) }));
		await runJobs(NOW + 120 * MINUTE);
		const grown = [await rollups(), await rows("facts")];
		for (const table of ["facts", "rollups", "rollup_days"]) await env.DB.exec(`DELETE FROM ${table}`);
		await env.DB.exec("UPDATE sessions SET settled = 0");
		await runJobs(NOW + 120 * MINUTE);
		expect([await rollups(), await rows("facts")]).toEqual(grown);
		expect(await overview()).toMatchObject({ s: 2, clicks: 4 });
	});

	it("has exactly the same facts and rollups when settled again, in any order and portions", async () => {
		await recordSampleSessions(30);
		await runJobs(NOW + 60 * MINUTE, 5);
		const everything = async () => JSON.stringify([await rows("facts"), await rollups()]);
		const first = await everything();
		expect((await rows("facts")).length).toBeGreaterThanOrEqual(30);
		for (const part of ["substr(id, -1) < '8'", "substr(id, -2, 1) IN ('1', '5', 'a', 'c')"]) {
			for (const table of ["facts", "rollups", "rollup_days"]) await env.DB.exec(`DELETE FROM ${table}`);
			await env.DB.exec("UPDATE sessions SET settled = 1");
			await env.DB.exec(`UPDATE sessions SET settled = 0 WHERE ${part}`);
			await runJobs(NOW + 70 * MINUTE, 5);
			expect(await everything()).not.toBe(first);
			await env.DB.exec(`UPDATE sessions SET settled = 0 WHERE NOT (${part})`);
			await runJobs(NOW + 80 * MINUTE, 5);
			expect(await everything()).toBe(first);
		}
		await env.DB.exec("UPDATE sessions SET settled = 0");
		await runJobs(NOW + 200 * MINUTE, 8);
		expect(await everything()).toBe(first);
	});

	it("costs at most ten written rows to settle and roll up", async () => {
		await recordSampleSessions(20);
		let written = 0;
		const on = envWith({
			DB: dbWith({
				batch: async (statements: D1PreparedStatement[]) => {
					const results = await env.DB.batch(statements);
					for (const { meta } of results) written += meta.rows_written;
					return results;
				},
			}),
		});
		await runJobs(NOW + 31 * MINUTE, 2, on);
		expect(Object.values(await rollups())).not.toEqual([]);
		expect(await rows("facts")).toHaveLength(20);
		expect(written / 20).toBeLessThanOrEqual(10);
	});

	it("whose facts cannot be written does not block the others", async () => {
		const errors = vi.spyOn(console, "error").mockImplementation(() => {});
		for (const id of ["a", "poison", "b"]) await recordSession(id);
		const on = envWith({
			DB: dbWith({
				prepare: (sql: string) => {
					const statement = env.DB.prepare(sql);
					const bind = statement.bind.bind(statement);
					// Fails as if the facts of one session were too large for a row.
					statement.bind = (...values: unknown[]) =>
						sql.includes("INSERT INTO facts") && String(values[1]).includes("poison")
							? env.DB.prepare("INSERT INTO nowhere VALUES (1)")
							: bind(...values);
					return statement;
				},
			}),
		});
		await runJobs(NOW + 31 * MINUTE, 2, on);
		expect(errors).toHaveBeenCalledWith("facts of poison cannot be written", expect.anything());
		expect((await rows<{ session_id: string }>("facts")).map(({ session_id }) => session_id)).toEqual(["a", "b"]);
		expect((await rows<{ settled: number }>("sessions")).map(({ settled }) => settled)).toEqual([1, 1, 1]);
	});

	it("that is deleted is removed from the rollups, and the others stay", async () => {
		for (const id of ["a", "b"]) await recordSession(id, NOW, 2, `/${id}`);
		await runJobs(NOW + 31 * MINUTE);
		await apiJson("/sessions/a", { method: "DELETE" });
		expect(JSON.stringify([await rollups(), await rows("facts")])).not.toContain("shop.example/a");
		await runJobs(NOW + 34 * MINUTE);
		expect(await overview()).toMatchObject({ s: 1, clicks: 2 });
		expect(Object.keys(JSON.parse((await rollups())["pages//20260610"]!))).toEqual(["https://shop.example/b"]);
	});

	it("that is deleted while it is being settled is not restored", async () => {
		await recordSession("a", NOW, 2, "/secret");
		let isFirst = true;
		const on = envWith({
			DB: dbWith({
				batch: async (statements: D1PreparedStatement[]) => {
					if (isFirst) {
						isFirst = false;
						await apiJson("/sessions/a", { method: "DELETE" });
					}
					return env.DB.batch(statements);
				},
			}),
		});
		vi.setSystemTime(NOW + 31 * MINUTE);
		await settleStep(on.DB, "default", analysis, { since: 0 }, NOW + 31 * MINUTE);
		expect(isFirst).toBe(false);
		expect(await rows("facts")).toEqual([]);
	});

	it("that is deleted while its day is being rolled up is not restored", async () => {
		for (const id of ["a", "b"]) await recordSession(id, NOW, 2, `/${id}`);
		await runJobs(NOW + 31 * MINUTE, 1);
		await env.DB.exec("UPDATE facts SET rolled = 0");
		for (const table of ["rollups", "rollup_days"]) await env.DB.exec(`DELETE FROM ${table}`);
		let isFirst = true;
		const on = envWith({
			DB: dbWith({
				batch: async (statements: D1PreparedStatement[]) => {
					const results = await env.DB.batch(statements);
					// This runs after the facts are read and before the rollups are written.
					if (isFirst && results.length === 3) {
						isFirst = false;
						await apiJson("/sessions/a", { method: "DELETE" });
					}
					return results;
				},
			}),
		});
		await runJobs(NOW + 32 * MINUTE, 1, on);
		expect(isFirst).toBe(false);
		expect(await rollups()).toEqual({});
		await runJobs(NOW + 33 * MINUTE, 1);
		expect(await overview()).toMatchObject({ s: 1 });
	});
});

describe("a day", () => {
	it("from which a session is deleted during a rollup is rolled up again with its new sessions", async () => {
		await recordSession("a");
		await runJobs(NOW + 31 * MINUTE);
		for (const id of ["b", "c"]) await recordSession(id, NOW + 40 * MINUTE);
		vi.setSystemTime(NOW + 80 * MINUTE);
		await settleStep(env.DB, "default", analysis, { since: 0 }, NOW + 80 * MINUTE);
		let isFirst = true;
		const batch = async (statements: D1PreparedStatement[]) => {
			const results = await env.DB.batch(statements);
			if (isFirst && results.length === 3) {
				isFirst = false;
				await apiJson("/sessions/a", { method: "DELETE" });
			}
			return results;
		};
		await rollUpStep(dbWith({ batch }), "default", analysis);
		expect(isFirst).toBe(false);
		expect((await rows<{ rolled: number }>("facts")).map(({ rolled }) => rolled)).toEqual([0, 0]);
		await runJobs(NOW + 81 * MINUTE, 1);
		expect(await overview()).toMatchObject({ s: 2, clicks: 4 });
	});

	it("that two writers roll up at once has the facts of one; the facts of the other stay pending", async () => {
		for (const id of ["a", "b"]) await recordSession(id);
		await runJobs(NOW + 31 * MINUTE, 1);
		await env.DB.exec("UPDATE facts SET rolled = 0");
		for (const table of ["rollups", "rollup_days"]) await env.DB.exec(`DELETE FROM ${table}`);
		const { facts, ...read } = (await readUnrolled(env.DB, "default", 10))!;
		const write = (id: string) =>
			writeRollups(env.DB, "default", { ...read, facts: facts.filter(({ sessionId }) => sessionId === id) }, new Map());
		const written = [await write("a")];
		vi.setSystemTime(NOW + 32 * MINUTE);
		written.push(await write("b"));
		expect(written).toEqual([true, false]);
		expect(await rows("facts")).toMatchObject([
			{ session_id: "a", rolled: 1 },
			{ session_id: "b", rolled: 0 },
		]);
	});

	it("is reported from current facts, whatever the isolate has cached", async () => {
		const scans = async () => {
			const query = "since=2026-06-01&until=2026-06-30";
			const ask = (path: string) => apiJson<object>(`/analytics/${path}${path.includes("?") ? "&" : "?"}${query}`);
			const reports = [
				await ask("paths"),
				await ask("engagement"),
				await ask("overview?browser=Chrome"),
				await ask("pages?q=s"),
			];
			return JSON.stringify(reports);
		};
		/** Returns the reports, and checks that they are the same with and without a warm cache. */
		const readReports = async () => {
			const cached = await scans();
			resetDayCache();
			expect(await scans()).toBe(cached);
			return cached;
		};
		for (let i = 0; i < 8; i++) await recordSession(`s${i}`, NOW - (i % 3) * DAY + i * MINUTE, 2, `/${i}`);
		const all = [await readReports()];
		await runJobs(NOW + 40 * MINUTE);
		all.push(await readReports());
		// One session continues, one is deleted, and a new one starts. Later, a cap and data retention delete sessions.
		await post(
			batchOf({ sessionId: "s0", seq: 2, events: pageEvents(NOW + 50 * MINUTE, "https://shop.example/more") }),
		);
		await runJobs(NOW + 120 * MINUTE);
		all.push(await readReports());
		await apiJson("/sessions/s1", { method: "DELETE" });
		all.push(await readReports());
		await runJobs(NOW + 121 * MINUTE, 2);
		all.push(await readReports());
		await recordSession("s9", NOW + 130 * MINUTE, 1, "/9");
		await runJobs(NOW + 170 * MINUTE);
		all.push(await readReports());
		await runJobs(NOW + 3 * DAY, 3, envWith({ MAX_SESSIONS: 4 }));
		all.push(await readReports());
		for (const days of [28.5, 29.5, 30.5]) {
			await runJobs(NOW + days * DAY, 3);
			all.push(await readReports());
		}
		expect(await rows("facts")).toEqual([]);
		await apiJson("/maintenance/reindex", { method: "POST" });
		await readReports();
		// The changes had effects on the reports.
		expect(new Set(all).size).toBeGreaterThan(7);
	}, 30_000);
});

describe("a cap", () => {
	it("that deletes today's oldest sessions does not stop today's rollups", async () => {
		const on = envWith({ MAX_SESSIONS: 3 });
		for (let i = 0; i < 6; i++) await recordSession(`s${i}`, NOW + i);
		await runJobs(NOW + 60 * MINUTE, 3, on);
		expect(await rows("sessions")).toHaveLength(3);
		for (let i = 6; i < 8; i++) await recordSession(`s${i}`, NOW + 65 * MINUTE);
		await runJobs(NOW + 100 * MINUTE, 3, on);
		expect(await overview()).toMatchObject({ s: 8 });
	});
});

describe("a day whose recordings are deleted", () => {
	it("keeps its rollups, without values of fewer than five sessions", async () => {
		for (let i = 0; i < 6; i++) await recordSession(`s${i}`, NOW + i, 1, "/common");
		await recordSession("rare", NOW, 1, "/rare");
		await runJobs(NOW + 31 * MINUTE);
		await runJobs(NOW + 30 * DAY + MINUTE);
		expect([await rows("sessions"), await rows("facts")]).toEqual([[], []]);
		expect(await overview()).toMatchObject({ s: 7, clicks: 7 });
		const all = JSON.stringify(await rollups());
		expect(all).toContain("/common");
		expect(all).not.toContain("/rare");
		expect(await rows("rollup_days")).toMatchObject([{ day: 20260610, closed: 1 }]);
		// The rollups survive the loss of D1, although no recording contains their data any more.
		const before = await rollups();
		for (const table of ["rollups", "rollup_days"]) await env.DB.exec(`DELETE FROM ${table}`);
		await apiJson("/maintenance/reindex", { method: "POST" });
		expect(await rollups()).toEqual(before);
	});
});
