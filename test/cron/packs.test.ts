import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RecordedEvent } from "../../src/contract/events.ts";
import { tick } from "../../src/cron/index.ts";
import { resetLimits } from "../../src/ingest/admission-limits.ts";
import { pack, unpack } from "../../src/storage/pack.ts";
import { randomFrom } from "../support/random.ts";
import { api, apiJson, batchOf, dbWith, envWith, objects, pageEvents, post, rows } from "../support/worker.ts";

const DAY = 86_400_000;
const MINUTE = 60_000;
/** Noon, so that times some minutes apart are on the same day. */
const NOW = Math.floor(Date.now() / DAY) * DAY + DAY / 2;
const THEN = NOW - 5 * DAY;
const key = (id: string, fill: number) => `${id}:${btoa(String.fromCharCode(...new Uint8Array(32).fill(fill)))}`;

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => {
	vi.useRealTimers();
	vi.restoreAllMocks();
});

/** CSS that is the same on every page, so that it compresses well in a pack. */
const STYLES = (() => {
	const random = randomFrom(7);
	return random.many(
		700,
		() => `.c${random.below(2 ** 24).toString(36)}{color:#${random.below(2 ** 24).toString(16)}}`,
	);
})().join("");

/** Returns the events of a page with words that no other page has. @param n seed of the words */
function eventsAt(at: number, n: number): RecordedEvent[] {
	const random = randomFrom(n);
	const words = random.many(60, () => random.below(2 ** 30).toString(36)).join(" ");
	return [
		...pageEvents(at),
		{ type: 5, timestamp: at + 2_000, data: { tag: "page", payload: { words } } },
		{ type: 3, timestamp: at + 2_001, data: { source: 13, styles: STYLES } },
	];
}

interface SessionOptions {
	/** Returns the events of a batch. */
	make?: typeof eventsAt;
	sessionId?: string;
	windowId?: string;
	batches?: number;
	/** Start of the session, in epoch milliseconds. */
	at?: number;
	/** `seq` of the first batch. */
	from?: number;
	on?: ReturnType<typeof envWith>;
}

/** Records a session with the clock set to the time of each batch. */
async function recordSession(options: SessionOptions = {}) {
	const { sessionId = "old", windowId = "w", batches = 4, at = THEN, from = 0, on, make = eventsAt } = options;
	for (let seq = from; seq < from + batches; seq++) {
		vi.setSystemTime(at + seq * 20_000 + 3_000);
		const events = make(at + seq * 20_000, seq);
		const response = await post(batchOf({ sessionId, windowId, seq, events }), on ? { on } : {});
		expect(response.status).toBe(200);
		// Resets the limits, as if another isolate received the next batch.
		resetLimits();
	}
	vi.setSystemTime(NOW);
}

/** Reads all events of a window, chunk by chunk. */
async function replayOf(sessionId = "old", windowId = "w", on = envWith()): Promise<RecordedEvent[]> {
	const events: RecordedEvent[] = [];
	let cursor: string | null = null;
	do {
		const response: Response = await api(
			`/sessions/${sessionId}/windows/${windowId}/events${cursor ? `?cursor=${cursor}` : ""}`,
			{ on },
		);
		expect(response.status).toBe(200);
		events.push(...((await response.json()) as { events: RecordedEvent[] }).events);
		cursor = response.headers.get("x-next-cursor");
	} while (cursor);
	return events;
}

async function storedBytes(): Promise<number> {
	return (await env.CHUNKS.list()).objects
		.filter(({ key }) => !key.startsWith("."))
		.reduce((sum, { size }) => sum + size, 0);
}

const recordings = async () => (await objects()).filter((name) => !name.startsWith("."));
const packed = async () => (await recordings()).filter((name) => name.endsWith(".pack"));
const bytesOf = async (id = "old") =>
	(await rows<{ id: string; bytes: number }>("sessions")).find((it) => it.id === id)!.bytes;

