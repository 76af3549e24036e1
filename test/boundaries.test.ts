import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/**
 * Tests the module boundaries: which modules a module may import. They apply to every source file and also to imports
 * of types. Every module must be in the table.
 */

const root = fileURLToPath(new URL("../", import.meta.url));

interface Boundary {
	/** Modules that the module may import, besides itself. */
	modules: string[];
	/** Modules of which the module may import only types. */
	types?: string[];
	/** Packages that the module may import. A path, or a list of paths, restricts a package to these files or folders. */
	packages?: Record<string, true | string | readonly string[]>;
}

const BOUNDARIES: Record<string, Boundary> = {
	"src/contract": { modules: [] },
	"src/analytics": { modules: ["src/contract"] },
	"src/storage": {
		modules: ["src/contract"],
		types: ["src/analytics"],
		// The web platform has neither brotli nor deflate with a preset dictionary. In workerd, `node:zlib` has both.
		packages: { "drizzle-orm": true, "node:zlib": ["src/storage/pack.ts", "src/storage/trail-codec.ts"] },
	},
	"src/http": { modules: ["src/contract", "src/env.ts", "src/storage"], packages: { hono: true } },
	"src/ingest": {
		modules: ["src/contract", "src/analytics", "src/storage", "src/http", "src/env.ts", "src/hooks.ts"],
		packages: { hono: true },
	},
	"src/api": {
		modules: ["src/contract", "src/analytics", "src/storage", "src/http", "src/env.ts"],
		packages: { hono: true },
	},
	"src/cron": { modules: ["src/contract", "src/analytics", "src/storage", "src/env.ts"] },
	"src/env.ts": { modules: ["src/contract"] },
	"src/hooks.ts": { modules: ["src/contract"] },
	"src/app.ts": {
		modules: ["src/api", "src/ingest", "src/storage", "src/http", "src/env.ts"],
		packages: { hono: true },
	},
	"src/index.ts": { modules: ["src/app.ts", "src/cron", "src/env.ts"] },
	recorder: {
		modules: ["src/contract"],
		packages: { "@rrweb/record": "recorder/capture.ts", "web-vitals": "recorder/instruments/vitals.ts" },
	},
	dashboard: {
		modules: ["src/contract", "src/analytics"],
		types: ["src/app.ts"],
		packages: {
			preact: true,
			"@preact/signals": true,
			uplot: "dashboard/ui/chart.tsx",
			hono: "dashboard/api.ts",
			"rrweb-player": "dashboard/player/",
		},
	},
};

/** Programs that run in Node and belong to no module: builds, setup, tool configuration. */
const TOOLS = [
	"recorder/build.ts",
	"recorder/slim-rrweb.ts",
	"dashboard/build.ts",
	"dashboard/patch-rrweb.ts",
	"src/tools/",
	"src/storage/drizzle.config.ts",
];

interface Import {
	from: string;
	to: string;
	isType: boolean;
}

const files = ["src", "recorder", "dashboard"]
	.flatMap(sources)
	.filter((file) => !TOOLS.some((tool) => file.startsWith(tool)));
const imports = files.flatMap(importsOf);

describe("module boundaries", () => {
	it("cover every file", () => {
		expect(files.length).toBeGreaterThan(50);
		expect(files.filter((file) => !moduleOf(file))).toEqual([]);
	});

	it("hold for every import", () => {
		expect(imports.length).toBeGreaterThan(100);
		expect(imports.map(violationOf).filter(Boolean)).toEqual([]);
	});

	it("reject an import that the table does not allow", () => {
		const violation = (from: string, to: string, isType = false) => violationOf({ from, to, isType });
		expect(violation("src/contract/wire.ts", "src/env.ts")).toContain("may not import");
		expect(violation("src/analytics/extract.ts", "src/storage/chunks.ts")).toContain("may not import");
		expect(violation("src/storage/chunks.ts", "src/analytics/extract.ts")).toContain("types only");
		expect(violation("src/storage/chunks.ts", "src/analytics/extract.ts", true)).toBeNull();
		expect(violation("src/cron/index.ts", "hono")).toContain("may not import");
		expect(violation("src/storage/chunks.ts", "node:zlib")).toContain("only in src/storage/pack.ts");
		expect(violation("src/http/auth.ts", "node:crypto")).toContain("may not import");
		expect(violation("recorder/index.ts", "@rrweb/record")).toContain("only in recorder/capture.ts");
		expect(violation("dashboard/pages/replay.tsx", "src/storage/chunks.ts", true)).toContain("may not import");
	});

	it("allow no import cycle", () => {
		expect(cycle()).toBeNull();
	});

	it("allow no barrel files and no utility files", () => {
		expect(files.filter((file) => /(^|\/)(utils?|helpers?|common|misc)(\.|\/)/.test(file))).toEqual([]);
		const reexports = files.filter((file) => /^export (\*|\{[^}]*\}) from/m.test(readFileSync(root + file, "utf8")));
		expect(reexports).toEqual([]);
	});
});

function violationOf({ from, to, isType }: Import): string | null {
	const module = moduleOf(from)!;
	const boundary = BOUNDARIES[module]!;
	const isOwn = /^(src|recorder|dashboard)\//.test(to);
	if (!isOwn) {
		const allowed = Object.entries(boundary.packages ?? {}).find(
			([name]) => to === name || to.startsWith(`${name}/`),
		)?.[1];
		if (!allowed) return `${from} may not import ${to}`;
		if (allowed === true || [allowed].flat().some((place) => from.startsWith(place))) return null;
		return `${to} only in ${allowed}, not in ${from}`;
	}
	const target = moduleOf(to);
	if (target === module || boundary.modules.includes(target ?? to)) return null;
	if (boundary.types?.includes(target ?? to)) return isType ? null : `${from} may import types only from ${to}`;
	return `${from} may not import ${to}`;
}

function moduleOf(file: string): string | undefined {
	return Object.keys(BOUNDARIES).find((module) => file === module || file.startsWith(`${module}/`));
}

/** Returns the files of an import cycle, or null if there is none. Imports of types count, too. */
function cycle(): string[] | null {
	const graph = new Map<string, string[]>();
	for (const { from, to } of imports) graph.set(from, [...(graph.get(from) ?? []), to]);
	const done = new Set<string>();
	const visit = (file: string, trail: string[]): string[] | null => {
		if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
		if (done.has(file)) return null;
		for (const next of graph.get(file) ?? []) {
			const found = visit(next, [...trail, file]);
			if (found) return found;
		}
		done.add(file);
		return null;
	};
	for (const file of files) {
		const found = visit(file, []);
		if (found) return found;
	}
	return null;
}

function sources(folder: string): string[] {
	return readdirSync(root + folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
		.map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function importsOf(file: string): Import[] {
	const text = readFileSync(root + file, "utf8");
	const found: Import[] = [];
	const pattern =
		/(?:^|\n)\s*(?:import|export)\s+(type\s+)?([^"';]*?)\s*from\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']|(?:^|\n)import\s+["']([^"']+)["']/g;
	for (const [, typeWord, names, from, dynamic, bare] of text.matchAll(pattern)) {
		const to = from ?? dynamic ?? bare!;
		const everyNameIsType =
			/^\{[^}]*\}$/.test(names ?? "") &&
			(names ?? "")
				.slice(1, -1)
				.split(",")
				.every((name) => !name.trim() || name.trim().startsWith("type "));
		const isType = Boolean(typeWord) || everyNameIsType;
		found.push({ from: file, to: to.startsWith(".") ? relative(root, resolve(dirname(root + file), to)) : to, isType });
	}
	return found;
}
