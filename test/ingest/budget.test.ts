import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Env } from "../../src/env.ts";
import { batchOf, envWith, pageEvents, post, rows } from "../support/worker.ts";

const T = Date.now() - 60_000;

describe("the cost of a batch", () => {
	it("is one R2 put, and at most 4 D1 rows for the first batch of a session, 2 for the next, 0 for a repeat", async () => {
		const { on, spent } = metered();
		const first = batchOf({ seq: 0, events: pageEvents(T), metadata: { url: "https://shop.example/" } });
		const next = batchOf({ seq: 1, events: pageEvents(T + 20_000), metadata: { plan: "pro" } });

		await post(first, { on });
		expect(spent()).toMatchObject({ r2: ["put"], calls: 1 });
		expect(spent.rows()).toBe(4);

		await post(next, { on });
		expect(spent()).toMatchObject({ r2: ["put"], calls: 1 });
		expect(spent.rows()).toBe(2);

		await post(next, { on });
		expect(spent()).toMatchObject({ r2: ["put"] });
		expect(spent.rows()).toBe(0);
		expect(await rows("chunks")).toHaveLength(2);
	});

	it("does not grow with the session, in rows written or read", async () => {
		const { on, spent } = metered();
		const send = async (seq: number | undefined) => {
			const events = [{ type: 3, timestamp: T + (seq ?? 0) * 1_000, data: {} }];
			const { seq: _, ...batch } = batchOf({ events });
			await post(seq === undefined ? batch : { ...batch, seq }, { on });
			spent();
			return spent.read();
		};
		const reads: number[] = [];
		for (let seq = 0; seq < 60; seq++) reads.push(await send(seq));
		expect(reads[59]).toBe(reads[5]);
		// A batch without a sequence number is from a third-party recorder. It may repeat earlier events and add newer
		// ones, so it is compared with stored chunks.
		expect(await send(undefined)).toBeLessThan(reads[5]! + 20);
	});
});

/**
 * Returns the real D1 and R2, and the function `spent`. It returns the calls since it was called last. After that,
 * `spent.rows()` and `spent.read()` return the number of rows that these calls wrote to and read from D1.
 */
function metered() {
	let written = 0;
	let last = 0;
	let read = 0;
	let lastRead = 0;
	let calls = 0;
	let r2: string[] = [];
	const db = new Proxy(env.DB, {
		get(target, name) {
			if (name === "batch") {
				return async (statements: D1PreparedStatement[]) => {
					calls++;
					const results = await target.batch(statements);
					for (const { meta } of results) {
						written += meta.rows_written;
						read += meta.rows_read;
					}
					return results;
				};
			}
			const value = Reflect.get(target, name);
			return typeof value === "function" ? value.bind(target) : value;
		},
	});
	const bucket = new Proxy(env.CHUNKS, {
		get(target, name) {
			const value = Reflect.get(target, name);
			if (typeof value !== "function") return value;
			return (...args: unknown[]) => {
				r2.push(String(name));
				return value.apply(target, args);
			};
		},
	});
	const spent = () => {
		const report = { r2, calls };
		last = written;
		lastRead = read;
		written = 0;
		read = 0;
		calls = 0;
		r2 = [];
		return report;
	};
	spent.rows = () => last;
	spent.read = () => lastRead;
	return { on: envWith({ DB: db, CHUNKS: bucket }) as Env, spent };
}
