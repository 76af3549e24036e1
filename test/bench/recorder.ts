import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { chromiumPath } from "../support/ensure-chromium.ts";
import { CHROME_LINUX } from "../support/user-agents.ts";

/**
 * `npm run bench:recorder`: measures the cost of recording on four pages: without a recorder, with our recorder, and
 * with plain `@rrweb/record`, which posts its events as JSON every ten seconds. The three cases alternate. Prints
 * medians, and the ratio of our recorder to plain rrweb. Arguments: the number of rounds, and the names of the pages to
 * measure.
 */

const args = process.argv.slice(2);
const ROUNDS = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 9);
const RECORDERS = ["none", "ours", "plain"] as const;
type Recorder = (typeof RECORDERS)[number];

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Pages by name. The page of the shop is read from test/demo/site. */
const PAGES: Record<string, { title: string; html: string }> = {
	plain: { title: "a plain article", html: article(40) },
	large: {
		title: "11,000 elements, 3,000 rules",
		html: `${`<link rel="stylesheet" href="/rules.css"><main id="list">`}${rowsOf(2_200)}</main>`,
	},
	table: { title: "500 changed nodes a second for 10 s", html: `<table id="table">${cellsOf(50, 20)}</table>` },
	shop: { title: "the demo shop", html: "" },
};
const hasChoice = args.some((arg) => arg in PAGES);
const chosen = Object.keys(PAGES).filter((name) => !hasChoice || args.includes(name));

/** Clicks ten times, then makes 600 small changes in six seconds. Each stands for one second of a longer visit. */
const browse = async (page: Page) => {
	for (let i = 0; i < 10; i++) await page.click(CLICKED[new URL(page.url()).pathname.split("/")[1]!] ?? "#b");
	await page.evaluate(async () => {
		const target = document.querySelector("main") ?? document.body;
		const paragraphs = [...target.querySelectorAll("p")].slice(0, 50);
		for (let second = 0; second < 600; second++) {
			paragraphs[second % paragraphs.length]!.textContent = `Changed in second ${second}`;
			paragraphs[(second * 7) % paragraphs.length]!.classList.toggle("marked");
			const added = document.createElement("p");
			added.textContent = `Added in second ${second}`;
			target.append(added);
			if (second % 3 === 0) target.lastElementChild!.remove();
			if (second % 5 === 0) scrollTo(0, (second * 37) % 900);
			const at = { bubbles: true, clientX: second % 900, clientY: (second * 3) % 600 };
			target.dispatchEvent(new MouseEvent("mousemove", at));
			await new Promise((resolve) => setTimeout(resolve, 10));
		}
	});
};
const CLICKED: Record<string, string> = { shop: "#filter-camp" };

