import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import type { Env } from "../../src/env.ts";
import { api, apiJson, batchOf, envWith, objects, pageEvents, post, rows } from "../support/worker.ts";

const key = (id: string, fill: number) => `${id}:${btoa(String.fromCharCode(...new Uint8Array(32).fill(fill)))}`;
const OLD = envWith({ ENCRYPTION_KEYS: key("old", 1) });
const BOTH = envWith({ ENCRYPTION_KEYS: `${key("new", 2)},${key("old", 1)}` });
const NEW = envWith({ ENCRYPTION_KEYS: key("new", 2) });
const PLAIN = envWith();

const T = Date.now() - 60_000;
const batch = batchOf({ events: pageEvents(T), metadata: { plan: "zqpremiumzq" } });
const path = `/sessions/${batch.sessionId}/windows/${batch.windowId}/events`;
const eventsOf = async (on: Env) => (await apiJson<{ events: unknown[] }>(path, { on })).events;
const storedObject = async () => {
	const [name] = await objects();
	const object = await (env as unknown as Env).CHUNKS.get(name!);
	return { name: name!, bytes: new Uint8Array(await object!.arrayBuffer()), metadata: object!.customMetadata! };
};
const reencrypt = (on: Env) =>
	apiJson<{ sealed: number; unreadable: string[] }>("/maintenance/reseal", { method: "POST", on });

describe("an encrypted chunk", () => {
	it("is not readable at rest, and returns the same events through the API", async () => {
		await post(batch, { on: OLD });
		const { bytes, metadata } = await storedObject();
		expect([...bytes.slice(0, 2)]).not.toEqual([0x1f, 0x8b]);
		expect(new TextDecoder("latin1").decode(bytes)).not.toContain("Pricing");
		expect(metadata.key).toBe("old");
		expect(await eventsOf(OLD)).toEqual(batch.events);
		await post(batch, { on: OLD });
		expect(await objects()).toHaveLength(1);
	});

	it("can be reindexed to the same rows", async () => {
		await post(batch, { on: OLD });
		const before = [await rows("chunks"), await rows("sessions")];
		await env.DB.exec("DELETE FROM chunks");
		await env.DB.exec("DELETE FROM sessions");
		await apiJson("/maintenance/reindex", { method: "POST", on: OLD });
		expect([await rows("chunks"), await rows("sessions")]).toEqual(before);
	});

	it("reports which key is missing", async () => {
		await post(batch, { on: OLD });
		for (const on of [NEW, PLAIN]) {
			const response = await api(path, { on });
			expect([response.status, await response.json()]).toEqual([
				409,
				{ error: "this part is encrypted with the key old: add that key to ENCRYPTION_KEYS" },
			]);
		}
	});

	it("is rejected if its object was moved to another name or modified", async () => {
		vi.spyOn(console, "error").mockImplementation(() => {});
		await post(batch, { on: OLD });
		const { name, bytes, metadata } = await storedObject();
		const other = name.replace(/[0-9a-f]{8}$/, "00000000");
		await env.CHUNKS.put(other, bytes, { customMetadata: metadata });
		await env.CHUNKS.delete(name);
		await env.DB.exec("UPDATE chunks SET id = substr(id, 1, length(id) - 8) || '00000000'");
		expect((await api(path, { on: OLD })).status).toBe(500);
		await env.CHUNKS.delete(other);
		bytes[40] = bytes[40]! ^ 1;
		await env.CHUNKS.put(name, bytes, { customMetadata: metadata });
		await env.DB.prepare("UPDATE chunks SET id = ?1").bind(name.split("/").at(-1)!).run();
		expect((await api(path, { on: OLD })).status).toBe(500);
	});
});

describe("key rotation", () => {
	it("keeps old recordings readable until they are re-encrypted, after which the old key can be removed", async () => {
		await post(batch, { on: PLAIN });
		const later = batchOf({ ...batch, seq: 1, events: pageEvents(T + 5_000) });
		await post(later, { on: OLD });
		expect(await reencrypt(BOTH)).toMatchObject({ sealed: 2, unreadable: [] });
		expect(await reencrypt(BOTH)).toMatchObject({ sealed: 0 });
		expect(await eventsOf(NEW)).toEqual(batch.events);
		expect(await rows("chunks")).toHaveLength(2);
		expect((await storedObject()).metadata).toMatchObject({ key: "new", wire: "1" });
		// Without any key, the chunks cannot be re-encrypted.
		expect(await reencrypt(PLAIN)).toMatchObject({ sealed: 0, unreadable: [expect.anything(), expect.anything()] });
	});
});
