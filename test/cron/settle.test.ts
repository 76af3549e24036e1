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

async function visit(sessionId: string, at = NOW, batches = 2, path = "/pricing") {
	for (let seq = 0; seq < batches; seq++) {
		const events = pageEvents(at + seq * 20_000, `https://shop.example${path}`);
		await post(batchOf({ sessionId, seq, events }));
	}
}

/** Visits to a shop, each batch received a second after its last event. */
async function madeUp(count: number) {
	const random = randomFrom(count);
	for (const at of makeTimes(random, count, NOW - 180 * MINUTE, NOW - 60 * MINUTE)) {
		const { userAgent, cf, batches } = makeSampleSession(random, "https://shop.example", at);
		for (const batch of batches) {
			vi.setSystemTime(batch.events.at(-1)!.timestamp! + 1_000);
			await post(batch, { headers: { "user-agent": userAgent }, cf: cf as Partial<IncomingRequestCfProperties> });
		}
	}
}

async function upkeep(from: number, ticks = 3, on = envWith()) {
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
	it("is settled after half an hour of silence, and its day summed up", async () => {
		await visit("a");
		await upkeep(NOW + 29 * MINUTE, 1);
		expect(await rows("facts")).toEqual([]);
		await upkeep(NOW + 31 * MINUTE);
		expect(await rows("facts")).toMatchObject([{ session_id: "a", day: 20260610, rolled: 1, clicks: 2, views: 1 }]);
		expect(await overview()).toMatchObject({ s: 1, clicks: 2, views: 1, events: 12 });
	});

	it("that goes on is settled anew, as if it had come at once", async () => {
		await visit("a", NOW, 1);
		await visit("b", NOW, 2, "/other");
		await upkeep(NOW + 31 * MINUTE);
		await post(batchOf({ sessionId: "a", seq: 1, events: pageEvents(NOW + 20_000) }));
		await upkeep(NOW + 120 * MINUTE);
		const grown = [await rollups(), await rows("facts")];
		for (const table of ["facts", "rollups", "rollup_days"]) await env.DB.exec(`DELETE FROM ${table}`);
		await env.DB.exec("UPDATE sessions SET settled = 0");
		await upkeep(NOW + 120 * MINUTE);
		expect([await rollups(), await rows("facts")]).toEqual(grown);
		expect(await overview()).toMatchObject({ s: 2, clicks: 4 });
	});

	it("is the same to the letter digested again, in any order and portions, or over what is there", async () => {
		await madeUp(30);
		await upkeep(NOW + 60 * MINUTE, 5);
		const everything = async () => JSON.stringify([await rows("facts"), await rollups()]);
		const first = await everything();
		expect((await rows("facts")).length).toBeGreaterThanOrEqual(30);
		for (const part of ["substr(id, -1) < '8'", "substr(id, -2, 1) IN ('1', '5', 'a', 'c')"]) {
			for (const table of ["facts", "rollups", "rollup_days"]) await env.DB.exec(`DELETE FROM ${table}`);
			await env.DB.exec("UPDATE sessions SET settled = 1");
			await env.DB.exec(`UPDATE sessions SET settled = 0 WHERE ${part}`);
			await upkeep(NOW + 70 * MINUTE, 5);
			expect(await everything()).not.toBe(first);
			await env.DB.exec(`UPDATE sessions SET settled = 0 WHERE NOT (${part})`);
			await upkeep(NOW + 80 * MINUTE, 5);
			expect(await everything()).toBe(first);
		}
		await env.DB.exec("UPDATE sessions SET settled = 0");
		await upkeep(NOW + 200 * MINUTE, 8);
		expect(await everything()).toBe(first);
	});

	it("costs at most ten rows to settle and to sum up", async () => {
		await madeUp(20);
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
		await upkeep(NOW + 31 * MINUTE, 2, on);
		expect(Object.values(await rollups())).not.toEqual([]);
		expect(await rows("facts")).toHaveLength(20);
		expect(written / 20).toBeLessThanOrEqual(10);
	});

	it("that D1 will not take does not hold up the others", async () => {
		const errors = vi.spyOn(console, "error").mockImplementation(() => {});
		for (const id of ["a", "poison", "b"]) await visit(id);
		const on = envWith({
			DB: dbWith({
				prepare: (sql: string) => {
					const statement = env.DB.prepare(sql);
					const bind = statement.bind.bind(statement);
					// As if the facts of one were too much for a row.
					statement.bind = (...values: unknown[]) =>
						sql.includes("INSERT INTO facts") && String(values[1]).includes("poison")
							? env.DB.prepare("INSERT INTO nowhere VALUES (1)")
							: bind(...values);
					return statement;
				},
			}),
		});
		await upkeep(NOW + 31 * MINUTE, 2, on);
		expect(errors).toHaveBeenCalledWith("facts of poison cannot be written", expect.anything());
		expect((await rows<{ session_id: string }>("facts")).map(({ session_id }) => session_id)).toEqual(["a", "b"]);
		expect((await rows<{ settled: number }>("sessions")).map(({ settled }) => settled)).toEqual([1, 1, 1]);
	});

	it("that is deleted is out of the sums, and those of the others stay", async () => {
		for (const id of ["a", "b"]) await visit(id, NOW, 2, `/${id}`);
		await upkeep(NOW + 31 * MINUTE);
		await apiJson("/sessions/a", { method: "DELETE" });
		expect(JSON.stringify([await rollups(), await rows("facts")])).not.toContain("shop.example/a");
		await upkeep(NOW + 34 * MINUTE);
		expect(await overview()).toMatchObject({ s: 1, clicks: 2 });
		expect(Object.keys(JSON.parse((await rollups())["pages//20260610"]!))).toEqual(["https://shop.example/b"]);
	});

	it("that is deleted while it is settled is not brought back by that", async () => {
		await visit("a", NOW, 2, "/secret");
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

	it("that is deleted while its day is summed up is not brought back by that", async () => {
		for (const id of ["a", "b"]) await visit(id, NOW, 2, `/${id}`);
		await upkeep(NOW + 31 * MINUTE, 1);
		await env.DB.exec("UPDATE facts SET rolled = 0");
		for (const table of ["rollups", "rollup_days"]) await env.DB.exec(`DELETE FROM ${table}`);
		let isFirst = true;
		const on = envWith({
			DB: dbWith({
				batch: async (statements: D1PreparedStatement[]) => {
					const results = await env.DB.batch(statements);
					// Between what was read for the sums and their being written.
					if (isFirst && results.length === 3) {
						isFirst = false;
						await apiJson("/sessions/a", { method: "DELETE" });
					}
					return results;
				},
			}),
		});
		await upkeep(NOW + 32 * MINUTE, 1, on);
		expect(isFirst).toBe(false);
		expect(await rollups()).toEqual({});
		await upkeep(NOW + 33 * MINUTE, 1);
		expect(await overview()).toMatchObject({ s: 1 });
	});
});

describe("a day", () => {
	it("that somebody is deleted from while others are added to its sums is summed up with them", async () => {
		await visit("a");
		await upkeep(NOW + 31 * MINUTE);
		for (const id of ["b", "c"]) await visit(id, NOW + 40 * MINUTE);
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
		await upkeep(NOW + 81 * MINUTE, 1);
		expect(await overview()).toMatchObject({ s: 2, clicks: 4 });
	});

	it("that two sum up at once has the facts of one of them in its sums, and waits for the other's", async () => {
		for (const id of ["a", "b"]) await visit(id);
		await upkeep(NOW + 31 * MINUTE, 1);
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

	it("is told by its facts as they are, whatever an isolate knew of them", async () => {
		const scans = async () => {
			const query = "since=2026-06-01&until=2026-06-30";
			const ask = (path: string) => apiJson<object>(`/analytics/${path}${path.includes("?") ? "&" : "?"}${query}`);
			const told = [
				await ask("paths"),
				await ask("engagement"),
				await ask("overview?browser=Chrome"),
				await ask("pages?q=s"),
			];
			return JSON.stringify(told);
		};
		/** Of an isolate that knew what was before, and of one that knows nothing. */
		const isTold = async () => {
			const known = await scans();
			resetDayCache();
			expect(await scans()).toBe(known);
			return known;
		};
		for (let i = 0; i < 8; i++) await visit(`s${i}`, NOW - (i % 3) * DAY + i * MINUTE, 2, `/${i}`);
		const all = [await isTold()];
		await upkeep(NOW + 40 * MINUTE);
		all.push(await isTold());
		// One goes on, one is deleted, one loses its only window, one is new.
		await post(
			batchOf({ sessionId: "s0", seq: 2, events: pageEvents(NOW + 50 * MINUTE, "https://shop.example/more") }),
		);
		await upkeep(NOW + 120 * MINUTE);
		all.push(await isTold());
		await apiJson("/sessions/s1", { method: "DELETE" });
		all.push(await isTold());
		await upkeep(NOW + 121 * MINUTE, 2);
		all.push(await isTold());
		await visit("s9", NOW + 130 * MINUTE, 1, "/9");
		await upkeep(NOW + 170 * MINUTE);
		all.push(await isTold());
		await upkeep(NOW + 3 * DAY, 3, envWith({ MAX_SESSIONS: 4 }));
		all.push(await isTold());
		for (const days of [28.5, 29.5, 30.5]) {
			await upkeep(NOW + days * DAY, 3);
			all.push(await isTold());
		}
		expect(await rows("facts")).toEqual([]);
		await apiJson("/maintenance/reindex", { method: "POST" });
		await isTold();
		// Each of them changed something.
		expect(new Set(all).size).toBeGreaterThan(7);
	}, 30_000);
});

describe("a cap", () => {
	it("that drops today's oldest does not end today's sums", async () => {
		const on = envWith({ MAX_SESSIONS: 3 });
		for (let i = 0; i < 6; i++) await visit(`s${i}`, NOW + i);
		await upkeep(NOW + 60 * MINUTE, 3, on);
		expect(await rows("sessions")).toHaveLength(3);
		for (let i = 6; i < 8; i++) await visit(`s${i}`, NOW + 65 * MINUTE);
		await upkeep(NOW + 100 * MINUTE, 3, on);
		expect(await overview()).toMatchObject({ s: 8 });
	});
});

describe("a day whose recordings go", () => {
	it("keeps its sums, without what fewer than five sessions had", async () => {
		for (let i = 0; i < 6; i++) await visit(`s${i}`, NOW + i, 1, "/common");
		await visit("rare", NOW, 1, "/rare");
		await upkeep(NOW + 31 * MINUTE);
		await upkeep(NOW + 30 * DAY + MINUTE);
		expect([await rows("sessions"), await rows("facts")]).toEqual([[], []]);
		expect(await overview()).toMatchObject({ s: 7, clicks: 7 });
		const all = JSON.stringify(await rollups());
		expect(all).toContain("/common");
		expect(all).not.toContain("/rare");
		expect(await rows("rollup_days")).toMatchObject([{ day: 20260610, closed: 1 }]);
		// D1 may lose them: no recording tells of them any more.
		const before = await rollups();
		for (const table of ["rollups", "rollup_days"]) await env.DB.exec(`DELETE FROM ${table}`);
		await apiJson("/maintenance/reindex", { method: "POST" });
		expect(await rollups()).toEqual(before);
	});
});
