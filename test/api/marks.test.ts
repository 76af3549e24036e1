import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { tick } from "../../src/cron/index.ts";
import { restoreExport, writeExport } from "../../src/storage/backup.ts";
import { api, apiJson, batchOf, dbWith, envWith, pageEvents, post, rows } from "../support/worker.ts";

interface Mark {
	starred: boolean;
	viewedAt: number | null;
	labels: string[];
}
interface List {
	sessions: { id: string; mark: Mark }[];
}

const T = Date.now() - 3_600_000;
const json = (method: string, body: unknown) => ({
	method,
	body: JSON.stringify(body),
	headers: { "content-type": "application/json" },
});
const mark = async (id: string, changes: unknown) =>
	(await apiJson<{ mark: Mark }>(`/sessions/${id}/mark`, json("PUT", changes))).mark;
const note = (id: string, noteId: string, body: object = {}) =>
	api(`/sessions/${id}/notes/${noteId}`, json("PUT", { windowId: "w", at: T + 1_000, text: "Look", ...body }));
const notesOf = async (id: string) =>
	(
		await apiJson<{ notes: { id: string; text: string; at: number; windowId: string; createdAt: number }[] }>(
			`/sessions/${id}/notes`,
		)
	).notes;
const visit = (sessionId: string, changes: object = {}) =>
	post(batchOf({ sessionId, windowId: "w", events: pageEvents(T), ...changes }));

describe("a mark", () => {
	it("is changed part by part, comes with the list and the session, and with one call to D1", async () => {
		await visit("a");
		await visit("b");
		expect((await apiJson<List>("/sessions")).sessions.map((it) => it.mark)).toEqual(
			Array(2).fill({ starred: false, viewedAt: null, labels: [] }),
		);
		expect(await mark("a", { starred: true })).toEqual({ starred: true, viewedAt: null, labels: [] });
		expect(await mark("a", { labels: [" bug ", "bug", "größe"] })).toMatchObject({ labels: ["bug", "größe"] });
		const { viewedAt } = await mark("a", { viewed: true });
		expect(Math.abs(Date.now() - viewedAt!)).toBeLessThan(60_000);
		expect(await mark("a", { viewed: true, starred: false })).toEqual({
			...{ starred: false, viewedAt, labels: ["bug", "größe"] },
		});
		let calls = 0;
		const counted = (name: "batch") => {
			const real = (env.DB[name] as (...args: unknown[]) => unknown).bind(env.DB);
			return (...args: unknown[]) => {
				calls++;
				return real(...args);
			};
		};
		const on = envWith({ DB: dbWith({ batch: counted("batch") }) });
		const { sessions } = await apiJson<List>("/sessions", { on });
		expect(calls).toBe(1);
		expect(sessions.find(({ id }) => id === "a")!.mark).toEqual({ starred: false, viewedAt, labels: ["bug", "größe"] });
		expect(sessions.find(({ id }) => id === "b")!.mark.labels).toEqual([]);
		expect((await apiJson<{ session: { mark: Mark } }>("/sessions/a")).session.mark.viewedAt).toBe(viewedAt);
	});

	it.each([
		[[], "missing or invalid mark"],
		[{ starred: 1 }, "missing or invalid starred"],
		[{ viewed: false }, "missing or invalid viewed"],
		[{ labels: "bug" }, "missing or invalid labels"],
		[{ labels: [""] }, "a label must have 1 to 24 characters"],
		[{ labels: [7] }, "a label must have 1 to 24 characters"],
		[{ labels: ["x".repeat(25)] }, "a label must have 1 to 24 characters"],
		[{ labels: Array.from({ length: 9 }, (_, i) => `l${i}`) }, "a session can have at most 8 labels"],
	])("%j is refused", async (changes, error) => {
		await visit("a");
		const response = await api("/sessions/a/mark", json("PUT", changes));
		expect([response.status, await response.json()]).toEqual([400, { error }]);
		expect(await rows("marks")).toEqual([]);
	});

	it("of a session that is not there, or of another project, is a 404", async () => {
		await visit("a");
		expect((await api("/sessions/b/mark", json("PUT", { starred: true }))).status).toBe(404);
		expect((await api("/sessions/a/mark?project=x", json("PUT", { starred: true }))).status).toBe(400);
		expect(await rows("marks")).toEqual([]);
	});
});

describe("notes", () => {
	it("are listed by their moments, written anew under the same id, and deleted", async () => {
		await visit("a");
		expect((await note("a", "n1", { at: T + 5_000 })).status).toBe(200);
		expect((await note("a", "n2", { text: "  <b>Here</b>\nit breaks " })).status).toBe(200);
		const [first, second] = await notesOf("a");
		expect(first).toMatchObject({ id: "n2", text: "<b>Here</b>\nit breaks", at: T + 1_000, windowId: "w" });
		expect(second).toMatchObject({ id: "n1", at: T + 5_000 });
		await note("a", "n2", { text: "Mended", at: T + 6_000 });
		expect((await notesOf("a")).map(({ id, text }) => [id, text])).toEqual([
			["n1", "Look"],
			["n2", "Mended"],
		]);
		expect((await notesOf("a"))[1]!.createdAt).toBe(first!.createdAt);
		for (let i = 0; i < 2; i++) expect((await api("/sessions/a/notes/n1", { method: "DELETE" })).status).toBe(200);
		expect((await notesOf("a")).map(({ id }) => id)).toEqual(["n2"]);
	});

	it.each([
		[{ text: " " }, 400, "a note must have 1 to 2000 characters"],
		[{ text: "x".repeat(2001) }, 400, "a note must have 1 to 2000 characters"],
		[{ at: "soon" }, 400, "missing or invalid at"],
		[{ at: -1 }, 400, "missing or invalid at"],
		[{ windowId: "../x" }, 400, "invalid ID: use 1-128 letters, digits, hyphens or underscores"],
		[{ windowId: "other" }, 409, "the session has no such tab, or already has 200 notes"],
	])("%j is refused", async (body, status, error) => {
		await visit("a");
		const response = await note("a", "n1", body);
		expect([response.status, await response.json()]).toEqual([status, { error }]);
		expect(await rows("notes")).toEqual([]);
	});

	it("are at most two hundred of a session", async () => {
		await visit("a");
		await env.DB.exec(
			`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) INSERT INTO notes SELECT 'default', 'a', 'n' || i, 'w', i, 'x', 1 FROM n`,
		);
		expect((await note("a", "one-more")).status).toBe(409);
		expect((await note("a", "n7", { text: "Changed" })).status).toBe(200);
	});
});

