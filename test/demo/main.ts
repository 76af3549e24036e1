import { type ChildProcess, spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { getPlatformProxy } from "wrangler";
import { freePort } from "../support/free-port.ts";
import { seedReports } from "../support/reports.ts";
import { seedRecordings } from "../support/seed.ts";
import { serveShop } from "./shop.ts";

/**
 * `npm run demo`: starts the Worker with 200 sample sessions and sample reports, and a demo shop that it records. Data is
 * kept between runs. `npm run demo -- --fresh` deletes it and starts without sample data, as a new deployment does. PORT
 * and DEMO_PORT set the ports.
 */

const root = fileURLToPath(new URL("../../", import.meta.url));
const port = portOf("PORT", 8787);
const shopPort = portOf("DEMO_PORT", 8788);
/** One folder per port, so that two demos can run at once. */
const state = `${root}.wrangler/demo-${port}`;
const env = {
	...process.env,
	WRANGLER_SEND_METRICS: "false",
	CLOUDFLARE_CF_FETCH_ENABLED: "false",
	NO_UPDATE_NOTIFIER: "1",
};

const SAMPLE_SESSIONS = 200;
/** Ingest key of the shop's servers. Public, like the login. */
const KEY = "demo-key-of-the-shops-servers";

interface D1Like {
	prepare(sql: string): { first(): Promise<unknown>; bind(...values: unknown[]): { run(): Promise<unknown> } };
}

interface R2Like {
	put(key: string, body: Uint8Array, options: object): Promise<unknown>;
}

for (const [name, number] of [
	["PORT", port],
	["DEMO_PORT", shopPort],
] as const) {
	if ((await freePort(number)) === null) fail(`Port ${number} is in use. Choose another: ${name}=9000 npm run demo`);
}
const isFresh = process.argv.includes("--fresh");
if (isFresh) await rm(state, { recursive: true, force: true });

await run(["d1", "migrations", "apply", "DB", "--local", "--persist-to", state]);
if (!isFresh) await seedSessions();
const shopOrigins = [`http://localhost:${shopPort}`, `http://127.0.0.1:${shopPort}`];
const worker = wrangler([
	...["dev", "--local", "--port", String(port), "--ip", "localhost", "--persist-to", state],
	...["--show-interactive-dev-session=false", "--log-level", "error"],
	...["--var", "BASIC_AUTH:demo:demo", "--var", `CORS_ORIGINS:${shopOrigins.join(",")}`],
	...["--var", "SHAREABLE_REPLAYS:true", "--var", `INGEST_KEYS:default:${KEY}`, "--var", "PACKS_PER_MINUTE:20"],
]);
worker.once("exit", (code) => process.exit(code ?? 1));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => worker.kill("SIGTERM"));

const dashboard = `http://localhost:${port}`;
await waitUntilUp(`${dashboard}/healthz`);
if (!isFresh) await seedReports({ worker: dashboard, key: KEY, login: "demo:demo" });
const shop = await serveShop(shopPort, () => `${dashboard}/recorder.js`);
worker.once("exit", () => shop.close());
/** Cron Triggers do not fire locally. */
setInterval(() => void fetch(`${dashboard}/cdn-cgi/handler/scheduled?cron=*+*+*+*+*`).catch(() => {}), 60_000).unref();

console.log(`
  Shop       http://localhost:${shopPort}     open it and click around to record a session
  Dashboard  ${dashboard}     log in with demo / demo

  Background jobs run every minute, or now with npm run cron. Press Ctrl+C to stop.
`);

/** Adds sample sessions of the last 30 days, unless there are sessions already. */
async function seedSessions(): Promise<void> {
	const { env: bindings, dispose } = await getPlatformProxy<{ DB: D1Like; CHUNKS: R2Like }>({
		configPath: `${root}wrangler.toml`,
		persist: { path: `${state}/v3` },
	});
	try {
		const { DB, CHUNKS } = bindings;
		if (await DB.prepare("SELECT 1 FROM sessions LIMIT 1").first()) return;
		const site = `http://localhost:${shopPort}`;
		const onProgress = (done: number) => {
			if (process.stdout.isTTY) process.stdout.write(`\r  Adding sample sessions: ${done} of ${SAMPLE_SESSIONS}`);
		};
		const options = { project: "default", count: SAMPLE_SESSIONS, now: Date.now(), site, onProgress };
		await seedRecordings({ DB, CHUNKS }, options);
		console.log(`\r  Added ${SAMPLE_SESSIONS} sample sessions.          `);
	} finally {
		await dispose();
	}
}

function portOf(name: string, preset: number): number {
	const value = Number(process.env[name] || preset);
	if (!Number.isInteger(value) || value < 1 || value > 65_535) fail(`${name} must be a port, 1 to 65535.`);
	return value;
}

function wrangler(args: string[], stdio: "inherit" | "pipe" = "inherit"): ChildProcess {
	const cli = `${root}node_modules/wrangler/bin/wrangler.js`;
	return spawn(process.execPath, [cli, ...args], { cwd: root, env, stdio: ["ignore", stdio, "inherit"] });
}

async function run(args: string[]): Promise<void> {
	const child = wrangler(args, "pipe");
	let output = "";
	child.stdout?.on("data", (data) => {
		output += data;
	});
	const code = await new Promise((resolve) => child.once("exit", resolve));
	if (code !== 0) fail(`wrangler ${args.slice(0, 3).join(" ")} failed\n${output}`);
}

async function waitUntilUp(url: string): Promise<void> {
	for (let i = 0; i < 600; i++) {
		if (
			await fetch(url).then(
				({ ok }) => ok,
				() => false,
			)
		)
			return;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	worker.kill();
	fail(`The Worker did not respond on ${url} within a minute. Look for errors above, and start the demo again.`);
}

function fail(message: string): never {
	console.error(`\n  ${message}\n`);
	process.exit(1);
}
