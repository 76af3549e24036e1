import { crc32, gzipSync } from "node:zlib";
import { agentOf } from "../../src/analytics/agent.ts";
import { analysis } from "../../src/analytics/analysis.ts";
import { summarize } from "../../src/analytics/summary.ts";
import { dayOf } from "../../src/contract/days.ts";
import type { Trail } from "../../src/contract/trail.ts";
import { ROLLUP_DEVICES } from "../../src/storage/facts.ts";
import { serializeTrail } from "../../src/storage/trail-codec.ts";
import { demoSessions, readVisits } from "./demo-sessions.ts";
import { randomFrom } from "./random.ts";
import { lastMonth, type SampleSession } from "./sample-sessions.ts";

/** Fills D1 and R2 with sample sessions as ingest and the background jobs would write them, without running either. */

interface Db {
	prepare(sql: string): { bind(...values: unknown[]): { run(): Promise<unknown> } };
}

const ROWS_PER_STATEMENT = 200;
const MAX_WRITES = 8;

type Facts = ReturnType<typeof analysis.digest>[number] & { sessionId: string };

export interface SeedOptions {
	project: string;
	sessions: Iterable<SampleSession>;
	/** Stores a chunk in R2. If absent, only the rows in D1 are written. */
	put?(key: string, gzip: Uint8Array, receipt: object): Promise<unknown>;
	/** Called after each session with the number of sessions so far. */
	onProgress?(done: number): void;
}

interface Stores {
	DB: Db;
	CHUNKS: { put(key: string, body: Uint8Array, options: object): Promise<unknown> };
}

/** Seeds sessions of the last 30 days with recordings of the demo shop, which the dashboard can replay. */
export function seedRecordings(
	{ DB, CHUNKS }: Stores,
	{
		count,
		now,
		site,
		...options
	}: { project: string; count: number; now: number; site: string } & Pick<SeedOptions, "onProgress">,
): Promise<number> {
	const [from, to] = lastMonth(now);
	return seed(DB, {
		...options,
		sessions: demoSessions(randomFrom(count), readVisits(site), { count, from, to }),
		put: (key, gzip, receipt) =>
			CHUNKS.put(key, gzip, {
				httpMetadata: { contentType: "application/json", contentEncoding: "gzip" },
				customMetadata: { wire: "1", receipt: JSON.stringify(receipt) },
			}),
	});
}

