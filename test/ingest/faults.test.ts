import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { uuidv7 } from "../../src/contract/ids.ts";
import type { Batch } from "../../src/contract/wire.ts";
import { tick } from "../../src/cron/index.ts";
import { type Random, randomFrom } from "../support/random.ts";
import {
	apiJson,
	batchOf,
	dbWith,
	envWith,
	gzip,
	objects,
	pageEvents,
	post,
	postRequest,
	report,
	rows,
	send,
	withKeys,
} from "../support/worker.ts";

/**
 * Tests random input and faults: no acknowledged batch is lost or stored twice, and the next tick repairs all damage.
 */

const NOW = Date.now();
const MINUTE = 60_000;

beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => {}));
afterEach(() => vi.restoreAllMocks());

/** Returns the real R2 bucket with some methods replaced. */
function bucketWith(changes: Record<string, unknown>): R2Bucket {
	return new Proxy(env.CHUNKS, {
		get(target, name) {
			if (name in changes) return changes[String(name)];
			const value = Reflect.get(target, name);
			return typeof value === "function" ? value.bind(target) : value;
		},
	});
}

/** Returns the batches of a recent session in two windows. */
function sessionOf(random: Random): Batch[] {
	const sessionId = uuidv7(
		NOW - 5 * MINUTE + random.below(1000),
		new Uint8Array(10).map(() => random.below(256)),
	);
	return ["one", "two"].flatMap((windowId, w) =>
		Array.from({ length: 2 + random.below(4) }, (_, seq) =>
			batchOf({
				...{ sessionId, windowId, seq },
				events: pageEvents(NOW - 4 * MINUTE + w * 7_000 + seq * 15_000, `https://shop.example/${windowId}/${seq}`),
				...(random.below(2) && { metadata: { plan: random.pick(["free", "pro"]), [`k${seq}`]: seq } }),
			}),
		),
	);
}

const SESSION = "session-1";

/** For each path, a valid report of a server and the table that stores it. */
const REPORTS: [path: "/errors" | "/track", good: Record<string, unknown>, table: string][] = [
	[
		"/errors",
		{
			...{ exception_class: "E", message: "m", backtrace: ["a.rb:1:in 'b'"], platform: "ruby", timestamp: NOW / 1000 },
			...{ context: { release: "v1", request: { path: "/" } }, session_id: SESSION, window_id: "w" },
		},
		"occurrences",
	],
	[
		"/track",
		{ name: "paid", level: "info", payload: { total: 1 }, timestamp: NOW / 1000, session_id: SESSION },
		"server_events",
	],
];
const unlimited = () => withKeys({ RATE_LIMIT_SERVER: undefined });

/** Fields of a report, as sent or as returned by the API. */
interface Report {
	id: string;
	message: string;
	context: unknown;
	name: string;
	payload: unknown;
	session_id: unknown;
}

const ODD_TEXTS = [
	...["", " ", "\u0000", "a\u0000b", "\u0001\u001b[31m\u007f", "\ud800", "a\udc00b", "\ude00\ud83d", "\u2028\ufeff"],
	...["__proto__", "constructor", "$.request", '"', "%_'\\", "-1", "1e999", "é".repeat(5_000), "😀".repeat(150)],
];

function oddText(random: Random): string {
	const noise = () => String.fromCharCode(...random.many(random.below(40), () => random.below(0x10000)));
	return random.below(2) ? random.pick(ODD_TEXTS) : noise();
}

function oddValue(random: Random, depth = 0): unknown {
	const inner = () => (depth < 4 ? oddValue(random, depth + 1) : null);
	return random.pick([
		() => random.pick([null, true, false, 0, -1, 0.5, 1e300, -1e-300, 2 ** 53]),
		() => oddText(random),
		() => random.many(random.below(4), inner),
		() => Object.fromEntries(random.many(random.below(4), () => [oddText(random), inner()])),
		() => ({ request: inner(), release: inner(), environment: inner() }),
	])();
}

/** Posts reports with random fields. @returns the accepted reports */
async function postOdd(random: Random, path: "/errors" | "/track"): Promise<Report[]> {
	const accepted: Report[] = [];
	const [, good] = REPORTS.find(([it]) => it === path)!;
	for (let i = 0; i < 120; i++) {
		const body: Record<string, unknown> = { ...good };
		for (const field of Object.keys(good)) {
			const isText = ["exception_class", "message", "name"].includes(field);
			if (!random.below(3)) body[field] = isText && random.below(4) ? oddText(random) : oddValue(random);
		}
		const { status } = await report(path, body, { on: unlimited() });
		expect([200, 400], JSON.stringify(body)).toContain(status);
		if (status === 200) accepted.push(body as unknown as Report);
	}
	expect(accepted.length).toBeGreaterThan(20);
	return accepted;
}

