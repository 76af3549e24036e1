import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { app } from "../../src/app.ts";
import {
	api,
	apiJson,
	batchOf,
	dbWith,
	documentOf,
	envWith,
	gzip,
	ORIGIN,
	objects,
	post,
	postRequest,
	rows,
	SITE,
	send,
	unavailableDb,
} from "../support/worker.ts";

interface SessionList {
	sessions: { id: string; events: number; windows: number; pages: number; clicks: number; live: boolean }[];
	next: string | null;
}

const T = Date.now() - 60_000;

describe("POST /events", () => {
	it("responds with ok, after which the session is listed and its events can be read", async () => {
		const batch = batchOf({}, T);
		const response = await post(batch);
		expect(response.status).toBe(200);
		expect(await response.json()).toEqual({ status: "ok" });

		const list = await apiJson<SessionList>("/sessions");
		expect(list.sessions).toMatchObject([
			{ id: batch.sessionId, events: 6, windows: 1, pages: 1, clicks: 1, live: true, startedAt: T },
		]);
		const stored = await apiJson(`/sessions/${batch.sessionId}/windows/${batch.windowId}/events`);
		expect(stored).toEqual(batch);
	});

	it("stores the browser's gzip unchanged when nothing was redacted", async () => {
		const body = await gzip(JSON.stringify(batchOf({}, T)));
		await send(postRequest(body));
		const [key] = await objects();
		const object = await env.CHUNKS.get(key!);
		expect(new Uint8Array(await object!.arrayBuffer())).toEqual(body);
	});

	it.each([
		["gzip by header", { "content-encoding": "gzip", "content-type": "application/json" }],
		["gzip by magic bytes", {}],
	])("accepts %s", async (_, headers) => {
		expect((await post(batchOf({}, T), { headers: headers as Record<string, string> })).status).toBe(200);
		expect(await objects()).toHaveLength(1);
	});

	it("accepts plain JSON with any content type", async () => {
		const response = await send(
			postRequest(JSON.stringify(batchOf({}, T)), { headers: { "content-type": "image/png" } }),
		);
		expect(response.status).toBe(200);
	});

	it("stores and returns a DOM nested 500 and 20,000 levels deep", async () => {
		for (const depth of [500, 20_000]) {
			const json = JSON.stringify(batchOf({ seq: depth }, T)).replace(
				'"childNodes":[]',
				`"childNodes":${nested(depth)}`,
			);
			expect((await send(postRequest(await gzip(json)))).status).toBe(200);
			const key = (await objects()).find((it) => it.includes(`-${String(depth).padStart(5, "0")}-`))!;
			const stored = await new Response(
				(await env.CHUNKS.get(key))!.body.pipeThrough(new DecompressionStream("gzip")),
			).text();
			expect(stored).toBe(json);
		}
	});

	it("stores a snapshot of 5 MB", async () => {
		const big = batchOf({ events: [{ type: 2, timestamp: T, data: { node: documentOf("x".repeat(5_000_000)) } }] }, T);
		expect((await post(big)).status).toBe(200);
		expect(await apiJson(`/sessions/${big.sessionId}/windows/${big.windowId}/events`)).toEqual(big);
	});

	it("stores a repeated batch once, whether sent as gzip or plain JSON", async () => {
		const batch = batchOf({}, T);
		await post(batch);
		await send(postRequest(JSON.stringify(batch)));
		expect(await objects()).toHaveLength(1);
		expect(await rows("chunks")).toHaveLength(1);
	});

	it("stores a repeated batch without timestamps once", async () => {
		const batch = batchOf({ events: [{ type: 3 }, { type: 3 }] });
		for (let i = 0; i < 3; i++) await post(batch);
		expect(await objects()).toHaveLength(1);
		expect(await rows("sessions")).toMatchObject([{ events: 2, chunks: 1 }]);
	});

	it("indexes a repeated batch with the receipt of its first copy", async () => {
		vi.spyOn(console, "error").mockImplementation(() => {});
		await post(batchOf({}, T), { cf: { city: "Graz" }, on: envWith({ DB: unavailableDb() }) });
		expect(await rows("sessions")).toEqual([]);
		await post(batchOf({}, T), { cf: { city: "Wien" } });
		expect(JSON.stringify(await rows("sessions"))).toContain("Graz");
	});

	it("accepts batches without an Origin header and from the Worker's own origin", async () => {
		expect((await post(batchOf({ seq: 1 }, T), { origin: null })).status).toBe(200);
		expect((await post(batchOf({ seq: 2 }, T), { origin: ORIGIN })).status).toBe(200);
	});

	it("rejects an origin that is not allowed, stores nothing, and shows the origin to the operator", async () => {
		const response = await post(batchOf({}, T), { origin: "https://evil.example" });
		expect(response.status).toBe(403);
		expect(await response.json()).toEqual({
			error: "origin https://evil.example is not allowed: add it to CORS_ORIGINS or PROJECTS",
		});
		expect(response.headers.get("access-control-allow-origin")).toBeNull();
		expect(await objects()).toEqual([]);
		const { refusals } = await apiJson<{ refusals: unknown[] }>("/maintenance");
		expect(refusals).toMatchObject([{ reason: "origin_refused", origin: "https://evil.example", count: 1 }]);
		await post(batchOf({}, T), { origin: "https://other.example" });
		const later = await apiJson<{ refusals: { origin: string }[] }>("/maintenance");
		expect(later.refusals.map(({ origin }) => origin)).toContain("https://other.example");
	});

	it("answers the preflight and returns allowed origins only", async () => {
		const preflight = (origin: string) =>
			send(new Request(`${ORIGIN}/events`, { method: "OPTIONS", headers: { origin } }));
		const allowed = await preflight(SITE);
		expect(allowed.status).toBe(204);
		expect(Object.fromEntries(allowed.headers)).toMatchObject({
			"access-control-allow-origin": SITE,
			"access-control-allow-methods": "POST",
			"access-control-allow-headers": "Content-Type, Content-Encoding",
			"access-control-max-age": "86400",
			vary: "Origin",
		});
		expect((await preflight("https://shop.example.evil")).headers.get("access-control-allow-origin")).toBeNull();
	});

	it("returns exactly the requesting origin of several allowed ones, and never a wildcard", async () => {
		const origins = ["https://a.example", "https://b.example:8443"];
		const corsOf = async (origin: string, list: string[]) => {
			const response = await post(batchOf({}, T), { origin, on: envWith({ CORS_ORIGINS: list }) });
			return [response.status, response.headers.get("access-control-allow-origin"), response.headers.get("vary")];
		};
		for (const origin of origins) expect(await corsOf(origin, origins)).toEqual([200, origin, "Origin"]);
		for (const other of ["https://b.example", "http://a.example", "https://a.example.evil", "null"]) {
			expect((await corsOf(other, origins)).slice(0, 2)).toEqual([403, null]);
		}
		expect((await corsOf("https://a.example", [])).slice(0, 2)).toEqual([403, null]);
	});

	it.each([["a".repeat(128)], [batchOf().sessionId], ["_-A9"]])("accepts the ID %s", async (id) => {
		expect((await post(batchOf({ sessionId: id, windowId: id }, T))).status).toBe(200);
		expect(await rows("sessions")).toMatchObject([{ id }]);
	});

	it("merges metadata of several batches; missing and empty metadata change nothing", async () => {
		const metadata = async () =>
			(await apiJson<{ sessions: { metadata: unknown }[] }>("/sessions")).sessions[0]!.metadata;
		await post(batchOf({ seq: 0 }, T));
		await post(batchOf({ seq: 1, metadata: {} }, T + 1_000));
		expect(await metadata()).toEqual({});
		await post(batchOf({ seq: 2, metadata: { plan: "a", step: 1 } }, T + 2_000));
		await post(batchOf({ seq: 3, metadata: { plan: "b", isPaying: true } }, T + 3_000));
		expect(await metadata()).toEqual({ plan: "b", step: 1, isPaying: true });
	});

	it.each(["GET", "PUT", "DELETE"])("responds to %s with 405, never with a page", async (method) => {
		const response = await send(new Request(`${ORIGIN}/events`, { method }));
		expect(response.status).toBe(405);
		expect(await response.json()).toEqual({ error: "method not allowed" });
		expect(response.headers.get("x-content-type-options")).toBe("nosniff");
	});

	it("responds with 503 and retryAfter when the chunk cannot be written to R2", async () => {
		const on = envWith({ CHUNKS: { put: () => Promise.reject(new Error("R2 is away")) } });
		const response = await post(batchOf({}, T), { on });
		expect(response.status).toBe(503);
		expect(await response.json()).toEqual({
			error: "storage is unavailable: try again",
			retryAfter: 5,
		});
	});
});

