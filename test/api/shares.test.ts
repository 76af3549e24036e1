import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { tick } from "../../src/cron/index.ts";
import { restoreExport, writeExport } from "../../src/storage/backup.ts";
import { api, apiJson, batchOf, envWith, ORIGIN, pageEvents, post, rows, send } from "../support/worker.ts";

interface Share {
	id: string;
	createdAt: number;
	expiresAt: number;
	views: number;
	viewedAt: number | null;
}
interface Opened {
	expiresAt: number;
	player: string;
	windows: { id: string; startedAt: number; lastAt: number; events: number }[];
}
interface Event {
	type: number;
	timestamp: number;
	data: Record<string, unknown>;
}

const DAY = 86_400_000;
const T = Date.now() - 3_600_000;
const ASSETS = {
	fetch: async (url: URL) => new Response(`<!doctype html><title>${url.pathname}</title>`),
};
const withSharing = (changes = {}) => envWith({ ASSETS, SHAREABLE_REPLAYS: true, ...changes });
const on = withSharing();
const json = (body: unknown) => ({
	method: "POST",
	body: JSON.stringify(body),
	headers: { "content-type": "application/json" },
});
const recordSession = (sessionId: string, changes: object = {}) =>
	post(batchOf({ sessionId, windowId: "zqwindowzq", events: pageEvents(T), ...changes }), { on });
const create = (sid: string, days = 7, from = on) =>
	apiJson<{ share: Share; token: string }>(`/sessions/${sid}/shares`, { ...json({ days }), on: from });
const listed = async (sid: string) => (await apiJson<{ shares: Share[] }>(`/sessions/${sid}/shares`, { on })).shares;
const ask = (path: string, token: string | null, method = "GET", from = on) => {
	const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
	return send(new Request(`${ORIGIN}/share/${path}`, { method, headers }), from);
};
const open = async (id: string, token: string) => (await ask(`${id}/open`, token, "POST")).json<Opened>();
const INVALID_LINK = [
	404,
	{ error: "this link is invalid, was revoked, or has expired: ask the sender for a new one" },
];
const answer = async (response: Response | Promise<Response>) => [
	(await response).status,
	await (await response).json(),
];

afterEach(() => void vi.useRealTimers());

