import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PendingBatch, Store } from "../../recorder/pending-batch.ts";
import { createTransport } from "../../recorder/transport.ts";
import { pendingBatch } from "../support/pending-batch.ts";

/** Requests that were sent: milliseconds since START, and body. */
let requests: { at: number; body: string }[] = [];
let responses: (() => Response)[] = [];
const START = Date.UTC(2026, 0, 1);

const ok = () => Response.json({ status: "ok" });
const busy = (retryAfter?: number) => () => Response.json({ error: "busy", retryAfter }, { status: 503 });

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: START });
	vi.spyOn(Math, "random").mockReturnValue(1);
	// Disables compression, which takes real time.
	vi.stubGlobal("CompressionStream", undefined);
	vi.stubGlobal("fetch", async (_: string, { body }: { body: Blob }) => {
		requests.push({ at: Date.now() - START, body: await body.text() });
		return (responses.shift() ?? ok)();
	});
	requests = [];
	responses = [];
	problems = [];
});
afterEach(() => {
	vi.useRealTimers();
	vi.restoreAllMocks();
	vi.unstubAllGlobals();
});

let problems: string[] = [];
const open = (onStop: (batch: PendingBatch) => void = () => {}) =>
	createTransport("https://x.example/events", {
		onStop,
		onLost: (problem) => problems.push(problem),
		onSent: () => {},
	});
const LABEL = { sessionId: "s", windowId: "w", from: 0, isStart: false };

async function pass(ms: number) {
	for (let i = 0; i <= ms; i += 100) {
		await vi.advanceTimersByTimeAsync(i ? 100 : 0);
		await new Promise((resolve) => setImmediate(resolve));
	}
}

