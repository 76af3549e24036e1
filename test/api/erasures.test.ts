import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { tick } from "../../src/cron/index.ts";
import { listSegments, saveSegment } from "../../src/storage/segments.ts";
import { api, apiJson, batchOf, envWith, objects, pageEvents, post, rows, unavailableDb } from "../support/worker.ts";

const NOW = Date.now();
const DAY = 86_400_000;
const json = (body: unknown) => ({
	method: "POST",
	body: JSON.stringify(body),
	headers: { "content-type": "application/json" },
});
const ids = async () => (await rows<{ id: string }>("sessions")).map(({ id }) => id).sort();
const recordings = async () => (await objects()).filter((key) => !key.startsWith("."));

async function recordSession(
	id: string,
	at: number,
	metadata: Record<string, unknown> = {},
	project?: string,
	on = envWith(),
) {
	for (const seq of [0, 1]) {
		const events = pageEvents(at + seq * 10_000);
		await post(batchOf({ sessionId: id, seq, events, ...(project && { project }), metadata }), { on });
	}
}

async function eraseAll(selection: unknown, on = envWith()) {
	let erased = 0;
	for (;;) {
		const step = await apiJson<{ erased: number; more: boolean }>("/erasures", { ...json(selection), on });
		erased += step.erased;
		if (!step.more) return erased;
	}
}

afterEach(() => {
	vi.useRealTimers();
	vi.restoreAllMocks();
});

describe("deleting a selection", () => {
	it.each<[string, object, string[]]>([
		["by ids", { sessionIds: ["a", "c", "nowhere"] }, ["b", "d"]],
		["by person", { userId: "u-1" }, ["c", "d"]],
		["by metadata", { metadata: { key: "plan", value: "pro" } }, ["a", "d"]],
		["by metadata that is true", { metadata: { key: "vip", value: true } }, ["a", "b", "d"]],
		["by metadata that is a number", { metadata: { key: "shop", value: 7 } }, ["a", "b", "c"]],
		["since a time", { since: NOW - 2.5 * DAY }, ["a", "b"]],
		["until a time, inclusive", { until: NOW - 3 * DAY }, ["c", "d"]],
		["between two times", { since: NOW - 3 * DAY, until: NOW - 2 * DAY }, ["a", "d"]],
		[
			"by several criteria, which all must match",
			{ userId: "u-1", metadata: { key: "plan", value: "pro" } },
			["a", "c", "d"],
		],
	])("%s deletes those sessions and no others", async (_, selection, left) => {
		await recordSession("a", NOW - 4 * DAY, { user_id: "u-1", plan: "free" });
		await recordSession("b", NOW - 3 * DAY, { user_id: "u-1", plan: "pro" });
		await recordSession("c", NOW - 2 * DAY, { user_id: "u-2", plan: "pro", vip: true });
		await recordSession("d", NOW - 1 * DAY, { shop: 7 });
		const { count } = await apiJson<{ count: number }>("/erasures/count", json(selection));
		expect(await eraseAll(selection)).toBe(4 - left.length);
		expect(count).toBe(4 - left.length);
		expect(await ids()).toEqual(left);
		expect(new Set((await recordings()).map((key) => key.split("/")[2]))).toEqual(new Set(left));
		// Late batches of deleted sessions are rejected; those of the other sessions are stored.
		for (const id of ["a", "b", "c", "d"]) await post(batchOf({ sessionId: id, seq: 5, events: pageEvents(NOW) }));
		expect(await ids()).toEqual(left);
		expect(await recordings()).toHaveLength(left.length * 3);
	});

	it("runs in steps, and returns until when the platform can restore the data", async () => {
		for (let i = 0; i < 12; i++) await recordSession(`s${i}`, NOW - DAY, { user_id: "u" });
		const first = await apiJson<{ erased: number; more: boolean; platformKeepsUntil: number }>(
			"/erasures",
			json({ userId: "u" }),
		);
		expect(first).toMatchObject({ erased: 2, more: true });
		expect(first.platformKeepsUntil).toBeGreaterThan(NOW + 29 * DAY);
		await saveSegment(env.DB, "default", { id: "theirs", name: "u", query: "user=u&errors=true" }, 9, 0);
		await saveSegment(env.DB, "default", { id: "others", name: "v", query: "user=u-2" }, 9, 0);
		expect(await eraseAll({ userId: "u" })).toBe(10);
		// Segments that filter by the person are deleted, too.
		expect((await listSegments(env.DB, "default")).map(({ id }) => id)).toEqual(["others"]);
		expect([await ids(), await recordings()]).toEqual([[], []]);
	});

	it.each([
		[{}, "invalid selection"],
		[{ sessionIds: [] }, "sessionIds"],
		[{ sessionIds: ["a", "not an id!"] }, "invalid ID"],
		[{ since: 2, until: 1 }, "it is after until"],
		[{ since: "yesterday" }, "since"],
		[{ metadata: { key: "plan" } }, "metadata.value"],
		[{ userId: "" }, "userId"],
		[{ userId: "u", project: "nowhere" }, "project"],
	])("%j is rejected, and nothing is deleted", async (selection, why) => {
		await recordSession("a", NOW - DAY);
		const response = await api("/erasures", json(selection));
		expect(response.status).toBe(400);
		expect(await response.text()).toContain(why);
		expect(await ids()).toEqual(["a"]);
	});

	it("finds chunks without rows on any day, and finds sessions without rows if they are selected by ID", async () => {
		vi.useFakeTimers({ now: NOW - 6 * DAY, toFake: ["Date"] });
		await recordSession("long", NOW - 6 * DAY);
		vi.setSystemTime(NOW - 2 * DAY);
		vi.spyOn(console, "error").mockImplementation(() => {});
		const withoutDb = envWith({ DB: unavailableDb() });
		await post(batchOf({ sessionId: "long", seq: 7, events: pageEvents(NOW - 2 * DAY) }), { on: withoutDb });
		await post(batchOf({ sessionId: "unknown", events: pageEvents(NOW - 2 * DAY) }), { on: withoutDb });
		vi.setSystemTime(NOW);
		expect(await recordings()).toHaveLength(4);
		expect(await eraseAll({ sessionIds: ["long", "unknown"] })).toBe(2);
		expect(await recordings()).toEqual([]);
		for (let i = 0; i < 3; i++) await tick(envWith(), NOW + i * 60_000);
		expect([await ids(), await recordings()]).toEqual([[], []]);
	});

	it("is recorded even if retention has already deleted the session", async () => {
		await recordSession("a", NOW - 3 * DAY);
		await tick(envWith({ RETENTION_DAYS: 1 }), NOW);
		expect((await rows("erasures")).map(({ reason }) => reason)).toEqual(["purged"]);
		await eraseAll({ sessionIds: ["a"] });
		expect((await rows("erasures")).map(({ reason }) => reason)).toEqual(["deleted"]);
	});

	it("covers projects that are no longer configured, as retention does", async () => {
		await recordSession("a", NOW - DAY);
		await recordSession("b", NOW - 3 * DAY);
		const on = envWith({ PROJECTS: [{ id: "new", origins: ["https://shop.example"] }], RETENTION_DAYS: 2 });
		await tick(on, NOW);
		expect(await ids()).toEqual(["a"]);
		expect(await eraseAll({ sessionIds: ["a"], project: "default" }, on)).toBe(1);
		expect(await ids()).toEqual([]);
	});

	it("is limited to the named project", async () => {
		const origins = ["https://shop.example"];
		const on = envWith({
			PROJECTS: [
				{ id: "one", origins },
				{ id: "two", origins },
			],
		});
		for (const project of ["one", "two"]) await recordSession("same", NOW - DAY, {}, project, on);
		await eraseAll({ sessionIds: ["same"], project: "one" }, on);
		expect((await rows("sessions")).map(({ project }) => project)).toEqual(["two"]);
		await eraseAll({ sessionIds: ["same"] }, on);
		expect(await rows("sessions")).toEqual([]);
	});
});