describe("packing an old session", () => {
	it("makes one object of half the size, with the same recording on every route", async () => {
		await recordSession();
		const readAll = () =>
			Promise.all([
				replayOf(),
				apiJson("/sessions/old/windows/w/trail"),
				apiJson("/erasures/export", json({ sessionIds: ["old"] })).then((it) => withoutBytes(it)),
				file(),
			]);
		const [before, size] = [await readAll(), await storedBytes()];
		expect(await recordings()).toHaveLength(4);
		expect(await bytesOf()).toBe(size);
		await tick(envWith(), NOW);
		expect([(await recordings()).length, (await packed()).length]).toEqual([1, 1]);
		expect(await storedBytes()).toBeLessThan(size / 2);
		expect(await bytesOf()).toBe(await storedBytes());
		expect(await readAll()).toEqual(before);
		expect(before[0]).toHaveLength(32);
	});

	it("makes separate packs for each window and day of receipt", async () => {
		const night = Math.floor(THEN / DAY) * DAY - 70_000;
		await recordSession({ batches: 8, at: night });
		await recordSession({ batches: 3, windowId: "v" });
		const [w, v] = [await replayOf(), await replayOf("old", "v")];
		await tick(envWith({ PACKS_PER_MINUTE: 9 }), NOW);
		expect(await recordings()).toEqual(await packed());
		expect((await packed()).map((name) => name.split("/").slice(2, 4).join())).toEqual(["old,w", "old,v", "old,w"]);
		expect([await replayOf(), await replayOf("old", "v")]).toEqual([w, v]);
	});

	it("costs one R2 write and three D1 rows", async () => {
		await recordSession();
		const put = vi.spyOn(env.CHUNKS, "put");
		let written = 0;
		const batch = async (statements: D1PreparedStatement[]) => {
			const results = await env.DB.batch(statements);
			written += results.reduce((sum, { meta }) => sum + (meta.rows_written ?? 0), 0);
			return results;
		};
		const { packOldChunks: packOld } = await import("../../src/cron/pack.ts");
		await packOld(envWith({ DB: dbWith({ batch }) }), NOW, null);
		expect(await packed()).toHaveLength(1);
		expect([put.mock.calls.length, written]).toEqual([1, 3]);
	});

	it("makes packs small enough to be reindexed in steps", async () => {
		await recordSession({ batches: 45 });
		const events = await replayOf();
		for (let i = 0; i < 6; i++) await tick(envWith(), NOW + i * MINUTE);
		const packs = await rows<{ first_id: string; last_id: string }>("packs");
		expect(packs.length).toBeGreaterThan(2);
		for (const { first_id, last_id } of packs) {
			const spanned = (await rows<{ id: string }>("chunks")).filter(({ id }) => id >= first_id && id <= last_id);
			expect(spanned.length).toBeLessThanOrEqual(20);
		}
		expect(await replayOf()).toEqual(events);
	});

	it("limits a pack to 20 chunks and a third of a megabyte of JSON", async () => {
		const words = (n: number, count: number) => {
			const random = randomFrom(n);
			return random.many(count, () => random.below(2 ** 30).toString(36)).join(" ");
		};
		const small = (at: number, n: number): RecordedEvent[] => [
			{ type: 5, timestamp: at, data: { tag: "page", payload: { words: words(n, 100) } } },
		];
		const long = (at: number, n: number): RecordedEvent[] => [
			{ type: 3, timestamp: at, data: { source: 13, random: words(n, 600), styles: "a{}".repeat(45_000) } },
		];
		await recordSession({ sessionId: "small", batches: 45, make: small });
		await recordSession({ sessionId: "long", at: THEN + MINUTE, batches: 5, make: long });
		for (let i = 0; i < 8; i++) await tick(envWith(), NOW + i * MINUTE);
		const sizes = await env.DB.prepare(
			`SELECT p.session_id AS id, count(*) AS n FROM packs p JOIN chunks c ON c.session_id = p.session_id
			AND c.id BETWEEN p.first_id AND p.last_id GROUP BY p.session_id, p.first_id ORDER BY p.first_id`,
		).all<{ id: string; n: number }>();
		expect(sizes.results.filter(({ id }) => id === "small").map(({ n }) => n)).toEqual([20, 20]);
		expect(sizes.results.filter(({ id }) => id === "long").map(({ n }) => n)).toEqual([2, 2]);
	});

	it("does not end a pack early where a step ends", async () => {
		await recordSession({ sessionId: "first", batches: 1 });
		await env.DB.prepare(
			`INSERT INTO chunks SELECT project, session_id, window_id, printf('%013d-00000-00000000', value), day, seq, first_at,
			last_at, events, 1, snapshots, pages, clicks, errors, client, metadata, trail
			FROM chunks, (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 195) SELECT * FROM n)`,
		).run();
		await recordSession({ at: THEN + MINUTE, batches: 8 });
		for (let i = 0; i < 2; i++) await tick(envWith(), NOW + i * MINUTE);
		const [row] = await rows<{ first_id: string; last_id: string }>("packs");
		const ids = (await rows<{ id: string; session_id: string }>("chunks")).filter((it) => it.session_id === "old");
		expect(ids.filter(({ id }) => id >= row!.first_id && id <= row!.last_id).length).toBeGreaterThan(4);
	});

	it("runs at the configured rate, takes turns between projects, and reads each session once", async () => {
		const origins = ["https://shop.example"];
		const PROJECTS = [
			{ id: "one", origins },
			{ id: "two", origins },
		];
		const on = (changes = {}) => envWith({ PROJECTS, ...changes });
		for (const project of ["one", "two"]) {
			for (const n of [1, 2, 3]) {
				for (let seq = 0; seq < 4; seq++) {
					vi.setSystemTime(THEN + n * MINUTE);
					const events = eventsAt(THEN + n * MINUTE + seq * 1000, seq);
					await post(batchOf({ sessionId: `${project}${n}`, seq, project, events }), { on: on() });
				}
			}
		}
		vi.setSystemTime(NOW);
		await tick(on({ PACKS_PER_MINUTE: 0 }), NOW);
		expect(await packed()).toEqual([]);
		for (let i = 1; i < 4; i++) {
			await tick(on({ PACKS_PER_MINUTE: 2 }), NOW + i * MINUTE);
			expect(await packed()).toHaveLength(i * 2);
		}
		expect(await recordings()).toHaveLength(6);
		const get = vi.spyOn(env.CHUNKS, "get");
		await tick(on(), NOW + 4 * MINUTE);
		expect(get).not.toHaveBeenCalled();
	});

	it("shows the operator how far it is behind", async () => {
		const packing = async (changes = {}) =>
			(await apiJson<{ packing: unknown }>("/maintenance", { on: envWith(changes) })).packing;
		expect(await packing()).toEqual({ perMinute: 1, oldestUnpackedStart: null });
		for (const n of [0, 1, 2]) await recordSession({ sessionId: `old${n}`, at: THEN + n * MINUTE });
		await recordSession({ sessionId: "young", at: NOW - DAY });
		for (const n of [0, 1, 2]) {
			expect(await packing()).toEqual({ perMinute: 1, oldestUnpackedStart: THEN + n * MINUTE });
			await tick(envWith(), NOW + n * MINUTE);
		}
		expect(await packing({ PACKS_PER_MINUTE: 5 })).toEqual({ perMinute: 5, oldestUnpackedStart: null });
	});

	it.each([
		["is not yet two days old", { at: NOW - 2 * DAY + MINUTE }],
		["is too small to be worth it", { batches: 1 }],
	])("skips a session that %s", async (_, options) => {
		await recordSession(options);
		const before = await recordings();
		await tick(envWith(), NOW);
		expect(await recordings()).toEqual(before);
	});

	it("skips a session that still receives data, and packs it later", async () => {
		await recordSession({ at: NOW - 3 * DAY });
		await recordSession({ batches: 1, from: 7, at: NOW - 3 * DAY + 2.5 * DAY });
		await tick(envWith(), NOW);
		expect(await packed()).toEqual([]);
		await tick(envWith(), NOW + DAY);
		expect(await packed()).toHaveLength(1);
	});
});

