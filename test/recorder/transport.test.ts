import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createTransport } from "../../recorder/transport.ts";

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
});
afterEach(() => {
	vi.useRealTimers();
	vi.restoreAllMocks();
	vi.unstubAllGlobals();
});

const open = (onStop = () => {}) => createTransport("https://x.example/events", onStop);

async function pass(ms: number) {
	for (let i = 0; i <= ms; i += 100) {
		await vi.advanceTimersByTimeAsync(i ? 100 : 0);
		await new Promise((resolve) => setImmediate(resolve));
	}
}

describe("a transport", () => {
	it("sends in order, each batch once", async () => {
		const transport = open();
		for (const text of ["a", "b", "c"]) transport.send(transport.seal(text));
		await pass(100);
		expect(asked.map(({ body }) => body)).toEqual(["a", "b", "c"]);
	});

	it("waits longer after each failure, though new batches come meanwhile", async () => {
		answers = [busy(), busy(), busy()];
		const transport = open();
		transport.send(transport.seal("a"));
		await pass(300);
		for (const text of ["b", "c"]) {
			transport.send(transport.seal(text));
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
		transport.send(transport.seal("a"));
		await pass(5_000);
		transport.send(transport.seal("b"));
		await pass(10_000);
		expect(asked).toHaveLength(1);
		await pass(6_000);
		expect(asked.map(({ body }) => body)).toEqual(["a", "a", "b"]);
	});

	it("tries at once when the page or the network is back", async () => {
		answers = [busy(60)];
		const transport = open();
		transport.send(transport.seal("a"));
		await pass(500);
		transport.resume();
		await pass(100);
		expect(asked.map(({ body }) => body)).toEqual(["a", "a"]);
	});

	it("is done with a batch after another 4xx, and stops when the server says so", async () => {
		answers = [
			() => Response.json({ error: "no" }, { status: 413 }),
			() => Response.json({ status: "ok", stop: true }),
		];
		const stop = vi.fn();
		const transport = open(stop);
		for (const text of ["a", "b"]) transport.send(transport.seal(text));
		await pass(200);
		expect(asked.map(({ body }) => body)).toEqual(["a", "b"]);
		expect(stop).toHaveBeenCalledOnce();
	});
});
