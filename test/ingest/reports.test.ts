import { describe, expect, it, vi } from "vitest";
import {
	api,
	apiJson,
	batchOf,
	dbWith,
	envWith,
	gzip,
	INGEST_KEY,
	ORIGIN,
	post,
	report,
	rows,
	send,
	withKeys,
} from "../support/worker.ts";

/** Tests reports of servers through the public routes. */

const ERROR = {
	exception_class: "RuntimeError",
	message: "it broke",
	backtrace: ["/srv/app/models/user.rb:42:in 'User#save'", "/srv/app/controllers/u.rb:7"],
	context: {},
	timestamp: Date.now() / 1000 - 5,
	platform: "ruby",
};
const EVENT = { name: "order.paid", level: "info", payload: { total: 12 }, timestamp: Date.now() / 1000 - 5 };

const parsed = <T = Record<string, unknown>>(json: unknown) => JSON.parse(String(json)) as T;

describe.each([
	["/errors", ERROR, "occurrences"],
	["/track", EVENT, "server_events"],
])("POST %s", (path, body, table) => {
	it.each([
		["no key", null],
		["an unknown key", "Bearer 0123456789abcdef0123456789abcdee"],
		["another scheme", `Basic ${INGEST_KEY}`],
		["part of a key", `Bearer ${INGEST_KEY.slice(0, -1)}`],
	])("rejects %s, stores nothing, and counts the refusal for the operator", async (_, key) => {
		const response = await report(path, body, { key });
		expect(response.status).toBe(401);
		expect(await response.json()).toEqual({ error: "invalid or missing ingest key" });
		expect(await rows(table)).toEqual([]);
		expect(await rows("refusals")).toMatchObject([{ reason: "invalid_ingest_key", count: 1 }]);
	});

	it("rejects everything when no keys are configured", async () => {
		expect((await report(path, body, { on: envWith() })).status).toBe(401);
		expect(await rows(table)).toEqual([]);
	});

	it("accepts the scheme in any case and the path under any prefix", async () => {
		expect((await report(path, body, { key: `bearer  ${INGEST_KEY} ` })).status).toBe(200);
		expect((await report(`/sentiero${path}`, body)).status).toBe(200);
		expect((await report(`/a/b${path}`, body)).status).toBe(200);
		expect(await rows(table)).toHaveLength(3);
	});

	it.each(["GET", "PUT", "DELETE", "OPTIONS", "HEAD"])(
		"responds to %s with 405 and without CORS headers",
		async (method) => {
			const response = await report(path, null, { method, headers: { origin: "https://shop.example" } });
			expect(response.status).toBe(405);
			expect(response.headers.get("x-content-type-options")).toBe("nosniff");
			expect(response.headers.get("access-control-allow-origin")).toBeNull();
			if (method !== "HEAD") expect(await response.json()).toEqual({ error: "method not allowed" });
		},
	);

	it("accepts gzip, recognized by the header or by the first bytes", async () => {
		const bytes = await gzip(JSON.stringify(body));
		expect((await report(path, bytes, { headers: { "content-encoding": "gzip" } })).status).toBe(200);
		expect((await report(path, bytes)).status).toBe(200);
		expect(await rows(table)).toHaveLength(2);
	});

	it.each([
		["invalid JSON", "{", 400, "invalid JSON body"],
		["an empty body", "", 400, "invalid JSON body"],
		["a list", "[]", 400, "body must be a JSON object"],
		["null", "null", 400, "body must be a JSON object"],
		["bad gzip", new Uint8Array([0x1f, 0x8b, ...new Array(30).fill(7)]), 400, "invalid gzip encoding"],
		["an oversized body", `"${"x".repeat(512 * 1024)}"`, 413, "request body too large (max 524288 bytes)"],
	])("rejects %s", async (_, content, status, error) => {
		const response = await report(path, content);
		expect(response.status).toBe(status);
		expect(await response.json()).toEqual({ error });
		expect(await rows(table)).toEqual([]);
	});

	it("rejects a gzip bomb", async () => {
		const bomb = await gzip(JSON.stringify({ ...body, filler: "x".repeat(1024 * 1024) }));
		expect(bomb.length).toBeLessThan(10_000);
		expect((await report(path, bomb)).status).toBe(413);
	});

	it.each(["", "a b", 7, [], {}, true, "x".repeat(129)])("rejects the session ID %j", async (session_id) => {
		const response = await report(path, { ...body, session_id });
		expect(response.status).toBe(400);
		expect(await response.json()).toEqual({ error: "invalid session_id" });
	});

	it("accepts null as the session ID", async () => {
		expect((await report(path, { ...body, session_id: null })).status).toBe(200);
		expect(await rows(table)).toMatchObject([{ session_id: null }]);
	});

	it("responds with 503 and Retry-After when D1 fails", async () => {
		const log = vi.spyOn(console, "error").mockReturnValue();
		const away = () => {
			throw new Error("D1 is away");
		};
		const DB = dbWith({ batch: away, prepare: away });
		const response = await report(path, body, { on: { ...withKeys(), DB } });
		expect(response.status).toBe(503);
		expect(response.headers.get("retry-after")).toBe("5");
		log.mockRestore();
	});

	it("is rate limited by project", async () => {
		const keys: string[] = [];
		const limit = ({ key }: { key: string }) => {
			keys.push(key);
			return Promise.resolve({ success: false });
		};
		const response = await report(path, body, { on: { ...withKeys(), RATE_LIMIT_SERVER: { limit } } });
		expect(response.status).toBe(429);
		expect(keys).toEqual(["default"]);
		expect(await rows(table)).toEqual([]);
	});

	it.each([
		[undefined, 0],
		["soon", 0],
		[null, 0],
		[true, 0],
		[1e300, 600_000],
		[-5, -7 * 86_400_000],
		["a numeric string", -60_000],
	])("reads the timestamp %j", async (sent, offset) => {
		const timestamp = sent === "a numeric string" ? String(Date.now() / 1000 - 60) : sent;
		await report(path, { ...body, timestamp });
		const [row] = await rows<{ at: number }>(table);
		// The tolerance is less than the smallest offset, one minute.
		expect(Math.abs(row!.at - Date.now() - offset)).toBeLessThan(50_000);
	});

	it("responds to any body with 2xx or 4xx", async () => {
		const deep = `${'{"context":'.repeat(50_000)}1${"}".repeat(50_000)}`;
		const odd = [
			deep,
			JSON.stringify({ ...body, context: deepOf(5_000), payload: deepOf(5_000), backtrace: [deepOf(5_000)] }),
		];
		for (const content of [...odd, '{"__proto__":{"x":1}}', "0", '"x"', "\u0000", '{"message":"\\ud800"}']) {
			expect((await report(path, content)).status).toBeLessThan(500);
		}
	});
});

