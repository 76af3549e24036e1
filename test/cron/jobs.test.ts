import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { dayOf } from "../../src/contract/days.ts";
import { uuidv7 } from "../../src/contract/ids.ts";
import { tick } from "../../src/cron/index.ts";
import {
	apiJson,
	batchOf,
	dbWith,
	envWith,
	objects,
	pageEvents,
	post,
	rows,
	unavailableDb,
} from "../support/worker.ts";

const DAY = 86_400_000;
const MINUTE = 60_000;
const NOW = Date.now();

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => {
	vi.useRealTimers();
	vi.restoreAllMocks();
});

/** Records a session that began `daysAgo` days ago. */
async function recordSession(sessionId: string, daysAgo: number, batches = 2) {
	const at = NOW - daysAgo * DAY;
	vi.setSystemTime(at);
	for (let seq = 0; seq < batches; seq++) {
		await post(batchOf({ sessionId, seq, events: pageEvents(at + seq * 20_000) }));
	}
	vi.setSystemTime(NOW);
}

const ids = async () => (await rows<{ id: string }>("sessions")).map(({ id }) => id);
const recordings = async () => (await objects()).filter((key) => !key.startsWith(".erased/"));

const withoutDb = () => envWith({ DB: unavailableDb() });

describe("retention", () => {
	it("deletes sessions past it from D1 and R2, and leaves the others", async () => {
		for (let i = 0; i < 20; i++) await recordSession(`old-${String(i).padStart(2, "0")}`, 31 + i / 100);
		await recordSession("fresh", 29);
		await tick(envWith(), NOW);
		await tick(envWith(), NOW + MINUTE);
		expect(await ids()).toEqual(["fresh"]);
		expect((await objects()).map((key) => key.split("/")[2])).toEqual(["fresh", "fresh"]);
		expect((await rows("chunks")).map((row) => row.session_id)).toEqual(["fresh", "fresh"]);
	});

	it("keeps a session whose last event is at the cutoff, and deletes one a millisecond older", async () => {
		await post(batchOf({ sessionId: "older", events: pageEvents(NOW - DAY - 2_001) }));
		await post(batchOf({ sessionId: "just", events: pageEvents(NOW - DAY - 2_000) }));
		await tick(envWith({ RETENTION_DAYS: 1 }), NOW);
		expect(await ids()).toEqual(["just"]);
		await tick(envWith({ RETENTION_DAYS: 1 }), NOW);
		expect(await ids()).toEqual(["just"]);
	});

	it("completes an interrupted deletion at the next tick", async () => {
		await recordSession("old", 40, 3);
		const errors = vi.spyOn(console, "error").mockImplementation(() => {});
		await tick(envWith({ DB: failingAtDelete() }), NOW);
		expect(await objects()).toEqual([]);
		expect(await ids()).toEqual(["old"]);
		expect(errors).toHaveBeenCalledWith('background job "retention" failed', expect.anything());
		await tick(envWith(), NOW + MINUTE);
		expect([await ids(), await rows("chunks")]).toEqual([[], []]);
	});

	it("keeps everything when RETENTION_DAYS is 0", async () => {
		await recordSession("old", 400);
		await tick(envWith({ RETENTION_DAYS: 0 }), NOW);
		expect(await ids()).toEqual(["old"]);
	});

	it("can be run by hand, in steps", async () => {
		for (let i = 0; i < 51; i++) await recordSession(`old-${i}`, 31, 1);
		const step = () => apiJson("/maintenance/purge", { method: "POST" });
		expect(await step()).toEqual({ purged: 50, more: true });
		expect(await step()).toEqual({ purged: 1, more: false });
	});

	it("deletes a session with very many chunks in several steps", async () => {
		await recordSession("old", 40, 1);
		await env.DB.prepare(
			`INSERT INTO chunks SELECT project, session_id, window_id, printf('%013d-00000-00000000', value), day, seq, first_at,
			last_at, events, bytes, snapshots, pages, clicks, errors, client, metadata, trail
			FROM chunks, (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 2500) SELECT * FROM n)`,
		).run();
		await recordSession("older", 50, 1);
		const step = () => apiJson("/maintenance/purge", { method: "POST" });
		expect([await step(), await step(), await step()]).toEqual([
			{ purged: 0, more: true },
			{ purged: 0, more: true },
			{ purged: 2, more: false },
		]);
		expect([await ids(), await rows("chunks")]).toEqual([[], []]);
	});

	it("keeps objects of days long past if they have rows", async () => {
		vi.setSystemTime(NOW - 45 * DAY);
		await post(batchOf({ seq: 0 }, NOW - 45 * DAY));
		vi.setSystemTime(NOW);
		await post(batchOf({ seq: 1 }, NOW));
		await tick(envWith(), NOW);
		await tick(envWith(), NOW + MINUTE);
		expect(await objects()).toHaveLength(2);
	});

	it("deletes objects of days long past if they have no rows", async () => {
		await env.CHUNKS.put("default/20200101/s/w/1577836800000-x-00000000", "x");
		await post(batchOf({}, NOW));
		for (let i = 0; i < 3; i++) await tick(envWith(), NOW + i * MINUTE);
		expect(await objects()).toHaveLength(1);
		expect((await objects())[0]).not.toContain("20200101");
	});
});

