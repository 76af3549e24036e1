import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { createTestHarness } from "wrangler";
import { uuidv7 } from "../../src/contract/ids.ts";
import { randomFrom } from "../support/random.ts";

/**
 * `npm run soak`: many sessions at once on a Worker of its own, on loopback, bounded in number and time, with repeats,
 * deletions and retention among them. In the end what is stored must be what was acknowledged, to the event.
 * SESSIONS and MINUTES may be set; they are 2,000 and 4.
 */

const SESSIONS = Number(process.env.SESSIONS ?? 2_000);
const MINUTES = Number(process.env.MINUTES ?? 4);
const WORKERS = 24;
const ORIGIN = "https://shop.example";

process.env.WRANGLER_SEND_METRICS = "false";
process.env.CLOUDFLARE_CF_FETCH_ENABLED = "false";

interface Visit {
	id: string;
	sent: number;
	batches: number;
	acknowledged: Map<number, number>;
	isDeleted: boolean;
	/** Of two days ago, past retention: whatever comes of it is purged. */
	isOld: boolean;
}

const DAY_MS = 86_400_000;

const root = fileURLToPath(new URL("../../", import.meta.url));
const random = randomFrom(Number(process.env.SEED ?? 1));
const harness = createTestHarness({
	root,
	workers: [
		{
			configPath: "wrangler.toml",
			vars: { CORS_ORIGINS: [ORIGIN], RETENTION_DAYS: 1 },
			secrets: { BASIC_AUTH: "soak:soak" },
		},
	],
});
const { url } = await harness.listen();
const address = `http://localhost:${url.port}`;
const worker = harness.getWorker();
await worker.applyD1Migrations("DB");
const authorization = `Basic ${btoa("soak:soak")}`;
const began = Date.now();
const end = began + MINUTES * 60_000;

const visits: Visit[] = Array.from({ length: SESSIONS }, (_, i) => ({
	isOld: i % 10 === 0,
	id: uuidv7(
		began - 60_000 + i - (i % 10 === 0 ? 2 * DAY_MS : 0),
		Uint8Array.from(random.many(10, () => random.below(256))),
	),
	sent: 0,
	batches: 3 + random.below(8),
	acknowledged: new Map(),
	isDeleted: false,
}));
const counts = { acknowledged: 0, repeated: 0, refused: 0, deleted: 0, ticks: 0 };
const waits: number[] = [];

async function post(visit: Visit, seq: number): Promise<void> {
	const events = Array.from({ length: 1 + ((seq * 7 + visit.batches) % 12) }, (_, i) => ({
		type: 3,
		timestamp: began + seq * 1_000 + i - (visit.isOld ? 2 * DAY_MS : 0),
		data: { source: 3, id: 1, x: 0, y: i * 10 },
	}));
	const body = gzipSync(JSON.stringify({ v: 1, sessionId: visit.id, windowId: "w", seq, events }));
	const started = performance.now();
	const response = await fetch(`${address}/events?at=${Date.now()}`, {
		method: "POST",
		headers: { origin: ORIGIN },
		body: new Uint8Array(body),
	});
	waits.push(performance.now() - started);
	await response.arrayBuffer();
	if (response.status !== 200) counts.refused++;
	else if (visit.acknowledged.has(seq)) counts.repeated++;
	else {
		visit.acknowledged.set(seq, events.length);
		counts.acknowledged++;
	}
}

async function step(): Promise<void> {
	const visit = random.pick(visits);
	// Some go on, as a page does that nobody told yet.
	if (visit.isDeleted && (visit.sent >= visit.batches || random.below(2) === 0)) return;
	if (!visit.isDeleted && visit.sent > 0 && random.below(400) === 0) {
		visit.isDeleted = true;
		const response = await fetch(`${address}/api/sessions/${visit.id}`, {
			method: "DELETE",
			headers: { authorization },
		});
		if (!response.ok) throw new Error(`a deletion failed: ${response.status}`);
		counts.deleted++;
		return;
	}
	const isRepeat = visit.sent > 0 && random.below(6) === 0;
	if (isRepeat) await post(visit, random.below(visit.sent));
	else if (visit.sent < visit.batches) await post(visit, visit.sent++);
}

async function work(): Promise<void> {
	while (Date.now() < end && visits.some((it) => !it.isDeleted && it.sent < it.batches)) await step();
}

const ticking = setInterval(() => {
	counts.ticks++;
	void worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
}, 10_000);
await Promise.all(Array.from({ length: WORKERS }, work));
clearInterval(ticking);
// What D1 did not take at once, the sweep finds.
await new Promise((resolve) => setTimeout(resolve, 4_000));
for (let i = 0; i < 12; i++) await worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() });

const { DB, CHUNKS } = (await worker.getEnv()) as {
	DB: { prepare(sql: string): { all<T>(): Promise<{ results: T[] }> } };
	CHUNKS: {
		list(options: { cursor?: string }): Promise<{ objects: { key: string }[]; truncated: boolean; cursor?: string }>;
	};
};
const { results: rows } = await DB.prepare("SELECT id, events, chunks FROM sessions").all<{
	id: string;
	events: number;
	chunks: number;
}>();
const stored = new Map(rows.map((row) => [row.id, row]));
let objects = 0;
let cursor: string | undefined;
do {
	const page = await CHUNKS.list({ cursor });
	objects += page.objects.filter(({ key }) => !key.startsWith(".")).length;
	cursor = page.truncated ? page.cursor : undefined;
} while (cursor);
const wrong: string[] = [];
let expected = 0;
let purged = 0;
for (const { id, acknowledged, isOld, ...visit } of visits) {
	const isDeleted = visit.isDeleted || isOld;
	if (isOld && !visit.isDeleted) purged += acknowledged.size;
	const events = [...acknowledged.values()].reduce((sum, n) => sum + n, 0);
	const row = stored.get(id);
	if (isDeleted ? row : (row?.events ?? 0) !== events || (row?.chunks ?? 0) !== acknowledged.size) {
		wrong.push(
			`${id}: ${row?.events ?? 0} events stored, ${isDeleted ? "deleted or purged" : `${events} acknowledged`}`,
		);
	}
	if (!isDeleted) expected += acknowledged.size;
}
if (objects !== expected) wrong.push(`${objects} chunks in R2, ${expected} expected`);
waits.sort((a, b) => a - b);
const at = (share: number) => waits[Math.floor(waits.length * share)]?.toFixed(1);
console.log(`${SESSIONS} sessions, ${((Date.now() - began) / 1000).toFixed(0)} s, ${JSON.stringify(counts)}`);
console.log(`an answer took ${at(0.5)} ms (median), ${at(0.99)} ms (99 %)`);
console.log(
	wrong.length
		? wrong.slice(0, 10).join("\n")
		: `all ${expected} chunks are there, to the event, and none of ${purged} purged ones`,
);
await harness.close();
process.exit(wrong.length ? 1 : 0);
