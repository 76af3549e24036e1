import { fileURLToPath } from "node:url";
import { createTestHarness } from "wrangler";
import { sampleSessions } from "../support/sample-sessions.ts";
import { seed } from "../support/seed.ts";
import { MAX_RATIO_LOCAL, MAX_RATIO_REMOTE, measureIngest, type Target } from "./ingest-latency.ts";
import { serveSqlite } from "./sqlite.ts";

/**
 * `npm run bench:analytics`: response time and rows read of each report, on a local D1 with 5,000 and 50,000 sessions, and
 * how reports slow down ingest. SIZES sets other numbers of sessions, comma-separated.
 */

process.env.WRANGLER_SEND_METRICS = "false";
process.env.CLOUDFLARE_CF_FETCH_ENABLED = "false";
const root = fileURLToPath(new URL("../../", import.meta.url));
const sizes = (process.env.SIZES ?? "5000,50000").split(",").map(Number);
const SITE = "https://shop.example";
const STEPS = "step=page:/&step=page:/product.html&step=tag:add_to_cart&step=tag:order_placed";
const PAGES: Record<string, string> = {
	overview: "/analytics/overview",
	"overview, phones": "/analytics/overview?device=Mobile",
	"overview, Germany": "/analytics/overview?country=DE",
	metadata: "/analytics/metadata",
	pages: "/analytics/pages",
	"one page": `/analytics/page?url=${SITE}/product.html`,
	heatmap: "/analytics/heatmap",
	forms: "/analytics/forms",
	engagement: "/analytics/engagement",
	steps: "/analytics/steps",
	funnel: `/analytics/funnel?${STEPS}`,
	"funnel, segment": `/analytics/funnel?${STEPS}&by=source&country=DE&tag=add_to_cart`,
	conversions: "/analytics/conversions?goal=tag:order_placed",
	paths: "/analytics/paths",
	retention: "/analytics/retention",
	sessions: "/sessions",
	"sessions, segment": "/sessions?country=DE&clicked=button%23add-to-cart&score=20",
};
/**
 * Reports that are read from rollups. Their limit is `MAX_MS`, or twice that with more than 5,000 sessions. The limit
 * of other reports is also `MAX_MS`, but one second with a filter by country or with more than 5,000 sessions.
 */
const ADDITIVE = ["overview", "overview, phones", "pages", "heatmap", "forms", "steps"];
const MAX_MS = 100;
/** Limit of the size of D1's file per session. Cloudflare bills the size of the file. */
const MAX_KB = 8;
const ROUNDS = 9;

/** Median time and rows read, by report. Each size adds two entries: with empty caches, then with filled caches. */
const table = new Map(Object.keys(PAGES).map((name) => [name, [] as { ms: number; rows: number }[]]));
const failures: string[] = [];
for (const size of sizes) {
	const harness = createTestHarness({
		root,
		workers: [
			{ configPath: "test/bench/rows.toml", vars: { CORS_ORIGINS: [SITE] }, secrets: { BASIC_AUTH: "demo:demo" } },
		],
	});
	try {
		const { url } = await harness.listen();
		const worker = harness.getWorker();
		await worker.applyD1Migrations("DB");
		const { DB } = (await worker.getEnv()) as { DB: Parameters<typeof seed>[0] };
		const isSmall = size <= 5_000;
		const startedAt = Date.now();
		const seedOptions = { count: size, now: Date.now(), site: SITE };
		const bytes = await seed(DB, { project: "default", sessions: sampleSessions(seedOptions) });
		const { meta } = await (DB as unknown as SizedDb).prepare("SELECT 1").run();
		const file = meta.size_after / size / 1024;
		const rows = `${(bytes / size / 1024).toFixed(1)} KB of rows`;
		const seconds = ((Date.now() - startedAt) / 1000).toFixed(0);
		console.log(`seeded ${size} sessions in ${seconds} s: ${file.toFixed(1)} KB of D1's file each, with ${rows}`);
		if (file > MAX_KB) failures.push(`${file.toFixed(1)} KB of D1 per session, limit ${MAX_KB} KB`);
		for (const [name, path] of Object.entries(PAGES)) {
			for (const headers of [{ "x-first": "1" }, {}]) {
				const taken: number[] = [];
				let rows = 0;
				for (let i = 0; i < ROUNDS; i++) {
					const start = performance.now();
					const response = await ask(url.port, path, headers);
					const text = await response.text();
					if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
					taken.push(performance.now() - start);
					rows = Number(response.headers.get("x-rows-read"));
				}
				table.get(name)!.push({ ms: taken.sort((a, b) => a - b)[ROUNDS >> 1]!, rows });
			}
			// The limits apply to the slower requests, those with empty caches.
			const { ms } = table.get(name)!.at(-2)!;
			const isFiltered = /country=/.test(path);
			const limitMs = ADDITIVE.includes(name)
				? isSmall
					? MAX_MS
					: MAX_MS * 2
				: isSmall && !isFiltered
					? MAX_MS
					: 1_000;
			if (ms > limitMs) failures.push(`${name} at ${size}: ${ms.toFixed(0)} ms, limit ${limitMs} ms`);
		}
		if (isSmall) {
			failures.push(...(await measureIngest("local D1", MAX_RATIO_LOCAL, targetOf(url.port))));
			const sqlite = await serveSqlite(seedOptions);
			const vars = { CORS_ORIGINS: [SITE], D1_URL: sqlite.url };
			const far = createTestHarness({
				root,
				workers: [{ configPath: "test/bench/remote-d1.toml", vars, secrets: { BASIC_AUTH: "demo:demo" } }],
			});
			try {
				failures.push(...(await measureIngest("remote D1", MAX_RATIO_REMOTE, targetOf((await far.listen()).url.port))));
			} finally {
				await far.close();
				sqlite.close();
			}
		}
	} finally {
		await harness.close();
	}
}
console.log(
	`${"sessions".padEnd(18)}${sizes.map((size) => `${size}, cold`.padStart(22) + "warm".padStart(22)).join("")}`,
);
for (const [name, values] of table) {
	const cells = values.map(({ ms, rows }) => `${ms.toFixed(0)} ms ${String(rows).padStart(8)} rows`.padStart(22));
	console.log(name.padEnd(18) + cells.join(""));
}

if (failures.length) {
	console.error(`limits exceeded: ${failures.join("; ")}`);
	process.exit(1);
}

function ask(port: string, path: string, headers = {}): Promise<Response> {
	return fetch(`http://localhost:${port}/api${path}`, {
		headers: { authorization: `Basic ${btoa("demo:demo")}`, ...headers },
	});
}

interface SizedDb {
	prepare(sql: string): { run(): Promise<{ meta: { size_after: number } }> };
}

function targetOf(port: string): Target {
	return {
		post: (batch) => post(port, batch),
		async get(path) {
			const response = await ask(port, path);
			const text = await response.text();
			if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
		},
	};
}

async function post(port: string, batch: object): Promise<void> {
	const response = await fetch(`http://localhost:${port}/events`, {
		...{ method: "POST", headers: { origin: SITE }, body: JSON.stringify(batch) },
	});
	await response.text();
	if (!response.ok) throw new Error(`a batch was rejected: ${response.status}`);
}