describe("the sweep", () => {
	it("adds rows that could not be written to D1", async () => {
		const errors = vi.spyOn(console, "error").mockImplementation(() => {});
		const sessionId = uuidv7(NOW - MINUTE, new Uint8Array(10));
		const response = await post(batchOf({ sessionId }, NOW), { on: withoutDb() });
		expect([response.status, await response.json()]).toEqual([200, { status: "ok" }]);
		expect(await ids()).toEqual([]);
		expect(errors).toHaveBeenCalledWith(
			"cannot write a chunk's rows to D1; the sweep will add them",
			expect.anything(),
		);
		await tick(envWith(), NOW);
		expect(await rows("sessions")).toMatchObject([{ id: sessionId, events: 6, windows: 1 }]);
	});

	it("covers every project in one tick, despite IDs that are not UUIDs", { timeout: 20_000 }, async () => {
		vi.spyOn(console, "error").mockImplementation(() => {});
		const origins = ["https://shop.example"];
		const projects = ["a", "b", "c"].map((id) => ({ id, origins }));
		const sessionId = uuidv7(NOW - MINUTE, new Uint8Array(10));
		const on = envWith({ PROJECTS: projects });
		for (let i = 0; i < 20; i++) await post(batchOf({ sessionId: `zz-${i}`, project: "a" }, NOW), { on });
		for (const { id } of projects) {
			await post(batchOf({ sessionId, project: id }, NOW), {
				on: envWith({ PROJECTS: projects, DB: unavailableDb() }),
			});
		}
		for (let i = 0; i < 3; i++) await tick(on, NOW + i * MINUTE);
		const found = (await rows<{ id: string; project: string }>("sessions")).filter(({ id }) => id === sessionId);
		expect(found.map(({ project }) => project)).toEqual(["a", "b", "c"]);
	});

	it("finds chunks of sessions that started long ago, once a day", async () => {
		vi.spyOn(console, "error").mockImplementation(() => {});
		await post(batchOf({ seq: 0 }, NOW));
		await post(batchOf({ seq: 1 }, NOW + 20_000), { on: withoutDb() });
		// Sweeping whole days is a daily job, and each tick runs only one daily job.
		for (let minute = 0; minute < 8; minute++) await tick(envWith(), NOW + minute * MINUTE);
		expect(await rows("sessions")).toMatchObject([{ chunks: 2, events: 12, windows: 1 }]);
	});

	it("completes earlier days after midnight, and also covers the minutes before midnight", async () => {
		vi.spyOn(console, "error").mockImplementation(() => {});
		const midnight = Math.floor(NOW / DAY) * DAY;
		const before = midnight - 5 * MINUTE;
		vi.setSystemTime(before);
		const recent = uuidv7(before, new Uint8Array(10));
		await post(batchOf({ sessionId: recent }, before), { on: withoutDb() });
		vi.setSystemTime(midnight - 30 * 60 * MINUTE);
		await post(batchOf({ sessionId: "long-ago" }, midnight - 30 * 60 * MINUTE), { on: withoutDb() });
		await env.DB.prepare("INSERT INTO jobs (name, ran_at, lease_until, cursor) VALUES ('sweep days', ?1, 0, ?2)")
			.bind(midnight - MINUTE, `default/${dayOf(midnight - 30 * 60 * MINUTE)}/aaa`)
			.run();
		vi.setSystemTime(midnight + MINUTE);
		await tick(envWith(), midnight + MINUTE);
		expect((await ids()).sort()).toEqual([recent, "long-ago"].sort());
	});

	it("skips a chunk whose rows cannot be written, and continues with the others", { timeout: 20_000 }, async () => {
		vi.spyOn(console, "error").mockImplementation(() => {});
		for (let i = 0; i < 3; i++) {
			await post(batchOf({ sessionId: uuidv7(NOW - MINUTE + i, new Uint8Array(10)) }, NOW), { on: withoutDb() });
		}
		let batches = 0;
		const DB = dbWith({
			batch: (statements: D1PreparedStatement[]) =>
				++batches === 2 ? Promise.reject(new Error("too big")) : env.DB.batch(statements),
		});
		await tick(envWith({ DB }), NOW);
		expect(await ids()).toHaveLength(2);
	});

	it("deletes a late chunk of a deleted session", async () => {
		vi.spyOn(console, "error").mockImplementation(() => {});
		const sessionId = uuidv7(NOW - MINUTE, new Uint8Array(10));
		await apiJson(`/sessions/${sessionId}`, { method: "DELETE" });
		await post(batchOf({ sessionId }, NOW), { on: withoutDb() });
		expect(await recordings()).toHaveLength(1);
		await tick(envWith(), NOW);
		expect(await recordings()).toEqual([]);
	});
});

