import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { tick } from "../../src/cron/index.ts";
import { deleteOldExports, restoreExport, writeExport } from "../../src/storage/backup.ts";
import { apiJson, batchOf, envWith, objects, pageEvents, post, report, rows } from "../support/worker.ts";

const DAY = 86_400_000;
const exports_ = async () => (await env.CHUNKS.list({ prefix: ".export/" })).objects.map(({ key }) => key.slice(8, 16));

describe("the nightly export", () => {
	it("is written once a day, except on the first day of a database", async () => {
		const exportsAfterDays = async (from: number, to: number) => {
			for (let day = from; day < to; day++) {
				for (let minute = 0; minute < 12; minute++) {
					await tick(envWith(), Date.UTC(2026, 0, 5, 3) + day * DAY + minute * 60_000);
				}
			}
			return exports_();
		};
		expect(await exportsAfterDays(0, 1)).toEqual([]);
		expect(await exportsAfterDays(1, 4)).toEqual(["20260106", "20260107", "20260108"]);
	}, 30_000);

	it("is restored into a new database even if R2 fails at first", async () => {
		await post(batchOf({ sessionId: "a" }));
		await apiJson("/sessions/a/mark", {
			...{ method: "PUT", body: JSON.stringify({ starred: true }), headers: { "content-type": "application/json" } },
		});
		await writeExport(env.DB, env.CHUNKS, Date.now() - DAY, null);
		await env.DB.exec("DELETE FROM marks");
		vi.spyOn(console, "error").mockImplementation(() => {});
		const failing = new Proxy(env.CHUNKS, {
			get: (bucket, name) =>
				name === "list" ? () => Promise.reject(new Error("R2 is away")) : Reflect.get(bucket, name).bind(bucket),
		});
		const run = async (CHUNKS: R2Bucket, minutes: number) => {
			for (let i = 0; i < minutes; i++) await tick(envWith({ CHUNKS }), Date.now() + i * 60_000);
		};
		await run(failing, 12);
		await run(env.CHUNKS, 24);
		vi.restoreAllMocks();
		expect(await rows("marks")).toMatchObject([{ session_id: "a", starred: 1 }]);
	}, 30_000);

	it("is kept for seven days, four weeks and three months", async () => {
		// Exports are written daily from 26 March to 3 July, a Friday.
		for (let day = 80; day < 180; day++) {
			const now = Date.UTC(2026, 0, 5, 3) + day * DAY;
			await writeExport(env.DB, env.CHUNKS, now, null);
			await deleteOldExports(env.CHUNKS, now);
		}
		expect(await exports_()).toEqual([
			...["20260501", "20260601", "20260607", "20260614", "20260621"],
			...["20260627", "20260628", "20260629", "20260630", "20260701", "20260702", "20260703"],
		]);
	}, 30_000);

	it("keeps server reports for two days", async () => {
		await report("/errors", { exception_class: "E", message: "m" });
		for (let day = 0; day < 4; day++) {
			await writeExport(env.DB, env.CHUNKS, Date.UTC(2026, 0, 5 + day), null);
			await deleteOldExports(env.CHUNKS, Date.UTC(2026, 0, 5 + day));
		}
		const keys = (await env.CHUNKS.list({ prefix: ".export/" })).objects.map(({ key }) => key.slice(8));
		expect(keys).toEqual([
			...["20260105.json.gz", "20260106.json.gz", "20260107.00000.json.gz", "20260107.json.gz"],
			...["20260108.00000.json.gz", "20260108.json.gz"],
		]);
	});

	it("is restored without changing existing rows", async () => {
		await post(batchOf({ sessionId: "a" }));
		await apiJson("/sessions/a", { method: "DELETE" });
		const before = { erasures: await rows("erasures"), counters: await rows("counters") };
		await writeExport(env.DB, env.CHUNKS, Date.now(), null);
		await env.DB.exec("DELETE FROM erasures");
		expect(await restoreExport(env.DB, env.CHUNKS)).toEqual({ rows: 1, cursor: null });
		expect({ erasures: await rows("erasures"), counters: await rows("counters") }).toEqual(before);
		await env.CHUNKS.delete((await env.CHUNKS.list({ prefix: ".export/" })).objects.map(({ key }) => key));
		expect(await restoreExport(env.DB, env.CHUNKS)).toEqual({ rows: null, cursor: null });
	});
});

describe("marks and notes of deleted sessions", () => {
	it("are removed from the exports within a day, without losing others, even if D1 was emptied", async () => {
		const json = (body: object) => ({
			...{ method: "PUT", body: JSON.stringify(body), headers: { "content-type": "application/json" } },
		});
		for (const id of ["a", "b", "c"]) {
			await post(batchOf({ sessionId: id, windowId: "w" }));
			await apiJson(`/sessions/${id}/mark`, json({ labels: [`label-${id}`] }));
			for (const w of ["w", "w2"]) {
				await post(batchOf({ sessionId: id, windowId: w, seq: 1 }));
				await apiJson(`/sessions/${id}/notes/${w}`, json({ windowId: w, at: Date.now(), text: `note-${id}-${w}` }));
			}
		}
		for (const days of [9, 2, 1, 0]) await writeExport(env.DB, env.CHUNKS, Date.now() - days * DAY, null);
		const readExports = async () => {
			const texts = [];
			for (const { key } of (await env.CHUNKS.list({ prefix: ".export/" })).objects) {
				const inflated = (await env.CHUNKS.get(key))!.body.pipeThrough(new DecompressionStream("gzip"));
				texts.push((await new Response(inflated).text()).match(/(note|label)-[\w-]+/g)?.sort() ?? []);
			}
			return texts;
		};
		const all = ["a", "b", "c"].flatMap((id) => [`label-${id}`, `note-${id}-w`, `note-${id}-w2`]).sort();
		expect(await readExports()).toEqual(Array(4).fill(all));
		await apiJson("/sessions/a", { method: "DELETE" });
		await apiJson("/sessions/b/windows/w2", { method: "DELETE" });
		for (const table of ["sessions", "chunks", "marks", "notes"]) await env.DB.exec(`DELETE FROM ${table}`);
		await env.DB.exec(`INSERT INTO jobs (name, ran_at, lease_until) VALUES ('export', ${Date.now()}, 0)`);
		for (let minute = 0; minute < 12; minute++) await tick(envWith(), Date.now() + minute * 60_000);
		const left = all.filter((it) => !it.includes("-a") && it !== "note-b-w2");
		expect(await readExports()).toEqual(Array(4).fill(left));
	});
});

describe("rows without a recording", () => {
	it("are deleted, and their sessions are recounted", async () => {
		for (let i = 0; i < 35; i++)
			await post(batchOf({ sessionId: `s${String(i).padStart(2, "0")}`, events: pageEvents(Date.now() - i * 1000) }));
		await post(batchOf({ sessionId: "s07", seq: 1, events: pageEvents(Date.now()) }));
		const keys = await objects();
		await env.CHUNKS.delete(keys.filter((key) => /\/s0[35]\/|\/s07\/.*-00001-/.test(key)));
		let cursor: string | null = null;
		let dropped = 0;
		do {
			const step: { dropped: number; cursor: string | null } = await apiJson(
				`/maintenance/check${cursor ? `?cursor=${cursor}` : ""}`,
				{ method: "POST" },
			);
			dropped += step.dropped;
			cursor = step.cursor;
		} while (cursor);
		expect(dropped).toBe(3);
		const sessions = await rows<{ id: string; chunks: number }>("sessions");
		expect(sessions).toHaveLength(33);
		expect(sessions.find(({ id }) => id === "s07")!.chunks).toBe(1);
	});
});