function deepOf(levels: number): unknown {
	let value: unknown = 1;
	for (let i = 0; i < levels; i++) value = { a: value };
	return value;
}

describe("an exception", () => {
	it("gets a response with its fingerprint, and is returned by the API", async () => {
		const response = await report("/errors", { ...ERROR, context: { environment: "production" } });
		expect(await response.json()).toEqual({
			status: "ok",
			fingerprint: expect.stringMatching(/^[0-9a-f]{40}$/),
		});
		const { issues } = await apiJson<{ issues: { fingerprint: string }[] }>("/issues");
		expect(issues).toMatchObject([{ exceptionClass: "RuntimeError", message: "it broke", count: 1, status: "open" }]);
		const { occurrences } = await apiJson<{ occurrences: unknown[] }>(`/issues/${issues[0]!.fingerprint}`);
		expect(occurrences).toMatchObject([
			{ message: "it broke", backtrace: ERROR.backtrace, context: { environment: "production" }, platform: "ruby" },
		]);
	});

	it.each([
		["exception_class", undefined],
		["exception_class", ""],
		["exception_class", 7],
		["message", undefined],
		["message", ""],
		["message", {}],
	])("is rejected with %s %j", async (name, value) => {
		const response = await report("/errors", { ...ERROR, [name]: value });
		expect(response.status).toBe(400);
		expect(await response.json()).toEqual({ error: `${name} is required` });
	});

	it("is rejected with an invalid window ID", async () => {
		const response = await report("/errors", { ...ERROR, window_id: "" });
		expect(response.status).toBe(400);
		expect(await response.json()).toEqual({ error: "invalid window_id" });
	});

	it("is truncated to the limits of message, frames and context", async () => {
		await report("/errors", {
			...ERROR,
			message: "m".repeat(4_001),
			backtrace: ["é".repeat(1_001), ...Array.from({ length: 100 }, (_, i) => `f${i}`)],
			context: { text: "x".repeat(16_384) },
		});
		const [row] = await rows("occurrences");
		expect(row!.message).toBe("m".repeat(4_000));
		expect(parsed<string[]>(row!.backtrace)).toHaveLength(100);
		expect(parsed<string[]>(row!.backtrace)[0]).toBe("é".repeat(1_000));
		expect(parsed(row!.context)).toEqual({ _truncated: true });
	});

	it.each([
		["a string", "app.rb:1", []],
		["nothing", undefined, []],
		["frames that are not strings", [1, null, true, { a: 1 }], ["1", "null", "true", '{"a":1}']],
	])("accepts %s as backtrace", async (_, backtrace, stored) => {
		expect((await report("/errors", { ...ERROR, backtrace })).status).toBe(200);
		const [row] = await rows("occurrences");
		expect(parsed(row!.backtrace)).toEqual(stored);
	});

	it("is redacted: class, message, frames, context with its keys", async () => {
		const secret = "ada@example.com";
		const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl";
		await report("/errors", {
			...ERROR,
			exception_class: `Error for ${secret}`,
			message: `no user ${secret}`,
			backtrace: [`/home/${secret}/app.rb:1:in 'x'`],
			context: { note: secret, [secret]: 1, deep: [{ token: jwt, card: "4111 1111 1111 1111" }], count: 3, ok: true },
		});
		const stored = JSON.stringify([await rows("occurrences"), await rows("issues")]);
		for (const word of [secret, jwt, "4111"]) expect(stored).not.toContain(word);
		expect(parsed((await rows("occurrences"))[0]!.context)).toMatchObject({ count: 3, ok: true });
	});

	it("belongs to the same issue whether or not the reporter redacted it", async () => {
		await report("/errors", { ...ERROR, backtrace: ["/home/ada@example.com/app.rb:1:in 'x'"] });
		await report("/errors", { ...ERROR, backtrace: ["/home/[redacted]/app.rb:1:in 'x'"] });
		expect(await rows("issues")).toHaveLength(1);
	});

	/** Reports an exception for each address and returns the stored addresses. Checks that other fields are unchanged. */
	const storedIps = async (ips: readonly unknown[], ANONYMIZE_IP = true) => {
		const now = Date.now();
		for (const [i, ip] of ips.entries()) {
			const context = { request: { method: "GET", path: "/cart", ip } };
			const body = { ...ERROR, context, timestamp: (now + i) / 1000 };
			expect((await report("/errors", body, { on: withKeys({ ANONYMIZE_IP }) })).status).toBe(200);
		}
		return (await rows("occurrences")).map(({ context }) => {
			const { ip, ...others } = parsed<{ request: { ip: unknown } }>(context).request;
			expect(others).toEqual({ method: "GET", path: "/cart" });
			return ip;
		});
	};

	it("has IP addresses truncated to their network", async () => {
		const networks: Record<string, string> = {
			"1.2.3.4": "1.2.3.0",
			" 1.2.3.4\n": "1.2.3.0",
			"255.255.255.255": "255.255.255.0",
			"2001:db8::1": "2001:db8::",
			"2001:db8:abcd:1234:5678:9abc:def0:1234": "2001:db8:abcd::",
			"::1": "::",
			"fe80:1:2:3:4:5:6:7": "fe80:1:2::",
			"::ffff:1.2.3.4": "1.2.3.0",
			"::ffff:0102:0304": "1.2.3.0",
			"[2001:db8::1]": "2001:db8::",
			"fe80::1%eth0": "fe80::%eth0",
		};
		expect(await storedIps(Object.keys(networks))).toEqual(Object.values(networks));
	});

	it("has null for an `ip` that is not an address", async () => {
		const none = ["10.0.0.1:8080", "1.2.3", "01.2.3.4", "999.1.1.1", "1.2.3.4/24", "gggg::", "", " ", 7, ["1.2.3.4"]];
		expect(await storedIps(none)).toEqual(none.map(() => null));
	});

	it("has full IP addresses when ANONYMIZE_IP is off", async () => {
		expect(await storedIps(["203.0.113.77", "2001:db8::1"], false)).toEqual(["203.0.113.77", "2001:db8::1"]);
	});

	it("has truncated addresses under every key that holds addresses, like a server event", async () => {
		const sent = {
			request: { ip: "203.0.113.77", headers: { "X-Forwarded-For": "203.0.113.77, [2001:db8:1:2::3]" } },
			remote_addr: "203.0.113.77",
			peers: [{ clientIp: "203.0.113.77", client_ip: "203.0.113.77" }],
			zip: "203.0.113.77",
			version: "2.4.1.7",
		};
		const stored = {
			request: { ip: "203.0.113.0", headers: { "X-Forwarded-For": "203.0.113.0, 2001:db8:1::" } },
			remote_addr: "203.0.113.0",
			peers: [{ clientIp: "203.0.113.0", client_ip: "203.0.113.0" }],
			zip: "203.0.113.77",
			version: "2.4.1.7",
		};
		await report("/errors", { ...ERROR, context: sent });
		await report("/track", { ...EVENT, payload: sent });
		expect(parsed((await rows("occurrences"))[0]!.context)).toEqual(stored);
		expect(parsed((await rows("server_events"))[0]!.payload)).toEqual(stored);
	});

	it("has no lone surrogates, sent or caused by truncation", async () => {
		const surrogate = "\ud83d";
		await report("/errors", {
			...ERROR,
			exception_class: `A${surrogate}`,
			message: `${surrogate}b`,
			backtrace: [`c${surrogate}`],
		});
		await report("/errors", { ...ERROR, exception_class: "😀".repeat(300), message: `a${"😀".repeat(4_100)}` });
		await report("/track", { ...EVENT, name: `d${surrogate}` });
		const found = await rows("occurrences");
		expect(found.map(({ message }) => message).sort()).toEqual([`a${"😀".repeat(3_999)}`, "\ufffdb"]);
		expect(found.map(({ backtrace }) => parsed<string[]>(backtrace)[0])).toContain("c\ufffd");
		const classes = (await rows("issues")).map((it) => it.exception_class);
		expect(classes.sort()).toEqual(["A\ufffd", "😀".repeat(200)]);
		expect(await rows("server_events")).toMatchObject([{ name: "d\ufffd" }]);
	});

	it("contains no part of a secret at the point of truncation", async () => {
		const message = `${"word ".repeat(1_700)}mail ada@example.com and more ${"word ".repeat(90_000)}`;
		await report("/errors", { ...ERROR, message });
		expect((await rows("occurrences"))[0]!.message).not.toMatch(/ada|exam/);
		await report("/errors", {
			...ERROR,
			message: `${"https://shop.example/?q=".padEnd(7_990, "x")} ada@example.com ${"y".repeat(9_000)}`,
		});
		expect(JSON.stringify(await rows("occurrences"))).not.toMatch(/ada|exam(?!ple\/)/);
	});

	it("gets a response before reporters time out, even if D1 stalls", async () => {
		vi.spyOn(console, "error").mockReturnValue();
		const timers = vi.spyOn(globalThis, "setTimeout");
		let calls = 0;
		const { DB: real } = withKeys();
		const batch = (statements: D1PreparedStatement[]) => (calls++ ? real.batch(statements) : new Promise(() => {}));
		const DB = dbWith({ batch });
		expect((await report("/errors", ERROR, { on: { ...withKeys(), DB } })).status).toBe(503);
		expect(timers.mock.calls.filter(([, ms]) => ms && ms < 3_000)).toHaveLength(1);
		vi.restoreAllMocks();
	});

	it("belongs to the same issue if only the line differs, and to another one if class, method or project differ", async () => {
		const two = envWith({
			PROJECTS: [{ id: "default" }, { id: "other" }],
			INGEST_KEYS: [`default:${INGEST_KEY}`, "other:another-key-of-some-length"],
		});
		await report("/errors", ERROR, { on: two });
		await report("/errors", { ...ERROR, backtrace: ERROR.backtrace.map((it) => it.replace(/\d+/, "9")) }, { on: two });
		await report("/errors", { ...ERROR, exception_class: "OtherError" }, { on: two });
		await report("/errors", { ...ERROR, backtrace: ["/srv/app/models/user.rb:42:in 'User#load'"] }, { on: two });
		await report("/errors", { ...ERROR, project: "default" }, { on: two, key: "Bearer another-key-of-some-length" });
		const found = await rows("issues");
		expect(found.map(({ project, count }) => [project, count]).sort()).toEqual([
			["default", 1],
			["default", 1],
			["default", 2],
			["other", 1],
		]);
	});

	it.each([
		["Crystal", "crystal"],
		["has spaces", null],
		["x".repeat(40), null],
		[7, null],
		[undefined, null],
	])("with the platform %j is stored with the platform %j", async (platform, stored) => {
		expect((await report("/errors", { ...ERROR, platform })).status).toBe(200);
		expect(await rows("occurrences")).toMatchObject([{ platform: stored }]);
	});

	it("of Crystal is grouped by its frames only if it names its platform", async () => {
		const crystal = (line: string, platform?: string) =>
			report("/errors", { ...ERROR, backtrace: [`src/app.cr:${line} in 'a'`], platform });
		await crystal("5:3", "crystal");
		await crystal("451", "crystal");
		expect(await rows("issues")).toHaveLength(1);
		await crystal("5:3");
		await crystal("451");
		expect(await rows("issues")).toHaveLength(3);
	});

	it("is counted correctly when many arrive at once", async () => {
		await Promise.all(Array.from({ length: 20 }, () => report("/errors", ERROR)));
		expect(await rows("issues")).toMatchObject([{ count: 20 }]);
		expect(await rows("occurrences")).toHaveLength(20);
	});
});