/** Returns text as the API returns it: truncated, and with replacement characters for lone surrogates. */
function storedText(text: string, length: number): string {
	return text.slice(0, length).replace(/[\p{Cs}\ufffd]+/gu, "\ufffd");
}

/** Returns an object as the API returns it: truncated if too long; null for other values. */
function storedObject(value: unknown): unknown {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
	const json = JSON.stringify(value);
	return new TextEncoder().encode(json).length > 16_384 ? { _truncated: true } : JSON.parse(json);
}

const sorted = (all: unknown[]) => all.map((it) => JSON.stringify(it)).sort();

async function everything() {
	const timeless = (row: Record<string, unknown>) => ({ ...row, received_at: null });
	return { sessions: (await rows("sessions")).map(timeless), chunks: await rows("chunks"), objects: await objects() };
}

async function replayOf(sessionId: string, windowId: string) {
	const { chunks } = await apiJson<{ chunks: { cursor: string }[] }>(
		`/sessions/${sessionId}/windows/${windowId}/trail`,
	);
	const events: unknown[] = [];
	for (const { cursor } of chunks) {
		const batch = await apiJson<Batch>(`/sessions/${sessionId}/windows/${windowId}/events?cursor=${cursor}`);
		events.push(...batch.events);
	}
	return events;
}

async function clear() {
	for (const table of ["sessions", "chunks", "jobs", "counters"]) await env.DB.exec(`DELETE FROM ${table}`);
	await env.CHUNKS.delete(await objects());
}

describe("any interleaving, duplication, loss and retry of batches", () => {
	it.each([1, 2, 3])(
		"leaves the same rows and the same replay (seed %i)",
		async (seed) => {
			const random = randomFrom(seed);
			const batches = sessionOf(random);
			const { sessionId } = batches[0]!;
			for (const batch of batches) await post(batch);
			const plain = await everything();
			const replays = [await replayOf(sessionId, "one"), await replayOf(sessionId, "two")];

			for (let round = 0; round < 2; round++) {
				await clear();
				const waiting = batches.flatMap((batch) => random.many(1 + random.below(3), () => batch));
				const acknowledged = new Set<Batch>();
				for (let tries = 0; waiting.length && tries < 200; tries++) {
					const batch = waiting.splice(random.below(waiting.length), 1)[0]!;
					// R2 fails for some batches and D1 for others. Some responses are lost, after which the batch is sent again.
					const fault = random.below(9);
					const CHUNKS = fault === 0 ? bucketWith({ put: () => Promise.reject(new Error("R2 is away")) }) : env.CHUNKS;
					const DB = fault === 1 ? dbWith({ batch: () => Promise.reject(new Error("D1 is away")) }) : env.DB;
					const { status } = await post(batch, { on: envWith({ CHUNKS, DB }) });
					expect(status).toBe(fault === 0 ? 503 : 200);
					if (fault === 0 || fault === 2) waiting.push(batch);
					else acknowledged.add(batch);
				}
				expect(acknowledged.size).toBe(batches.length);
				await tick(envWith(), NOW);
				expect(await everything()).toEqual(plain);
				expect([await replayOf(sessionId, "one"), await replayOf(sessionId, "two")]).toEqual(replays);
			}
		},
		60_000,
	);
});

describe("arbitrary bytes", () => {
	/** Returns a function that makes bodies: noise, a damaged valid body (plain or gzip), or other JSON. */
	const bytesFrom = async (random: Random, good: unknown) => {
		const valid = new TextEncoder().encode(JSON.stringify(good));
		const zipped = await gzip(valid);
		const mutated = (bytes: Uint8Array) => {
			const copy = bytes.slice(0, random.below(4) ? bytes.length : random.below(bytes.length));
			for (let i = random.below(6); i > 0 && copy.length; i--) copy[random.below(copy.length)] = random.below(256);
			return copy;
		};
		const shapes = ["", "null", "[]", "{}", "0", '"a"', "[[[[", '{"sessionId":', "\u0000", "\ufeff{}"];
		return () => {
			const body = random.pick([
				() => Uint8Array.from(random.many(random.below(300), () => random.below(256))),
				() => mutated(valid),
				() => mutated(zipped),
				() => new TextEncoder().encode(random.pick(shapes)),
			])();
			const coding = random.below(4) ? null : random.pick(["gzip", "GZIP", "br", "x"]);
			return { body, headers: (coding ? { "content-encoding": coding } : {}) as Record<string, string> };
		};
	};

	it("get 2xx or 4xx, and nothing of a rejected body is stored", async () => {
		const next = await bytesFrom(randomFrom(3), batchOf({ metadata: { a: 1 } }));
		const statuses = new Set<number>();
		for (let i = 0; i < 250; i++) {
			const { body, headers } = next();
			const before = (await objects()).length;
			const { status } = await send(postRequest(body, { headers }), envWith({ RATE_LIMIT_SESSION: undefined }));
			statuses.add(status);
			expect(status === 200 || status === 204 || (status >= 400 && status < 500), `${status}`).toBe(true);
			if (status >= 400) expect((await objects()).length).toBe(before);
		}
		expect([...statuses]).toEqual(expect.arrayContaining([200, 400]));
	}, 60_000);

	it.each(REPORTS)(
		"posted to %s get 200 or 4xx, and only accepted reports are stored",
		async (path, good, table) => {
			const next = await bytesFrom(randomFrom(4), good);
			const statuses: number[] = [];
			for (let i = 0; i < 250; i++) {
				const { body, headers } = next();
				statuses.push((await report(path, body, { headers, on: unlimited() })).status);
			}
			expect(new Set(statuses)).toEqual(new Set([200, 400]));
			expect(await rows(table)).toHaveLength(statuses.filter((status) => status === 200).length);
		},
		60_000,
	);
});

