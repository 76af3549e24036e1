import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { call, isRecording, sitePage, statusOf } from "../../support/site.ts";
import { openStage, type Stage, until } from "../../support/stage.ts";

const NAMES = ["moo", "zone", "network", "nonce", "docopen", "bigdata"];
const TRUSTED = `<meta http-equiv="Content-Security-Policy" content="require-trusted-types-for 'script'; trusted-types sentiero">`;

let stage: Stage;
let page: Page;
beforeAll(async () => {
	// Saves the page's built-ins after its own scripts have run and before the recorder runs.
	const marked = (html: string) =>
		html.replace('<script src="%RECORDER%"', "<script>window.before = window.builtIns?.()</script>$&");
	const fixture = async (name: string) =>
		marked(await readFile(new URL(`../../fixtures/real-sites/${name}`, import.meta.url), "utf8"));
	const zone = await readFile(new URL("../../../node_modules/zone.js/bundles/zone.umd.js", import.meta.url), "utf8");
	stage = await openStage({
		...Object.fromEntries(
			await Promise.all(NAMES.map(async (name) => [`/${name}.html`, await fixture(`${name}.html`)])),
		),
		"/files/zone.umd.js": zone,
		"/trusted.html": sitePage({ head: TRUSTED }),
		"/plain.html": marked(
			sitePage({ tag: 'data-capture-network="true" data-capture-console="all"', body: "<form></form>" }),
		),
	});
});
afterAll(() => stage.close());
beforeEach(async () => {
	await stage.deleteSessions();
	page = await (await stage.browser.newContext()).newPage();
});
const open = async (path: string) => {
	await page.goto(`${stage.shop}${path}`);
	await isRecording(page);
	await page.waitForTimeout(300);
};

describe("the recorded page", () => {
	it("keeps its own Array.from", async () => {
		await open("/moo.html");
		await page.click("#b");
		expect(await page.evaluate("[d.style.height, Array.from(5).length]")).toEqual(["200px", 1]);
	});

	it("gets no timer of the recorder in its zone", async () => {
		await open("/zone.html");
		await page.evaluate("startZone(), new Promise((done) => Zone.root.run(() => setTimeout(done, 600)))");
		expect(await page.evaluate("[ticks, timers]")).toEqual([1, 1]);
	});

	it("receives its own unhandled rejections", async () => {
		await open("/network.html");
		const reasons = await page.evaluate(async () => {
			const heard: string[] = [];
			addEventListener("unhandledrejection", ({ reason }) => heard.push(String(reason?.message)));
			fetch("http://localhost:1/");
			await new Promise((resolve) => setTimeout(resolve, 300));
			Promise.reject(new Error("own"));
			await new Promise((resolve) => setTimeout(resolve, 300));
			return heard;
		});
		expect(reasons).toEqual(["Failed to fetch", "own"]);
	});

	it.each([
		["a policy of nonces", "/nonce.html"],
		["Trusted Types", "/trusted.html"],
	])("is recorded under %s", async (_, path) => {
		await open(path);
		expect(await statusOf(page)).toMatchObject({ recording: true, reason: null });
	});

	it("is still recorded after document.open", async () => {
		await open("/docopen.html");
		await page.evaluate(() => {
			document.open();
			document.write("<!doctype html><title>Second</title><h1>Second</h1><p id=p></p>");
			document.close();
		});
		await page.waitForTimeout(900);
		await page.evaluate("p.textContent = 'Third'");
		await page.waitForTimeout(300);
		await call(page, "flush");
		const text = await until(stage.everythingStored, (it) => it.includes("Third"));
		expect(text).toContain("Second");
	});

	it("has its first snapshot recorded even if it contains an image that is too large", async () => {
		await page.goto(`${stage.shop}/bigdata.html`);
		await isRecording(page);
		await until(
			() => statusOf(page),
			({ sentBytes }) => sentBytes > 0,
		);
		expect(await statusOf(page)).toMatchObject({ recording: true, lost: 0 });
		expect(JSON.stringify(await until(stage.chunks, (list) => list.length > 0))).toContain('"Big"');
	});

	it.each(["/plain.html", "/moo.html", "/zone.html"])("gets its own built-ins back after stop(): %s", async (path) => {
		await page.addInitScript(() => {
			// Returns every function and accessor of the window, of its constructors and of their prototypes.
			const builtIns = () => {
				const found = new Map<string, unknown>();
				const add = (owner: object, name: string) => {
					for (const key of Reflect.ownKeys(owner)) {
						const it = Object.getOwnPropertyDescriptor(owner, key)!;
						if (typeof it.value === "function" || it.get) found.set(`${name}.${String(key)}`, it.get ?? it.value);
						if (it.set) found.set(`${name}.${String(key)}=`, it.set);
					}
				};
				add(window, "window");
				add(document, "document");
				for (const key of Object.getOwnPropertyNames(window)) {
					const value = Object.getOwnPropertyDescriptor(window, key)?.value;
					if (typeof value !== "function" || key === "Sentiero") continue;
					add(value, key);
					if (value.prototype) add(value.prototype, `${key}.prototype`);
				}
				return found;
			};
			Object.assign(window, { builtIns });
		});
		await open(path);
		await call(page, "stop");
		await page.waitForTimeout(200);
		const changed = await page.evaluate(() => {
			const { before, builtIns } = window as unknown as {
				before: Map<string, unknown>;
				builtIns(): Map<string, unknown>;
			};
			const after = builtIns();
			// zone.js itself replaces one of its helpers when it is first used.
			return [...before].flatMap(([key, value]) => (after.get(key) === value || key.includes("__assign") ? [] : key));
		});
		expect(changed).toEqual([]);
	});
});
