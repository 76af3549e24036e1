import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { createTestHarness } from "wrangler";

/**
 * `npm run bench:cpu`: measures the CPU time of the Worker per batch, as processor time of workerd, with a D1 and an R2
 * that do nothing. The free plan allows 10 ms per request. The environment variable VISITS is the path of a file with
 * recorded sessions.
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
		for (const isEncrypted of [false, true]) {
			const address = `http://localhost:${url.port}/?n=${n}${isEncrypted ? "&encrypted=1" : ""}`;
			const measure = async () => {
				const before = cpuMs();
				const response = await fetch(address, { method: "POST", body });
				if ((await response.text()) !== "done") throw new Error(`the bench failed: ${response.status}`);
				return (cpuMs() - before) / n;
			};
			await measure();
			const taken: number[] = [];
			for (let i = 0; i < ROUNDS; i++) taken.push(await measure());
			const median = taken.sort((a, b) => a - b)[ROUNDS >> 1]!;
			const inflated = gunzipSync(body).length;
			console.log(
				`${name.padStart(6)} gzip (${body.length} bytes, ${inflated} inflated)${isEncrypted ? ", encrypted" : ""}: ${median.toFixed(2)} ms, budget ${BUDGET_MS[name]} ms (${taken[0]!.toFixed(2)} to ${taken.at(-1)!.toFixed(2)})`,
			);
			isOverBudget ||= median > BUDGET_MS[name]!;
		}
	}
} finally {
	await harness.close();
}
if (isOverBudget) {
	console.error("CPU budget exceeded");
	process.exit(1);
}

/** Returns a batch of recorded events, compressed with gzip to almost `bytes`. */
function batchOf(bytes: number): Uint8Array<ArrayBuffer> {
	const now = Date.now();
	// Small batches contain no full snapshot, large ones several.
	const events = [...recorded.heavy, ...recorded.long, ...recorded.short]
		.flatMap(({ batches }) => batches.flatMap((it) => it.events))
		.filter(({ type }) => bytes > 10_000 || type !== 2);
	const compress = (count: number) => {
		const chosen = Array.from({ length: count }, (_, i) => ({ ...events[i % events.length]!, timestamp: now + i }));
		return gzipSync(JSON.stringify({ v: 1, sessionId: "bench", windowId: "w", seq: 0, events: chosen }));
	};
	// Doubles the number of events until the batch is too large, then uses binary search.
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

/** Returns the sum of the user and system times of all workerd processes, in milliseconds. */
function cpuMs(): number {
	let ticks = 0;
	for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
		try {
			const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
			if (!stat.includes("(workerd)")) continue;
			const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
			ticks += Number(fields[11]) + Number(fields[12]);
		} catch {
			// The process has exited.
		}
	}
	return ticks * 10;
}