describe("after packing", () => {
	it("late batches are stored beside the pack, and repeated ones are not stored twice", async () => {
		await recordSession({ batches: 5 });
		const [before, size] = [await replayOf(), await bytesOf()];
		await tick(envWith(), NOW);
		const [pack] = await recordings();
		await post(batchOf({ sessionId: "old", windowId: "w", seq: 2, events: eventsAt(THEN + 40_000, 2) }));
		expect(await recordings()).toEqual([pack]);
		// One late batch is from the middle of the session, the other from after its end.
		await post(batchOf({ sessionId: "old", windowId: "w", seq: 8, events: eventsAt(THEN + 50_000, 8) }));
		await post(batchOf({ sessionId: "old", windowId: "w", seq: 9, events: eventsAt(THEN + 150_000, 9) }));
		expect(await recordings()).toHaveLength(3);
		expect(await replayOf()).toHaveLength(before.length + 16);
		expect(await bytesOf()).toBe(await storedBytes());
		expect(await bytesOf()).toBeLessThan(size);
	});

	it("deleting a window removes its pack only", async () => {
		await recordSession();
		await recordSession({ windowId: "v" });
		for (let i = 0; i < 2; i++) await tick(envWith(), NOW + i * MINUTE);
		expect(await packed()).toHaveLength(2);
		const events = await replayOf();
		await api("/sessions/old/windows/v", { method: "DELETE" });
		expect(await recordings()).toHaveLength(1);
		expect((await rows("packs")).map(({ window_id }) => window_id)).toEqual(["w"]);
		expect(await bytesOf()).toBe(await storedBytes());
		expect(await replayOf()).toEqual(events);
	});
});

