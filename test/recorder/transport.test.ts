import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PendingBatch, Store } from "../../recorder/pending-batch.ts";
import { createTransport } from "../../recorder/transport.ts";
import { pendingBatch } from "../support/pending-batch.ts";

/** When each request was made, ms from the start, and with which body. */
let asked: { at: number; body: string }[] = [];
let answers: (() => Response)[] = [];
const START = Date.UTC(2026, 0, 1);

const ok = () => Response.json({ status: "ok" });
const busy = (retryAfter?: number) => () => Response.json({ error: "busy", retryAfter }, { status: 503 });

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: START });
	vi.spyOn(Math, "random").mockReturnValue(1);
	// Plain bodies: compression takes real time.
	vi.stubGlobal("CompressionStream", undefined);
	vi.stubGlobal("fetch", async (_: string, { body }: { body: Blob }) => {
		asked.push({ at: Date.now() - START, body: await body.text() });
		return (answers.shift() ?? ok)();
	});
	asked = [];
	answers = [];
	problems = [];
});
afterEach(() => {
	vi.useRealTimers();
	vi.restoreAllMocks();
	vi.unstubAllGlobals();
});

let problems: string[] = [];
const open = (onStop: (parcel: PendingBatch) => void = () => {}) =>
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

describe("a transport", () => {
	it("sends in order, each batch once", async () => {
		const transport = open();
		for (const text of ["a", "b", "c"]) transport.send(transport.freeze(text, LABEL));
		await pass(100);
		expect(asked.map(({ body }) => body)).toEqual(["a", "b", "c"]);
	});

	it("waits longer after each failure, though new batches come meanwhile", async () => {
		answers = [busy(), busy(), busy()];
		const transport = open();
		transport.send(transport.freeze("a", LABEL));
		await pass(300);
		for (const text of ["b", "c"]) {
			transport.send(transport.freeze(text, LABEL));
			await pass(200);
		}
		await pass(8_000);
		expect(asked.map(({ body }) => body)).toEqual(["a", "a", "a", "a", "b", "c"]);
		const [first, second, third, fourth] = asked.map(({ at }) => at);
		expect(second! - first!).toBeGreaterThanOrEqual(1_000);
		expect(third! - second!).toBeGreaterThanOrEqual(2_000);
		expect(fourth! - third!).toBeGreaterThanOrEqual(4_000);
	});

	it("waits as long as the server asks", async () => {
		answers = [busy(20)];
		const transport = open();
		transport.send(transport.freeze("a", LABEL));
		await pass(5_000);
		transport.send(transport.freeze("b", LABEL));
		await pass(10_000);
		expect(asked).toHaveLength(1);
		await pass(6_000);
		expect(asked.map(({ body }) => body)).toEqual(["a", "a", "b"]);
	});

	it("tries at once when the page is back, unless the server asked to wait, and when the network is", async () => {
		answers = [busy(), busy(60)];
		const transport = open();
		transport.send(transport.freeze("a", LABEL));
		await pass(300);
		transport.resume(false);
		await pass(200);
		expect(asked).toHaveLength(2);
		transport.resume(false);
		await pass(200);
		expect(asked).toHaveLength(2);
		transport.resume(true);
		await pass(200);
		expect(asked).toHaveLength(3);
	});

	it("lets the others pass a batch that gets no answer, and gives it up when they get through", async () => {
		const cut = () => {
			throw new TypeError("Failed to fetch");
		};
		vi.stubGlobal("fetch", async (_: string, { body }: { body: Blob }) => {
			const text = await body.text();
			asked.push({ at: Date.now() - START, body: text });
			return text === "poison" ? cut() : ok();
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
			asked
				.map(({ body }) => body)
				.filter((body) => body !== "poison")
				.sort(),
		).toEqual(["a", "b", "c"]);
		expect(asked.length).toBeLessThan(14);
	});

	it("gives nothing up while nothing gets through", async () => {
		vi.stubGlobal("fetch", async () => {
			asked.push({ at: 0, body: "" });
			throw new TypeError("Failed to fetch");
		});
		const transport = open();
		transport.send(transport.freeze("a", LABEL));
		await pass(60_000);
		expect(asked.length).toBeGreaterThan(4);
		expect(problems).toEqual([]);
	});

	it("sends nothing more once it was cleared for good, what was about to leave included", async () => {
		const transport = open();
		transport.send(transport.freeze("a", LABEL));
		transport.clear(true);
		transport.send(transport.freeze("b", LABEL));
		transport.attach({ save: () => {}, delete: () => {}, leftovers: async () => [pendingBatch("old")] });
		await pass(1_000);
		expect(asked).toEqual([]);
	});

	it("beacons what fits when the page is left; in a pause only for good, and keeps it then", async () => {
		const beacons: string[] = [];
		vi.stubGlobal("navigator", { onLine: true, sendBeacon: (url: string) => beacons.push(url) > 0 });
		const kept = new Set<unknown>();
		answers = [busy(60)];
		const transport = open();
		transport.attach({ save: (it) => kept.add(it), delete: (it) => kept.delete(it), leftovers: async () => [] });
		transport.send(transport.freeze("a", LABEL));
		await pass(500);
		transport.leave(false);
		expect(beacons).toEqual([]);
		transport.leave(true);
		expect(beacons).toHaveLength(1);
		expect(kept.size).toBe(1);
	});

	it("is done with a batch after another 4xx, and stops when the server says so", async () => {
		answers = [
			() => Response.json({ error: "no" }, { status: 413 }),
			() => Response.json({ status: "ok", stop: true }),
		];
		const stop = vi.fn();
		const transport = open(stop);
		for (const text of ["a", "b"]) transport.send(transport.freeze(text, LABEL));
		await pass(200);
		expect(asked.map(({ body }) => body)).toEqual(["a", "b"]);
		expect(stop).toHaveBeenCalledOnce();
		expect(problems).toEqual(["413 no"]);
	});

	it("gives a batch up after two 5xx that are no answer of ours, and goes on with the next", async () => {
		const cut = () => new Response("<h1>error 1102</h1>", { status: 503 });
		answers = [cut, cut];
		const transport = open();
		for (const text of ["a", "b"]) transport.send(transport.freeze(text, LABEL));
		await pass(2_000);
		expect(asked.map(({ body }) => body)).toEqual(["a", "a", "b"]);
		expect(problems).toEqual(["503"]);
	});

	it("does not give it up after any number of 5xx that are", async () => {
		answers = [busy(), busy(), busy(), busy()];
		const transport = open();
		transport.send(transport.freeze("a", LABEL));
		await pass(20_000);
		expect(asked).toHaveLength(5);
		expect(problems).toEqual([]);
	});

	it("sends nothing while held, and all of it, in order, when it no longer is", async () => {
		const transport = open();
		transport.hold("s");
		for (const text of ["a", "b"]) transport.send(transport.freeze(text, LABEL));
		await pass(1_000);
		expect(asked).toEqual([]);
		transport.hold(null);
		await pass(200);
		expect(asked.map(({ body }) => body)).toEqual(["a", "b"]);
	});

	it("looks back while held no further than to a start that is old enough", async () => {
		const transport = open();
		transport.hold("s");
		const texts = ["a0*", "b1", "c2*", "d3", "e4*"];
		for (const text of texts) {
			transport.send(transport.freeze(text, { ...LABEL, from: Number(text[1]), isStart: text.endsWith("*") }));
		}
		transport.discardBefore(3);
		transport.hold(null);
		await pass(400);
		expect(asked.map(({ body }) => body)).toEqual(["c2*", "d3", "e4*"]);
	});

	it("keeps what is not answered, sends what was left before it, and drops what is", async () => {
		const rows = new Set<string>();
		const store: Store = {
			save: ({ text, bytes }) => rows.add(text || new TextDecoder().decode(bytes!)),
			delete: ({ text, bytes }) => rows.delete(text || new TextDecoder().decode(bytes!)),
			leftovers: async () => [pendingBatch("old 1"), pendingBatch("old 2")],
		};
		answers = [busy()];
		const transport = open();
		transport.send(transport.freeze("a", LABEL));
		transport.attach(store);
		await pass(500);
		transport.send(transport.freeze("b", LABEL));
		expect([...rows]).toEqual(["a", "b"]);
		await pass(3_000);
		expect(asked.map(({ body }) => body)).toEqual(["a", "a", "old 1", "old 2", "b"]);
		expect([...rows]).toEqual([]);
	});
});