/** Writes the rows of the sessions to D1 and, with `put`, their chunks to R2. @returns size of the rows in bytes */
export async function seed(db: Db, { project, sessions: sources, put, onProgress }: SeedOptions): Promise<number> {
	const chunks: unknown[][] = [];
	const sessions: unknown[][] = [];
	const days = new Map<number, Facts[]>();
	/** Unfinished writes to R2. */
	const writes = new Set<Promise<unknown>>();
	let bytes = 0;
	let done = 0;
	const flush = async (table: string, rows: unknown[][]) => {
		for (let i = 0; i < rows.length; i += ROWS_PER_STATEMENT) {
			const slice = rows.slice(i, i + ROWS_PER_STATEMENT);
			const json = JSON.stringify(slice);
			bytes += json.length;
			const values = slice[0]!.map((_, n) => `value ->> ${n}`).join();
			await db.prepare(`INSERT INTO ${table} SELECT ${values} FROM json_each(?1)`).bind(json).run();
		}
		rows.length = 0;
	};
	for (const { sessionId, startedAt, userAgent, cf, batches } of sources) {
		const client = { ...agentOf(userAgent), ...cf };
		const windows = new Map<string, Trail[]>();
		let first = "";
		const sessionMetadata: Record<string, [stamp: string, value: unknown]> = {};
		const sums = { events: 0, bytes: 0, pages: 0, clicks: 0, errors: 0, last: 0 };
		for (const batch of batches) {
			const receivedAt = batch.events.at(-1)!.timestamp!;
			const { trail, metadata, ...summary } = summarize(batch, { receivedAt, client });
			// Compression takes longer than everything else, so it is skipped when nothing is stored in R2.
			const json = put ? JSON.stringify(batch) : "";
			const gzip = put ? gzipSync(json) : null;
			const size = gzip?.length ?? 4_000;
			const checksum = crc32(json).toString(16).padStart(8, "0");
			const id = `${summary.firstAt}-${String(batch.seq).padStart(5, "0")}-${checksum}`;
			first ||= `${id}/${batch.windowId}`;
			const key = `${project}/${dayOf(receivedAt)}/${sessionId}/${batch.windowId}/${id}`;
			if (gzip && put) {
				const write = put(key, gzip, { receivedAt, client }).finally(() => writes.delete(write));
				writes.add(write);
				if (writes.size >= MAX_WRITES) await Promise.race(writes);
			}
			for (const [name, value] of Object.entries(metadata)) sessionMetadata[name] = [id, value];
			chunks.push([
				...[
					project,
					sessionId,
					batch.windowId,
					id,
					dayOf(receivedAt),
					batch.seq,
					summary.firstAt,
					summary.lastAt,
					summary.events,
					size,
				],
				...[
					summary.snapshots,
					summary.pages,
					summary.clicks,
					summary.errors,
					JSON.stringify(client),
					JSON.stringify(Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, [value]]))),
					serializeTrail(trail),
				],
			]);
			windows.set(batch.windowId, [...(windows.get(batch.windowId) ?? []), trail]);
			sums.events += summary.events;
			sums.bytes += size;
			sums.pages += summary.pages;
			sums.clicks += summary.clicks;
			sums.errors += summary.errors;
			sums.last = Math.max(sums.last, summary.lastAt);
		}
		const metadata = Object.fromEntries(Object.entries(sessionMetadata).map(([name, [, value]]) => [name, value]));
		sessions.push([
			...[project, sessionId, startedAt, sums.last, sums.last, windows.size, batches.length, sums.events, sums.bytes],
			...[
				sums.pages,
				sums.clicks,
				sums.errors,
				first,
				JSON.stringify(client),
				JSON.stringify(sessionMetadata),
				metadata.user_id ?? null,
				1,
			],
		]);
		for (const facts of analysis.digest({ windows, client, metadata })) {
			const list = days.get(facts.day) ?? [];
			list.push({ ...facts, sessionId });
			days.set(facts.day, list);
		}
		if (chunks.length > 2_000) await flush("chunks", chunks);
		if (sessions.length > 2_000) await flush("sessions", sessions);
		onProgress?.(++done);
	}
	await Promise.all(writes);
	await flush("chunks", chunks);
	await flush("sessions", sessions);
	for (const [day, list] of days) {
		const rows = list.map((facts) => [
			...[
				project,
				facts.sessionId,
				day,
				1,
				facts.isFirstDay ? 1 : 0,
				facts.startedAt,
				facts.durationMs,
				facts.activeMs,
				facts.score,
			],
			...[facts.events, facts.views, facts.clicks, facts.errors, facts.rageClicks, facts.deadClicks],
			...[facts.signals, facts.profile, facts.journey, facts.details].map((part) => JSON.stringify(part)),
		]);
		await flush("facts", rows);
		// The index `facts_in_order` stores a second copy of these columns.
		bytes += list.reduce((sum, { profile, journey }) => sum + JSON.stringify([profile, journey]).length, 0);
		for (const cell of ROLLUP_DEVICES) {
			const ofCell = list.filter(({ profile }) => cell === "" || profile.device === cell);
			if (!ofCell.length) continue;
			await flush(
				"rollups",
				analysis.sections.map((section) => [project, section, cell, day, analysis.sum(section, null, ofCell)]),
			);
		}
		await flush("rollup_days", [[project, day, 1, 0]]);
	}
	return bytes;
}
