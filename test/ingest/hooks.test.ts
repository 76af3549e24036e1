import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { hooks } from "../../src/hooks.ts";
import { apiJson, batchOf, envWith, objects, post, report, rows } from "../support/worker.ts";

beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => {}));
afterEach(() => {
	delete hooks.redactEvent;
	delete hooks.geo;
	delete hooks.normalizeFrame;
	vi.restoreAllMocks();
});

const clientOf = async () => JSON.parse((await rows<{ client: string }>("sessions"))[0]!.client);
const cf = { country: "DE", city: "Berlin" } as const;

describe("the hook redactEvent", () => {
	it("runs last on every event; an event that it drops or that makes it throw is dropped alone", async () => {
		hooks.redactEvent = (event) => {
			if (event.type === 3) throw new Error("mine");
			if (event.type === 5) return null;
			return event.type === 4 ? { ...event, data: { href: "https://x.example/hidden", width: 1, height: 1 } } : event;
		};
		const batch = batchOf();
		expect((await post(batch)).status).toBe(200);
		const path = `/sessions/${batch.sessionId}/windows/${batch.windowId}/events`;
		const { events } = await apiJson<{ events: { type: number; data: { href?: string } }[] }>(path);
		expect(events.map(({ type, data }) => data.href ?? type)).toEqual(["https://x.example/hidden", 2]);
	});

	it("that drops every event stores nothing", async () => {
		hooks.redactEvent = () => null;
		expect((await post(batchOf())).status).toBe(400);
		expect(await objects()).toEqual([]);
	});
});

describe("the hook normalizeFrame", () => {
	it("normalizes frames of a platform; if it throws, they are used unchanged", async () => {
		hooks.normalizeFrame = {
			go: (frame) => frame.replace(/\+0x[0-9a-f]+$/, ""),
			bad: () => {
				throw new Error("mine");
			},
		};
		const fingerprint = async (frame: string, platform: string) => {
			const response = await report("/errors", { exception_class: "E", message: "m", backtrace: [frame], platform });
			expect(response.status).toBe(200);
			return ((await response.json()) as { fingerprint: string }).fingerprint;
		};
		expect(await fingerprint("main.go:10 +0x1f", "go")).toBe(await fingerprint("main.go:10 +0x2a", "go"));
		expect(await fingerprint("a:1", "bad")).not.toBe(await fingerprint("a:2", "bad"));
	});
});

describe("the hook geo", () => {
	it("overrides single fields of the location; values that are not strings are ignored", async () => {
		hooks.geo = () => ({ country: "AT", city: "  Graz ", region: 7 as never });
		await post(batchOf(), { cf });
		expect(await clientOf()).toMatchObject({ country: "AT", city: "Graz" });
		expect(await clientOf()).not.toHaveProperty("region");
	});

	it.each<[string, typeof hooks.geo]>([
		[
			"throws",
			() => {
				throw new Error("mine");
			},
		],
		["returns null", () => null],
		["returns a string", () => "Berlin" as never],
	])("that %s leaves Cloudflare's location", async (_, geo) => {
		hooks.geo = geo;
		await post(batchOf(), { cf });
		expect(await clientOf()).toMatchObject(cf);
	});

	it("also runs when GEO_SOURCE is off", async () => {
		hooks.geo = () => ({ country: "AT" });
		await post(batchOf(), { cf, on: envWith({ GEO_SOURCE: "off" }) });
		expect(await clientOf()).toMatchObject({ country: "AT" });
		expect(await clientOf()).not.toHaveProperty("city");
	});
});