describe("transport", () => {
	it("sends in order, each batch once", async () => {
		const transport = open();
		for (const text of ["a", "b", "c"]) transport.send(transport.freeze(text, LABEL));
		await pass(100);
		expect(requests.map(({ body }) => body)).toEqual(["a", "b", "c"]);
	});

	it("doubles the wait after each failure, even when new batches arrive", async () => {
		responses = [busy(), busy(), busy()];
		const transport = open();
		transport.send(transport.freeze("a", LABEL));
		await pass(300);
		for (const text of ["b", "c"]) {
			transport.send(transport.freeze(text, LABEL));
			await pass(200);
		}
		await pass(8_000);
		expect(requests.map(({ body }) => body)).toEqual(["a", "a", "a", "a", "b", "c"]);
		const [first, second, third, fourth] = requests.map(({ at }) => at);
		expect(second! - first!).toBeGreaterThanOrEqual(1_000);
		expect(third! - second!).toBeGreaterThanOrEqual(2_000);
		expect(fourth! - third!).toBeGreaterThanOrEqual(4_000);
	});

	it("waits as long as the server requests", async () => {
		responses = [busy(20)];
		const transport = open();
		transport.send(transport.freeze("a", LABEL));
		await pass(5_000);
		transport.send(transport.freeze("b", LABEL));
		await pass(10_000);
		expect(requests).toHaveLength(1);
		await pass(6_000);
		expect(requests.map(({ body }) => body)).toEqual(["a", "a", "b"]);
	});

	it("retries at once when the page is shown again, unless the server requested the wait, and when the network is back", async () => {
		responses = [busy(), busy(60)];
		const transport = open();
		transport.send(transport.freeze("a", LABEL));
		await pass(300);
		transport.resume(false);
		await pass(200);
		expect(requests).toHaveLength(2);
		transport.resume(false);
		await pass(200);
		expect(requests).toHaveLength(2);
		transport.resume(true);
		await pass(200);
		expect(requests).toHaveLength(3);
	});

	it("sends other batches before it retries one without a response, and drops that one if the others succeed", async () => {
		const fail = () => {
			throw new TypeError("Failed to fetch");
		};
		vi.stubGlobal("fetch", async (_: string, { body }: { body: Blob }) => {
			const text = await body.text();
			requests.push({ at: Date.now() - START, body: text });
			return text === "poison" ? fail() : ok();
		});
		const transport = open();
		transport.send(transport.freeze("poison", LABEL));
		await pass(300);
		for (const text of ["a", "b"]) transport.send(transport.freeze(text, LABEL));
		await pass(20_000);
		transport.send(transport.freeze("c", LABEL));
		await pass(20_000);
		expect(problems).toEqual(["no response"]);
		expect(
			requests
				.map(({ body }) => body)
				.filter((body) => body !== "poison")
				.sort(),
		).toEqual(["a", "b", "c"]);
		expect(requests.length).toBeLessThan(14);
	});

	it("drops no batch as long as no batch succeeds", async () => {
		vi.stubGlobal("fetch", async () => {
			requests.push({ at: 0, body: "" });
			throw new TypeError("Failed to fetch");
		});
		const transport = open();
		transport.send(transport.freeze("a", LABEL));
		await pass(60_000);
		expect(requests.length).toBeGreaterThan(4);
		expect(problems).toEqual([]);
	});

	it("sends nothing after it was cleared for good, including batches that were about to be sent", async () => {
		const transport = open();
		transport.send(transport.freeze("a", LABEL));
		transport.clear(true);
		transport.send(transport.freeze("b", LABEL));
		transport.attach({ save: () => {}, delete: () => {}, leftovers: async () => [pendingBatch("old")] });
		await pass(1_000);
		expect(requests).toEqual([]);
	});

	it("during a pause, sends no beacon when the page is hidden, but one when it closes, and keeps the batch in the store", async () => {
		const beacons: string[] = [];
		vi.stubGlobal("navigator", { onLine: true, sendBeacon: (url: string) => beacons.push(url) > 0 });
		const stored = new Set<unknown>();
		responses = [busy(60)];
		const transport = open();
		transport.attach({ save: (it) => stored.add(it), delete: (it) => stored.delete(it), leftovers: async () => [] });
		transport.send(transport.freeze("a", LABEL));
		await pass(500);
		transport.leave(false);
		expect(beacons).toEqual([]);
		transport.leave(true);
		expect(beacons).toHaveLength(1);
		expect(stored.size).toBe(1);
	});

	it("drops a batch after a 4xx, and stops when the server asks it to", async () => {
		responses = [
			() => Response.json({ error: "no" }, { status: 413 }),
			() => Response.json({ status: "ok", stop: true }),
		];
		const stop = vi.fn();
		const transport = open(stop);
		for (const text of ["a", "b"]) transport.send(transport.freeze(text, LABEL));
		await pass(200);
		expect(requests.map(({ body }) => body)).toEqual(["a", "b"]);
		expect(stop).toHaveBeenCalledOnce();
		expect(problems).toEqual(["413 no"]);
	});

	it("drops a batch after two 5xx responses that are not the Worker's, and continues with the next", async () => {
		const fail = () => new Response("<h1>error 1102</h1>", { status: 503 });
		responses = [fail, fail];
		const transport = open();
		for (const text of ["a", "b"]) transport.send(transport.freeze(text, LABEL));
		await pass(2_000);
		expect(requests.map(({ body }) => body)).toEqual(["a", "a", "b"]);
		expect(problems).toEqual(["503"]);
	});

	it("retries after any number of the Worker's own 5xx responses", async () => {
		responses = [busy(), busy(), busy(), busy()];
		const transport = open();
		transport.send(transport.freeze("a", LABEL));
		await pass(20_000);
		expect(requests).toHaveLength(5);
		expect(problems).toEqual([]);
	});

	it("sends nothing while batches are held back, and everything in order when they are released", async () => {
		const transport = open();
		transport.hold("s");
		for (const text of ["a", "b"]) transport.send(transport.freeze(text, LABEL));
		await pass(1_000);
		expect(requests).toEqual([]);
		transport.hold(null);
		await pass(200);
		expect(requests.map(({ body }) => body)).toEqual(["a", "b"]);
	});

	it("keeps held-back batches from the last full snapshot at or before a time", async () => {
		const transport = open();
		transport.hold("s");
		const texts = ["a0*", "b1", "c2*", "d3", "e4*"];
		for (const text of texts) {
			transport.send(transport.freeze(text, { ...LABEL, from: Number(text[1]), isStart: text.endsWith("*") }));
		}
		transport.discardBefore(3);
		transport.hold(null);
		await pass(400);
		expect(requests.map(({ body }) => body)).toEqual(["c2*", "d3", "e4*"]);
	});

	it("stores unsent batches, sends those of earlier pages, and deletes what was accepted", async () => {
		const rows = new Set<string>();
		const store: Store = {
			save: ({ text, bytes }) => rows.add(text || new TextDecoder().decode(bytes!)),
			delete: ({ text, bytes }) => rows.delete(text || new TextDecoder().decode(bytes!)),
			leftovers: async () => [pendingBatch("old 1"), pendingBatch("old 2")],
		};
		responses = [busy()];
		const transport = open();
		transport.send(transport.freeze("a", LABEL));
		transport.attach(store);
		await pass(500);
		transport.send(transport.freeze("b", LABEL));
		expect([...rows]).toEqual(["a", "b"]);
		await pass(3_000);
		expect(requests.map(({ body }) => body)).toEqual(["a", "a", "old 1", "old 2", "b"]);
		expect([...rows]).toEqual([]);
	});
});
