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

async function recordSessions() {
	const metadata = { user_id: "zqpersonzq" };
	for (const seq of [0, 1]) await post(batchOf({ sessionId: "a", windowId: "w", seq, events: tagged(seq), metadata }));
	await post(batchOf({ sessionId: "a", windowId: "w2", events: pageEvents(T + 60_000) }));
	await post(batchOf({ sessionId: "b", windowId: "w", events: pageEvents(T) }));
}

/** Returns events with a text that would end a script element, and data that public recordings must not contain. */
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
	it("has every window with its events as stored, and nothing else", async () => {
		await recordSessions();
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

	it("has the times shown in the dashboard, even if the browser's clock was wrong", async () => {
		const skew = 5 * 3_600_000;
		const options = { path: `/events?at=${Date.now() + skew}` };
		await post(batchOf({ sessionId: "a", windowId: "w", events: pageEvents(T + skew) }), options);
		const { windows } = await (await file("a", "json")).json<{ windows: { events: { timestamp: number }[] }[] }>();
		expect(Math.abs(windows[0]!.events[0]!.timestamp - T)).toBeLessThan(60_000);
	});

	it("leaves out a missing chunk, and fails at once if the encryption key is missing", async () => {
		await recordSessions();
		const keys = (await env.CHUNKS.list({ prefix: "default/" })).objects.map(({ key }) => key);
		await env.CHUNKS.delete(keys.find((key) => /\/a\/w\/.*-00000-/.test(key))!);
		const { windows } = await (await file("a", "json")).json<{ windows: { events: unknown[] }[] }>();
		expect(windows.map(({ events }) => events.length)).toEqual([8, 6]);
		const encrypted = { ENCRYPTION_KEYS: `k1:${btoa("x".repeat(32))}` };
		await post(batchOf({ sessionId: "c" }), { on: withSharing(encrypted) });
		expect((await file("c", "json", withSharing(encrypted))).status).toBe(200);
		expect((await file("c", "json")).status).toBe(409);
	});
});

describe("a recording as HTML", () => {
	it("has the public events of every window, escaped for the script element", async () => {
		await recordSessions();
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

describe("a recording file", () => {
	it("is recorded in the audit log when it is created", async () => {
		await recordSessions();
		await file("a", "json");
		await file("a", "html");
		await file("nowhere", "html");
		await file("a", "html", envWith({ ASSETS }));
		const entries = await rows<{ action: string; subject: string }>("audit");
		expect(entries.map(({ action, subject }) => [action, subject])).toEqual(Array(2).fill(["recording_exported", ""]));
	});

	it("needs a POST, an existing session and SHAREABLE_REPLAYS", async () => {
		await recordSessions();
		expect((await api("/sessions/a/file?format=json", { on })).status).toBe(404);
		expect((await file("nowhere", "json")).status).toBe(404);
		expect((await file("a", "json", envWith({ ASSETS }))).status).toBe(404);
	});
});