/** Clicks five times, then changes ten of a thousand cells every 20 ms. */
const changeTable = async (page: Page) => {
	for (let i = 0; i < 5; i++) await page.click("#b");
	await page.evaluate(async () => {
		const cells = [...document.querySelectorAll("td")];
		const end = performance.now() + 10_000;
		for (let n = 0; performance.now() < end; ) {
			for (let i = 0; i < 10; i++, n++) {
				const cell = cells[(n * 37) % cells.length]!;
				cell.textContent = String(n);
				cell.className = n % 2 ? "up" : "down";
			}
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
	});
};
/** Actions on each page after it has loaded. */
const WORK: Record<string, (page: Page) => Promise<void>> = {
	...{ plain: browse, large: browse, table: changeTable, shop: browse },
};

function article(paragraphs: number): string {
	return `<main>${Array.from({ length: paragraphs }, (_, i) => `<p>Paragraph ${i} of an article about long walks.</p>`).join("")}</main>`;
}

/** Returns rows of five elements each. */
function rowsOf(count: number): string {
	return Array.from({ length: count }, (_, i) => {
		return `<div class="row r${i % 3_000}" data-id="${i}"><p class="name">Row ${i}</p><a href="/row/${i}" title="Row ${i}">Open</a><span aria-label="state"><b>new</b></span></div>`;
	}).join("");
}

function cellsOf(rows: number, columns: number): string {
	const cell = (_: unknown, i: number) => `<td>${i}</td>`;
	return Array.from({ length: rows }, () => `<tr>${Array.from({ length: columns }, cell).join("")}</tr>`).join("");
}

function rules(count: number): string {
	return Array.from(
		{ length: count },
		(_, i) => `.r${i}>.name{color:#${(i * 4_099).toString(16).slice(-3).padStart(3, "0")};padding:${i % 9}px}`,
	).join("\n");
}

/** Measurements of one visit to a page. */
interface Sample {
	/** Main-thread time from the navigation until 2.5 s after load. */
	startMs: number;
	/** Part of `startMs` in scripts. The rest is layout, painting, garbage collection, and compression by the browser. */
	startScriptMs: number;
	/** Main-thread time of the actions in `WORK`. */
	workMs: number;
	/** Time of scripts in it. Rendering varies more than all that a recorder adds. */
	workScriptMs: number;
	/** Total time of long tasks beyond the first 50 ms of each. */
	blockingMs: number;
	/** Duration of the longest task. */
	longestMs: number;
	/** Duration of the longest interaction. */
	inpMs: number;
	heapBytes: number;
	/** Bytes sent, compressed with gzip. */
	sentBytes: number;
	events: number;
}

const plainRecorder = (
	await build({
		stdin: {
			contents: `import { record } from "@rrweb/record";
				let events = [];
				const post = () => {
					if (events.length) fetch("/plain", { method: "POST", body: JSON.stringify(events) });
					events = [];
				};
				document.addEventListener("DOMContentLoaded", () => {
					record({ emit: (event) => void events.push(event), maskAllInputs: true, sampling: { scroll: 150 } });
					// Sends the first snapshot early, as our recorder does.
					setTimeout(post, 1_000);
					setInterval(post, 10_000);
				});
				window.flushRecorder = post;`,
			resolveDir: root,
		},
		...{ bundle: true, minify: true, format: "iife", write: false },
	})
).outputFiles[0]!.text;

let received = { bytes: 0, events: 0 };
const server = createServer(async (request, response) => {
	const url = new URL(request.url!, "http://bench");
	if (request.method === "POST") {
		const parts: Buffer[] = [];
		for await (const part of request) parts.push(part);
		const body = Buffer.concat(parts);
		const isGzip = body[0] === 0x1f;
		const json = JSON.parse((isGzip ? gunzipSync(body) : body).toString());
		received.bytes += isGzip ? body.length : gzipSync(body).length;
		received.events += (json.events ?? json).length;
		return void response.end('{"status":"ok"}');
	}
	const [, name = "", recorder = ""] = url.pathname.split("/");
	if (name === "recorder.js" || name === "assets") return send(`${root}dist/public${url.pathname}`);
	if (name === "plain.js")
		return void response.writeHead(200, { "content-type": "text/javascript" }).end(plainRecorder);
	if (name === "rules.css") return void response.writeHead(200, { "content-type": "text/css" }).end(rules(3_000));
	if (!(name in PAGES)) return send(`${root}test/demo/site${url.pathname}`);
	const tag = {
		none: "",
		ours: '<script src="/recorder.js" defer></script>',
		plain: '<script src="/plain.js" defer></script>',
	};
	const script = tag[recorder as Recorder] ?? "";
	const html =
		name === "shop"
			? readFileSync(`${root}test/demo/site/index.html`, "utf8")
					.replace('<script src="%RECORDER%" defer></script>', script)
					.replace("<head>", '<head><base href="/">')
			: `<!doctype html><meta charset="utf-8"><title>${name}</title>${script}<button id="b" onclick="document.body.classList.toggle('pressed');this.textContent=Math.random()">Press</button>${PAGES[name]!.html}`;
	response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(html);

	async function send(path: string) {
		const types: Record<string, string> = {
			js: "text/javascript",
			css: "text/css",
			svg: "image/svg+xml",
			html: "text/html",
		};
		const content = await readFile(path).catch(() => null);
		if (!content) return void response.writeHead(404).end();
		response.writeHead(200, { "content-type": types[path.split(".").at(-1)!] ?? "text/plain" }).end(content);
	}
});
await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
const browser = await chromium.launch({
	executablePath: chromiumPath() ?? undefined,
	args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--js-flags=--expose-gc"],
});
try {
	for (const name of chosen) {
		const samples: Record<Recorder, Sample[]> = { none: [], ours: [], plain: [] };
		for (let round = -1; round < ROUNDS; round++) {
			for (const recorder of RECORDERS) {
				const sample = await visit(browser, name, recorder);
				// The first round only fills the browser's caches.
				if (round >= 0) samples[recorder].push(sample);
			}
		}
		print(PAGES[name]!.title, samples);
	}
} finally {
	await browser.close();
	server.close();
}

async function visit(chrome: Browser, name: string, recorder: Recorder): Promise<Sample> {
	const context = await chrome.newContext({
		viewport: { width: 1280, height: 720 },
		userAgent: CHROME_LINUX,
	});
	const page = await context.newPage();
	const cdp = await context.newCDPSession(page);
	await cdp.send("Performance.enable");
	const metric = async (key: string) =>
		(await cdp.send("Performance.getMetrics")).metrics.find((it) => it.name === key)!.value;
	await page.addInitScript(() => {
		Object.defineProperty(navigator, "webdriver", { get: () => false });
		const seen = { long: [] as number[], inp: 0 };
		(window as unknown as { seen: typeof seen }).seen = seen;
		new PerformanceObserver((list) => {
			for (const { duration } of list.getEntries()) seen.long.push(duration);
		}).observe({ type: "longtask", buffered: true });
		new PerformanceObserver((list) => {
			for (const { duration } of list.getEntries()) seen.inp = Math.max(seen.inp, duration);
		}).observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);
	});
	received = { bytes: 0, events: 0 };
	await page.goto(`${origin}/${name}/${recorder}`, { waitUntil: "load" });
	await page.waitForTimeout(2_500);
	const startMs = (await metric("TaskDuration")) * 1_000;
	const startScriptMs = (await metric("ScriptDuration")) * 1_000;
	await WORK[name]!(page);
	const workMs = (await metric("TaskDuration")) * 1_000 - startMs;
	const workScriptMs = (await metric("ScriptDuration")) * 1_000 - startScriptMs;
	const { long, inp } = await page.evaluate(
		() => (window as unknown as { seen: { long: number[]; inp: number } }).seen,
	);
	await page.evaluate(() => {
		const it = window as unknown as { Sentiero?: { flush(): void }; flushRecorder?(): void };
		(it.Sentiero?.flush ?? it.flushRecorder)?.();
	});
	await page.waitForTimeout(600);
	await cdp.send("HeapProfiler.collectGarbage");
	await cdp.send("HeapProfiler.collectGarbage");
	const heapBytes = await metric("JSHeapUsedSize");
	if (recorder !== "none" && !received.events) throw new Error(`${name}, ${recorder}: nothing was recorded`);
	await context.close();
	return {
		...{
			startMs,
			startScriptMs,
			workMs,
			workScriptMs,
			heapBytes,
			inpMs: inp,
			sentBytes: received.bytes,
			events: received.events,
		},
		blockingMs: long.reduce((sum, ms) => sum + ms - 50, 0),
		longestMs: Math.max(0, ...long),
	};
}

