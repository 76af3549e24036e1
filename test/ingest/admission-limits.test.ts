import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { dayOf } from "../../src/contract/days.ts";
import { uuidv7 } from "../../src/contract/ids.ts";
import { networkOf } from "../../src/http/rate.ts";
import { api, apiJson, batchOf, envWith, objects, pageEvents, post, rows } from "../support/worker.ts";

const NOW = Date.UTC(2026, 5, 10, 12);
const MINUTE = 60_000;
const DAY = 86_400_000;

beforeEach(() => {
	vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
});
afterEach(() => vi.useRealTimers());

let n = 0;
/** Returns a new session ID, which contains the session's start time. @param at start time */
const newId = (at = Date.now()) => uuidv7(at, new Uint8Array(10).fill(++n % 256));
const send = async (sessionId: string, on = envWith(), seq = 0, options: Parameters<typeof post>[1] = {}) => {
	const response = await post(batchOf({ sessionId, seq, events: pageEvents(Date.now()) }), { on, ...options });
	const body = (await response.json().catch(() => ({}))) as { stop?: boolean; retryAfter?: number };
	return { code: response.status, stop: body.stop, retryAfter: body.retryAfter };
};
const refusals = async () =>
	(await rows<{ reason: string; count: number }>("refusals")).map(({ reason, count }) => [reason, count]);

describe("SAMPLE_RATE", () => {
	it("stores sampled sessions completely and the others not at all, and asks their recorders to stop", async () => {
		const on = envWith({ SAMPLE_RATE: 0.5 });
		const answers: [string, boolean][] = [];
		for (let i = 0; i < 60; i++) {
			const id = newId();
			const [first, second] = [await send(id, on), await send(id, on, 1)];
			expect(first).toEqual(second);
			answers.push([id, first.stop === true]);
		}
		const stored = new Set((await rows<{ id: string }>("sessions")).map(({ id }) => id));
		expect([...stored].sort()).toEqual(
			answers
				.filter(([, stop]) => !stop)
				.map(([id]) => id)
				.sort(),
		);
		expect(stored.size).toBeGreaterThan(15);
		expect(stored.size).toBeLessThan(45);
		expect((await objects()).length).toBe(stored.size * 2);
		expect(Object.fromEntries(await refusals())).toHaveProperty("sampled_out");
	});
});

describe("session limits", () => {
	it("stop a session that reached MAX_EVENTS_PER_SESSION and keep what is stored", async () => {
		const on = envWith({ MAX_EVENTS_PER_SESSION: 2 * pageEvents(NOW).length });
		const id = newId();
		expect(await send(id, on)).toMatchObject({ code: 200 });
		expect((await send(id, on, 1)).stop).toBeUndefined();
		expect((await send(id, on, 2)).stop).toBe(true);
		expect(await objects()).toHaveLength(2);
		expect((await send(newId(), on)).stop).toBeUndefined();
	});

	it("reject a session that started more than eight days ago, known from its ID or from the stored session", async () => {
		const id = newId();
		const foreignId = "a-foreign-id";
		expect((await send(foreignId)).stop).toBeUndefined();
		vi.setSystemTime(NOW + 8 * DAY + MINUTE);
		expect((await send(id)).stop).toBe(true);
		// The isolate learns the session's age with the first late batch.
		expect((await send(foreignId, envWith(), 1)).stop).toBeUndefined();
		expect((await send(foreignId, envWith(), 2)).stop).toBe(true);
	});
});

