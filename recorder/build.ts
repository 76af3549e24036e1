import { createHash } from "node:crypto";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { printSizes } from "../src/tools/sizes.ts";

/** Builds `/recorder.js` and the recorder it fetches, and holds both to their size. */

const root = fileURLToPath(new URL("../", import.meta.url));
const out = `${root}dist/public`;

const LOADER_BUDGET_BYTES = 3 * 1024;
const TOTAL_BUDGET_BYTES = 32 * 1024;

await mkdir(`${out}/assets`, { recursive: true });
for (const name of await readdir(`${out}/assets`)) {
	if (name.startsWith("recorder-")) await rm(`${out}/assets/${name}`);
}
const recorder = await bundle("recorder/index.ts", {});
const hash = createHash("sha256").update(recorder).digest("hex").slice(0, 10);
const file = `recorder-${hash}.js`;
await writeFile(`${out}/assets/${file}`, recorder);
const loader = await bundle("recorder/loader.ts", { RECORDER_FILE: JSON.stringify(file) });
await writeFile(`${out}/recorder.js`, loader);
await writeFile(
	`${out}/_headers`,
	`/assets/*
	Cache-Control: public, max-age=31536000, immutable
	X-Content-Type-Options: nosniff
	Cross-Origin-Resource-Policy: cross-origin
/recorder.js
	Cache-Control: public, max-age=300
	X-Content-Type-Options: nosniff
	Cross-Origin-Resource-Policy: cross-origin
`.replaceAll("\t", "  "),
);
printSizes("recorder", [
	{ name: "recorder.js (loader)", bytes: loader, maxGzip: LOADER_BUDGET_BYTES },
	{ name: file, bytes: recorder },
	{ name: "loader and recorder", bytes: [loader, recorder], maxGzip: TOTAL_BUDGET_BYTES },
]);

async function bundle(entry: string, define: Record<string, string>): Promise<Uint8Array> {
	const { outputFiles } = await build({
		entryPoints: [`${root}${entry}`],
		bundle: true,
		minify: true,
		format: "iife",
		target: ["chrome94", "firefox94", "safari16"],
		legalComments: "none",
		write: false,
		define,
	});
	return outputFiles[0]!.contents;
}
