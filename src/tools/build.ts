import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { printSizes } from "./sizes.ts";

/** Bundles the Worker as for a deployment, without deploying. Fails if the bundle exceeds its size budget. */

const root = fileURLToPath(new URL("../../", import.meta.url));
const out = `${root}dist/worker`;

/** Far below the free plan's limit of 3 MB: a small Worker starts fast. */
const WORKER_BUDGET_BYTES = 120 * 1024;

rmSync(out, { recursive: true, force: true });
const { status, stdout, stderr } = spawnSync(
	process.execPath,
	[`${root}node_modules/wrangler/bin/wrangler.js`, "deploy", "--dry-run", "--outdir", out],
	{ cwd: root, encoding: "utf8", env: { ...process.env, WRANGLER_SEND_METRICS: "false", NO_UPDATE_NOTIFIER: "1" } },
);
if (status !== 0) {
	console.error(stdout + stderr);
	process.exit(1);
}
printSizes("worker", [{ name: "index.js", bytes: readFileSync(`${out}/index.js`), maxGzip: WORKER_BUDGET_BYTES }]);
