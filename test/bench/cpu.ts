import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { createTestHarness } from "wrangler";

/**
 * `npm run bench:cpu`: milliseconds of CPU that a batch costs the Worker itself, by the processor time of workerd, with
 * stores that cost nothing. The free plan has 10 ms for a request.
 */

interface RecordedSession {
	batches: { events: { type: number; timestamp: number }[] }[];
}

const BUDGET_MS: Record<string, number> = { "3 KB": 1, "48 KB": 5 };
const ROUNDS = 5;

process.env.WRANGLER_SEND_METRICS = "false";
process.env.CLOUDFLARE_CF_FETCH_ENABLED = "false";
const root = fileURLToPath(new URL("../../", import.meta.url));
const data = process.env.VISITS ?? fileURLToPath(new URL("../../../shared/data/visits.json.gz", import.meta.url));
const recorded = JSON.parse(gunzipSync(readFileSync(data)).toString()) as {
	short: RecordedSession[];
	long: RecordedSession[];
	heavy: RecordedSession[];
};
const harness = createTestHarness({ root, workers: [{ configPath: "test/bench/wrangler.toml" }] });
let isOverBudget = false;
try {
	const { url } = await harness.listen();
	for (const [name, kilobytes, n] of [
		["3 KB", 3, 400],
		["48 KB", 48, 60],
	] as const) {
		const body = batchOf(kilobytes * 1024);
		for (const sealed of [false, true]) {
			const address = `http://localhost:${url.port}/?n=${n}${sealed ? "&sealed=1" : ""}`;
			const take = async () => {
				const before = cpuMs();
				const response = await fetch(address, { method: "POST", body });
				if ((await response.text()) !== "done") throw new Error(`the bench failed: ${response.status}`);
				return (cpuMs() - before) / n;
			};
			await take();
			const taken: number[] = [];
			for (let i = 0; i < ROUNDS; i++) taken.push(await take());
			const median = taken.sort((a, b) => a - b)[ROUNDS >> 1]!;
			const inflated = gunzipSync(body).length;
			console.log(
				`${name.padStart(6)} gzip (${body.length} bytes, ${inflated} inflated)${sealed ? ", sealed" : ""}: ${median.toFixed(2)} ms of ${BUDGET_MS[name]} (${taken[0]!.toFixed(2)} to ${taken.at(-1)!.toFixed(2)})`,
			);
			isOverBudget ||= median > BUDGET_MS[name]!;
		}
	}
} finally {
	await harness.close();
}
if (isOverBudget) {
	console.error("over budget");
	process.exit(1);
}

/** Recorded events until their gzip has about this size. */
function batchOf(bytes: number): Uint8Array<ArrayBuffer> {
	const now = Date.now();
	// A small batch holds no snapshot, a large one several.
	const events = [...recorded.heavy, ...recorded.long, ...recorded.short]
		.flatMap(({ batches }) => batches.flatMap((it) => it.events))
		.filter(({ type }) => bytes > 10_000 || type !== 2);
	const compress = (count: number) => {
		const chosen = Array.from({ length: count }, (_, i) => ({ ...events[i % events.length]!, timestamp: now + i }));
		return gzipSync(JSON.stringify({ v: 1, sessionId: "bench", windowId: "w", seq: 0, events: chosen }));
	};
	// The first is small; then doubled and narrowed.
	let low = 1;
	let high = 2;
	while (compress(high).length < bytes) high *= 2;
	while (high - low > 1) {
		const middle = (low + high) >> 1;
		if (compress(middle).length < bytes) low = middle;
		else high = middle;
	}
	return new Uint8Array(compress(low));
}

/** User and system time of all workerd processes below this one. */
function cpuMs(): number {
	let ticks = 0;
	for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
		try {
			const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
			if (!stat.includes("(workerd)")) continue;
			const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
			ticks += Number(fields[11]) + Number(fields[12]);
		} catch {
			// It has ended meanwhile.
		}
	}
	return ticks * 10;
}