describe("a share link", () => {
	it("shows the recording without the person, URLs and dates", async () => {
		const metadata = { user_id: "zqpersonzq", plan: "zqplanzq" };
		const more = [
			{ type: 5, timestamp: T + 1_500, data: { tag: "paid", payload: { card: "zqtagzq" } } },
			{ type: 6, timestamp: T + 1_600, data: { plugin: "console", payload: "zqconsolezq" } },
			{ type: 9, timestamp: T + 1_700, data: "zqunknownzq" },
			{ type: 3, timestamp: T + 1_800, data: { source: 11, payload: ["zqlogzq"] } },
			{ type: 3, timestamp: T + 1_900, data: { source: 5, id: 9, text: "***", isChecked: false } },
		];
		const events = [...pageEvents(T, "https://shop.example/zqaddresszq"), ...more];
		await recordSession("zqsessionzq", { events, metadata });
		await recordSession("zqsessionzq", { windowId: "zqsecondzq", events: pageEvents(T + 5_000) });
		await recordSession("zqotherzq");
		const { share, token } = await create("zqsessionzq");
		const opened = await ask(`${share.id}/open`, token, "POST");
		const { windows, player } = await opened.clone().json<Opened>();
		expect(windows.map(({ id, events }) => [id, events])).toEqual([
			["1", 11],
			["2", 6],
		]);
		expect(windows[1]!.startedAt - windows[0]!.startedAt).toBe(5_000);
		const texts = [await opened.text()];
		const played: Event[] = [];
		for (const { id } of windows) {
			const trail = await ask(`${share.id}/windows/${id}/trail`, token);
			texts.push(await trail.clone().text());
			const { chunks } = await trail.json<{
				chunks: { cursor: string; firstAt: number; trail: { clicks: unknown } }[];
			}>();
			expect(chunks[0]!.firstAt).toBe(windows[Number(id) - 1]!.startedAt);
			expect(chunks[0]!.trail.clicks).toHaveLength(1);
			for (const { cursor } of chunks) {
				const part = await ask(`${share.id}/windows/${id}/events?cursor=${cursor}`, token);
				texts.push(await part.clone().text());
				played.push(...(await part.json<{ events: Event[] }>()).events);
			}
		}
		expect(texts.join("\n")).not.toMatch(/zq\w+zq|shop\.example|button#buy/);
		expect(texts.join("\n")).not.toContain(String(T).slice(0, 6));
		expect(played.map(({ type }) => type)).toEqual([4, 2, 3, 3, 3, 3, 4, 2, 3, 3, 3]);
		expect(played[0]).toEqual({
			...{ type: 4, timestamp: windows[0]!.startedAt, data: { href: "", width: 1280, height: 720 } },
		});
		expect(played[1]!.data).toEqual(pageEvents(T)[1]!.data);
		const frame = await ask(player.slice("/share/".length), null);
		expect(frame.status).toBe(200);
		expect(frame.headers.get("content-security-policy")).toContain("img-src data: blob: https://shop.example;");
	});

	it("is returned once, is stored as a hash, and contains nothing about the session", async () => {
		await recordSession("a");
		const { share, token } = await create("a");
		expect(token).toMatch(/^[\w-]{43}$/);
		expect(share.id).toMatch(/^[\w-]{22}$/);
		const stored = JSON.stringify([await rows("shares"), await rows("audit")]);
		expect(stored).not.toContain(token);
		expect(JSON.stringify(await listed("a"))).not.toContain(token);
		expect(JSON.stringify(await rows("audit"))).not.toContain('"a"');
		expect((await create("a")).token).not.toBe(token);
	});

	it("counts every view, and writes at most 60 audit entries an hour", async () => {
		await recordSession("a");
		const { share, token } = await create("a");
		for (let i = 0; i < 65; i++) await open(share.id, token);
		expect((await listed("a"))[0]!.views).toBe(65);
		const views = (await rows<{ action: string }>("audit")).filter(({ action }) => action === "share_viewed");
		expect(views).toHaveLength(60);
		await apiJson(`/sessions/a/shares/${share.id}`, { method: "DELETE", on });
		expect((await rows<{ action: string }>("audit")).filter(({ action }) => action === "share_revoked")).toHaveLength(
			1,
		);
	});

	it("counts a view when it is opened, and not for other requests", async () => {
		await recordSession("a");
		const { share, token } = await create("a");
		expect(await listed("a")).toEqual([share]);
		const { windows } = await open(share.id, token);
		await ask(share.id, null);
		await ask(`${share.id}/windows/${windows[0]!.id}/trail`, token);
		await ask(`${share.id}/open`, "x".repeat(43), "POST");
		await ask(`${share.id}/open`, token, "GET");
		const [seen] = await listed("a");
		expect(seen).toMatchObject({ id: share.id, views: 1 });
		expect(Math.abs(Date.now() - seen!.viewedAt!)).toBeLessThan(60_000);
		await apiJson(`/sessions/a/shares/${share.id}`, { method: "DELETE", on });
		await apiJson(`/sessions/a/shares/${share.id}`, { method: "DELETE", on });
		const { entries } = await apiJson<{ entries: { action: string; subject: string }[] }>("/audit");
		expect(entries.map(({ action }) => action).sort()).toEqual(["share_created", "share_revoked", "share_viewed"]);
		expect(new Set(entries.map(({ subject }) => subject))).toEqual(new Set([share.id]));
	});

	it("has the same response for every kind of invalid link", async () => {
		await recordSession("a");
		await recordSession("b");
		const valid = await create("a");
		const other = await create("b");
		const revoked = await create("a");
		await apiJson(`/sessions/a/shares/${revoked.share.id}`, { method: "DELETE", on });
		const ended = await create("a", 1);
		await env.DB.exec(`UPDATE shares SET expires_at = ${Date.now() - 1} WHERE id = '${ended.share.id}'`);
		const { player } = await open(valid.share.id, valid.token);
		for (const [id, token] of [
			["nowhere", valid.token],
			[valid.share.id, null],
			[valid.share.id, "short"],
			[valid.share.id, `${valid.token}x`],
			[valid.share.id, other.token],
			[revoked.share.id, revoked.token],
			[ended.share.id, ended.token],
		] as const) {
			expect(await answer(ask(`${id}/open`, token, "POST"))).toEqual(INVALID_LINK);
			expect(await answer(ask(`${id}/windows/1/trail`, token))).toEqual(INVALID_LINK);
			expect(await answer(ask(`${id}/windows/1/events?cursor=x`, token))).toEqual(INVALID_LINK);
			if (id !== valid.share.id) {
				expect(await answer(ask(`${id}/player/${player.split("/").at(-1)}`, null))).toEqual(INVALID_LINK);
			}
		}
		expect(await answer(ask(`${valid.share.id}/player/wrong`, null))).toEqual(INVALID_LINK);
		expect((await listed("a")).map(({ id }) => id)).toEqual([valid.share.id]);
		// Requests for windows and chunks that do not exist also get a 404.
		for (const path of ["windows/2/trail", "windows/zqwindowzq/trail", "windows/1/events?cursor=00000-ffffffff"]) {
			expect((await ask(`${valid.share.id}/${path}`, valid.token)).status).toBe(404);
		}
	});

	it("leads to a page that is the same for every ID, cannot be indexed or framed, and sends no referrer", async () => {
		const pages = await Promise.all(["nowhere", "elsewhere"].map((id) => ask(id, null)));
		const [headers, others] = pages.map(({ headers }) => Object.fromEntries(headers));
		expect(others).toEqual(headers);
		expect(pages[0]!.status).toBe(200);
		expect(headers).toMatchObject({
			...{ "x-robots-tag": "noindex, nofollow", "referrer-policy": "no-referrer", "cache-control": "no-store" },
			"x-frame-options": "DENY",
		});
		expect(headers!["content-security-policy"]).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
	});

	it("expires as requested, and never later than the recording", async () => {
		await recordSession("a");
		const lastAt = T + 2_000;
		for (const [days, from, expected] of [
			[1, withSharing(), Date.now() + DAY],
			[30, withSharing({ RETENTION_DAYS: 7 }), lastAt + 7 * DAY],
			[30, withSharing({ RETENTION_DAYS: 0 }), Date.now() + 30 * DAY],
		] as const) {
			const { share } = await create("a", days, from);
			expect(Math.abs(share.expiresAt - expected)).toBeLessThan(60_000);
		}
		const { share, token } = await create("a", 1);
		vi.useFakeTimers({ now: share.expiresAt - 1, toFake: ["Date"] });
		expect((await ask(`${share.id}/open`, token, "POST")).status).toBe(200);
		vi.setSystemTime(share.expiresAt);
		expect(await answer(ask(`${share.id}/open`, token, "POST"))).toEqual(INVALID_LINK);
		for (let i = 0; i < 6; i++) await tick(withSharing(), Date.now() + i * 60_000);
		expect((await rows<Share>("shares")).map(({ id }) => id)).not.toContain(share.id);
		expect(await rows("shares")).toHaveLength(2);
	});

	it("is deleted with the recording, and not restored from an export", async () => {
		for (const id of ["a", "b", "c"]) await recordSession(id);
		const { share, token } = await create("a");
		await create("b");
		const last = await create("c");
		await writeExport(env.DB, env.CHUNKS, Date.now(), null);
		await apiJson("/sessions/a", { method: "DELETE" });
		expect(await answer(ask(`${share.id}/open`, token, "POST"))).toEqual(INVALID_LINK);
		await tick(withSharing({ MAX_SESSIONS: 1 }), Date.now());
		await apiJson("/sessions/c/windows/zqwindowzq", { method: "DELETE" });
		expect(await rows("shares")).toHaveLength(await rows("sessions").then(({ length }) => length));
		await env.DB.exec("DELETE FROM shares");
		await restoreExport(env.DB, env.CHUNKS);
		const ids = (await rows<{ session_id: string }>("shares")).map(({ session_id }) => session_id);
		expect(ids).not.toContain("a");
		expect(await answer(ask(`${last.share.id}/open`, last.token, "POST"))).toEqual(INVALID_LINK);
	});

	it("is invalid when its project is no longer configured", async () => {
		await recordSession("a");
		const { share, token } = await create("a");
		const moved = withSharing({ PROJECTS: [{ id: "new", origins: ["https://new.example"] }] });
		expect(await answer(ask(`${share.id}/open`, token, "POST", moved))).toEqual(INVALID_LINK);
	});

	it("needs an existing session, one of three durations, and fewer than 20 active links of the session", async () => {
		await recordSession("a");
		for (const body of [{}, { days: 2 }, { days: "7" }, { days: 3650 }]) {
			expect((await api("/sessions/a/shares", { ...json(body), on })).status).toBe(400);
		}
		expect((await api("/sessions/b/shares", { ...json({ days: 1 }), on })).status).toBe(404);
		for (let i = 0; i < 20; i++) await create("a");
		const error = "a session can have at most 20 active links: revoke one first";
		expect(await answer(api("/sessions/a/shares", { ...json({ days: 1 }), on }))).toEqual([409, { error }]);
		expect(await rows("audit")).toHaveLength(20);
	});

	it("is rate limited by address", async () => {
		await recordSession("a");
		const { share, token } = await create("a");
		let calls = 0;
		const limited = withSharing({ RATE_LIMIT_ADDRESS: { limit: async () => ({ success: ++calls <= 1 }) } });
		const headers = { authorization: `Bearer ${token}`, "cf-connecting-ip": "203.0.113.9" };
		const openLink = () => send(new Request(`${ORIGIN}/share/${share.id}/open`, { method: "POST", headers }), limited);
		expect([(await openLink()).status, (await openLink()).status]).toEqual([200, 429]);
	});

	it("shows encrypted recordings, and does not reveal the ID of a missing key", async () => {
		const encrypted = withSharing({ ENCRYPTION_KEYS: `zqkeyzq:${btoa("x".repeat(32))}` });
		await post(batchOf({ sessionId: "a", windowId: "w", events: pageEvents(T) }), { on: encrypted });
		const { share, token } = await create("a");
		const trail = await ask(`${share.id}/windows/1/trail`, token);
		const [{ cursor }] = (await trail.json<{ chunks: [{ cursor: string }] }>()).chunks;
		const part = `${share.id}/windows/1/events?cursor=${cursor}`;
		const { events } = await (await ask(part, token, "GET", encrypted)).json<{ events: Event[] }>();
		expect(events.map(({ type }) => type)).toEqual([4, 2, 3, 3, 3]);
		const locked = await ask(part, token);
		expect([locked.status, await locked.text()]).toEqual([404, expect.not.stringContaining("zqkeyzq")]);
	});

	it("is opened by its token alone, not by a login", async () => {
		await recordSession("a");
		const { share } = await create("a");
		const basic = { authorization: `Basic ${btoa("demo:demo")}` };
		const init = { method: "POST", headers: basic };
		expect(await answer(send(new Request(`${ORIGIN}/share/${share.id}/open`, init), on))).toEqual(INVALID_LINK);
	});
});

describe("sharing without SHAREABLE_REPLAYS", () => {
	it("responds to every route with 404, also for existing links", async () => {
		await recordSession("a");
		const { share, token } = await create("a");
		const { player } = await open(share.id, token);
		for (const off of [envWith({ ASSETS }), envWith({ ASSETS, SHAREABLE_REPLAYS: false })]) {
			const statuses = [
				ask(share.id, null, "GET", off),
				ask(`${share.id}/open`, token, "POST", off),
				ask(`${share.id}/windows/1/trail`, token, "GET", off),
				ask(`${share.id}/windows/1/events`, token, "GET", off),
				ask(player.slice("/share/".length), null, "GET", off),
				api("/sessions/a/shares", { on: off }),
				api("/sessions/a/shares", { ...json({ days: 1 }), on: off }),
				api(`/sessions/a/shares/${share.id}`, { method: "DELETE", on: off }),
			].map(async (response) => (await response).status);
			expect(await Promise.all(statuses)).toEqual(Array(8).fill(404));
		}
		expect(await rows("shares")).toHaveLength(1);
	});
});
