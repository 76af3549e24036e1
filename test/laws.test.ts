import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/**
 * The laws of the rooms: who may import whom. Runs over every source file, type imports included; a room that is not
 * in the table may not exist.
 */

const root = fileURLToPath(new URL("../", import.meta.url));

interface Law {
	/** Rooms it may import from; its own is always allowed. */
	rooms: string[];
	/** Rooms of which it may import types only. */
	types?: string[];
	/** npm packages, or the only files, or folders, that may import one. */
	packages?: Record<string, true | string | readonly string[]>;
}

const LAWS: Record<string, Law> = {
	"src/contract": { rooms: [] },
	"src/analytics": { rooms: ["src/contract"] },
	"src/storage": {
		rooms: ["src/contract"],
		types: ["src/analytics"],
		// What workerd has of it, and no stream of the web platform: brotli, and to begin with words that both sides know.
		packages: { "drizzle-orm": true, "node:zlib": ["src/storage/pack.ts", "src/storage/trails.ts"] },
	},
	"src/http": { rooms: ["src/contract", "src/env.ts", "src/storage"], packages: { hono: true } },
	"src/ingest": {
		rooms: ["src/contract", "src/analytics", "src/storage", "src/http", "src/env.ts", "src/hooks.ts"],
		packages: { hono: true },
	},
	"src/api": {
		rooms: ["src/contract", "src/analytics", "src/storage", "src/http", "src/env.ts"],
		packages: { hono: true },
	},
	"src/cron": { rooms: ["src/contract", "src/analytics", "src/storage", "src/env.ts"] },
	"src/env.ts": { rooms: ["src/contract"] },
	"src/hooks.ts": { rooms: ["src/contract"] },
	"src/app.ts": { rooms: ["src/api", "src/ingest", "src/storage", "src/http", "src/env.ts"], packages: { hono: true } },
	"src/index.ts": { rooms: ["src/app.ts", "src/cron", "src/env.ts"] },
	recorder: {
		rooms: ["src/contract"],
		packages: { "@rrweb/record": "recorder/capture.ts", "web-vitals": "recorder/instruments/vitals.ts" },
	},
	dashboard: {
		rooms: ["src/contract", "src/analytics"],
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

/** Programs that run in Node and are part of no room: builds, set-up, configuration of tools. */
const TOOLS = [
	"recorder/build.ts",
	"recorder/slim-rrweb.ts",
	"dashboard/build.ts",
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

describe("the laws of the rooms", () => {
	it("know every file", () => {
		expect(files.length).toBeGreaterThan(50);
		expect(files.filter((file) => !roomOf(file))).toEqual([]);
	});

	it("are kept by every import", () => {
		expect(imports.length).toBeGreaterThan(100);
		expect(imports.map(breachOf).filter(Boolean)).toEqual([]);
	});

	it("would notice a breach", () => {
		const breach = (from: string, to: string, isType = false) => breachOf({ from, to, isType });
		expect(breach("src/contract/wire.ts", "src/env.ts")).toContain("may not import");
		expect(breach("src/analytics/extract.ts", "src/storage/chunks.ts")).toContain("may not import");
		expect(breach("src/storage/chunks.ts", "src/analytics/extract.ts")).toContain("types only");
		expect(breach("src/storage/chunks.ts", "src/analytics/extract.ts", true)).toBeNull();
		expect(breach("src/cron/index.ts", "hono")).toContain("may not import");
		expect(breach("src/storage/chunks.ts", "node:zlib")).toContain("only in src/storage/pack.ts");
		expect(breach("src/http/auth.ts", "node:crypto")).toContain("may not import");
		expect(breach("recorder/index.ts", "@rrweb/record")).toContain("only in recorder/capture.ts");
		expect(breach("dashboard/pages/replay.tsx", "src/storage/chunks.ts", true)).toContain("may not import");
	});

	it("allow no cycle", () => {
		expect(cycle()).toBeNull();
	});

	it("allow no barrel and no drawer", () => {
		expect(files.filter((file) => /(^|\/)(utils?|helpers?|common|misc)(\.|\/)/.test(file))).toEqual([]);
		const reexports = files.filter((file) => /^export (\*|\{[^}]*\}) from/m.test(readFileSync(root + file, "utf8")));
		expect(reexports).toEqual([]);
	});
});

function breachOf({ from, to, isType }: Import): string | null {
	const room = roomOf(from)!;
	const law = LAWS[room]!;
	const isOwn = /^(src|recorder|dashboard)\//.test(to);
	if (!isOwn) {
		const allowed = Object.entries(law.packages ?? {}).find(([name]) => to === name || to.startsWith(`${name}/`))?.[1];
		if (!allowed) return `${from} may not import ${to}`;
		if (allowed === true || [allowed].flat().some((place) => from.startsWith(place))) return null;
		return `${to} only in ${allowed}, not in ${from}`;
	}
	const target = roomOf(to);
	if (target === room || law.rooms.includes(target ?? to)) return null;
	if (law.types?.includes(target ?? to)) return isType ? null : `${from} may import types only from ${to}`;
	return `${from} may not import ${to}`;
}

function roomOf(file: string): string | undefined {
	return Object.keys(LAWS).find((room) => file === room || file.startsWith(`${room}/`));
}

/** Modules that import each other in a circle, be it for types only; null when there are none. */
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