describe("the data export of a person", () => {
	it("has parts of 30 chunks, each chunk once, even if a session spans several parts", async () => {
		for (let seq = 0; seq < 41; seq++) {
			await post(batchOf({ sessionId: "a", seq, events: pageEvents(NOW - DAY + seq), metadata: { user_id: "u-1" } }));
		}
		await recordSession("b", NOW - DAY, { user_id: "u-1" });
		type Part = { sessions: { id: string; chunks: { seq: number }[] }[]; cursor: string | null };
		const seen: string[] = [];
		const sizes: number[] = [];
		let cursor: string | null = null;
		do {
			const part: Part = await apiJson(`/erasures/export${cursor ? `?cursor=${cursor}` : ""}`, json({ userId: "u-1" }));
			const found = part.sessions.flatMap(({ id, chunks }) => chunks.map(({ seq }) => `${id}${seq}`));
			sizes.push(found.length);
			seen.push(...found);
			cursor = part.cursor;
		} while (cursor);
		expect(seen.sort()).toEqual([...Array.from({ length: 41 }, (_, seq) => `a${seq}`), "b0", "b1"].sort());
		expect(Math.max(...sizes)).toBe(30);
	});

	it("has every event, and no data of others", async () => {
		await recordSession("a", NOW - 2 * DAY, { user_id: "u-1", note: "mine" });
		await recordSession("b", NOW - DAY, { user_id: "u-1" });
		await recordSession("c", NOW - DAY, { user_id: "u-2", note: "zqotherszq" });
		const response = await api("/erasures/export", json({ userId: "u-1" }));
		const text = await response.text();
		expect(text).not.toContain("zqotherszq");
		const { sessions } = JSON.parse(text) as {
			sessions: { id: string; userId: string; metadata: object; chunks: { events: unknown[] }[] }[];
		};
		expect(sessions.map(({ id, userId }) => [id, userId])).toEqual([
			["a", "u-1"],
			["b", "u-1"],
		]);
		expect(sessions[0]!.metadata).toMatchObject({ note: "mine" });
		expect(sessions[0]!.chunks.map(({ events }) => events)).toEqual([
			pageEvents(NOW - 2 * DAY),
			pageEvents(NOW - 2 * DAY + 10_000),
		]);
		expect(JSON.parse(await (await api("/erasures/export", json({ userId: "nobody" }))).text()).sessions).toEqual([]);
	});
});

