import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { api, batchOf, envWith, pageEvents, post, rows } from "../support/worker.ts";

const T = Date.now() - 3_600_000;
const HTML = `<!doctype html><main id="recording"></main><script type="application/json">"the recording"</script><p>end</p>`;
const ASSETS = {
	fetch: async (url: URL) =>
		url.pathname === "/recording.html" ? new Response(HTML) : new Response("", { status: 404 }),
};
const withSharing = (changes = {}) => envWith({ ASSETS, SHAREABLE_REPLAYS: true, ...changes });
const on = withSharing();
const file = (sid: string, format: string, from = on) =>
	api(`/sessions/${sid}/file?format=${format}`, { method: "POST", on: from });

async function visit() {
	const metadata = { user_id: "zqpersonzq" };
	for (const seq of [0, 1]) await post(batchOf({ sessionId: "a", windowId: "w", seq, events: tagged(seq), metadata }));
	await post(batchOf({ sessionId: "a", windowId: "w2", events: pageEvents(T + 60_000) }));
	await post(batchOf({ sessionId: "b", windowId: "w", events: pageEvents(T) }));
}

/** With what would end a script, and what only the dashboard may know. */
function tagged(seq: number) {
	const text = `</script><script>alert(1)</script><!-- & \u2028 ]]> ${seq}`;
	return [
		...pageEvents(T + seq * 10_000),
		{ type: 5, timestamp: T + seq * 10_000 + 1, data: { tag: "zqtagzq", payload: {} } },
		{
			...{ type: 3, timestamp: T + seq * 10_000 + 2_001 },
			data: { source: 0, adds: [], removes: [], texts: [{ id: 8, value: text }], attributes: [] },
		},
	];
}

describe("a recording as JSON", () => {
	it("has every window with its events as they are stored, and nothing else", async () => {
		await visit();
		const response = await file("a", "json");
		expect(Object.fromEntries(response.headers)).toMatchObject({
			...{ "content-type": "application/json; charset=utf-8", "cache-control": "no-store" },
			"content-disposition": 'attachment; filename="session-a.json"',
		});
		const text = await response.text();
		expect(text).not.toContain("zqpersonzq");
		const { version, exportedAt, windows } = JSON.parse(text);
		expect([version, Object.keys(JSON.parse(text))]).toEqual([1, ["version", "exportedAt", "windows"]]);
		expect(Math.abs(Date.now() - exportedAt)).toBeLessThan(60_000);
		expect(windows).toEqual([
			{ id: "w", events: [...tagged(0), ...tagged(1)] },
			{ id: "w2", events: pageEvents(T + 60_000) },
		]);
	});

	it("has the times that the dashboard shows, of a clock that is wrong too", async () => {
		const ahead = 5 * 3_600_000;
		const options = { path: `/events?at=${Date.now() + ahead}` };
		await post(batchOf({ sessionId: "a", windowId: "w", events: pageEvents(T + ahead) }), options);
		const { windows } = await (await file("a", "json")).json<{ windows: { events: { timestamp: number }[] }[] }>();
		expect(Math.abs(windows[0]!.events[0]!.timestamp - T)).toBeLessThan(60_000);
	});

	it("goes on without a part that is lost, and says at once when it is locked", async () => {
		await visit();
		const keys = (await env.CHUNKS.list({ prefix: "default/" })).objects.map(({ key }) => key);
		await env.CHUNKS.delete(keys.find((key) => /\/a\/w\/.*-00000-/.test(key))!);
		const { windows } = await (await file("a", "json")).json<{ windows: { events: unknown[] }[] }>();
		expect(windows.map(({ events }) => events.length)).toEqual([8, 6]);
		const sealed = { ENCRYPTION_KEYS: `k1:${btoa("x".repeat(32))}` };
		await post(batchOf({ sessionId: "c" }), { on: withSharing(sealed) });
		expect((await file("c", "json", withSharing(sealed))).status).toBe(200);
		expect((await file("c", "json")).status).toBe(409);
	});
});

describe("a recording as HTML", () => {
	it("has the picture of every window, and nothing in it ends the script or tells more", async () => {
		await visit();
		const response = await file("a", "html");
		expect(response.headers.get("content-disposition")).toBe('attachment; filename="session-a.html"');
		const text = await response.text();
		expect(text).not.toMatch(/zqpersonzq|zqtagzq|shop\.example/);
		const [, json] =
			/^<!doctype html><main id="recording"><\/main><script type="application\/json">(.*)<\/script><p>end<\/p>$/s.exec(
				text,
			)!;
		expect(json).not.toMatch(/[<>&]/);
		expect(json).not.toContain(String(T).slice(0, 6));
		expect(json).not.toContain('"w2"');
		const { windows } = JSON.parse(json!) as { windows: { events: { data: { texts?: { value: string }[] } }[] }[] };
		expect(windows.map(({ events }) => events.length)).toEqual([12, 5]);
		expect(windows[0]!.events.at(-1)!.data.texts![0]!.value).toBe(
			"</script><script>alert(1)</script><!-- & \u2028 ]]> 1",
		);
	});
});

describe("a file", () => {
	it("is written down when it is made, and only then", async () => {
		await visit();
		await file("a", "json");
		await file("a", "html");
		await file("nowhere", "html");
		await file("a", "html", envWith({ ASSETS }));
		const entries = await rows<{ action: string; subject: string }>("audit");
		expect(entries.map(({ action, subject }) => [action, subject])).toEqual(Array(2).fill(["recording_exported", ""]));
	});

	it("is not for a GET, not of what is not there, nor without SHAREABLE_REPLAYS", async () => {
		await visit();
		expect((await api("/sessions/a/file?format=json", { on })).status).toBe(404);
		expect((await file("nowhere", "json")).status).toBe(404);
		expect((await file("a", "json", envWith({ ASSETS }))).status).toBe(404);
	});
});