describe("a packed session is deleted completely", () => {
	const remains = async () => [await recordings(), await rows("packs"), await rows("chunks"), await rows("sessions")];

	beforeEach(async () => {
		await recordSession();
		await tick(envWith(), NOW);
		expect(await packed()).toHaveLength(1);
	});

	it("by a deletion", async () => {
		await api("/sessions/old", { method: "DELETE" });
		expect(await remains()).toEqual([[], [], [], []]);
	});

	it("by a verified deletion of a selection", async () => {
		expect(await apiJson("/erasures", json({ sessionIds: ["old"] }))).toMatchObject({ erased: 1 });
		expect(await remains()).toEqual([[], [], [], []]);
	});

	it("by retention", async () => {
		await tick(envWith({ RETENTION_DAYS: 1 }), NOW + MINUTE);
		expect(await remains()).toEqual([[], [], [], []]);
	});

	it("by retention when D1 was reset to the state before packing", async () => {
		await resetPacks();
		await tick(envWith({ RETENTION_DAYS: 1, PACKS_PER_MINUTE: 0 }), NOW + MINUTE);
		expect(await remains()).toEqual([[], [], [], []]);
	});

	it("by a cap", async () => {
		await tick(envWith({ MAX_BYTES: 1 }), NOW + 61 * MINUTE);
		expect(await remains()).toEqual([[], [], [], []]);
	});

	it("and not restored from a copy of its pack", async () => {
		const [name] = await packed();
		const copy = await (await env.CHUNKS.get(name!))!.arrayBuffer();
		await api("/sessions/old", { method: "DELETE" });
		const put = await api(`/backup/object?key=${encodeURIComponent(name!)}`, { method: "PUT", body: copy });
		expect(await put.json()).toEqual({ stored: false });
		await env.CHUNKS.put(name!, copy);
		await reindex();
		expect(await remains()).toEqual([[], [], [], []]);
		// The session stays deleted even if D1 has lost the tombstone.
		await env.CHUNKS.put(name!, copy);
		await env.DB.exec("DELETE FROM erasures");
		await reindex();
		expect(await remains()).toEqual([[], [], [], []]);
	});
});

describe("reindexing packs", () => {
	const tables = async () => [await rows("sessions"), await rows("chunks"), await rows("packs")];

	it.each([["unencrypted"], ["encrypted"]])("results in the same rows if the packs are %s", async (how) => {
		const on = envWith(how === "encrypted" ? { ENCRYPTION_KEYS: key("k", 3) } : {});
		await recordSession({ batches: 5, on });
		await tick(on, NOW);
		await post(batchOf({ sessionId: "old", windowId: "w", seq: 8, events: eventsAt(THEN + 50_000, 8) }), { on });
		const [before, events] = [await tables(), await replayOf("old", "w", on)];
		expect(await packed()).toHaveLength(1);
		await reindex(on);
		expect(await tables()).toEqual(before);
		for (const table of ["sessions", "chunks", "packs", "jobs"]) await env.DB.exec(`DELETE FROM ${table}`);
		await reindex(on);
		expect(await tables()).toEqual(before);
		expect(await replayOf("old", "w", on)).toEqual(events);
		// Nothing is packed again.
		await tick(on, NOW + MINUTE);
		expect((await recordings()).length).toBe(2);
	});

	it("keeps rows unless their recording is missing", async () => {
		await recordSession();
		await recordSession({ sessionId: "other" });
		for (let i = 0; i < 2; i++) await tick(envWith(), NOW + i * MINUTE);
		expect(await check()).toBe(0);
		await env.CHUNKS.delete((await packed()).filter((name) => name.includes("/old/")));
		expect(await check()).toBe(4);
		expect((await rows("sessions")).map(({ id }) => id)).toEqual(["other"]);
		expect((await rows("packs")).map(({ session_id }) => session_id)).toEqual(["other"]);
	});

	it("finds single chunks when R2 was reset to the state before packing", async () => {
		await recordSession();
		const events = await replayOf();
		const copies = await copiesOf(await recordings());
		await tick(envWith(), NOW);
		await env.CHUNKS.delete(await packed());
		await restore(copies);
		expect(await check()).toBe(0);
		expect(await replayOf()).toEqual(events);
		expect(await bytesOf()).toBe(await storedBytes());
	});

	it("is not needed to read packs without rows", async () => {
		await recordSession({ batches: 6 });
		const events = await replayOf();
		await tick(envWith(), NOW);
		await resetPacks();
		expect(await replayOf()).toEqual(events);
		await reindex();
		expect((await rows("packs")).length).toBe(1);
		expect(await bytesOf()).toBe(await storedBytes());
	});

	it("covers a whole pack when some of its chunks exist beside it", async () => {
		await recordSession({ batches: 6 });
		const events = await replayOf();
		const copies = await copiesOf(await recordings());
		await tick(envWith(), NOW);
		await resetPacks();
		await restore(copies.slice(0, 3));
		await tick(envWith(), NOW + MINUTE);
		await reindex();
		expect(await replayOf()).toEqual(events);
		expect([(await recordings()).length, await bytesOf()]).toEqual([1, await storedBytes()]);
		// Packing that starts after the pack's first chunk finds the existing pack, too.
		await env.DB.exec("DELETE FROM packs");
		await restore(copies.slice(0, 1));
		const [first] = (await rows<{ id: string }>("chunks")).map(({ id }) => id);
		const { packStep } = await import("../../src/storage/packs.ts");
		const place = `${THEN}/old/w/${first}`;
		await packStep(env.DB, { bucket: env.CHUNKS, keys: [] }, "default", place, NOW, 1);
		expect((await rows<{ first_id: string }>("packs")).map(({ first_id }) => first_id)).toEqual([first]);
		expect([await packed(), await replayOf()]).toEqual([[expect.stringContaining(first!)], events]);
		// A reindex removes all chunks that exist beside the pack.
		await restore(copies);
		await reindex();
		expect(await recordings()).toHaveLength(1);
	});

	it("works while background jobs run", async () => {
		await recordSession({ batches: 6 });
		const events = await replayOf();
		const copies = await copiesOf(await recordings());
		await tick(envWith(), NOW);
		await restore(copies);
		for (const table of ["sessions", "chunks", "packs", "jobs"]) await env.DB.exec(`DELETE FROM ${table}`);
		let cursor: string | null = null;
		for (let i = 1; i === 1 || cursor; i++) {
			const query: string = cursor ? `?cursor=${cursor}` : "";
			const step = await apiJson<{ cursor: string | null }>(`/maintenance/reindex${query}`, { method: "POST" });
			cursor = step.cursor;
			await tick(envWith(), NOW + i * MINUTE);
		}
		expect(await replayOf()).toEqual(events);
		expect([(await recordings()).length, await bytesOf()]).toEqual([1, await storedBytes()]);
	});

	it("corrects the size when a pack is missing but a late chunk exists", async () => {
		await recordSession({ batches: 5 });
		await tick(envWith(), NOW);
		await post(batchOf({ sessionId: "old", windowId: "w", seq: 8, events: eventsAt(THEN + 50_000, 8) }));
		await env.CHUNKS.delete(await packed());
		expect(await check()).toBe(5);
		expect([await bytesOf(), await rows("packs")]).toEqual([await storedBytes(), []]);
	});
});