describe("a server event", () => {
	it("is returned by the API", async () => {
		await report("/track", { ...EVENT, session_id: "s-1", window_id: 7 });
		const { events } = await apiJson<{ events: { id: string }[] }>("/server-events");
		expect(events).toMatchObject([{ name: "order.paid", level: "info", payload: { total: 12 }, sessionId: "s-1" }]);
		expect(await apiJson(`/server-events/${events[0]!.id}`)).toMatchObject({ event: events[0] });
	});

	it.each([undefined, "", 7, null])("is rejected with the name %j", async (name) => {
		const response = await report("/track", { ...EVENT, name });
		expect(response.status).toBe(400);
		expect(await response.json()).toEqual({ error: "name is required" });
	});

	it("is truncated to its limits, and gets the level info for an unknown one", async () => {
		await report("/track", { ...EVENT, name: "n".repeat(201), level: "fatal", payload: { text: "x".repeat(16_384) } });
		const [row] = await rows("server_events");
		expect(row).toMatchObject({ name: "n".repeat(200), level: "info" });
		expect(parsed(row!.payload)).toEqual({ _truncated: true });
	});

	it("is redacted: name, payload with its keys", async () => {
		const secret = "ada@example.com";
		await report("/track", { ...EVENT, name: `mail to ${secret}`, payload: { [secret]: [secret], n: 1 } });
		const [row] = await rows("server_events");
		expect(JSON.stringify(row)).not.toContain(secret);
		expect(parsed(row!.payload)).toMatchObject({ n: 1 });
	});
});

