import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

const folder = fileURLToPath(new URL(".", import.meta.url));

export interface BuiltPage {
	js: string;
	css: string;
}

/** Bundles a script and the style sheets that it imports, as for production. */
export async function bundle(entry: string): Promise<BuiltPage> {
	const { outputFiles } = await build({
		absWorkingDir: folder,
		entryPoints: { page: entry },
		outdir: "/built",
		bundle: true,
		write: false,
		format: "esm",
		target: "es2022",
		minify: true,
		// Angular's JIT compiler reads class names.
		keepNames: entry.includes("angular"),
		jsx: "automatic",
		conditions: ["production", "browser"],
		define: {
			"process.env.NODE_ENV": '"production"',
			"process.env": "{}",
			__VUE_OPTIONS_API__: "true",
			__VUE_PROD_DEVTOOLS__: "false",
			__VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
		},
		loader: { ".woff": "dataurl", ".woff2": "dataurl", ".svg": "dataurl", ".png": "dataurl", ".html": "text" },
		tsconfigRaw: { compilerOptions: { experimentalDecorators: true, useDefineForClassFields: false } },
		plugins: [svelte, tailwind],
		logLevel: "error",
	});
	const textOf = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? "";
	return { js: textOf(".js"), css: textOf(".css") };
}

const svelte: Plugin = {
	name: "svelte",
	setup({ onLoad }) {
		onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
			const { compile } = await import("svelte/compiler");
			const { js } = compile(await readFile(path, "utf8"), { filename: path, css: "injected", dev: false });
			return { contents: js.code, loader: "js" };
		});
	},
};

/** Compiles `tailwind.css` with the classes that files in the same folder use. */
const tailwind: Plugin = {
	name: "tailwind",
	setup({ onLoad }) {
		onLoad({ filter: /\/tailwind\.css$/ }, async ({ path }) => {
			const [{ compile, optimize }, { Scanner }] = await Promise.all([
				import("@tailwindcss/node"),
				import("@tailwindcss/oxide"),
			]);
			const base = dirname(path);
			const compiler = await compile(await readFile(path, "utf8"), { base, onDependency: () => {} });
			const scanner = new Scanner({ sources: [{ base, pattern: "**/*", negated: false }] });
			return { contents: optimize(compiler.build(scanner.scan()), { minify: true }).code, loader: "css" };
		});
	},
};