describe("an encrypted pack", () => {
	it("is encrypted with the newest key, can be re-encrypted, and names a missing key", async () => {
		const [one, both, two] = [key("one", 1), `${key("two", 2)},${key("one", 1)}`, key("two", 2)].map((keys) =>
			envWith({ ENCRYPTION_KEYS: keys }),
		) as [ReturnType<typeof envWith>, ReturnType<typeof envWith>, ReturnType<typeof envWith>];
		await recordSession({ on: one });
		const events = await replayOf("old", "w", one);
		await tick(one, NOW);
		const [name] = await packed();
		expect((await env.CHUNKS.head(name!))!.customMetadata!.key).toBe("one");
		const locked = await api("/sessions/old/windows/w/events", { on: two });
		expect([locked.status, await locked.text()]).toEqual([409, expect.stringContaining("key one")]);
		expect(await apiJson("/maintenance/reencrypt", { method: "POST", on: both })).toMatchObject({ sealed: 1 });
		expect(await replayOf("old", "w", two)).toEqual(events);
		expect(await bytesOf()).toBe((await storedBytes()) - 28);
	});

	it("is not made of chunks that cannot be decrypted", async () => {
		const errors = vi.spyOn(console, "error").mockImplementation(() => {});
		await recordSession({ on: envWith({ ENCRYPTION_KEYS: key("lost", 1) }) });
		await recordSession({ sessionId: "younger", at: THEN + MINUTE });
		await tick(envWith(), NOW);
		expect((await packed()).map((name) => name.split("/")[2])).toEqual(["younger"]);
		expect((await recordings()).filter((name) => name.includes("/old/"))).toHaveLength(4);
		expect(errors.mock.calls.flat().join()).toContain("could not be packed");
	});

	it("with a missing key does not block other packs", async () => {
		vi.spyOn(console, "error").mockImplementation(() => {});
		const on = envWith({ ENCRYPTION_KEYS: key("lost", 1) });
		await recordSession({ on });
		await tick(on, NOW);
		await recordSession({ sessionId: "younger", at: THEN + MINUTE });
		await resetPacks();
		for (let i = 1; i < 4; i++) await tick(envWith(), NOW + i * MINUTE);
		expect((await packed()).map((name) => name.split("/")[2])).toEqual(["old", "younger"]);
		expect(await check()).toBe(0);
	});
});