describe("an issue", () => {
	const at = (ms: number) => ({ ...ERROR, timestamp: ms / 1000 });
	const status = (fingerprint: unknown, body: unknown) =>
		api(`/issues/${fingerprint}/status`, {
			method: "PUT",
			body: JSON.stringify(body),
			headers: { "content-type": "application/json" },
		});
	const only = async () => (await rows("issues"))[0]!;

	it("has a count, its first and last occurrence, and the latest message", async () => {
		const now = Date.now();
		await report("/errors", { ...at(now - 20_000), message: "second" });
		await report("/errors", { ...at(now - 10_000), message: "third" });
		await report("/errors", { ...at(now - 30_000), message: "first" });
		expect(await only()).toMatchObject({
			...{ count: 3, first_seen: now - 30_000, last_seen: now - 10_000, message: "third" },
		});
	});

	it("that was resolved is reopened by later occurrences, but not by late reports of earlier ones", async () => {
		await report("/errors", at(Date.now() - 20_000));
		const { fingerprint } = await only();
		expect((await status(fingerprint, { status: "resolved" })).status).toBe(200);
		expect(await only()).toMatchObject({ status: "resolved", resolved_at: expect.any(Number) });
		await report("/errors", at(Date.now() - 10_000));
		expect(await only()).toMatchObject({ status: "resolved", count: 2 });
		await report("/errors", at(Date.now() + 5_000));
		expect(await only()).toMatchObject({ status: "open", resolved_at: null, regressed_at: expect.any(Number) });
	});

	it("that is ignored stays ignored, and counts further occurrences", async () => {
		await report("/errors", ERROR);
		await status((await only()).fingerprint, { status: "ignored" });
		await report("/errors", at(Date.now() + 5_000));
		expect(await only()).toMatchObject({ status: "ignored", count: 2 });
	});

	it("accepts only known statuses, and only after login", async () => {
		await report("/errors", ERROR);
		const { fingerprint } = await only();
		for (const body of [{ status: "done" }, {}, [], { status: 1 }])
			expect((await status(fingerprint, body)).status).toBe(400);
		expect((await status("f".repeat(40), { status: "open" })).status).toBe(404);
		expect((await status("no%20id", { status: "open" })).status).toBe(400);
		const path = `${ORIGIN}/api/issues/${fingerprint}/status`;
		const init = { method: "PUT", body: '{"status":"resolved"}', headers: { "content-type": "application/json" } };
		expect((await send(new Request(path, init))).status).toBe(401);
		// A form of another site could send this content type. Other content types need a preflight, which fails.
		const headers = { "content-type": "text/plain", origin: "https://evil.example" };
		expect((await api(`/issues/${fingerprint}/status`, { ...init, headers })).status).toBe(403);
		expect(await only()).toMatchObject({ status: "open" });
	});

	it("is listed by status, search, period and sort, in pages", async () => {
		const now = Date.now();
		for (const [i, name] of ["Alpha", "Beta", "Gamma"].entries()) {
			for (let n = 0; n <= i; n++) {
				await report("/errors", {
					...at(now - (i + 1) * 86_400_000 - n),
					exception_class: `${name}Error`,
					message: `m ${i}`,
				});
			}
		}
		const names = async (query: string) =>
			(await apiJson<{ issues: { exceptionClass: string }[] }>(`/issues?${query}`)).issues.map(
				(it) => it.exceptionClass[0],
			);
		expect(await names("")).toEqual(["A", "B", "G"]);
		expect(await names("sort=count")).toEqual(["G", "B", "A"]);
		expect(await names("sort=first_seen")).toEqual(["A", "B", "G"]);
		expect(await names("q=BETA")).toEqual(["B"]);
		expect(await names("q=error:%20m%202")).toEqual(["G"]);
		expect(await names("q=%25")).toEqual([]);
		const day = (ago: number) => new Date(now - ago * 86_400_000).toISOString();
		expect(await names(`since=${day(2)}&until=${day(2)}`)).toEqual(["B"]);
		expect(await names("status=resolved")).toEqual([]);
		expect(await names("status=nonsense&limit=abc")).toEqual(["A", "B", "G"]);
		const first = await apiJson<{ next: string; counts: unknown }>("/issues?limit=2");
		expect(first.counts).toEqual({ open: 3, resolved: 0, ignored: 0 });
		expect(await names(`limit=2&cursor=${first.next}`)).toEqual(["G"]);
		expect((await api("/issues?cursor=bm9uc2Vuc2U")).status).toBe(400);
	});

	it("shows its frequency, pages, releases and browsers, and its newest occurrences first", async () => {
		const now = Date.now();
		const batch = batchOf({}, now - 60_000);
		await post(batch, {
			headers: { "user-agent": "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36" },
		});
		for (let i = 0; i < 60; i++) {
			await report("/errors", {
				...at(now - i * 3_600_000),
				message: `${i} hours ago`,
				window_id: i === 3 ? batch.windowId : null,
				session_id: i === 3 ? batch.sessionId : i === 4 ? "gone" : null,
				context: {
					environment: i % 2 ? "staging" : "production",
					release: i < 20 ? "v2" : "v1",
					request: { path: "/cart" },
				},
			});
		}
		const { fingerprint } = await only();
		const { spread, occurrences, next } = await apiJson<{
			spread: Record<string, unknown>;
			occurrences: { id: string; message: string }[];
			next: string;
		}>(`/issues/${fingerprint}`);
		const item = occurrences[3]!.id;
		expect(spread).toMatchObject({
			...{ kept: 60, lastDay: 24, lastWeek: 60, lastMonth: 60, paths: [{ value: "/cart", count: 60 }] },
			environments: [
				{ value: "production", count: 30 },
				{ value: "staging", count: 30 },
			],
			releases: [
				{ value: "v2", count: 20, firstSeen: now - 19 * 3_600_000 },
				{ value: "v1", count: 40 },
			],
			browsers: [{ value: "Chrome", count: 1 }],
			sessions: [
				{ id: batch.sessionId, browser: "Chrome", startedAt: now - 60_000, item, windowId: batch.windowId },
				{ id: "gone", startedAt: null },
			],
			cut: [],
		});
		expect((spread.days as { count: number }[]).reduce((sum, { count }) => sum + count, 0)).toBe(60);
		expect(occurrences.map(({ message }) => message)).toEqual(Array.from({ length: 50 }, (_, i) => `${i} hours ago`));
		const more = await apiJson<{ occurrences: unknown[]; next: null }>(
			`/issues/${fingerprint}/occurrences?cursor=${next}`,
		);
		expect(more).toMatchObject({ next: null });
		expect(more.occurrences).toHaveLength(10);
		expect((await api(`/issues/${"f".repeat(40)}`)).status).toBe(404);
	});

	it("names its truncated lists, but not lists that are exactly full", async () => {
		const cut = async () =>
			(await apiJson<{ spread: { cut: string[] } }>(`/issues/${(await only()).fingerprint}`)).spread.cut;
		for (let i = 0; i < 8; i++) {
			await report("/errors", { ...ERROR, context: { release: `v${i}`, request: { path: `/p${i}` } } });
		}
		expect(await cut()).toEqual([]);
		await report("/errors", { ...ERROR, context: { release: "v8", request: { path: "/p1" } } });
		expect(await cut()).toEqual(["releases"]);
	});
});

