import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type OutputFile } from "esbuild";
import { minify } from "terser";
import { printSizes, type SizeRow } from "../src/tools/sizes.ts";
import { patchRrweb } from "./patch-rrweb.ts";

/** Builds the HTML documents of the dashboard with their scripts and style sheets, whose file names contain a hash. */

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
	plugins: [patchRrweb],
} as const satisfies BuildOptions;
const pages = await Promise.all([
	build({ ...common, entryPoints: ["main.tsx"], chunkNames: "[name]-[hash]", splitting: true }),
	// A separate build, so that the page of a share link contains no code of the dashboard.
	build({ ...common, entryPoints: ["share.tsx"] }),
]);
const others = await Promise.all([
	// A separate build without shared chunks: the player's Content-Security-Policy allows only this script.
	build({ ...common, entryPoints: ["player/document.ts"] }),
	build({ ...common, entryPoints: ["player/recording.ts"], format: "iife" }),
	build({
		...common,
		entryPoints: ["dashboard", "door", "player", "recording"].map((name) => `style/${name}.css`),
	}),
]);
const files: Pick<OutputFile, "path" | "contents">[] = [
	...(await Promise.all(pages.flatMap(({ outputFiles }) => outputFiles).map(inlineConstants))),
	...others.flatMap(({ outputFiles }) => outputFiles),
];
/** Names of files in the table of sizes that the build prints. */
const SIZE_NAMES: Record<string, string> = {
	"document.js": "document.js (player)",
	"recording.js": "recording.js (HTML export)",
	"uPlot.esm.js": "uPlot (charts)",
};
/** Files that are inlined into their HTML document. */
const INLINED = ["player.css", "recording.css", "recording.js"];
/** Maps a file name without hash to the name with hash. */
const names = new Map<string, string>();
const inlined = new Map<string, string>();
const sizes: SizeRow[] = [];
for (const { path, contents } of files) {
	const hashed = basename(path);
	const plain = hashed.replace(/-[A-Z0-9]{8}(?=\.)/, "");
	// The player's Content-Security-Policy allows no style sheets of the dashboard's origin, and an exported HTML file
	// must work without other files.
	if (INLINED.includes(plain)) {
		const text = new TextDecoder().decode(contents);
		if (/<\/?script|<!--/i.test(text))
			throw new Error(`${plain} cannot be inlined: it contains a script tag or an HTML comment`);
		inlined.set(plain, text);
		if (plain.endsWith(".js")) sizes.push({ name: SIZE_NAMES[plain] ?? plain, bytes: contents });
		continue;
	}
	names.set(plain, hashed);
	sizes.push({ name: SIZE_NAMES[plain] ?? plain, bytes: contents });
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
		if (!found) throw new Error(`${name}.html refers to ${file}, which was not built`);
		return found;
	});
	await writeFile(`${out}/${name}.html`, html);
}
printSizes("dashboard", sizes);

/** Minifies with terser, which, unlike esbuild, replaces imported constants by their values. Saves 7% after gzip. */
async function inlineConstants({ path, text }: OutputFile) {
	const { code } = await minify(text, { module: true, ecma: 2020 });
	return { path, contents: new TextEncoder().encode(code) };
}