describe("packing under faults and races", () => {
	it("skips a damaged chunk and packs the others", async () => {
		vi.spyOn(console, "error").mockImplementation(() => {});
		await recordSession({ batches: 8 });
		const damaged = (await recordings())[3]!;
		const { customMetadata } = (await env.CHUNKS.head(damaged))!;
		await env.CHUNKS.put(damaged, "damaged", { customMetadata });
		await tick(envWith({ PACKS_PER_MINUTE: 2 }), NOW);
		expect((await recordings()).filter((name) => !name.endsWith(".pack"))).toEqual([damaged]);
		expect(await packed()).toHaveLength(2);
	});

	it.each([
		["R2 cannot be read", () => ({ CHUNKS: failingBucket("get") })],
		["the pack cannot be written to R2", () => ({ CHUNKS: failingBucket("put") })],
		[
			"the row of the pack cannot be written to D1",
			() => ({ DB: dbWith({ prepare: failingAt("INSERT OR IGNORE INTO packs") }) }),
		],
		["R2 cannot delete", () => ({ CHUNKS: failingBucket("delete") })],
	])("loses nothing if %s, and completes at the next tick", async (_, broken) => {
		await recordSession();
		const events = await replayOf();
		const errors = vi.spyOn(console, "error").mockImplementation(() => {});
		await tick(envWith(broken()), NOW);
		expect(errors).toHaveBeenCalledWith('background job "packs" failed', expect.anything());
		expect(await recordings()).not.toEqual(await packed());
		expect(await replayOf()).toEqual(events);
		await tick(envWith(), NOW + MINUTE);
		expect([(await recordings()).length, (await packed()).length]).toEqual([1, 1]);
		expect(await replayOf()).toEqual(events);
		expect(await bytesOf()).toBe(await storedBytes());
	});

	it("keeps the chunks if the stored pack is not the one written", async () => {
		await recordSession();
		const before = await recordings();
		const alteringPut = (change: (value: Uint8Array) => Uint8Array) => ({
			put: (name: string, value: Uint8Array, options: R2PutOptions) =>
				env.CHUNKS.put(name, name.endsWith(".pack") ? change(value) : value, options),
		});
		vi.spyOn(console, "error").mockImplementation(() => {});
		await tick(envWith({ CHUNKS: bucketOverriding(alteringPut((value) => value.slice(0, -9))) }), NOW);
		expect(await recordings()).toEqual(expect.arrayContaining(before));
		expect(await replayOf()).toHaveLength(32);
		const other = (value: Uint8Array) => {
			const [first, ...rest] = unpack(value);
			return pack([{ ...first!, json: new TextEncoder().encode('{"events":[]}') }, ...rest]);
		};
		await recordSession({ sessionId: "other", at: THEN + MINUTE });
		const all = (await recordings()).filter((name) => !name.endsWith(".pack"));
		expect(all).toHaveLength(8);
		for (let i = 1; i < 4; i++) await tick(envWith({ CHUNKS: bucketOverriding(alteringPut(other)) }), NOW + i * MINUTE);
		expect(await recordings()).toEqual(expect.arrayContaining(all));
		expect(await replayOf("other")).toHaveLength(32);
		for (const id of ["old", "other"]) await api(`/sessions/${id}`, { method: "DELETE" });
		expect(await recordings()).toEqual([]);
	});

	it("tries a pack no more than twice if it terminates the tick, and continues with others", async () => {
		await recordSession();
		await recordSession({ sessionId: "younger", at: THEN + MINUTE });
		let n = 0;
		// Behaves as if the tick was terminated: no later code runs, and no error is reported.
		const get = (name: string) => {
			if (!name.includes("/old/") || name.endsWith(".pack")) return env.CHUNKS.get(name);
			n++;
			return new Promise<null>(() => {});
		};
		const on = envWith({ CHUNKS: bucketOverriding({ get }) });
		for (let i = 0; i < 4; i++) {
			await Promise.race([tick(on, NOW + i * 6 * MINUTE), new Promise((resolve) => setTimeout(resolve, 300))]);
		}
		expect(n).toBe(2);
		expect((await packed()).map((name) => name.split("/")[2])).toEqual(["younger"]);
	});

	it("keeps the pack if a read fails after another process used it", async () => {
		await recordSession({ batches: 6 });
		const events = await replayOf();
		vi.spyOn(console, "error").mockImplementation(() => {});
		let n = 0;
		const get = async (name: string) => {
			// The first read finds no pack; the second read verifies the pack that was written.
			if (name.endsWith(".pack") && ++n === 2) {
				await reindex();
				throw new Error("Network connection lost");
			}
			return env.CHUNKS.get(name);
		};
		await tick(envWith({ CHUNKS: bucketOverriding({ get }) }), NOW);
		expect(await replayOf()).toEqual(events);
		expect([(await recordings()).length, await bytesOf()]).toEqual([1, await storedBytes()]);
	});

	it("does not affect a file that is being exported", async () => {
		await recordSession({ batches: 6 });
		const complete = await file();
		let n = 0;
		const CHUNKS = bucketOverriding({
			get: async (name: string) => {
				if (++n === 3) await tick(envWith(), NOW);
				return env.CHUNKS.get(name);
			},
		});
		expect(await file({ CHUNKS })).toEqual(complete);
		expect(await packed()).toHaveLength(1);
	});

	it("makes one pack when two ticks overlap", async () => {
		for (const [sessionId, at, failing] of [
			["reads", THEN, false],
			["fails", THEN + MINUTE, true],
		] as const) {
			await recordSession({ sessionId, at, batches: 6 });
			const events = await replayOf(sessionId);
			vi.spyOn(console, "error").mockImplementation(() => {});
			const [packWritten, mayContinue] = [gate(), gate()];
			const isPut = (name: string) => name.includes(sessionId) && name.endsWith(".pack");
			let isOver = false;
			const first = bucketOverriding({
				put: async (...args: Parameters<R2Bucket["put"]>) => {
					const made = await env.CHUNKS.put(...args);
					if (isPut(String(args[0]))) {
						packWritten.open();
						await mayContinue.opened;
					}
					return made;
				},
			});
			const slow = tick(envWith({ CHUNKS: first }), NOW + Number(failing) * 60 * MINUTE).then(() => (isOver = true));
			await packWritten.opened;
			let n = 0;
			const second = bucketOverriding({
				get: async (name: string) => {
					if (!isPut(name) && name.includes(sessionId) && ++n === 4) {
						if (failing) throw new Error("once");
						mayContinue.open();
						await slow;
					}
					return env.CHUNKS.get(name);
				},
			});
			expect(isOver).toBe(false);
			await tick(envWith({ CHUNKS: second }), NOW + Number(failing) * 60 * MINUTE + 6 * MINUTE);
			mayContinue.open();
			await slow;
			expect(await replayOf(sessionId)).toEqual(events);
			expect((await packed()).filter(isPut)).toHaveLength(1);
		}
	});

	it("keeps the first pack if a slow tick writes a shorter one later", async () => {
		await recordSession({ batches: 6 });
		const events = await replayOf();
		vi.spyOn(console, "error").mockImplementation(() => {});
		const [firstHasRead, secondHasRead] = [gate(), gate()];
		const first = bucketOverriding({
			put: async (...args: Parameters<R2Bucket["put"]>) => {
				firstHasRead.open();
				await secondHasRead.opened;
				return env.CHUNKS.put(...args);
			},
		});
		const slow = tick(envWith({ CHUNKS: first }), NOW);
		await firstHasRead.opened;
		let n = 0;
		const second = bucketOverriding({
			get: (name: string) => {
				if (!name.endsWith(".pack") && ++n === 4) throw new Error("once");
				return env.CHUNKS.get(name);
			},
			put: async (...args: Parameters<R2Bucket["put"]>) => {
				secondHasRead.open();
				await slow;
				return env.CHUNKS.put(...args);
			},
		});
		await tick(envWith({ CHUNKS: second }), NOW + 6 * MINUTE);
		expect(await replayOf()).toEqual(events);
		expect([(await recordings()).length, await bytesOf()]).toEqual([1, await storedBytes()]);
	});

	it("deletes a session of several days with all its packs", async () => {
		await recordSession({ batches: 2, at: NOW - 20 * DAY });
		await recordSession({ from: 5, at: NOW - 6 * DAY });
		await tick(envWith({ PACKS_PER_MINUTE: 9 }), NOW);
		expect(await packed()).toHaveLength(2);
		await api("/sessions/old", { method: "DELETE" });
		expect([await recordings(), await rows("packs")]).toEqual([[], []]);
	});

	it("limits calls to R2 per tick when nothing can be packed", async () => {
		vi.spyOn(console, "error").mockImplementation(() => {});
		const on = envWith({ ENCRYPTION_KEYS: key("lost", 1) });
		for (let n = 0; n < 12; n++) await recordSession({ sessionId: `s${n}`, at: THEN + n * MINUTE, on });
		let calls = 0;
		const CHUNKS = new Proxy(env.CHUNKS, {
			get(target, name) {
				calls += Number(["get", "put", "head", "delete"].includes(String(name)));
				return Reflect.get(target, name).bind(target);
			},
		});
		const { packOldChunks: packOld } = await import("../../src/cron/pack.ts");
		let cursor = await packOld(envWith({ CHUNKS }), NOW, null);
		expect(calls).toBeLessThan(50);
		for (let i = 1; i < 12; i++) cursor = await packOld(envWith({ CHUNKS }), NOW, cursor);
		const before = cursor;
		expect(await packOld(envWith({ CHUNKS }), NOW, cursor)).toBe(before);
		// When the cursor is lost, sessions that are already packed are not read again.
		await packOld(on, NOW, null);
		expect(await packed()).toHaveLength(1);
		calls = 0;
		for (let i = 0; i < 12; i++) await packOld(on, NOW, null);
		expect(await packed()).toHaveLength(12);
		await packOld(envWith({ CHUNKS }), NOW, null);
		expect(calls).toBe(0);
	});

	it("deletes the pack of a session that is deleted meanwhile", async () => {
		await recordSession();
		const put = async (...args: Parameters<R2Bucket["put"]>) => {
			if (String(args[0]).endsWith(".pack")) await api("/sessions/old", { method: "DELETE" });
			return env.CHUNKS.put(...args);
		};
		await tick(envWith({ CHUNKS: bucketOverriding({ put }) }), NOW);
		expect([await recordings(), await rows("sessions")]).toEqual([[], []]);
	});

	it("deletes the pack of a session that is deleted meanwhile, even if the tick is terminated", async () => {
		await recordSession();
		vi.spyOn(console, "error").mockImplementation(() => {});
		const put = async (...args: Parameters<R2Bucket["put"]>) => {
			if (String(args[0]).endsWith(".pack")) await api("/sessions/old", { method: "DELETE" });
			await env.CHUNKS.put(...args);
			throw new Error("killed");
		};
		await tick(envWith({ CHUNKS: bucketOverriding({ put }) }), NOW);
		expect(await packed()).toHaveLength(1);
		for (let i = 1; i < 5; i++) await tick(envWith(), NOW + i * 6 * MINUTE);
		expect([await recordings(), await rows("packs"), await rows("sessions")]).toEqual([[], [], []]);
	});
});