describe("arbitrary values in any field", () => {
	it.each([1, 2, 3])(
		"of an exception are rejected or can be read (seed %i)",
		async (seed) => {
			const accepted = await postOdd(randomFrom(seed), "/errors");
			const { issues } = await apiJson<{ issues: { fingerprint: string; count: number }[] }>("/issues?limit=200");
			expect(issues.reduce((sum, { count }) => sum + count, 0)).toBe(accepted.length);
			const found: Report[] = [];
			for (const { fingerprint } of issues) {
				let cursor: string | null = "";
				while (cursor !== null) {
					const path = `/issues/${fingerprint}${cursor && `/occurrences?cursor=${cursor}`}`;
					const page: { occurrences: Report[]; next: string | null } = await apiJson(path);
					found.push(...page.occurrences);
					cursor = page.next;
				}
			}
			const essence = ({ message, context }: Report) => [storedText(message, 4_000), storedObject(context)];
			expect(sorted(found.map(essence))).toEqual(sorted(accepted.map(essence)));
		},
		60_000,
	);

	it.each([1, 2, 3])(
		"of a server event are rejected or can be read (seed %i)",
		async (seed) => {
			const accepted = await postOdd(randomFrom(seed), "/track");
			const { events } = await apiJson<{ events: Report[] }>("/server-events?limit=200");
			const found: Report[] = [];
			for (const { id } of events) found.push((await apiJson<{ event: Report }>(`/server-events/${id}`)).event);
			const essence = ({ name, payload }: Report) => [storedText(name, 200), storedObject(payload)];
			expect(sorted(found.map(essence))).toEqual(sorted(accepted.map(essence)));
		},
		60_000,
	);

	it("are listed with their session, survive background jobs, and are deleted with the session", async () => {
		await post(batchOf({ sessionId: SESSION, events: pageEvents(NOW) }));
		const random = randomFrom(9);
		const sent = [...(await postOdd(random, "/errors")), ...(await postOdd(random, "/track"))];
		const ofSession = sent.filter(({ session_id }) => session_id === SESSION).length;
		expect((await apiJson<{ items: unknown[] }>(`/sessions/${SESSION}/reports`)).items).toHaveLength(ofSession);
		await tick(envWith(), NOW + MINUTE);
		expect(await apiJson("/maintenance")).toMatchObject({ troubles: [] });
		await apiJson(`/sessions/${SESSION}`, { method: "DELETE" });
		const left = [...(await rows("occurrences")), ...(await rows("server_events"))];
		expect(left).toHaveLength(sent.length - ofSession);
		expect(left.filter((row) => row.session_id === SESSION)).toEqual([]);
	}, 60_000);
});