describe("daily caps", () => {
	it("reject new sessions when reached, let running ones continue, and reset the next day", async () => {
		const on = envWith({ MAX_SESSIONS_PER_DAY: 3 });
		const ids = [newId(), newId(), newId()];
		for (const id of ids) await send(id, on);
		vi.setSystemTime(NOW + MINUTE + 1);
		await send(ids[0]!, on, 1);
		vi.setSystemTime(NOW + 2 * MINUTE);
		expect((await send(newId(), on)).stop).toBe(true);
		expect((await send("foreign", on)).stop).toBe(true);
		expect((await send(ids[1]!, on, 1)).stop).toBeUndefined();
		expect(await rows("sessions")).toHaveLength(3);
		expect(await rows("counters")).toMatchObject([{ project: "default", day: 20260610, sessions: 3 }]);
		vi.setSystemTime(NOW + DAY);
		expect((await send(newId(), on)).stop).toBeUndefined();
	});

	it("count the bytes of a session's later chunks when the next session starts", async () => {
		const id = newId();
		await send(id);
		await send(id, envWith(), 1);
		await send(id, envWith(), 2);
		await send(newId());
		const [counter] = await rows<{ sessions: number; bytes: number }>("counters");
		const stored = (await rows<{ bytes: number }>("chunks")).reduce((sum, { bytes }) => sum + bytes, 0);
		expect(counter).toMatchObject({ sessions: 2, bytes: stored });
	});

	it("can be reached by bytes", async () => {
		const id = newId();
		await send(id);
		const [{ bytes }] = (await rows<{ bytes: number }>("counters")) as [{ bytes: number }];
		const on = envWith({ MAX_BYTES_PER_DAY: bytes * 19 });
		for (let i = 0; i < 20; i++) await send(newId(), on);
		vi.setSystemTime(NOW + MINUTE + 1);
		await send(newId(), on);
		vi.setSystemTime(NOW + MINUTE + 2);
		expect((await send(newId(), on)).stop).toBe(true);
		expect((await send(id, on, 1)).stop).toBeUndefined();
	});

	it("reject everything far above the cap, even if an ID claims an earlier start", async () => {
		const on = envWith({ MAX_SESSIONS_PER_DAY: 4 });
		const earlyId = () => newId(NOW - 3_600_000);
		let stored = 0;
		for (let i = 0; i < 20; i++) {
			vi.setSystemTime(NOW + i * (MINUTE + 1));
			if (!(await send(earlyId(), on)).stop) stored++;
		}
		expect(stored).toBeLessThan(8);
	});

	it("apply today in an isolate whose cap was reached yesterday", async () => {
		const on = envWith({ MAX_SESSIONS_PER_DAY: 1 });
		await send(newId(), on);
		vi.setSystemTime(NOW + MINUTE + 1);
		await send(newId(), on);
		expect((await send(newId(), on)).stop).toBe(true);
		vi.setSystemTime(NOW + DAY);
		await env.DB.prepare("INSERT INTO counters VALUES ('default', ?, 5, 0)")
			.bind(dayOf(NOW + DAY))
			.run();
		await send(newId(), on);
		vi.setSystemTime(NOW + DAY + MINUTE + 1);
		expect((await send(newId(), on)).stop).toBe(true);
	});

	it("are separate for each project", async () => {
		const on = envWith({
			PROJECTS: [
				{ id: "small", origins: ["https://shop.example"], max_sessions_per_day: 1 },
				{ id: "large", origins: ["https://shop.example"] },
			],
		});
		const to = async (project: string) =>
			(await post(batchOf({ sessionId: newId(), project, events: pageEvents(Date.now()) }), { on })).json<{
				stop?: true;
			}>();
		await to("small");
		vi.setSystemTime(NOW + MINUTE + 1);
		await to("small");
		vi.setSystemTime(NOW + MINUTE + 2);
		expect(await to("small")).toEqual({ status: "ok", stop: true });
		expect(await to("large")).toEqual({ status: "ok" });
	});
});

describe("bot traffic", () => {
	const headers = { "user-agent": "Mozilla/5.0 (compatible; ExampleBot/1.0)" };
	it("is not stored unless STORE_BOTS is on", async () => {
		expect((await send(newId(), envWith(), 0, { headers })).code).toBe(204);
		expect(await objects()).toEqual([]);
		expect(await refusals()).toContainEqual(["bot", 1]);
		await send(newId(), envWith({ STORE_BOTS: true }), 0, { headers });
		expect(JSON.parse((await rows<{ client: string }>("sessions"))[0]!.client)).toMatchObject({ bot: true });
	});
});

