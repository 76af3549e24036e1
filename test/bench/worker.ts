import type { Env } from "../../src/env.ts";
import { ingest } from "../../src/ingest/pipeline.ts";
import { FIREFOX_WINDOWS } from "../support/user-agents.ts";

/**
 * Ingests one body `n` times with a D1 and an R2 that do nothing, so that only the Worker's own CPU time remains. Only
 * for the benchmark: every test runs on the real stores.
 */

const SECRET = `bench:${btoa(String.fromCharCode(...new Uint8Array(32).fill(7)))}`;

/** Result of indexing a new chunk of an existing session. */
const INDEXED = { day: null, erased: 0, chunks: 2, events: 10, startedAt: Number.MAX_SAFE_INTEGER };

const statement = { bind: () => statement, first: async () => null, all: async () => ({ results: [] }) };
const db = {
	prepare: () => statement,
	batch: async (statements: unknown[]) =>
		statements.map((_, i) => ({ meta: { changes: 1 }, results: i === statements.length - 1 ? [INDEXED] : [] })),
};
const bucket = { put: async () => ({}) };

export default {
	async fetch(request: Request): Promise<Response> {
		const { searchParams } = new URL(request.url);
		const body = await request.arrayBuffer();
		const env = {
			DB: db,
			CHUNKS: bucket,
			CORS_ORIGINS: ["https://shop.example"],
			...(searchParams.get("encrypted") && { ENCRYPTION_KEYS: SECRET }),
		} as unknown as Env;
		for (let i = 0; i < Number(searchParams.get("n")); i++) {
			const pending: Promise<unknown>[] = [];
			const batch = new Request(`https://collector.example/events?at=${Date.now()}`, {
				method: "POST",
				headers: {
					origin: "https://shop.example",
					"content-type": "text/plain",
					"user-agent": FIREFOX_WINDOWS,
				},
				body,
			});
			await ingest(batch, env, { waitUntil: (work: Promise<unknown>) => void pending.push(work) });
			await Promise.all(pending);
		}
		return new Response("done");
	},
};
