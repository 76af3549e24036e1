import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { printSizes, type Sized } from "../src/tools/sizes.ts";

/** Builds the dashboard's documents, each naming its files with their hashes. */

const here = fileURLToPath(new URL("./", import.meta.url));
const out = fileURLToPath(new URL("../dist/public", import.meta.url));

await mkdir(`${out}/assets`, { recursive: true });
for (const name of await readdir(`${out}/assets`)) {
	if (!/^(recorder|part)-/.test(name)) await rm(`${out}/assets/${name}`, { recursive: true });
}
const common = {
	absWorkingDir: here,
	bundle: true,
	minify: true,
	format: "esm",
	target: ["chrome123", "firefox120", "safari17.5"],
	jsx: "automatic",
	jsxImportSource: "preact",
	legalComments: "none",
	entryNames: "[name]-[hash]",
	outdir: `${out}/assets`,
	write: false,
} as const satisfies BuildOptions;
const built = await Promise.all([
	build({ ...common, entryPoints: ["main.tsx"], chunkNames: "[name]-[hash]", splitting: true }),
	// On its own: who follows a link gets nothing of the dashboard.
	build({ ...common, entryPoints: ["share.tsx"] }),
	// On its own: the player's policy allows no script but this one.
	build({ ...common, entryPoints: ["player/document.ts"] }),
	build({ ...common, entryPoints: ["player/recording.ts"], format: "iife" }),
	build({
		...common,
		entryPoints: ["dashboard", "door", "player", "recording"].map((name) => `style/${name}.css`),
	}),
]);
const SAID: Record<string, string> = {
	"document.js": "document.js (player)",
	"recording.js": "recording.js (of a file)",
	"uPlot.esm.js": "uPlot (charts)",
};
const INLINED = ["player.css", "recording.css", "recording.js"];
/** Source name → hashed name. */
const names = new Map<string, string>();
const inlined = new Map<string, string>();
const sizes: Sized[] = [];
for (const { path, contents } of built.flatMap(({ outputFiles }) => outputFiles)) {
	const hashed = basename(path);
	const plain = hashed.replace(/-[A-Z0-9]{8}(?=\.)/, "");
	// The player's policy lets no style come from the dashboard's own origin, and a file has no origin at all.
	if (INLINED.includes(plain)) {
		const text = new TextDecoder().decode(contents);
		if (/<\/?script|<!--/i.test(text)) throw new Error(`${plain} cannot stand in a document: it would end its element`);
		inlined.set(plain, text);
		if (plain.endsWith(".js")) sizes.push({ name: SAID[plain] ?? plain, bytes: contents });
		continue;
	}
	names.set(plain, hashed);
	sizes.push({ name: SAID[plain] ?? plain, bytes: contents });
	await writeFile(path, contents);
}
const favicon = await readFile(`${here}html/favicon.svg`);
names.set("favicon.svg", `favicon-${createHash("sha256").update(favicon).digest("hex").slice(0, 8)}.svg`);
await writeFile(`${out}/assets/${names.get("favicon.svg")}`, favicon);
for (const name of ["index", "login", "locked", "player", "share", "recording"]) {
	const template = await readFile(`${here}html/${name}.html`, "utf8");
	const html = template.replace(/(?:\/\* )?\{(hash of )?([\w.]+\.(?:js|css|svg))\}(?: \*\/)?/g, (_, hash, file) => {
		if (hash) return `sha256-${createHash("sha256").update(inlined.get(file)!).digest("base64")}`;
		const found = inlined.get(file) ?? names.get(file);
		if (!found) throw new Error(`${name}.html asks for ${file}, which was not built`);
		return found;
	});
	await writeFile(`${out}/${name}.html`, html);
}
printSizes("dashboard", sizes);