function print(title: string, samples: Record<Recorder, Sample[]>) {
	const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
	const of = (recorder: Recorder, key: keyof Sample) => median(samples[recorder].map((sample) => sample[key]));
	/** Returns the median difference to the visit without a recorder in the same round. */
	const added = (recorder: Recorder, key: keyof Sample) =>
		median(samples[recorder].map((sample, round) => sample[key] - samples.none[round]![key]));
	console.log(`\n${title}`);
	console.log(["", "none", "ours", "plain rrweb", "ours / plain"].map((it) => it.padEnd(26)).join(""));
	const row = (label: string, digits: number, values: number[], ratio: number) =>
		console.log(
			[label, ...values.map((value) => value.toFixed(digits)), Number.isFinite(ratio) ? ratio.toFixed(2) : "–"]
				.map((it) => it.padEnd(26))
				.join(""),
		);
	for (const [key, label] of [
		["startScriptMs", "start, script ms added"],
		["startMs", "start, ms added"],
		["workScriptMs", "work, script ms added"],
		["workMs", "work, ms added"],
	] as const) {
		const [ours, plain] = [added("ours", key), added("plain", key)];
		row(label, 1, [of("none", key), ours, plain], ours / plain);
	}
	for (const [key, label, unit, digits] of [
		["blockingMs", "blocking time, ms", 1, 0],
		["longestMs", "longest task, ms", 1, 0],
		["inpMs", "INP, ms", 1, 0],
		["heapBytes", "heap, MB", 2 ** 20, 2],
		["sentBytes", "sent, KB gzip", 1_024, 1],
		["events", "events", 1, 0],
	] as const) {
		const values = RECORDERS.map((recorder) => of(recorder, key) / unit);
		row(label, digits, values, values[1]! / values[2]!);
	}
}
