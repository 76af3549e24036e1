import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Trail } from "../../src/contract/trail.ts";
import { type Random, randomFrom } from "../support/random.ts";
import {
	api,
	apiJson,
	batchOf,
	envWith,
	gzip,
	objects,
	pageEvents,
	post,
	report,
	rows,
	SITE,
	unavailableDb,
} from "../support/worker.ts";

interface List {
	sessions: { id: string; startedAt: number; live: boolean; windows: number; events: number }[];
	next: string | null;
}

const DAY = 86_400_000;
const T = Date.now() - 3_600_000;
const SID = batchOf().sessionId;
const WID = batchOf().windowId;

describe("GET /api/sessions", () => {
	it("lists sessions newest first, without gaps between pages even at equal starts", async () => {
		for (let i = 0; i < 7; i++) {
			await post(batchOf({ sessionId: `s${i}`, events: pageEvents(T + Math.floor(i / 3) * 1000) }));
		}
		const seen: string[] = [];
		let next: string | null = null;
		do {
			const page: List = await apiJson<List>(`/sessions?limit=2${next ? `&cursor=${next}` : ""}`);
			expect(page.sessions.length).toBeLessThanOrEqual(2);
			seen.push(...page.sessions.map(({ id }) => id));
			next = page.next;
		} while (next);
		expect(seen).toEqual(["s6", "s5", "s4", "s3", "s2", "s1", "s0"]);
	});

	it("lists sessions that overlap a period", async () => {
		const noon = Math.floor(T / DAY) * DAY - 3 * DAY + DAY / 2;
		const day = (days: number) => new Date(noon + days * DAY).toISOString().slice(0, 10);
		const midnight = noon + DAY / 2;
		await post(batchOf({ sessionId: "before", events: pageEvents(noon - DAY) }));
		await post(batchOf({ sessionId: "at-noon", events: pageEvents(noon) }));
		await post(batchOf({ sessionId: "over-midnight", events: pageEvents(midnight - 1_000) }));
		await post(batchOf({ sessionId: "after", events: pageEvents(midnight) }));
		const found = async (query: string) =>
			(await apiJson<List>(`/sessions?${query}`)).sessions.map(({ id }) => id).reverse();
		expect(await found(`since=${day(0)}`)).toEqual(["at-noon", "over-midnight", "after"]);
		expect(await found(`until=${day(0)}`)).toEqual(["before", "at-noon", "over-midnight"]);
		expect(await found(`since=${day(0)}&until=${day(0)}`)).toEqual(["at-noon", "over-midnight"]);
		expect(await found(`since=${day(1)}`)).toEqual(["over-midnight", "after"]);
		// Both ends of a period are inclusive, and times may have a time zone offset.
		expect(await found(`since=${new Date(noon + 2_000).toISOString()}&until=${day(0)}`)).toContain("at-noon");
		expect(await found(`since=${new Date(noon + 2_001).toISOString()}&until=${day(0)}`)).not.toContain("at-noon");
		const inRome = `${day(0)}T14:00:00%2B02:00`;
		expect(await found(`since=${inRome}&until=${inRome}`)).toEqual(["at-noon"]);
		expect(await found(`since=${day(0)}T12:00:00&until=${day(0)}T12:00`)).toEqual(["at-noon"]);
		for (const odd of ["yesterday", "2026-02-30", "2026-99-99", "20260610", "10:00", "", "2026-1-1", "%FF"]) {
			expect(await found(`since=${odd}`)).toHaveLength(4);
			expect(await found(`until=${odd}`)).toHaveLength(4);
		}
	});

	it("searches 5,000 sessions at a time, and continues from there", async () => {
		await post(batchOf({ sessionId: "rare", metadata: { plan: "rare" }, events: pageEvents(T - DAY) }));
		// Adds another session and 5,000 copies of it.
		await post(batchOf({ sessionId: "one", events: pageEvents(T) }));
		await env.DB.exec(
			`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
			INSERT INTO sessions (project, id, started_at, last_at, received_at, windows, chunks, events, bytes, pages, clicks,
				errors, first_stamp, client, metadata, user_id, settled)
			SELECT project, 'copy-' || i, started_at - i, last_at, received_at, windows, chunks, events, bytes, pages, clicks,
				errors, first_stamp, client, metadata, user_id, settled FROM sessions, n WHERE id = 'one'`.replaceAll(
				"\n",
				" ",
			),
		);
		const first = await apiJson<List>("/sessions?q=rare");
		expect([first.sessions.length, first.next === null]).toEqual([0, false]);
		const second = await apiJson<List>(`/sessions?q=rare&cursor=${first.next}`);
		expect([second.sessions.map(({ id }) => id), second.next]).toEqual([["rare"], null]);
		expect(await apiJson<object>("/sessions/totals?q=rare")).toMatchObject({ sessions: 0, isCut: true });
		expect(await apiJson<object>("/sessions?sort=events&q=rare")).toMatchObject({
			sessions: [],
			next: null,
			isCut: true,
		});
	});

	it("has totals and a file export", async () => {
		const error = { type: 5, timestamp: T + 5, data: { tag: "error", payload: { message: "no" } } };
		await post(batchOf({ sessionId: "a", metadata: { plan: '=1+1, "x"', user_id: "u-1" } }));
		await post(batchOf({ sessionId: "b", events: [...pageEvents(T), error] }));
		expect(await apiJson("/sessions/totals")).toEqual({
			...{ sessions: 2, errored: 1, durationMs: 4_000, isCut: false, isOpenCut: false },
		});
		expect(await apiJson("/sessions/totals?errors=true")).toMatchObject({ sessions: 1, errored: 1 });
		expect(await apiJson("/sessions/totals?user=nobody")).toMatchObject({ sessions: 0, durationMs: 0 });
		const rows = await apiJson<Record<string, unknown>[]>("/sessions/export?format=json&user=u-1");
		expect(rows).toMatchObject([
			{ session_id: "a", user_id: "u-1", pages: 1, clicks: 1, errors: 0, duration_ms: 2_000 },
		]);
		const csv = await (await api("/sessions/export?sort=errors")).text();
		expect(
			csv
				.trim()
				.split("\r\n")
				.slice(1)
				.map((line) => line[0]),
		).toEqual(["b", "a"]);
		expect(csv).toContain('""=1+1, \\""x\\""""');
	});

	it("counts server errors separately, and as errors in totals", async () => {
		const error = { type: 5, timestamp: T + 5, data: { tag: "error", payload: { message: "no" } } };
		await post(batchOf({ sessionId: "fine" }));
		await post(batchOf({ sessionId: "failed", events: pageEvents(T) }));
		await post(batchOf({ sessionId: "wrong", events: [...pageEvents(T), error] }));
		for (const n of [1, 2]) {
			await report("/errors", { exception_class: "Timeout", message: `no answer ${n}`, session_id: "failed" });
		}
		await report("/track", { name: "order.paid", session_id: "failed" });
		await report("/errors", { exception_class: "Timeout", message: "of nobody" });
		interface Row {
			id: string;
			errors: number;
			serverErrors: number;
		}
		const { sessions } = await apiJson<{ sessions: Row[] }>("/sessions?sort=errors");
		expect(sessions.map(({ id, errors, serverErrors }) => [id, errors, serverErrors])).toEqual([
			["failed", 0, 2],
			["wrong", 1, 0],
			["fine", 0, 0],
		]);
		expect(await apiJson("/sessions/totals")).toMatchObject({ sessions: 3, errored: 2 });
		expect(await apiJson<object[]>("/sessions/export?format=json&errors=server")).toMatchObject([
			{ session_id: "failed", errors: 0, server_errors: 2 },
		]);
		const reported = async (id: string) =>
			(await apiJson<{ session: { reported: number } }>(`/sessions/${id}`)).session.reported;
		expect([await reported("failed"), await reported("fine")]).toEqual([3, 0]);
	});

	it("searches by ID, metadata, person and client, and filters by errors", async () => {
		const error = { type: 5, timestamp: T + 5, data: { tag: "error", payload: { message: "no" } } };
		await post(batchOf({ sessionId: "Abc-1", metadata: { plan: "Gold 100%_", user_id: "Ümit" } }));
		await post(batchOf({ sessionId: "abd-2", metadata: { plan: "gold" }, events: [...pageEvents(T), error] }), {
			headers: { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" },
		});
		const found = async (query: string) =>
			(await apiJson<List>(`/sessions?${query}`)).sessions.map(({ id }) => id).sort();
		expect(await found("q=aBc")).toEqual(["Abc-1"]);
		expect(await found("q=%20GOLD%20")).toEqual(["Abc-1", "abd-2"]);
		expect(await found("q=100%25_")).toEqual(["Abc-1"]);
		expect(await found(`q=${encodeURIComponent("Ümit")}`)).toEqual(["Abc-1"]);
		expect(await found("q=firefox")).toEqual(["abd-2"]);
		// The search does not find metadata keys ("plan") or the chunk IDs that are stored with metadata ("00000-"), and
		// takes every text literally.
		for (const nothing of ["plan", "00000-", "%25", `q`.repeat(300), "'; DROP TABLE sessions"]) {
			expect(await found(`q=${encodeURIComponent(nothing)}`)).toEqual([]);
		}
		expect(await found("errors=true")).toEqual(["abd-2"]);
		expect(await found("errors=1")).toHaveLength(2);
	});

	it.each([
		["start", ["s4", "s3", "s2", "s1", "s0"]],
		["nonsense", ["s4", "s3", "s2", "s1", "s0"]],
		["activity", ["s4", "s3", "s2", "s1", "s0"]],
		["clicks", ["s2", "s4", "s1", "s3", "s0"]],
		["duration", ["s2", "s4", "s1", "s3", "s0"]],
	])("sorts by %s, without gaps between pages", async (sort, order) => {
		for (const [i, clicks] of [0, 1, 2, 0, 1].entries()) {
			const more = Array.from({ length: clicks }, (_, n) => ({
				...{ type: 3, timestamp: T + i * 60_000 + 3_000 * (n + 1) },
				data: { source: 2, type: 2, id: 7, x: 1, y: 2 },
			}));
			await post(batchOf({ sessionId: `s${i}`, events: [...pageEvents(T + i * 60_000), ...more] }));
		}
		const seen: string[] = [];
		let next: string | null = null;
		do {
			const page: List = await apiJson<List>(`/sessions?sort=${sort}&limit=2${next ? `&cursor=${next}` : ""}`);
			seen.push(...page.sessions.map(({ id }) => id));
			next = page.next;
		} while (next);
		expect(seen).toEqual(order);
	});

	it("ignores invalid parameters, but rejects an invalid cursor", async () => {
		for (const query of ["?limit=-5", "?limit=abc", "?limit=99999999999999999999", "?limit=2&limit=3", "?project=x"]) {
			expect((await api(`/sessions${query}`)).status).toBe(200);
		}
		for (const cursor of ["%%%", "AAAA", "!"]) {
			const response = await api(`/sessions?cursor=${encodeURIComponent(cursor)}`);
			expect([response.status, await response.json()]).toEqual([400, { error: "missing or invalid cursor" }]);
		}
	});

	it("marks a session as live while its last batch is recent", async () => {
		await post(batchOf({}, T));
		expect((await apiJson<List>("/sessions")).sessions[0]!.live).toBe(true);
		await env.DB.exec(`UPDATE sessions SET received_at = ${Date.now() - 3 * 60_000}`);
		expect((await apiJson<List>("/sessions")).sessions[0]!.live).toBe(false);
	});
});

describe("a session", () => {
	it("is returned with its windows; a missing one is a 404, an invalid ID a 400", async () => {
		await post(batchOf({ seq: 0 }, T));
		await post(batchOf({ windowId: "other", events: pageEvents(T + 5000) }));
		const { session, windows } = await apiJson<{ session: unknown; windows: unknown[] }>(`/sessions/${SID}`);
		expect(session).toMatchObject({ windows: 2, events: 12, startedAt: T });
		expect(windows).toMatchObject([
			{ id: WID, startedAt: T, events: 6 },
			{ id: "other", startedAt: T + 5000, lastAt: T + 7000, events: 6 },
		]);
		expect((await api("/sessions/unknown")).status).toBe(404);
		expect((await api("/sessions/not%20an%20id")).status).toBe(400);
	});

	it("is read chunk by chunk, each event once, even if chunks have equal times", async () => {
		const tied = (seq: number) =>
			Array.from({ length: 50 }, (_, i) => ({ type: 3, timestamp: T, data: { n: seq * 50 + i } }));
		const sent = [0, 1, 2, 3].map((seq) => batchOf({ seq, events: tied(seq) }));
		for (const batch of sent.toReversed()) await post(batch);
		const path = `/sessions/${SID}/windows/${WID}/events`;
		const numbers: number[] = [];
		let cursor: string | null = null;
		do {
			const response: Response = await api(cursor ? `${path}?cursor=${cursor}` : path);
			const { events } = await response.json<{ events: { data: { n: number } }[] }>();
			numbers.push(...events.map(({ data }) => data.n));
			cursor = response.headers.get("x-next-cursor");
		} while (cursor);
		expect(numbers).toEqual(Array.from({ length: 200 }, (_, i) => i));
	});

	it("has its chunks sent as stored to clients that accept gzip", async () => {
		await post(batchOf({}, T));
		const response = await api(`/sessions/${SID}/windows/${WID}/events`, { headers: { "accept-encoding": "gzip" } });
		expect(response.headers.get("content-encoding")).toBe("gzip");
		expect(response.headers.get("cache-control")).toBe("no-store");
		const bytes = new Uint8Array(await response.arrayBuffer());
		expect(bytes).toEqual(await gzip(JSON.stringify(batchOf({}, T))));
	});

	it("has only the largest version of a batch that a third-party recorder resends", async () => {
		const { seq: _, ...resent } = batchOf({}, T);
		for (const events of [resent.events.slice(0, 3), resent.events, resent.events.slice(0, 5)]) {
			await post({ ...resent, events });
		}
		await post({ ...resent, events: pageEvents(T + 9_000) });
		const path = `/sessions/${SID}/windows/${WID}/events`;
		const first = await api(path);
		expect((await first.json<{ events: unknown[] }>()).events).toHaveLength(6);
		const second = await api(`${path}?cursor=${first.headers.get("x-next-cursor")}`);
		expect((await second.json<{ events: { timestamp: number }[] }>()).events[0]!.timestamp).toBe(T + 9_000);
		expect(second.headers.get("x-next-cursor")).toBeNull();
	});

	it("returns an error for a missing chunk, with the cursor of the next chunk", async () => {
		await post(batchOf({ seq: 0, events: pageEvents(T) }));
		await post(batchOf({ seq: 1, events: pageEvents(T + 20_000) }));
		const [first, second] = await objects();
		await env.CHUNKS.delete(first!);
		const response = await api(`/sessions/${SID}/windows/${WID}/events`);
		expect(response.status).toBe(404);
		expect(await response.json()).toEqual({ error: "this part of the recording is missing" });
		expect(second).toContain(response.headers.get("x-next-cursor"));
	});

	it("lists the sessions of the same person, newest first, and no sessions without a user ID", async () => {
		const of = (sessionId: string, at: number, metadata: object) =>
			post(batchOf({ sessionId, events: pageEvents(at), metadata: { entry_url: `${SITE}/in`, ...metadata } }));
		await of("one", T, { user_id: "u-1" });
		await of("two", T + 5_000, { user_id: "u-1" });
		await of("other", T + 6_000, { user_id: "u-2" });
		await of("nobody", T + 7_000, {});
		const person = (id: string) =>
			apiJson<{ userId: string | null; sessions: { id: string; entryUrl: string }[]; isCut: boolean }>(
				`/sessions/${id}/person`,
			);
		expect(await person("one")).toMatchObject({
			userId: "u-1",
			sessions: [
				{ id: "two", entryUrl: `${SITE}/in` },
				{ id: "one", entryUrl: `${SITE}/in` },
			],
			isCut: false,
		});
		expect(await person("nobody")).toEqual({ userId: null, sessions: [], isCut: false });
		expect((await api("/sessions/gone/person")).status).toBe(404);
	});

	it("has its trail in time order", async () => {
		await post(batchOf({ seq: 1, events: pageEvents(T + 20_000, `${SITE}/b`) }));
		await post(batchOf({ seq: 0, events: pageEvents(T) }));
		const { chunks } = await apiJson<{ chunks: { trail: Trail; snapshots: number }[] }>(
			`/sessions/${SID}/windows/${WID}/trail`,
		);
		expect(chunks.map(({ trail, snapshots }) => [trail.from, trail.pages?.[0]?.[1], snapshots])).toEqual([
			[T, `${SITE}/pricing`, 1],
			[T + 20_000, `${SITE}/b`, 1],
		]);
	});
});

describe("several projects", () => {
	const PROJECTS = [
		{ id: "shop", name: "The shop", origins: [SITE] },
		{ id: "blog", name: "The blog", origins: ["https://blog.example", SITE] },
	];
	const on = envWith({ PROJECTS });
	const list = async (query = "") => (await apiJson<List>(`/sessions${query}`, { on })).sessions.map(({ id }) => id);

	it("are chosen by origin, and by the page's project if the origin allows it", async () => {
		await post(batchOf({ sessionId: "a" }, T), { on });
		await post(batchOf({ sessionId: "b" }, T), { on, origin: "https://blog.example" });
		await post(batchOf({ sessionId: "c", project: "blog" }, T), { on });
		await post(batchOf({ sessionId: "d", project: "shop" }, T), { on, origin: "https://blog.example" });
		expect(await list()).toEqual(["a"]);
		expect(await list("?project=blog")).toEqual(["d", "c", "b"]);
	});

	it("keep sessions with the same ID separate", async () => {
		await post(batchOf({ events: pageEvents(T) }), { on });
		await post(batchOf({ events: pageEvents(T + 5_000) }), { on, origin: "https://blog.example" });
		const startOf = async (project: string) =>
			(await apiJson<{ session: { startedAt: number } }>(`/sessions/${SID}?project=${project}`, { on })).session
				.startedAt;
		expect([await startOf("shop"), await startOf("blog")]).toEqual([T, T + 5_000]);
		await apiJson(`/sessions/${SID}?project=blog`, { method: "DELETE", on });
		expect(await startOf("shop")).toBe(T);
		expect((await api(`/sessions/${SID}?project=blog`, { on })).status).toBe(404);
		expect((await api(`/sessions/${SID}?project=none`, { on })).status).toBe(400);
	});
});

describe("deletion", () => {
	it("removes a session from R2 and D1, and rejects its late batches", async () => {
		await post(batchOf({ seq: 0 }, T));
		await post(batchOf({ sessionId: "stays" }, T));
		expect(await apiJson(`/sessions/${SID}`, { method: "DELETE" })).toEqual({ deletedChunks: 1 });
		expect(await rows("sessions")).toMatchObject([{ id: "stays" }]);
		expect((await post(batchOf({ seq: 1 }, T + 1000))).status).toBe(200);
		await post(batchOf({ seq: 0 }, T));
		expect((await objects()).filter((key) => key.includes(SID))).toEqual([`.erased/default/${SID}/*`]);
		expect(await rows("chunks")).toMatchObject([{ session_id: "stays" }]);
	});

	it("removes one window and recounts the session; removing the last window removes the session", async () => {
		await post(batchOf({ seq: 0 }, T));
		await post(batchOf({ windowId: "w2", events: pageEvents(T + 50_000) }));
		await apiJson(`/sessions/${SID}/windows/${WID}`, { method: "DELETE" });
		expect(await rows("sessions")).toMatchObject([
			{ started_at: T + 50_000, last_at: T + 52_000, windows: 1, chunks: 1, events: 6, pages: 1, clicks: 1 },
		]);
		await post(batchOf({ seq: 5 }, T));
		expect(await rows("chunks")).toMatchObject([{ window_id: "w2" }]);
		expect(await rows("sessions")).toMatchObject([{ started_at: T + 50_000, chunks: 1 }]);
		// The recorder in the deleted window is asked to stop, but not the one in the other window.
		expect(await (await post(batchOf({ seq: 6 }, T))).json()).toEqual({ status: "ok", stop: true });
		const response = await post(batchOf({ windowId: "w2", seq: 1, events: pageEvents(T + 60_000) }));
		expect(await response.json()).toEqual({ status: "ok" });
		expect(await rows("sessions")).toMatchObject([{ windows: 1, chunks: 2 }]);
		await apiJson(`/sessions/${SID}/windows/w2`, { method: "DELETE" });
		expect(await rows("sessions")).toEqual([]);
	});

	it("of a window removes its metadata from the session, with the same result as a reindex", async () => {
		const send = (windowId: string, at: number, metadata: Record<string, string>, city: string) =>
			post(batchOf({ windowId, events: pageEvents(at), metadata }), { cf: { country: "AT", city } });
		await send("all", T, { account: "jane-doe", plan: "free" }, "Graz");
		await send("w2", T + 10_000, { plan: "pro", seat: "4" }, "Wien");
		await send("w3", T + 20_000, { zone: "b" }, "Linz");
		await send("all", T + 30_000, { plan: "none" }, "Graz");
		await apiJson(`/sessions/${SID}/windows/all`, { method: "DELETE" });
		const left = await rows("sessions");
		expect(left).toMatchObject([{ started_at: T + 10_000, windows: 2 }]);
		expect(JSON.stringify(left)).not.toMatch(/jane-doe|Graz|none/);
		const { sessions } = await apiJson<{ sessions: { metadata: unknown; client: unknown }[] }>("/sessions");
		expect(sessions[0]).toMatchObject({ metadata: { plan: "pro", seat: "4", zone: "b" }, client: { city: "Wien" } });
		const timeless = (all: Record<string, unknown>[]) => all.map((row) => ({ ...row, received_at: 0 }));
		for (const table of ["sessions", "chunks", "erasures"]) await env.DB.exec(`DELETE FROM ${table}`);
		await apiJson("/maintenance/reindex", { method: "POST" });
		expect(timeless(await rows("sessions"))).toEqual(timeless(left));
		expect((await objects()).filter((key) => !key.startsWith(".erased/"))).toHaveLength(2);
	});

	/** Posts the batches of two windows concurrently, each batch twice, and meanwhile deletes `path` three times. */
	const race = async (random: Random, sessionId: string, path: string) => {
		const batches = ["w1", "w2"].flatMap((windowId, w) =>
			Array.from({ length: 6 }, (_, seq) =>
				batchOf({ sessionId, windowId, seq, events: pageEvents(T + seq * 20_000 + w * 5_000) }),
			),
		);
		for (const batch of batches.filter(({ seq }) => seq! < random.below(3))) await post(batch);
		const afterRandomDelay = (act: () => Promise<Response>) => scheduler.wait(random.below(40)).then(act);
		const answers = await Promise.all([
			...[...batches, ...batches].map((batch) => afterRandomDelay(() => post(batch))),
			...Array.from({ length: 3 }, () => afterRandomDelay(() => api(`/sessions/${path}`, { method: "DELETE" }))),
		]);
		expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
	};
	const found = async (...names: string[]) => {
		const all = [await rows("sessions"), await rows("chunks"), await rows("facts"), await objects()].flat();
		return all.filter((it) => {
			const text = JSON.stringify(it);
			return !text.startsWith('".erased/') && names.every((name) => text.includes(name));
		});
	};

	it.each([1, 2, 3])("of a session that is still being sent leaves no data (seed %i)", async (seed) => {
		await race(randomFrom(seed), "racing", "racing");
		expect(await found("racing")).toEqual([]);
		for (const path of ["", "/windows/w1/events", "/windows/w2/trail"]) {
			expect((await api(`/sessions/racing${path}`)).status).toBe(404);
		}
	});

	it.each([1, 2, 3])("of a window that is still being sent leaves the other one complete (seed %i)", async (seed) => {
		await race(randomFrom(seed), "racing", "racing/windows/w1");
		expect(await found("racing", "w1")).toEqual([]);
		expect(await rows("sessions")).toMatchObject([{ windows: 1, chunks: 6, events: 36, started_at: T + 5_000 }]);
		expect((await objects()).filter((key) => key.includes("/racing/w2/"))).toHaveLength(6);
	});

	it("finds chunks without rows in D1", async () => {
		await post(batchOf({}, Date.now()), { on: envWith({ DB: unavailableDb() }) });
		expect(await objects()).toHaveLength(1);
		await apiJson(`/sessions/${SID}`, { method: "DELETE" });
		expect((await objects()).filter((key) => !key.startsWith(".erased/"))).toEqual([]);
	});

	it("succeeds for a missing session, and fails for an invalid ID", async () => {
		expect(await apiJson("/sessions/unknown", { method: "DELETE" })).toEqual({ deletedChunks: 0 });
		await post(batchOf({ sessionId: "a", windowId: "w" }));
		const odd = ["a%20b", "a/windows/a%20b", "a/windows/w%0A", `a/windows/${"w".repeat(129)}`, "a%20b/windows/w"];
		for (const path of odd) {
			const response = await api(`/sessions/${path}`, { method: "DELETE" });
			expect([response.status, await response.json()]).toEqual([
				400,
				{ error: "invalid ID: use 1-128 letters, digits, - and _" },
			]);
		}
		expect(await rows("sessions")).toMatchObject([{ id: "a", windows: 1 }]);
	});
});

describe("reindex", () => {
	it("rebuilds an empty D1 from R2: list, trail and events are as before", async () => {
		for (let i = 0; i < 25; i++) {
			const events = pageEvents(T + i * 1000);
			const batch = batchOf({ sessionId: `s${i % 5}`, seq: i, events, metadata: { plan: `p${i}` } });
			await post(batch, { cf: { country: "AT" }, path: `/events?at=${Date.now()}` });
		}
		await apiJson("/sessions/s0", { method: "DELETE" });
		const readAll = async () => ({
			list: (await apiJson<List>("/sessions")).sessions,
			trail: await apiJson(`/sessions/s1/windows/${WID}/trail`),
			events: await apiJson(`/sessions/s1/windows/${WID}/events`),
			rows: [await rows("sessions"), await rows("chunks")],
		});
		const before = await readAll();
		for (const table of ["sessions", "chunks", "erasures"]) await env.DB.exec(`DELETE FROM ${table}`);
		expect((await apiJson<List>("/sessions")).sessions).toEqual([]);

		let cursor: string | null = null;
		let indexed = 0;
		do {
			const step: { cursor: string | null; indexed: number } = await apiJson(
				`/maintenance/reindex${cursor ? `?cursor=${cursor}` : ""}`,
				{ method: "POST" },
			);
			cursor = step.cursor;
			indexed += step.indexed;
		} while (cursor);
		expect(indexed).toBe(20);
		expect(await readAll()).toEqual(before);
		await post(batchOf({ sessionId: "s0", seq: 99 }, T));
		expect((await rows("chunks")).filter((row) => row.session_id === "s0")).toEqual([]);
	});

	it("skips an object that cannot be read", async () => {
		await post(batchOf({}, T));
		const [key] = await objects();
		await env.CHUNKS.put(key!.replace(/[^/]+$/, "0000000000001-x-00000000"), "garbage");
		for (const table of ["sessions", "chunks"]) await env.DB.exec(`DELETE FROM ${table}`);
		const step = await apiJson("/maintenance/reindex", { method: "POST" });
		expect(step).toMatchObject({
			seen: 2,
			indexed: 1,
			cursor: null,
			unreadable: [expect.stringContaining("00000000")],
		});
	});
});