describe("after a fault", () => {
	const batch = () =>
		batchOf({ sessionId: uuidv7(NOW - MINUTE, new Uint8Array(10).fill(9)), events: pageEvents(NOW - MINUTE) });

	it("of R2, the response is 503, nothing is stored, and the same bytes are accepted later", async () => {
		const CHUNKS = bucketWith({ put: () => Promise.reject(new Error("no")) });
		const refused = await post(batch(), { on: envWith({ CHUNKS }) });
		expect([refused.status, await refused.json()]).toEqual([503, { error: expect.any(String), retryAfter: 5 }]);
		expect([await objects(), await rows("sessions")]).toEqual([[], []]);
		expect((await post(batch())).status).toBe(200);
		expect(await rows("chunks")).toHaveLength(1);
	});

	it("of R2 after a successful write, the repeated batch is stored as the same chunk", async () => {
		const CHUNKS = bucketWith({
			put: async (...args: Parameters<R2Bucket["put"]>) => {
				await env.CHUNKS.put(...args);
				throw new Error("timed out");
			},
		});
		expect((await post(batch(), { on: envWith({ CHUNKS }) })).status).toBe(503);
		expect((await post(batch())).status).toBe(200);
		expect([(await objects()).length, (await rows("chunks")).length]).toEqual([1, 1]);
	});

	it.each([
		["being unavailable", new Error("D1 is away")],
		["being full", new Error("D1_ERROR: database or disk is full: SQLITE_FULL")],
	])(
		"of D1 %s, the batch is acknowledged and indexed by the next tick",
		async (_, error) => {
			const DB = dbWith({ batch: () => Promise.reject(error) });
			expect((await post(batch(), { on: envWith({ DB }) })).status).toBe(200);
			expect(await rows("sessions")).toEqual([]);
			await tick(envWith(), NOW);
			expect(await rows("sessions")).toMatchObject([{ id: batch().sessionId, chunks: 1 }]);
			await tick(envWith(), NOW + MINUTE);
			expect(await rows("chunks")).toHaveLength(1);
		},
		20_000,
	);

	it("of the isolate between the writes to R2 and D1, the next tick indexes the chunk once", async () => {
		const DB = dbWith({ batch: () => new Promise(() => {}) });
		const ctx = { waitUntil: () => {}, passThroughOnException: () => {}, props: {} } as unknown as ExecutionContext;
		const { default: worker } = await import("../../src/index.ts");
		const request = postRequest(JSON.stringify(batch())) as Request<unknown, IncomingRequestCfProperties>;
		expect((await worker.fetch(request, envWith({ DB }), ctx)).status).toBe(200);
		await tick(envWith(), NOW);
		await post(batch());
		expect([(await objects()).length, (await rows("chunks")).length]).toEqual([1, 1]);
	});

	it("of a job between the deletions in R2 and D1, the next tick completes it", async () => {
		await post(batch());
		const DB = dbWith({
			prepare: (sql: string) => {
				if (/^DELETE FROM chunks/.test(sql)) throw new Error("killed");
				return env.DB.prepare(sql);
			},
		});
		await tick(envWith({ DB, RETENTION_DAYS: 1e-6 }), NOW + MINUTE);
		expect([(await objects()).length, (await rows("chunks")).length]).toEqual([0, 1]);
		await tick(envWith({ RETENTION_DAYS: 1e-6 }), NOW + 2 * MINUTE);
		expect([await rows("chunks"), await rows("sessions")]).toEqual([[], []]);
	});
});

describe("logs", () => {
	it("contain nothing of the batches and reports that cannot be stored", async () => {
		const log = vi.spyOn(console, "error").mockReturnValue();
		const secret = (name: string) => `zq${name}zq`;
		const batch = batchOf({
			sessionId: SESSION,
			events: pageEvents(NOW - MINUTE, `https://shop.example/${secret("path")}`),
			metadata: { user_id: secret("person"), url: `https://shop.example/?${secret("query")}` },
		});
		const error = {
			...{
				exception_class: secret("class"),
				message: secret("message"),
				backtrace: [secret("frame")],
				platform: "ruby",
			},
			...{ context: { request: { path: secret("context") } }, session_id: SESSION, timestamp: NOW / 1000 },
		};
		const away = () => Promise.reject(new Error("away"));
		// A real error of D1, which names the statement.
		const failing = () => env.DB.prepare("INSERT INTO nowhere VALUES (?1)").bind(secret("value")).run();
		const limit = { limit: away };
		for (const on of [
			withKeys({ CHUNKS: bucketWith({ put: away }) }),
			withKeys({ DB: dbWith({ batch: away }) }),
			withKeys({ DB: dbWith({ batch: failing }) }),
			withKeys({ RATE_LIMIT_SESSION: limit, RATE_LIMIT_SERVER: limit }),
		]) {
			await post(batch, { on });
			await report("/errors", error, { on });
			await send(postRequest(await gzip(`{"events": [${secret("invalid")}`)), on);
			await tick(on, NOW);
		}
		const lines = log.mock.calls
			.flat()
			.map((part) =>
				part instanceof Error ? `${part.message} ${part.stack} ${String(part.cause)}` : JSON.stringify(part),
			);
		expect(lines.join("\n")).toContain("away");
		expect(lines.join("\n")).toContain("nowhere");
		expect(lines.filter((line) => line.includes("zq"))).toEqual([]);
	});
});
