import { createHash } from "node:crypto";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { minify } from "terser";
import { unstable_readConfig } from "wrangler";
import { printSizes } from "../src/tools/sizes.ts";
import { DEFAULTS, merge } from "./defaults.ts";
import { INTERNAL_NAME, slimRrweb } from "./slim-rrweb.ts";

/** Builds `/recorder.js`, the recorder and its lazily loaded parts, and checks their size budgets. */

const root = fileURLToPath(new URL("../", import.meta.url));
const out = `${root}dist/public`;

const LOADER_BUDGET_BYTES = 3.2 * 1024;
const TOTAL_BUDGET_BYTES = 36 * 1024;
const PART_BUDGET_BYTES = 4 * 1024;

await mkdir(`${out}/assets`, { recursive: true });
for (const name of await readdir(`${out}/assets`)) {
	if (/^(recorder|part)-/.test(name)) await rm(`${out}/assets/${name}`);
}
const parts = {
	// web-vitals processes interactions in idle callbacks. After a click on a link, Chromium is not idle until the page
	// is gone, so the interaction was sent in a separate, late batch. Without idle callbacks, web-vitals uses a timeout.
	vitals: await bundle("recorder/instruments/vitals.ts", {
		"globalThis.requestIdleCallback": "undefined",
		"globalThis.cancelIdleCallback": "undefined",
	}),
	store: await bundle("recorder/store.ts"),
	console: await bundle("recorder/instruments/console.ts"),
	network: await bundle("recorder/instruments/network.ts"),
	assets: await bundle("recorder/inline-assets.ts"),
};
const partFiles: Record<string, string> = {};
for (const [name, content] of Object.entries(parts)) partFiles[name] = await writeAsset(`part-${name}`, content);
const recorder = await bundle("recorder/index.ts", { PART_FILES: JSON.stringify(partFiles) });
const file = await writeAsset("recorder", recorder);
const loader = await bundle(
	"recorder/loader.ts",
	{
		RECORDER_FILE: JSON.stringify(file),
		BUILD_CONFIG: JSON.stringify(await configuration()),
	},
	true,
);
await writeFile(`${out}/recorder.js`, loader);
await writeFile(
	`${out}/_headers`,
	`/assets/*
	Cache-Control: public, max-age=31536000, immutable
	X-Content-Type-Options: nosniff
	Cross-Origin-Resource-Policy: cross-origin
	Access-Control-Allow-Origin: *
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
	{ name: "vitals (loaded when idle)", bytes: parts.vitals, maxGzip: PART_BUDGET_BYTES },
	{ name: "store (unsent batches, look-back)", bytes: parts.store, maxGzip: PART_BUDGET_BYTES },
	{ name: "console (if enabled)", bytes: parts.console, maxGzip: PART_BUDGET_BYTES },
	{ name: "network (if enabled)", bytes: parts.network, maxGzip: PART_BUDGET_BYTES },
	{ name: "assets (sprite files, blob: images)", bytes: parts.assets, maxGzip: PART_BUDGET_BYTES },
]);

/** Returns the recorder options of wrangler.toml. @throws an error that names the variable */
async function configuration(): Promise<unknown> {
	const { vars } = unstable_readConfig({ config: `${root}wrangler.toml` }, { hideWarnings: true });
	// Imported by URL, because this file is type-checked with the browser's types, but env.ts with the Worker's.
	const env: { configOf(vars: unknown): { recorder: unknown } } = await import(
		new URL("../src/env.ts", import.meta.url).href
	);
	const { recorder } = env.configOf(vars);
	merge({ ...DEFAULTS }, recorder as Record<string, unknown>, (text, value) => {
		throw new Error(`wrangler.toml: RECORDER: ${text} ${JSON.stringify(value)}`);
	});
	return recorder;
}

/** Writes an asset. @returns the file name, which contains a hash of the content */
async function writeAsset(name: string, content: Uint8Array): Promise<string> {
	const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
	await writeFile(`${out}/assets/${name}-${hash}.js`, content);
	return `${name}-${hash}.js`;
}

async function bundle(entry: string, define: Record<string, string> = {}, isLoader = false): Promise<Uint8Array> {
	const { outputFiles } = await build({
		entryPoints: [`${root}${entry}`],
		bundle: true,
		minify: true,
		format: "iife",
		target: ["chrome94", "firefox94", "safari16"],
		legalComments: "none",
		plugins: [slimRrweb],
		write: false,
		// The loader does not use native.ts: it also works with functions that a page has replaced, and must be small.
		...(!isLoader && { inject: [`${root}recorder/native.ts`] }),
		define: { ...(!isLoader && { "Date.now": "dateNow", "Array.from": "arrayFrom" }), ...define },
	});
	const source = outputFiles[0]!.text;
	// The minifier would shorten the name of a property, but not a string with the same name.
	const quoted = [...source.matchAll(/["'`](\w+)["'`]/g)].find(([, name]) => INTERNAL_NAME.test(name!));
	if (quoted) throw new Error(`${quoted[1]} is used as a string and cannot be shortened (recorder/slim-rrweb.ts).`);
	// A second minifier saves another 5 %.
	const { code } = await minify(source, {
		ecma: 2020,
		compress: { passes: 5, unsafe_arrows: true, keep_fargs: false, inline: 1 },
		mangle: { properties: { regex: INTERNAL_NAME } },
	});
	return new TextEncoder().encode(code);
}