describe("the response to POST /events", () => {
	it("does not wait for D1", async () => {
		const stalled = envWith({ DB: dbWith({ batch: () => new Promise(() => {}) }) });
		const waiting: Promise<unknown>[] = [];
		const ctx = {
			waitUntil: (promise: Promise<unknown>) => waiting.push(promise),
			passThroughOnException() {},
			props: {},
		};
		const request = postRequest(await gzip(JSON.stringify(batchOf({}, T))));
		const response = await app.fetch(request, stalled, ctx as unknown as ExecutionContext);
		expect(response.status).toBe(200);
		expect(waiting).toHaveLength(1);
		expect(await objects()).toHaveLength(1);
	});
});

describe("POST /events with a bad body", () => {
	const good = batchOf({}, T);
	const sessionId = "sessionId must be 1-128 alphanumeric, hyphen, or underscore characters";
	const windowId = sessionId.replace("sessionId", "windowId");
	const noEvents = "events must be a non-empty array of objects";

	it.each<[string, string | Uint8Array, number, string]>([
		["nothing", "", 400, "invalid JSON body"],
		["no JSON", "hello", 400, "invalid JSON body"],
		["no UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), 400, "invalid JSON body"],
		["a list", "[]", 400, "body must be a JSON object"],
		["null", "null", 400, "body must be a JSON object"],
		["a number", "1", 400, "body must be a JSON object"],
		["a boolean", "true", 400, "body must be a JSON object"],
		["no session id", JSON.stringify({ ...good, sessionId: undefined }), 400, sessionId],
		["no window id", JSON.stringify({ ...good, windowId: undefined }), 400, windowId],
		...["", null, 1, [], {}, true, "a".repeat(129), "a b", "a\n"].flatMap((id): [string, string, number, string][] => [
			[`session id ${JSON.stringify(id)}`, JSON.stringify({ ...good, sessionId: id }), 400, sessionId],
			[`window id ${JSON.stringify(id)}`, JSON.stringify({ ...good, windowId: id }), 400, windowId],
		]),
		...[undefined, [], "", {}, [null], ["x"], [1]].map((events): [string, string, number, string] => [
			`events ${JSON.stringify(events)}`,
			JSON.stringify({ ...good, events }),
			400,
			noEvents,
		]),
		...[null, true, "", "soon", "1e999", []].map((timestamp): [string, string, number, string] => [
			`timestamp ${JSON.stringify(timestamp)}`,
			JSON.stringify({ ...good, events: [{ type: 3, timestamp }] }),
			400,
			"invalid timestamp value",
		]),
		["a seq of −1", JSON.stringify({ ...good, seq: -1 }), 400, "seq must be an integer from 0 to 99999"],
	])("rejects %s", async (_, body, status, error) => {
		const response = await send(postRequest(body));
		expect([response.status, await response.json()]).toEqual([status, { error }]);
		expect(await objects()).toEqual([]);
		expect(await rows("sessions")).toEqual([]);
	});

	it.each([
		["plain text declared as gzip", "not gzip", { "content-encoding": "gzip" }],
		["a damaged gzip stream", null, {}],
	])("rejects %s", async (_, body, headers) => {
		const damaged = await gzip(JSON.stringify(good));
		damaged.fill(0x55, 20, 60);
		const response = await send(postRequest(body ?? damaged, { headers: headers as Record<string, string> }));
		expect([response.status, await response.json()]).toEqual([400, { error: "invalid gzip encoding" }]);
		expect(await objects()).toEqual([]);
	});

	it.each([
		["checksum", 8, 1],
		["length, too large", 4, 1],
		["length, too small", 4, -1],
		["length, impossible", 1, 1],
	])("rejects gzip with a wrong %s", async (_, fromEnd, change) => {
		const body = await gzip(JSON.stringify(good));
		body[body.length - fromEnd]! += change;
		expect((await send(postRequest(body))).status).toBe(400);
		expect(await objects()).toEqual([]);
	});

	it.each([0, 1, 2, 10, 17, 18, 30])("rejects the first %i bytes of a gzip", async (length) => {
		const body = (await gzip(JSON.stringify(good))).slice(0, length);
		expect((await send(postRequest(body))).status).toBe(400);
	});

	it.each([
		["with its real length", {}, 40 * 1024 * 1024],
		["with a gzip header, too", { "content-encoding": "gzip" }, 40 * 1024 * 1024],
		["that claims to be small", {}, 100],
	])("rejects a gzip bomb, 40 MB of blanks in 40 KB, %s", async (_, headers, length) => {
		const bomb = await gzip(new Uint8Array(40 * 1024 * 1024).fill(0x20));
		new DataView(bomb.buffer).setUint32(bomb.length - 4, length, true);
		const response = await send(postRequest(bomb, { headers: headers as Record<string, string> }));
		if (length > 100) {
			expect([response.status, await response.json()]).toEqual([
				413,
				{ error: "request body too large (max 8388608 bytes)" },
			]);
		} else expect(response.status).toBe(400);
		expect(await objects()).toEqual([]);
	});

	it("accepts a body of exactly the limit and rejects one byte more", async () => {
		const max = 20_000;
		const filled = (length: number) => {
			const empty = JSON.stringify({ ...good, events: [{ type: 3, pad: "" }] });
			return empty.replace('"pad":""', `"pad":"${"x".repeat(length - empty.length)}"`);
		};
		const on = envWith({ MAX_BATCH_BYTES: max });
		expect((await send(postRequest(filled(max)), on)).status).toBe(200);
		const refused = await send(postRequest(filled(max + 1)), on);
		expect([refused.status, await refused.json()]).toEqual([413, { error: expect.stringContaining("too large") }]);
		expect((await send(postRequest(await gzip(filled(max + 1))), on)).status).toBe(413);
		// The limit also applies to the Content-Length, which most requests have.
		const withLength = (text: string, headers = { "content-length": String(text.length) }) =>
			send(postRequest(text.replace('"x', '"y'), { headers }), on);
		expect((await withLength(filled(max))).status).toBe(200);
		expect((await withLength(filled(max + 1))).status).toBe(413);
	});

	it("rejects the whole batch when it has too many events", async () => {
		const on = envWith({ MAX_EVENTS_PER_REQUEST: 6 });
		expect((await post(good, { on })).status).toBe(200);
		expect((await post({ ...good, events: good.events.slice(1) }, { on })).status).toBe(200);
		const response = await post({ ...good, events: [...good.events, { type: 3 }] }, { on });
		expect([response.status, await response.json()]).toEqual([400, { error: "too many events (max 6)" }]);
		expect(await objects()).toHaveLength(2);
	});

	it.each([
		[1_000, '{"type":5,"data":{"tag":"t","payload":%}}'],
		[100_000, '{"type":3,"data":%}'],
		[1_000_000, '{"type":5,"data":{"tag":"t","payload":%}}'],
		[1_000_000, '{"type":%}'],
	])("never fails on JSON nested %i levels deep in %s", { timeout: 30_000 }, async (depth, where) => {
		const json = JSON.stringify({ ...good, events: [] }).replace("[]", `[${where}]`);
		const response = await send(postRequest(json.replace("%", "[".repeat(depth) + "]".repeat(depth))));
		expect(response.status).toBeLessThan(500);
	});
});

describe("the consent check of POST /events", () => {
	it.each([
		["Sec-GPC: 1", { "sec-gpc": "1" }, 204],
		["the opt-out cookie", { cookie: "a=b; sentiero_optout=1" }, 204],
		["Sec-GPC: 0", { "sec-gpc": "0" }, 200],
		["the cookie at 0", { cookie: "sentiero_optout=0" }, 200],
		["the cookie at false", { cookie: "sentiero_optout=false" }, 200],
		["the cookie, empty", { cookie: "sentiero_optout=" }, 200],
	])("evaluates %s", async (_, headers, status) => {
		const response = await post(batchOf({}, T), { headers: headers as unknown as Record<string, string> });
		expect(response.status).toBe(status);
		expect(await objects()).toHaveLength(status === 200 ? 1 : 0);
	});

	it.each(["sec-gpc: 1", "cookie: sentiero_optout=1"])("runs before the body is read: %s", async (header) => {
		const [name, value] = header.split(": ") as [string, string];
		for (const body of ["not JSON", "", "[]", new Uint8Array([0x1f, 0x8b, 0])]) {
			const request = postRequest(body, { headers: { [name]: value } });
			const response = await send(request);
			expect([response.status, await response.text(), request.bodyUsed]).toEqual([204, "", false]);
		}
	});

	it("can be turned off", async () => {
		const on = envWith({ RESPECT_GPC: false, USER_OPT_OUT: false });
		const headers = { "sec-gpc": "1", cookie: "sentiero_optout=1" };
		expect((await post(batchOf({}, T), { on, headers })).status).toBe(200);
	});
});

describe("stored data", () => {
	const stored = async () => {
		const key = (await objects()).find((it) => !it.startsWith("."));
		const text = await new Response(
			(await env.CHUNKS.get(key!))!.body.pipeThrough(new DecompressionStream("gzip")),
		).text();
		return { text, index: JSON.stringify([await rows("sessions"), await rows("chunks")]) };
	};

	it("has no URL queries, no e-mail addresses in payloads, and no unknown keys", async () => {
		const events = [
			{ type: 4, timestamp: T, data: { href: `${SITE}/a?token=s3cret1#s3cret2`, width: 1, height: 1 } },
			{ type: 5, timestamp: T, data: { tag: "lead", payload: { "mail s3cret3@x.org": ["s3cret4@x.org"] } } },
			{ type: 5, timestamp: T, data: { tag: "navigation", payload: { url: "https://x.org/?s3cret5", text: "t" } } },
			{ type: 5, timestamp: T, data: { tag: "bare", payload: "s3cret6@x.org" } },
		];
		const metadata = { url: "https://x.org/?s3cret7", note: { deep: "s3cret8@x.org" }, geo_country: "s3cret9" };
		expect((await post({ ...batchOf({ events, metadata }), extra: "s3cret10" })).status).toBe(200);
		const { text, index } = await stored();
		expect(text).not.toContain("s3cret");
		expect(index).not.toContain("s3cret");
		expect(text).toContain("[redacted]");
	});

	it.each([
		['"events":', '"events":[{"type":5,"data":"s3cret"}],"events":'],
		['"tag":"__click"', '"payload":{"selector":"s3cret@x.org"},"tag":"__click"'],
		['"selector":', '"selector":"s3cret","selector":'],
		['"metadata":{', '"metadata":{"plan":"s3cret@x.org"},"metadata":{'],
		['"plan":', '"plan":"s3cret@x.org","plan":'],
		['"seq":', '"s3cret":1,"seq":'],
		['{"v":', '{"v":"s3cret","v":'],
		['{"type":3,"timestamp"', '{"timestamp":"s3cret","type":3,"timestamp"'],
	])("has no duplicate or unknown keys: %s", async (from, to) => {
		const json = JSON.stringify(batchOf({ metadata: { plan: "a" } }, T));
		expect(json).toContain(from);
		expect((await send(postRequest(await gzip(json.replace(from, to))))).status).toBe(200);
		const { text, index } = await stored();
		expect(text + index).not.toContain("s3cret");
	});

	it.each<[string, unknown]>([
		["beside an event's data", { type: 5, data: { tag: "t" }, extra: "s3cret@x.org" }],
		["under a key beside an event's data", { type: 3, data: {}, "s3cret@x.org": 1 }],
		[
			"in an unknown field of a Meta event",
			{ type: 4, data: { href: SITE, width: 1, height: 1, more: { mail: "s3cret@x.org" } } },
		],
		["in an event whose type is not a number", { type: "5", data: { tag: "t", payload: { mail: "s3cret@x.org" } } }],
		["in a list where an object should be", { type: 3, data: ["s3cret@x.org"] }],
		["as a string where an object should be", { type: 3, data: "s3cret@x.org" }],
	])("has no personal data %s", async (_, event) => {
		await post(batchOf({ events: [{ timestamp: T, ...(event as object) }] }));
		expect((await stored()).text).not.toContain("s3cret");
	});

	it("does not contain the comment of a gzip header", async () => {
		const plain = await gzip(JSON.stringify(batchOf({}, T)));
		const comment = new TextEncoder().encode("s3cret@x.org\0");
		const body = new Uint8Array([...plain.slice(0, 10), ...comment, ...plain.slice(10)]);
		body[3] = 0x10;
		expect((await send(postRequest(body))).status).toBe(200);
		const key = (await objects())[0]!;
		expect(new TextDecoder().decode(await (await env.CHUNKS.get(key))!.arrayBuffer())).not.toContain("s3cret");
		expect(JSON.parse((await stored()).text)).toEqual(batchOf({}, T));
	});

	it("has the four URLs of metadata without queries, and other values redacted at any depth", async () => {
		const metadata = {
			url: "/a?s3cret#s3cret",
			referrer: "/b?s3cret",
			entry_url: "/c#s3cret",
			entry_referrer: "/d?s3cret#s3cret",
			note: { deep: ["s3cret@x.org", { "s3cret@x.org": "see https://x.org/e?s3cret" }], card: 4111111111111111 },
			age: 41,
			isPaying: true,
		};
		await post(batchOf({ metadata }, T));
		const { text, index } = await stored();
		expect(text + index).not.toContain("s3cret");
		const { sessions } = await apiJson<{ sessions: { metadata: unknown }[] }>("/sessions");
		expect(sessions[0]!.metadata).toEqual({
			url: "/a",
			referrer: "/b",
			entry_url: "/c",
			entry_referrer: "/d",
			note: '{"deep":["[redacted]",{"[redacted]":"see https://x.org/e"}],"card":4111111111111111}',
			age: 41,
			isPaying: true,
		});
	});

	it("has numbers and booleans of payloads unchanged, and errors with their line but without query and e-mail", async () => {
		const numbers = { total: 4111111111111111, at: 1790000000000, part: 0.5, none: null, isNew: true, isOld: false };
		const error = {
			message: "s3cret@x.org is unknown",
			stack: "Error: s3cret@x.org\n at https://x.org/app.js?s3cret:1:5",
			source: "/app.js?s3cret#s3cret",
			...{ lineno: 4111111111111111, colno: 5 },
		};
		const custom = (tag: string, payload: unknown) => ({ type: 5, timestamp: T, data: { tag, payload } });
		const events = [custom("paid", { ...numbers, list: [numbers] }), custom("error", error)];
		await post(batchOf({ events }));
		const { text, index } = await stored();
		expect(text + index).not.toContain("s3cret");
		const { sessionId, windowId } = batchOf();
		expect(await apiJson(`/sessions/${sessionId}/windows/${windowId}/events`)).toMatchObject({
			events: [
				events[0],
				custom("error", {
					message: "[redacted] is unknown",
					stack: "Error: [redacted]\n at https://x.org/app.js:1:5",
					source: "/app.js",
					...{ lineno: 4111111111111111, colno: 5 },
				}),
			],
		});
	});

	it("is redacted as configured: URLs and page content", async () => {
		const href = `${SITE}/a?page=2&token=s3cret1&plain=s3cret2@x.org#s3cret3@x.org`;
		const text = (textContent: string) => ({
			...{ type: 3, timestamp: T + 1 },
			data: { source: 0, texts: [{ id: 1, value: textContent }], adds: [], removes: [], attributes: [] },
		});
		const events = [
			{ type: 4, timestamp: T, data: { href, width: 1, height: 1 } },
			text(`mail s4cret@x.org, key ${"ab12".repeat(10)}`),
		];
		const on = envWith({
			REDACTION_URL_MODE: "keep_filtered",
			REDACTION_URL_PARAM_ALLOWLIST: ["token"],
			REDACTION_DOM_PATTERNS: ["email"],
		});
		await post(batchOf({ events, seq: 1 }), { on });
		const { text: filtered } = await stored();
		expect(filtered).not.toMatch(/s[34]cret/);
		expect(filtered).toContain(`${SITE}/a?page=2&plain=`);
		// Only the configured pattern is applied to page content.
		expect(filtered).toContain(`mail [redacted], key ${"ab12".repeat(10)}`);
		await api(`/sessions/${batchOf().sessionId}`, { method: "DELETE" });
		await post(batchOf({ sessionId: "usual", events }));
		expect((await stored()).text).toContain("mail s4cret@x.org");
	});

	it("has no location when GEO_SOURCE is off, even if Cloudflare or the client sends one", async () => {
		const cf = { country: "AT", city: "Graz" } as const;
		const headers = { "cf-ipcountry": "AT", "cf-ipcity": "Graz" };
		const metadata = { geo_country: "AT", geo_city: "Graz", geo_region: "Graz", geo_timezone: "Europe/Vienna" };
		await post(batchOf({ metadata }, T), { cf, headers, on: envWith({ GEO_SOURCE: "off" }) });
		const { text, index } = await stored();
		expect(text + index).not.toMatch(/Graz|Vienna|geo_|"AT"/);
	});

	it("has location and browser as seen by the Worker, not as sent by the client, and no IP address", async () => {
		const cf = { country: "AT", city: "Graz", region: "Styria", timezone: "Europe/Vienna" } as const;
		const agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) CriOS/140.0 Mobile/15E148 Safari/604.1";
		const headers = { "user-agent": agent, "cf-connecting-ip": "203.0.113.77", "x-forwarded-for": "203.0.113.77" };
		const lies = { geo_country: "XY", geo_city: "Lie", geo_region: "Lie", geo_timezone: "Lie/Lie", has_errors: true };
		await post(batchOf({ metadata: { ...lies, plan: "pro" } }, T), { cf, headers });
		const { sessions } = await apiJson<{ sessions: { client: unknown; metadata: unknown }[] }>("/sessions");
		expect(sessions[0]!.client).toMatchObject({ ...cf, browser: "Chrome", os: "iOS", device: "Mobile" });
		expect(sessions[0]!.metadata).toEqual({ plan: "pro" });
		const { text, index } = await stored();
		expect(text + index).not.toMatch(/Lie|XY|geo_|has_errors/);
		const object = await env.CHUNKS.head((await objects())[0]!);
		expect(JSON.stringify([object, index])).not.toContain("203.0.113");
	});

	it("has no location fields of the client, even if Cloudflare provides only some", async () => {
		const metadata = { geo_country: "XY", geo_city: "Lie", geo_region: "Lie", geo_timezone: "Lie/Lie" };
		await post(batchOf({ metadata }, T), { cf: { country: "AT" } });
		const { sessions } = await apiJson<{ sessions: unknown[] }>("/sessions");
		expect(sessions).toMatchObject([{ client: { country: "AT" } }]);
		expect(JSON.stringify(sessions)).not.toMatch(/Lie|XY|geo_/);
	});

	it.each(["XX", "T1"] as const)("has the city but no country if the country code is %s", async (country) => {
		await post(batchOf({}, T), { cf: { country: country as Iso3166Alpha2Code, city: "Graz" } });
		const { sessions } = await apiJson<{ sessions: { client: Record<string, string> }[] }>("/sessions");
		expect(sessions[0]!.client).toMatchObject({ city: "Graz" });
		expect(sessions[0]!.client).not.toHaveProperty("country");
	});

	it("has the user ID, however much other metadata follows", async () => {
		await post(batchOf({ seq: 0, metadata: { user_id: "u-1" } }, T));
		const many = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`key${i}`, "x"]));
		await post(batchOf({ seq: 1, metadata: many }, T + 1_000));
		expect(await rows("sessions")).toMatchObject([{ user_id: "u-1" }]);
	});

	it("has lone surrogates in user IDs replaced, so that the dashboard finds the person", async () => {
		await post(batchOf({ metadata: { user_id: `u\ud800`, "k\udc00": `${"x".repeat(1023)}😀` } }, T));
		const { sessions } = await apiJson<{ sessions: { userId: string; metadata: unknown }[] }>("/sessions");
		// The metadata is compared as JSON, because Vitest cannot report a difference in lone surrogates.
		expect(JSON.stringify(sessions[0]!.metadata)).toBe(
			JSON.stringify({ user_id: "u\ufffd", "k\ufffd": `${"x".repeat(1023)}\ufffd` }),
		);
		const found = await apiJson<{ sessions: unknown[] }>(`/sessions?user=${encodeURIComponent(sessions[0]!.userId)}`);
		expect(found.sessions).toHaveLength(1);
	});

	it("has no metadata keys with a NUL, which SQLite would read as a shorter key", async () => {
		await post(batchOf({ metadata: { "geo_country\0": "XY", "plan\0b": "s3cret", plan: "pro" } }, T));
		const { text, index } = await stored();
		expect(text + index).not.toMatch(/XY|s3cret/);
		const { sessions } = await apiJson<{ sessions: { metadata: unknown }[] }>("/sessions");
		expect(sessions[0]!.metadata).toEqual({ plan: "pro" });
	});

	it("lacks metadata above the limits, and nothing else", async () => {
		const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`key${i}`, "x".repeat(2000)]));
		const response = await post(batchOf({ metadata: { ...many, ["k".repeat(200)]: "v", url: `${SITE}/a` } }, T));
		expect(response.status).toBe(200);
		const { sessions } = await apiJson<{ sessions: { metadata: Record<string, string> }[] }>("/sessions");
		const { metadata } = sessions[0]!;
		expect(Object.keys(metadata)).toHaveLength(50);
		expect(metadata.url).toBe(`${SITE}/a`);
		expect(Math.max(...Object.values(metadata).map((value) => value.length))).toBe(1024);
		await post(
			batchOf({ seq: 1, metadata: Object.fromEntries(Object.keys(many).map((key) => [`${key}b`, 1])) }, T + 1),
		);
		const [session] = await rows<{ events: number; metadata: string }>("sessions");
		expect([session!.events, Object.keys(JSON.parse(session!.metadata)).length]).toEqual([12, 50]);
	});

	it("has timestamps as numbers, even if they were sent as numeric strings", async () => {
		await post(batchOf({ events: [{ type: 3, timestamp: "1000.5" as unknown as number }, { type: 3 }] }));
		expect(JSON.parse((await stored()).text).events).toEqual([{ type: 3, timestamp: 1000.5 }, { type: 3 }]);
	});
});

function nested(depth: number): string {
	return `${'[{"type":2,"id":50,"tagName":"div","attributes":{},"childNodes":'.repeat(depth)}[]${"}]".repeat(depth)}`;
}