describe("server events", () => {
	it("are listed by level, name and period, newest first, in pages", async () => {
		const now = Date.now();
		for (let i = 0; i < 4; i++) {
			await report("/track", {
				...{ name: i % 2 ? "Mail.sent" : "order.paid", level: i === 3 ? "error" : "info" },
				timestamp: (now - i * 86_400_000) / 1000,
			});
		}
		const ages = async (query: string) =>
			(await apiJson<{ events: { at: number }[] }>(`/server-events?${query}`)).events.map(({ at }) =>
				Math.round((now - at) / 86_400_000),
			);
		expect(await ages("")).toEqual([0, 1, 2, 3]);
		expect(await ages("q=mail")).toEqual([1, 3]);
		expect(await ages("level=error")).toEqual([3]);
		expect(await ages("level=nonsense")).toEqual([0, 1, 2, 3]);
		const day = (ago: number) => new Date(now - ago * 86_400_000).toISOString();
		expect(await ages(`since=${day(2)}&until=${day(1)}`)).toEqual([1, 2]);
		const first = await apiJson<{ next: string; counts: unknown }>("/server-events?limit=3&level=info");
		expect(first.counts).toEqual({ debug: 0, info: 3, warn: 0, error: 1 });
		expect(await ages(`limit=3&cursor=${(await apiJson<{ next: string }>("/server-events?limit=3")).next}`)).toEqual([
			3,
		]);
		expect((await api("/server-events?cursor=no%20id")).status).toBe(400);
		expect((await api("/server-events/none")).status).toBe(404);
	});

	it("show whether their session is recorded", async () => {
		const batch = batchOf();
		await post(batch);
		for (const session_id of [batch.sessionId, "gone", null]) await report("/track", { ...EVENT, session_id });
		const { events } = await apiJson<{ events: { id: string; sessionId: string; isRecorded: boolean }[] }>(
			"/server-events",
		);
		expect(Object.fromEntries(events.map((it) => [it.sessionId, it.isRecorded]))).toEqual({
			...{ [batch.sessionId]: true, gone: false, null: false },
		});
		const { event } = await apiJson<{ event: object }>(`/server-events/${events[0]!.id}`);
		expect(event).toEqual(events[0]);
	});
});

describe("reports of a session", () => {
	it("are returned by time", async () => {
		const batch = batchOf();
		await post(batch);
		const now = Date.now();
		const of = { session_id: batch.sessionId };
		await report("/errors", { ...ERROR, ...of, window_id: batch.windowId, timestamp: (now - 1_000) / 1000 });
		await report("/track", { ...EVENT, ...of, timestamp: (now - 2_000) / 1000 });
		await report("/track", { ...EVENT, session_id: "another" });
		expect(await apiJson(`/sessions/${batch.sessionId}/reports`)).toMatchObject({
			isCut: false,
			items: [
				{ kind: "event", name: "order.paid", at: now - 2_000, payload: { total: 12 }, windowId: null },
				{ kind: "exception", exceptionClass: "RuntimeError", message: "it broke", windowId: batch.windowId },
			],
		});
	});
});