describe("a deletion", () => {
	it("is completed after an interruption", async () => {
		await post(batchOf({}, NOW));
		await env.DB.prepare("INSERT INTO erasures VALUES ('default', ?, '', 'deleted', ?)")
			.bind(batchOf().sessionId, NOW)
			.run();
		await tick(envWith(), NOW);
		expect([await recordings(), await rows("chunks"), await ids()]).toEqual([[], [], []]);
		// Even if D1 loses the tombstone, the ledger in R2 keeps the session deleted.
		await env.DB.exec("DELETE FROM erasures");
		await post(batchOf({ seq: 9 }, NOW), { on: withoutDb() });
		await apiJson("/maintenance/reindex", { method: "POST" });
		expect([await recordings(), await rows("chunks"), await ids()]).toEqual([[], [], []]);
	});
});

describe("a tick", () => {
	it("does nothing while another holds the lease, until the lease expires", async () => {
		await recordSession("old", 40);
		await env.DB.exec(
			`INSERT INTO jobs (name, ran_at, lease_until, cursor) VALUES ('lease', ${NOW}, ${NOW + 5 * MINUTE}, NULL)`,
		);
		await tick(envWith(), NOW + MINUTE);
		expect(await ids()).toHaveLength(1);
		await tick(envWith(), NOW + 6 * MINUTE);
		expect(await ids()).toEqual([]);
	});

	it("clears an error that a job recorded under its earlier name", async () => {
		await env.DB.exec(
			"INSERT INTO jobs (name, ran_at, lease_until, error) VALUES ('closing days', 1, 0, 'no'), ('forgotten projects', 1, 0, 'no')",
		);
		const { queries } = env.MIGRATIONS.find(({ name }) => name === "0008_job_names.sql")!;
		for (const query of queries) await env.DB.prepare(query).run();
		const failing = async () => (await apiJson<{ troubles: { job: string }[] }>("/maintenance")).troubles;
		expect(await failing()).toMatchObject([{ job: "anonymize days" }, { job: "removed projects" }]);
		await tick(envWith(), NOW);
		expect(await failing()).toEqual([]);
	});
});

/** Returns the real D1, but with deletions of chunk rows that fail, as if the isolate was terminated. */
function failingAtDelete(): D1Database {
	return dbWith({
		prepare(sql: string) {
			if (/^delete from "?chunks/i.test(sql)) throw new Error("killed");
			return env.DB.prepare(sql);
		},
	});
}
