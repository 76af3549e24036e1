import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Batch } from "../../src/contract/wire.ts";
import { apiJson, batchOf, objects, pageEvents, post, rows, SITE } from "../support/worker.ts";

const T = Date.now() - 600_000;
const SESSION = batchOf().sessionId;

/** Returns the batches of a session with two windows, metadata that changes, and an error. */
function sessionBatches(): Batch[] {
	return [
		batchOf({ seq: 0, events: pageEvents(T), metadata: { url: `${SITE}/a`, plan: "free", zone: "x" } }),
		batchOf({ seq: 1, events: pageEvents(T + 20_000, `${SITE}/b`), metadata: { url: `${SITE}/b`, plan: "pro" } }),
		batchOf({
			seq: 2,
			events: [{ type: 5, timestamp: T + 40_000, data: { tag: "error", payload: { message: "Boom" } } }],
		}),
		batchOf({ windowId: "second", seq: 0, events: pageEvents(T + 30_000, `${SITE}/c`) }),
		batchOf({ windowId: "second", seq: 1, events: [{ type: 3, timestamp: T + 60_000, data: { source: 1 } }] }),
	];
}

async function everything() {
	const timeless = (row: Record<string, unknown>) => ({ ...row, received_at: null });
	const { results: trails } = await env.DB.prepare("SELECT trail FROM chunks ORDER BY id, window_id").all();
	const sessions = (await rows("sessions")).map(timeless);
	return { sessions, chunks: await rows("chunks"), trails, objects: await objects() };
}

describe("a session's batches", () => {
	it("result in the same rows in any order, sent three times, in parallel", async () => {
		for (const batch of sessionBatches()) await post(batch);
		const inOrder = await everything();
		expect(inOrder.sessions).toMatchObject([
			{ id: SESSION, started_at: T, last_at: T + 60_000, windows: 2, chunks: 5, events: 20, pages: 3, errors: 1 },
		]);
		const { sessions } = await apiJson<{ sessions: { metadata: unknown }[] }>("/sessions");
		expect(sessions[0]!.metadata).toEqual({ url: `${SITE}/b`, plan: "pro", zone: "x" });

		for (let round = 0; round < 6; round++) {
			await clear();
			await Promise.all(
				shuffled([...sessionBatches(), ...sessionBatches(), ...sessionBatches()], round).map((batch) => post(batch)),
			);
			expect(await everything()).toEqual(inOrder);
		}
	});

	it("result in exactly the same metadata in either order when only one batch has metadata", async () => {
		const one = batchOf({ seq: 0, events: pageEvents(T), metadata: { zone: "x", url: `${SITE}/a`, account: "a" } });
		const two = batchOf({ seq: 1, events: pageEvents(T + 20_000) });
		await post(one);
		await post(two);
		const first = await everything();
		await clear();
		await post(two);
		await post(one);
		expect(await everything()).toEqual(first);
	});

	it("store metadata values exactly, also after a window is deleted", async () => {
		const sent = { sum: 0.1 + 0.2, big: 1.5e300, is: false, 'a"b.c': 'x"],y', none: "" };
		await post(batchOf({ seq: 0, events: pageEvents(T), metadata: sent }));
		await post(batchOf({ windowId: "second", seq: 0, events: pageEvents(T + 1), metadata: { none: "later" } }));
		const metadata = async () =>
			(await apiJson<{ session: { metadata: object } }>(`/sessions/${SESSION}`)).session.metadata;
		expect(await metadata()).toEqual({ ...sent, none: "later" });
		await apiJson(`/sessions/${SESSION}/windows/second`, { method: "DELETE" });
		expect(await metadata()).toEqual(sent);
	});

	it("merge with chunk rows of older versions, whose metadata contains the chunk's ID", async () => {
		for (const batch of sessionBatches()) await post(batch);
		const [before] = await rows("sessions");
		await env.DB.exec(
			`UPDATE chunks SET metadata = (SELECT json_group_object(key, json_array(id || '/' || window_id, value ->> 0))
			FROM json_each(metadata)) WHERE metadata <> '{}'`.replaceAll("\n", " "),
		);
		await apiJson(`/sessions/${SESSION}/windows/second`, { method: "DELETE" });
		const [after] = await rows("sessions");
		const values = (row: unknown) => {
			const metadata = JSON.parse((row as { metadata: string }).metadata) as Record<string, [string, unknown]>;
			return Object.entries(metadata).map(([key, [, value]]) => [key, value]);
		};
		expect(values(after)).toEqual(values(before));
		const { session } = await apiJson<{ session: { metadata: unknown } }>(`/sessions/${SESSION}`);
		expect(session.metadata).toEqual({ url: `${SITE}/b`, plan: "pro", zone: "x" });
	});

	it("update session rows written by older versions", async () => {
		for (const batch of sessionBatches()) await post(batch);
		await env.DB.exec(
			`UPDATE sessions SET metadata = (SELECT json_group_object(key, json_array((value ->> 0) || '/first', value ->> 1))
			FROM json_each(metadata))`.replaceAll("\n", " "),
		);
		const later = { seq: 3, events: pageEvents(T + 50_000), metadata: { plan: "later" } };
		const earlier = {
			windowId: "third",
			seq: 0,
			events: pageEvents(T + 10_000),
			metadata: { url: "earlier", zone: "y" },
		};
		for (const batch of [later, earlier]) await post(batchOf(batch));
		const { session } = await apiJson<{ session: { metadata: unknown } }>(`/sessions/${SESSION}`);
		expect(session.metadata).toEqual({ url: `${SITE}/b`, plan: "later", zone: "y" });
	});

	it("count once when a third-party recorder resends a batch with newer events appended, in either order", async () => {
		const { seq: _, ...grown } = batchOf({}, T);
		const small = { ...grown, events: grown.events.slice(0, 4) };
		const next = { ...grown, events: [{ type: 3, timestamp: T + 90_000, data: { source: 1 } }] };
		for (const order of [
			[small, grown, next],
			[grown, small, next, small],
			[next, small, grown],
		]) {
			await clear();
			for (const batch of order) await post(batch);
			expect(await rows("sessions")).toMatchObject([{ events: 7, pages: 1, clicks: 1, windows: 1 }]);
			const { chunks } = await apiJson<{ chunks: { events: number }[] }>(
				`/sessions/${grown.sessionId}/windows/${grown.windowId}/trail`,
			);
			expect(chunks.map(({ events }) => events)).toEqual([6, 1]);
		}
	});
});

/** Empties D1 and R2, as between tests. */
async function clear() {
	const { reset, applyD1Migrations } = await import("cloudflare:test");
	await reset();
	await applyD1Migrations(env.DB, env.MIGRATIONS);
}

/** Shuffles with a seed, so that a failure can be reproduced. */
function shuffled<T>(items: T[], seed: number): T[] {
	let state = seed * 7919 + 17;
	const next = () => {
		state = (state * 1103515245 + 12345) % 2147483648;
		return state / 2147483648;
	};
	return items
		.map((item) => ({ item, at: next() }))
		.sort((a, b) => a.at - b.at)
		.map(({ item }) => item);
}