describe("what people added goes with its session", () => {
	const added = async () => [await rows("marks"), await rows("notes")].map((list) => list.map((it) => it.session_id));
	const both = async (...ids: string[]) => {
		for (const id of ids) {
			await visit(id);
			await mark(id, { starred: true, labels: ["private"] });
			expect((await note(id, "n1")).status).toBe(200);
		}
	};

	it("when it is deleted, and nothing can be added afterwards", async () => {
		await both("a", "b");
		await apiJson("/sessions/a", { method: "DELETE" });
		expect(await added()).toEqual([["b"], ["b"]]);
		expect((await api("/sessions/a/mark", json("PUT", { starred: true }))).status).toBe(404);
		expect((await note("a", "n2")).status).toBe(404);
	});

	it("when one of its tabs is deleted, with what was written beside that; with the last tab all", async () => {
		await both("a");
		await visit("a", { windowId: "w2" });
		expect((await note("a", "n2", { windowId: "w2" })).status).toBe(200);
		await apiJson("/sessions/a/windows/w2", { method: "DELETE" });
		expect((await notesOf("a")).map(({ id }) => id)).toEqual(["n1"]);
		await apiJson("/sessions/a/windows/w", { method: "DELETE" });
		expect(await added()).toEqual([[], []]);
	});

	it("when retention, or a cap, takes it", async () => {
		await both("a");
		await tick(envWith({ RETENTION_DAYS: 0.01 }), Date.now());
		expect([await rows("sessions"), ...(await added())]).toEqual([[], [], []]);
		await both("b");
		await both("c");
		await env.DB.exec("UPDATE sessions SET started_at = started_at - 1000 WHERE id = 'b'");
		await env.DB.exec("DELETE FROM jobs");
		await tick(envWith({ MAX_SESSIONS: 1 }), Date.now());
		expect(await added()).toEqual([["c"], ["c"]]);
	});

	it("when its recording is found to be lost", async () => {
		await both("a", "b");
		const { objects } = await env.CHUNKS.list();
		await env.CHUNKS.delete(objects.map(({ key }) => key).filter((key) => key.includes("/a/")));
		await apiJson("/maintenance/check", { method: "POST" });
		expect(await added()).toEqual([["b"], ["b"]]);
	});

	it("and stays while the index alone is gone: it is there when that is rebuilt", async () => {
		await both("a");
		for (const table of ["sessions", "chunks"]) await env.DB.exec(`DELETE FROM ${table}`);
		for (let i = 0; i < 3; i++) await tick(envWith(), Date.now() + i * 60_000);
		await apiJson("/maintenance/reindex", { method: "POST" });
		expect((await apiJson<List>("/sessions")).sessions[0]!.mark).toMatchObject({ starred: true, labels: ["private"] });
		expect(await notesOf("a")).toHaveLength(1);
	});

	it("is in the nightly export and comes back from it, but for what was erased since", async () => {
		await both("a", "b", "c");
		await visit("c", { windowId: "w2" });
		await note("c", "n2", { windowId: "w2", text: "of the tab that stays" });
		const before = await notesOf("b");
		await writeExport(env.DB, env.CHUNKS, Date.now(), null);
		await apiJson("/sessions/a", { method: "DELETE" });
		await apiJson("/sessions/c/windows/w", { method: "DELETE" });
		for (const table of ["marks", "notes"]) await env.DB.exec(`DELETE FROM ${table}`);
		await restoreExport(env.DB, env.CHUNKS);
		expect(await added()).toEqual([
			["b", "c"],
			["b", "c"],
		]);
		expect(await notesOf("b")).toEqual(before);
		expect((await notesOf("c")).map(({ id }) => id)).toEqual(["n2"]);
		expect((await apiJson<{ session: { mark: Mark } }>("/sessions/b")).session.mark).toMatchObject({
			...{ starred: true, viewedAt: null, labels: ["private"] },
		});
	});

	it("is told with everything that is held about a person", async () => {
		await visit("a", { metadata: { user_id: "u-1" } });
		await mark("a", { labels: ["angry"] });
		await note("a", "n1", { text: "wrote to us" });
		const { sessions } = await apiJson<{ sessions: object[] }>("/erasures/export", json("POST", { userId: "u-1" }));
		expect(sessions).toMatchObject([
			{ id: "a", mark: { labels: ["angry"] }, notes: [{ text: "wrote to us" }], chunks: [{ seq: 0 }] },
		]);
	});
});