const json = (body: unknown) => ({
	method: "POST",
	headers: { "content-type": "application/json" },
	body: JSON.stringify(body),
});

async function reindex(on = envWith()): Promise<void> {
	let cursor: string | null = null;
	do {
		const query: string = cursor ? `?cursor=${cursor}` : "";
		const step = await apiJson<{ cursor: string | null }>(`/maintenance/reindex${query}`, { method: "POST", on });
		cursor = step.cursor;
	} while (cursor);
}

async function check(): Promise<number> {
	const step = await apiJson<{ dropped: number; cursor: string | null }>("/maintenance/check", { method: "POST" });
	expect(step.cursor).toBeNull();
	return step.dropped;
}

async function file(changes = {}): Promise<unknown> {
	const on = envWith({ SHAREABLE_REPLAYS: true, ...changes });
	const { windows } = await apiJson<{ windows: unknown }>("/sessions/old/file?format=json", { method: "POST", on });
	return windows;
}

/** Returns a value without its sizes in bytes, which packing changes. */
function withoutBytes(value: unknown): unknown {
	return JSON.parse(JSON.stringify(value), (name, it) => (name === "bytes" ? undefined : it));
}

type Copy = readonly [name: string, bytes: ArrayBuffer, customMetadata: Record<string, string> | undefined];