it("the data export of a person is complete even if a chunk cannot be read", async () => {
	await recordSession("a", NOW - DAY, { user_id: "u-1" });
	const [first] = await recordings();
	await env.CHUNKS.put(first!, "no gzip", { customMetadata: { receipt: "{}" } });
	const { sessions } = await apiJson<{ sessions: { chunks: Record<string, unknown>[] }[] }>(
		"/erasures/export",
		json({ userId: "u-1" }),
	);
	expect(sessions[0]!.chunks.map((chunk) => Object.keys(chunk).slice(0, 2))).toEqual([
		["unreadable", "reason"],
		["receipt", "v"],
	]);
});

describe("caps", () => {
	it("delete the oldest sessions completely, and reject their late batches", async () => {
		for (let i = 0; i < 6; i++) await recordSession(`s${i}`, NOW - (6 - i) * 3_600_000);
		await tick(envWith({ MAX_SESSIONS: 4 }), NOW);
		expect(await ids()).toEqual(["s2", "s3", "s4", "s5"]);
		expect(new Set((await recordings()).map((key) => key.split("/")[2]))).toEqual(new Set(["s2", "s3", "s4", "s5"]));
		await post(batchOf({ sessionId: "s0", seq: 9 }));
		expect(await ids()).not.toContain("s0");
	});

	it("limit bytes as well", async () => {
		for (let i = 0; i < 4; i++) await recordSession(`s${i}`, NOW - (6 - i) * 3_600_000);
		const bytes = (await rows<{ bytes: number }>("sessions")).reduce((sum, it) => sum + it.bytes, 0);
		await tick(envWith({ MAX_BYTES: Math.ceil(bytes * 0.6) }), NOW);
		expect(await ids()).toEqual(["s2", "s3"]);
	});

	it("take as many steps as needed", async () => {
		for (let i = 0; i < 53; i++) await post(batchOf({ sessionId: `s${i}`, events: pageEvents(NOW - 60_000 - i) }));
		await tick(envWith({ MAX_SESSIONS: 1 }), NOW);
		await tick(envWith({ MAX_SESSIONS: 1 }), NOW + 60_000);
		expect(await ids()).toEqual(["s0"]);
	});
});

describe("retention_days of a project", () => {
	it("overrides RETENTION_DAYS", async () => {
		const origins = ["https://shop.example"];
		const on = envWith({
			PROJECTS: [
				{ id: "brief", origins, retention_days: 1 },
				{ id: "long", origins, retention_days: 0 },
			],
		});
		vi.useFakeTimers({ toFake: ["Date"], now: NOW - 3 * DAY });
		for (const project of ["brief", "long"]) await recordSession(`in-${project}`, NOW - 3 * DAY, {}, project, on);
		vi.setSystemTime(NOW);
		await tick(on, NOW);
		expect(await ids()).toEqual(["in-long"]);
	});
});

describe("a background job that fails", () => {
	it("is shown with its error until it succeeds", async () => {
		vi.spyOn(console, "error").mockImplementation(() => {});
		await recordSession("old", NOW - DAY);
		const bucket = new Proxy(env.CHUNKS, {
			get: (target, name) => {
				if (name === "delete") return () => Promise.reject(new Error("R2 said no"));
				const value = Reflect.get(target, name);
				return typeof value === "function" ? value.bind(target) : value;
			},
		});
		await tick(envWith({ CHUNKS: bucket, MAX_SESSIONS: 1, RETENTION_DAYS: 0.1 }), NOW);
		const troubles = async () =>
			(await apiJson<{ troubles: { job: string; error: string }[] }>("/maintenance")).troubles;
		expect(await troubles()).toMatchObject([{ job: "retention", error: "R2 said no" }]);
		await tick(envWith({ RETENTION_DAYS: 0.1 }), NOW + 60_000);
		expect(await troubles()).toEqual([]);
		vi.restoreAllMocks();
	});
});