describe("a live session that was deleted", () => {
	it("is asked to stop with the second batch after its deletion", async () => {
		const id = newId();
		await send(id);
		await api(`/sessions/${id}`, { method: "DELETE" });
		expect((await send(id, envWith(), 1)).stop).toBeUndefined();
		expect((await send(id, envWith(), 2)).stop).toBe(true);
		expect((await objects()).filter((key) => !key.startsWith("."))).toEqual([]);
	});
});

describe("a refusal", () => {
	it("is counted for its project", async () => {
		const on = envWith({
			PROJECTS: [
				{ id: "a", origins: ["https://a.example"] },
				{ id: "b", origins: ["https://shop.example"], sample_rate: 0 },
			],
		});
		await send(newId(), on);
		expect((await rows("refusals")).map(({ project, reason }) => [project, reason])).toEqual([["b", "sampled_out"]]);
	});
});

it.each([
	["203.0.113.7", "203.0.113.7"],
	["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
	["2001:DB8:1:2::9", "2001:db8:1:2"],
	["2001:0db8::1", "2001:db8:0:0"],
	["::1", "0:0:0:0"],
	["::ffff:1.2.3.4", "::ffff:1.2.3.4"],
])("rate limits treat the address %s as %s", (address, network) => expect(networkOf(address)).toBe(network));

describe("rate limits of batches", () => {
	const rateLimitOf = (allowed: number) => {
		const asked: string[] = [];
		return { asked, limit: async ({ key }: { key: string }) => ({ success: asked.push(key) <= allowed }) };
	};

	it("apply per session and per address, ask to retry later, and do not contain the address in their key", async () => {
		const session = rateLimitOf(1);
		const address = rateLimitOf(2);
		const on = envWith({ RATE_LIMIT_SESSION: session, RATE_LIMIT_ADDRESS: address });
		const headers = { "cf-connecting-ip": "203.0.113.7" };
		const id = newId();
		expect((await send(id, on, 0, { headers })).code).toBe(200);
		expect(await send(id, on, 1, { headers })).toMatchObject({ code: 429, retryAfter: 60 });
		expect((await send(newId(), on, 0, { headers })).code).toBe(429);
		expect(session.asked).toEqual([`default/${id}`, `default/${id}`]);
		expect(address.asked.join()).not.toContain("203");
		expect(new Set(address.asked).size).toBe(1);
	});

	it("do not apply without the bindings, or when those fail", async () => {
		vi.spyOn(console, "error").mockImplementation(() => {});
		const broken = { limit: async () => Promise.reject(new Error("away")) };
		for (const on of [
			envWith({ RATE_LIMIT_SESSION: undefined, RATE_LIMIT_ADDRESS: undefined }),
			envWith({ RATE_LIMIT_SESSION: broken, RATE_LIMIT_ADDRESS: broken }),
		]) {
			expect((await send(newId(), on, 0, { headers: { "cf-connecting-ip": "203.0.113.7" } })).code).toBe(200);
		}
	});
});

describe("the user ID of a session", () => {
	it("is the latest one sent, whatever the order of arrival", async () => {
		const id = newId();
		const identify = (seq: number, user: unknown) =>
			post(
				batchOf({
					sessionId: id,
					seq,
					events: pageEvents(NOW - 10_000 + seq * 1000),
					metadata: user ? { user_id: user } : {},
				}),
			);
		await identify(2, "u-2");
		await identify(1, 17);
		await identify(0, null);
		expect(await rows("sessions")).toMatchObject([{ user_id: "u-2" }]);
		await identify(3, 4_155_500_000_001);
		expect(await rows("sessions")).toMatchObject([{ user_id: "4155500000001" }]);
		const { sessions } = await apiJson<{ sessions: { userId: string }[] }>("/sessions");
		expect(sessions[0]!.userId).toBe("4155500000001");
		await env.DB.exec("DELETE FROM sessions");
		await env.DB.exec("DELETE FROM chunks");
		await apiJson("/maintenance/reindex", { method: "POST" });
		expect(await rows("sessions")).toMatchObject([{ user_id: "4155500000001" }]);
	});
});