function copiesOf(names: string[]): Promise<Copy[]> {
	return Promise.all(
		names.map(async (name) => {
			const it = (await env.CHUNKS.get(name))!;
			return [name, await it.arrayBuffer(), it.customMetadata] as const;
		}),
	);
}

async function restore(copies: Copy[]): Promise<void> {
	for (const [name, bytes, customMetadata] of copies) await env.CHUNKS.put(name, bytes, { customMetadata });
}

/** Resets D1 to the state before packing. */
async function resetPacks(): Promise<void> {
	await env.DB.exec(
		"UPDATE sessions SET bytes = bytes + coalesce((SELECT sum(saved) FROM packs WHERE session_id = id), 0)",
	);
	await env.DB.exec("DELETE FROM packs");
	await env.DB.exec("DELETE FROM jobs");
}

/** Returns a promise, and a function that resolves it. */
function gate(): { opened: Promise<void>; open(): void } {
	let open = () => {};
	const opened = new Promise<void>((resolve) => (open = resolve));
	return { opened, open };
}

/** Returns the real R2 bucket with some methods replaced. */
function bucketOverriding(changes: Record<string, unknown>): R2Bucket {
	return new Proxy(env.CHUNKS, {
		get: (target, name) => changes[String(name)] ?? Reflect.get(target, name).bind(target),
	});
}

function failingBucket(method: "get" | "put" | "delete"): R2Bucket {
	const fail = () => Promise.reject(new Error("R2 is away"));
	return bucketOverriding({ [method]: fail, ...(method === "get" && { head: fail }) });
}

function failingAt(start: string) {
	return (sql: string) => {
		if (sql.trim().startsWith(start)) throw new Error("killed");
		return env.DB.prepare(sql);
	};
}
