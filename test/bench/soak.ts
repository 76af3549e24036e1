import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { createTestHarness } from "wrangler";
import { uuidv7 } from "../../src/contract/ids.ts";
import { randomFrom } from "../support/random.ts";

/**
 * `npm run soak`: sends many concurrent sessions to a Worker on loopback, with repeated batches, deletions and
 * retention in between. At the end, stored events must equal acknowledged events. The environment variables SESSIONS
 * (default 2,000) and MINUTES (4) limit the run. SEED (1) varies it.
 */

const SESSIONS = Number(process.env.SESSIONS ?? 2_000);
const MINUTES = Number(process.env.MINUTES ?? 4);
const WORKERS = 24;
const ORIGIN = "https://shop.example";

process.env.WRANGLER_SEND_METRICS = "false";
process.env.CLOUDFLARE_CF_FETCH_ENABLED = "false";

interface SoakSession {
	id: string;
	sent: number;
	batches: number;
	/** Number of events in each acknowledged batch, by its `seq`. */
	acknowledged: Map<number, number>;
	isDeleted: boolean;
	/** Whether the session started two days ago, so that retention deletes its data. */
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
const startedAt = Date.now();
const deadline = startedAt + MINUTES * 60_000;

const sessions: SoakSession[] = Array.from({ length: SESSIONS }, (_, i) => ({
	isOld: i % 10 === 0,
	id: uuidv7(
		startedAt - 60_000 + i - (i % 10 === 0 ? 2 * DAY_MS : 0),
		Uint8Array.from(random.many(10, () => random.below(256))),
	),
	sent: 0,
	batches: 3 + random.below(8),
	acknowledged: new Map(),
	isDeleted: false,
}));
const counts = { acknowledged: 0, repeated: 0, rejected: 0, deleted: 0, ticks: 0 };
const latencies: number[] = [];

async function post(session: SoakSession, seq: number): Promise<void> {
	const events = Array.from({ length: 1 + ((seq * 7 + session.batches) % 12) }, (_, i) => ({
		type: 3,
		timestamp: startedAt + seq * 1_000 + i - (session.isOld ? 2 * DAY_MS : 0),
		data: { source: 3, id: 1, x: 0, y: i * 10 },
	}));
	const body = gzipSync(JSON.stringify({ v: 1, sessionId: session.id, windowId: "w", seq, events }));
	const started = performance.now();
	const response = await fetch(`${address}/events?at=${Date.now()}`, {
		method: "POST",
		headers: { origin: ORIGIN },
		body: new Uint8Array(body),
	});
	latencies.push(performance.now() - started);
	await response.arrayBuffer();
	if (response.status !== 200) counts.rejected++;
	else if (session.acknowledged.has(seq)) counts.repeated++;
	else {
		session.acknowledged.set(seq, events.length);
		counts.acknowledged++;
	}
}

async function step(): Promise<void> {
	const session = random.pick(sessions);
	// Some deleted sessions keep sending, like a page that has not received `stop` yet.
	if (session.isDeleted && (session.sent >= session.batches || random.below(2) === 0)) return;
	if (!session.isDeleted && session.sent > 0 && random.below(400) === 0) {
		session.isDeleted = true;
		const response = await fetch(`${address}/api/sessions/${session.id}`, {
			method: "DELETE",
			headers: { authorization },
		});
		if (!response.ok) throw new Error(`a deletion failed: ${response.status}`);
		counts.deleted++;
		return;
	}
	const isRepeat = session.sent > 0 && random.below(6) === 0;
	if (isRepeat) await post(session, random.below(session.sent));
	else if (session.sent < session.batches) await post(session, session.sent++);
}

async function work(): Promise<void> {
	while (Date.now() < deadline && sessions.some((it) => !it.isDeleted && it.sent < it.batches)) await step();
}

const ticking = setInterval(() => {
	counts.ticks++;
	void worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
}, 10_000);
await Promise.all(Array.from({ length: WORKERS }, work));
clearInterval(ticking);
// The background jobs then index chunks whose rows could not be written to D1.
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
const failures: string[] = [];
let expected = 0;
let purged = 0;
for (const { id, acknowledged, isOld, ...session } of sessions) {
	const isDeleted = session.isDeleted || isOld;
	if (isOld && !session.isDeleted) purged += acknowledged.size;
	const events = [...acknowledged.values()].reduce((sum, n) => sum + n, 0);
	const row = stored.get(id);
	if (isDeleted ? row : (row?.events ?? 0) !== events || (row?.chunks ?? 0) !== acknowledged.size) {
		failures.push(
			`${id}: ${row?.events ?? 0} events stored, ${isDeleted ? "deleted or purged" : `${events} acknowledged`}`,
		);
	}
	if (!isDeleted) expected += acknowledged.size;
}
if (objects !== expected) failures.push(`${objects} chunks in R2, ${expected} expected`);
latencies.sort((a, b) => a - b);
const at = (share: number) => latencies[Math.floor(latencies.length * share)]?.toFixed(1);
console.log(`${SESSIONS} sessions, ${((Date.now() - startedAt) / 1000).toFixed(0)} s, ${JSON.stringify(counts)}`);
console.log(`response time: median ${at(0.5)} ms, p99 ${at(0.99)} ms`);
console.log(
	failures.length
		? failures.slice(0, 10).join("\n")
		: `all ${expected} acknowledged chunks are stored with all events, and none of the ${purged} purged ones`,
);
await harness.close();
process.exit(failures.length ? 1 : 0);
