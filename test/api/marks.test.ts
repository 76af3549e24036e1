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
const recordSession = (sessionId: string, changes: object = {}) =>
	post(batchOf({ sessionId, windowId: "w", events: pageEvents(T), ...changes }));

describe("a mark", () => {
	it("is changed field by field, and is returned with the list and the session in one call to D1", async () => {
		await recordSession("a");
		await recordSession("b");
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
	])("%j is rejected", async (changes, error) => {
		await recordSession("a");
		const response = await api("/sessions/a/mark", json("PUT", changes));
		expect([response.status, await response.json()]).toEqual([400, { error }]);
		expect(await rows("marks")).toEqual([]);
	});

	it("is rejected with 404 for a missing session, and with 400 for an unknown project", async () => {
		await recordSession("a");
		expect((await api("/sessions/b/mark", json("PUT", { starred: true }))).status).toBe(404);
		expect((await api("/sessions/a/mark?project=x", json("PUT", { starred: true }))).status).toBe(400);
		expect(await rows("marks")).toEqual([]);
	});
});

describe("notes", () => {
	it("are listed by time, replaced under the same ID, and deleted", async () => {
		await recordSession("a");
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
		[{ windowId: "../x" }, 400, "invalid ID: use 1-128 letters, digits, - and _"],
		[{ windowId: "other" }, 409, "the session has no such tab, or already has 200 notes"],
	])("%j is rejected", async (body, status, error) => {
		await recordSession("a");
		const response = await note("a", "n1", body);
		expect([response.status, await response.json()]).toEqual([status, { error }]);
		expect(await rows("notes")).toEqual([]);
	});

	it("are limited to 200 per session", async () => {
		await recordSession("a");
		await env.DB.exec(
			`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) INSERT INTO notes SELECT 'default', 'a', 'n' || i, 'w', i, 'x', 1 FROM n`,
		);
		expect((await note("a", "one-more")).status).toBe(409);
		expect((await note("a", "n7", { text: "Changed" })).status).toBe(200);
	});
});

describe("marks and notes of a session", () => {
	const annotated = async () =>
		[await rows("marks"), await rows("notes")].map((list) => list.map((it) => it.session_id));
	const annotate = async (...ids: string[]) => {
		for (const id of ids) {
			await recordSession(id);
			await mark(id, { starred: true, labels: ["private"] });
			expect((await note(id, "n1")).status).toBe(200);
		}
	};

	it("are deleted with the session, and cannot be added afterwards", async () => {
		await annotate("a", "b");
		await apiJson("/sessions/a", { method: "DELETE" });
		expect(await annotated()).toEqual([["b"], ["b"]]);
		expect((await api("/sessions/a/mark", json("PUT", { starred: true }))).status).toBe(404);
		expect((await note("a", "n2")).status).toBe(404);
	});

	it("are deleted with the window they belong to, and all of them with the last window", async () => {
		await annotate("a");
		await recordSession("a", { windowId: "w2" });
		expect((await note("a", "n2", { windowId: "w2" })).status).toBe(200);
		await apiJson("/sessions/a/windows/w2", { method: "DELETE" });
		expect((await notesOf("a")).map(({ id }) => id)).toEqual(["n1"]);
		await apiJson("/sessions/a/windows/w", { method: "DELETE" });
		expect(await annotated()).toEqual([[], []]);
	});

	it("are deleted when retention or a cap deletes the session", async () => {
		await annotate("a");
		await tick(envWith({ RETENTION_DAYS: 0.01 }), Date.now());
		expect([await rows("sessions"), ...(await annotated())]).toEqual([[], [], []]);
		await annotate("b");
		await annotate("c");
		await env.DB.exec("UPDATE sessions SET started_at = started_at - 1000 WHERE id = 'b'");
		await env.DB.exec("DELETE FROM jobs");
		await tick(envWith({ MAX_SESSIONS: 1 }), Date.now());
		expect(await annotated()).toEqual([["c"], ["c"]]);
	});

	it("are deleted when the session's recording is found to be missing", async () => {
		await annotate("a", "b");
		const { objects } = await env.CHUNKS.list();
		await env.CHUNKS.delete(objects.map(({ key }) => key).filter((key) => key.includes("/a/")));
		await apiJson("/maintenance/check", { method: "POST" });
		expect(await annotated()).toEqual([["b"], ["b"]]);
	});

	it("survive the loss of the index, and reappear after a reindex", async () => {
		await annotate("a");
		for (const table of ["sessions", "chunks"]) await env.DB.exec(`DELETE FROM ${table}`);
		for (let i = 0; i < 3; i++) await tick(envWith(), Date.now() + i * 60_000);
		await apiJson("/maintenance/reindex", { method: "POST" });
		expect((await apiJson<List>("/sessions")).sessions[0]!.mark).toMatchObject({ starred: true, labels: ["private"] });
		expect(await notesOf("a")).toHaveLength(1);
	});

	it("are restored from the nightly export, except those of sessions deleted since", async () => {
		await annotate("a", "b", "c");
		await recordSession("c", { windowId: "w2" });
		await note("c", "n2", { windowId: "w2", text: "of the tab that stays" });
		const before = await notesOf("b");
		await writeExport(env.DB, env.CHUNKS, Date.now(), null);
		await apiJson("/sessions/a", { method: "DELETE" });
		await apiJson("/sessions/c/windows/w", { method: "DELETE" });
		for (const table of ["marks", "notes"]) await env.DB.exec(`DELETE FROM ${table}`);
		await restoreExport(env.DB, env.CHUNKS);
		expect(await annotated()).toEqual([
			["b", "c"],
			["b", "c"],
		]);
		expect(await notesOf("b")).toEqual(before);
		expect((await notesOf("c")).map(({ id }) => id)).toEqual(["n2"]);
		expect((await apiJson<{ session: { mark: Mark } }>("/sessions/b")).session.mark).toMatchObject({
			...{ starred: true, viewedAt: null, labels: ["private"] },
		});
	});

	it("are part of the data export of a person", async () => {
		await recordSession("a", { metadata: { user_id: "u-1" } });
		await mark("a", { labels: ["angry"] });
		await note("a", "n1", { text: "wrote to us" });
		const { sessions } = await apiJson<{ sessions: object[] }>("/erasures/export", json("POST", { userId: "u-1" }));
		expect(sessions).toMatchObject([
			{ id: "a", mark: { labels: ["angry"] }, notes: [{ text: "wrote to us" }], chunks: [{ seq: 0 }] },
		]);
	});
});
