import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { type Browser, type BrowserContext, chromium } from "playwright-core";
import { createTestHarness, type TestHarness, type WorkerHandle } from "wrangler";
import type { Batch } from "../../src/contract/wire.ts";
import { serveShop } from "../demo/shop.ts";
import { chromiumPath } from "./ensure-chromium.ts";
import { readableRows } from "./readable-rows.ts";

/** The environment of browser tests: the Worker and the demo shop, each on its own origin, and a Chromium. */
export interface Stage {
	/** Origin of the Worker. */
	worker: string;
	/** Origin of the shop. */
	shop: string;
	browser: Browser;
	bindings(): Promise<{ DB: D1Like; CHUNKS: R2Like }>;
	scheduled(): Promise<void>;
	/** Moves sessions into the past and runs background jobs, so that sessions settle and their days are rolled up. */
	settle(): Promise<void>;
	/** Opens a browser context that is logged in to the dashboard. */
	operator(options?: Parameters<Browser["newContext"]>[0]): Promise<BrowserContext>;
	/** Returns all of D1 and R2, inflated, as one text. */
	everythingStored(): Promise<string>;
	/** Returns every chunk in R2, by window and time. */
	chunks(): Promise<Batch[]>;
	deleteSessions(): Promise<void>;
	/** Sends a request to `/api` with the login. @throws unless the response is successful */
	api<T>(path: string, init?: RequestInit): Promise<T>;
	close(): Promise<void>;
}

interface D1Like {
	prepare(sql: string): { all<T>(): Promise<{ results: T[] }>; run(): Promise<unknown> };
}

interface R2Like {
	list(): Promise<{ objects: { key: string; size: number }[] }>;
	get(key: string): Promise<{ arrayBuffer(): Promise<ArrayBuffer>; customMetadata?: Record<string, string> } | null>;
}

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Starts the Worker, the shop and the browser.
 * @param pages additional documents that the shop serves, by path
 * @param vars additional variables of the Worker
 */
export async function openStage(
	pages: Record<string, string> = {},
	vars: Record<string, string | boolean> = {},
): Promise<Stage> {
	process.env.WRANGLER_SEND_METRICS = "false";
	process.env.CLOUDFLARE_CF_FETCH_ENABLED = "false";
	let recorderUrl = "";
	// The shop starts first, because the Worker's CORS_ORIGINS contain its port. Its pages need the Worker's port only
	// when they are served.
	const shopServer: Server = await serveShop(0, () => recorderUrl, pages);
	const shop = `http://localhost:${(shopServer.address() as AddressInfo).port}`;
	const harness: TestHarness = createTestHarness({
		root,
		workers: [
			{
				configPath: "wrangler.toml",
				vars: { CORS_ORIGINS: [shop, shop.replace("localhost", "plain.test")], STORE_BOTS: true, ...vars },
				secrets: { BASIC_AUTH: "demo:demo" },
			},
		],
	});
	const { url } = await harness.listen();
	const worker = `http://localhost:${url.port}`;
	recorderUrl = `${worker}/recorder.js`;
	const handle = harness.getWorker() as WorkerHandle;
	await handle.applyD1Migrations("DB");
	const browser = await chromium.launch({
		executablePath: chromiumPath() ?? undefined,
		args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
	});
	const headers = { authorization: `Basic ${btoa("demo:demo")}` };
	const stage: Stage = {
		worker,
		shop,
		browser,
		bindings: () => handle.getEnv() as Promise<{ DB: D1Like; CHUNKS: R2Like }>,
		async scheduled() {
			await handle.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
		},
		async settle() {
			const { DB } = (await handle.getEnv()) as { DB: D1Like };
			await DB.prepare("UPDATE sessions SET received_at = received_at - 3600000").run();
			for (let i = 0; i < 3; i++) await handle.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
		},
		async operator(options) {
			const context = await browser.newContext({ baseURL: worker, ...options });
			const page = await context.newPage();
			await page.goto("/");
			await page.getByLabel("Name").fill("demo");
			await page.getByLabel("Password").fill("demo");
			await page.getByRole("button", { name: "Log in" }).click();
			await page.waitForURL(`${worker}/`);
			await page.close();
			return context;
		},
		async everythingStored() {
			const { DB, CHUNKS } = (await handle.getEnv()) as { DB: D1Like; CHUNKS: R2Like };
			const texts: string[] = [];
			const { results: tables } = await DB.prepare(
				"SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '_cf%'",
			).all<{ name: string }>();
			for (const { name: table } of tables) {
				texts.push(JSON.stringify(readableRows((await DB.prepare(`SELECT * FROM ${table}`).all()).results)));
			}
			for (const { key } of (await CHUNKS.list()).objects) {
				const object = await CHUNKS.get(key);
				const bytes = Buffer.from(await object!.arrayBuffer());
				texts.push(key, JSON.stringify(object!.customMetadata), bytes.length ? gunzipSync(bytes).toString() : "");
			}
			return texts.join("\n");
		},
		async chunks() {
			const { CHUNKS } = (await handle.getEnv()) as { CHUNKS: R2Like };
			const found: Batch[] = [];
			for (const { key } of (await CHUNKS.list()).objects) {
				if (key.startsWith(".")) continue;
				const bytes = Buffer.from(await (await CHUNKS.get(key))!.arrayBuffer());
				found.push(JSON.parse(gunzipSync(bytes).toString()));
			}
			return found;
		},
		async deleteSessions() {
			const { sessions } = await stage.api<{ sessions: { id: string }[] }>("/sessions");
			for (const { id } of sessions) await stage.api(`/sessions/${id}`, { method: "DELETE" });
		},
		async api<T>(path: string, init: RequestInit = {}) {
			const response = await fetch(`${worker}/api${path}`, { ...init, headers: { ...headers, ...init.headers } });
			if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
			return (await response.json()) as T;
		},
		async close() {
			await browser.close();
			await harness.close();
			shopServer.close();
			await once(shopServer, "close");
		},
	};
	return stage;
}

/** Reads repeatedly until the value satisfies `isDone`. @throws after `ms`, with the last value */
export async function until<T>(read: () => Promise<T>, isDone: (value: T) => boolean, ms = 15_000): Promise<T> {
	const end = Date.now() + ms;
	for (;;) {
		const value = await read();
		if (isDone(value)) return value;
		if (Date.now() > end) throw new Error(`not within ${ms} ms: ${JSON.stringify(value)?.slice(0, 500)}`);
		await new Promise((resolve) => setTimeout(resolve, 150));
	}
}
