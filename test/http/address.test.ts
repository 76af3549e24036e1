import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { tick } from "../../src/cron/index.ts";
import { readableRows } from "../support/readable-rows.ts";
import { api, apiJson, batchOf, ORIGIN, post, report, rows, send, withKeys } from "../support/worker.ts";

/** IP addresses in headers that proxies, Cloudflare or servers set. */
const ADDRESSES = ["203.0.113.77", "198.51.100.88", "2001:db8:1:2:3:4:5:6", "192.0.2.99"];
const headers = {
	"x-forwarded-for": `${ADDRESSES[0]}, 10.9.8.7`,
	"cf-connecting-ip": ADDRESSES[1]!,
	forwarded: `for="[${ADDRESSES[2]}]"`,
	"x-real-ip": ADDRESSES[3]!,
};

it.each([true, false])("no IP address of a request is ever stored, with ANONYMIZE_IP %s", async (ANONYMIZE_IP) => {
	const on = withKeys({ SHAREABLE_REPLAYS: true, ANONYMIZE_IP });
	const batch = batchOf({ sessionId: "a" });
	await post(batch, { headers, on });
	await post({ nonsense: true }, { headers, on });
	await post(batch, { headers, on, origin: "https://elsewhere.example" });
	await report("/errors", { exception_class: "E", message: "m", session_id: "a" }, { headers, on });
	await report("/track", { name: "paid", session_id: "a" }, { headers, on });
	await report("/track", {}, { headers: { ...headers }, key: null, on });
	const init = { headers: { ...headers, "content-type": "application/json" }, on };
	const { share, token } = await apiJson<{ share: { id: string }; token: string }>("/sessions/a/shares", {
		...{ ...init, method: "POST", body: JSON.stringify({ days: 1 }) },
	});
	const visitor = { ...headers, authorization: `Bearer ${token}` };
	const link = new Request(`${ORIGIN}/share/${share.id}/open`, { method: "POST", headers: visitor });
	expect((await send(link, on)).status).toBe(200);
	expect((await api("/sessions/a/file?format=json", { ...init, method: "POST" })).status).toBe(200);
	await api("/sessions/a/windows/nowhere", { ...init, method: "DELETE" });
	for (let minute = 0; minute < 8; minute++) await tick(on, Date.now() + 3_600_000 + minute * 60_000);

	// The audit log contains actions, but no addresses.
	expect((await rows("audit")).map(({ action }) => action).sort()).toEqual([
		...["recording_exported", "share_created", "share_viewed"],
	]);
	const { results } = await env.DB.prepare(
		"SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%'",
	).all<{ name: string }>();
	const texts = [];
	for (const { name } of results) {
		texts.push(JSON.stringify(readableRows((await env.DB.prepare(`SELECT * FROM ${name}`).all()).results)));
	}
	for (const { key } of (await env.CHUNKS.list()).objects) {
		const object = (await env.CHUNKS.get(key))!;
		texts.push(JSON.stringify(object.customMetadata ?? {}));
		const bytes = new Uint8Array(await object.arrayBuffer());
		const body = new Blob([bytes]).stream();
		const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
		texts.push(await new Response(isGzip ? body.pipeThrough(new DecompressionStream("gzip")) : body).text());
	}
	expect(texts.join("\n")).toContain("share_created");
	for (const address of [...ADDRESSES, "203.0.113", "198.51.100", "2001:db8", "192.0.2", "10.9.8.7"]) {
		expect(texts.join("\n")).not.toContain(address);
	}
});
