import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { chromiumPath, fullChromiumPath } from "../support/ensure-chromium.ts";
import { call, customEvents, eventsOf, isRecording, sitePage } from "../support/site.ts";
import { openStage, type Stage, until } from "../support/stage.ts";

/** Tests data that outlives a page: unsent batches, sessions and window IDs, and what an opt-out must remove. */

/** Returns random text, which gzip barely shrinks. */
const noise = (chars: number) => {
	let text = "";
	while (text.length < chars) text += Math.random().toString(36).slice(2);
	return text.slice(0, chars);
};

let stage: Stage;
let context: BrowserContext;
let page: Page;
beforeAll(async () => {
	stage = await openStage({
		"/a.html": sitePage({ body: `<h1>A</h1><a id="on" href="/b.html">on</a><button id="b">b</button>` }),
		"/b.html": sitePage({ body: "<h1>B</h1>" }),
		"/heavy.html": sitePage({ body: `<p>${noise(250_000)}</p><a id="on" href="/b.html">on</a>` }),
		"/short.html": sitePage({ tag: 'data-session-idle-timeout-ms="1500"', body: "<h1>S</h1><button id=b>b</button>" }),
		"/old.html": sitePage({ tag: 'data-session-max-age-ms="1500"', body: "<h1>O</h1><button id=b>b</button>" }),
		"/consent.html": sitePage({ tag: 'data-consent="required"' }),
	});
});
afterAll(() => stage.close());
beforeEach(async () => {
	await stage.deleteSessions();
	context = await stage.browser.newContext();
	page = await context.newPage();
});
afterEach(() => context.close());

const recorded = async (tag: string) => customEvents(await stage.chunks()).filter((it) => it.tag === tag);
const sessions = async () =>
	(await stage.api<{ sessions: { id: string; metadata: Record<string, unknown> }[] }>("/sessions")).sessions;
const snapshots = async () => eventsOf(await stage.chunks()).filter(({ type }) => type === 2);
const settle = (ms = 700) => page.waitForTimeout(ms);
/** Blocks all batches. @returns a function after whose call batches are no longer blocked */
async function blockBatches(): Promise<() => void> {
	let isBlocked = true;
	await context.route("**/events?*", (route) => isBlocked || void route.continue());
	return () => {
		isBlocked = false;
	};
}

describe("unsent batch", () => {
	it("of a page with 150 KB of incompressible text arrives when the page is left after 0.7 s, metadata included", async () => {
		await page.goto(`${stage.shop}/heavy.html?utm_source=mail`);
		await page.waitForTimeout(700);
		await page.goto("about:blank");
		await until(snapshots, (list) => list.length === 1);
		const [session] = await until(sessions, ([it]) => it?.metadata.url !== undefined);
		expect(session!.metadata).toMatchObject({ utm_source: "mail", entry_url: `${stage.shop}/heavy.html` });
	});

	it("of a page on a slow connection is sent by the next page, once", async () => {
		const unblock = await blockBatches();
		await page.goto(`${stage.shop}/heavy.html`);
		await page.waitForTimeout(700);
		await page.goto(`${stage.shop}/b.html`);
		unblock();
		await page.goto(`${stage.shop}/a.html`);
		await until(snapshots, (list) => list.length === 3);
		const [session] = await sessions();
		expect(session!.metadata.entry_url).toBe(`${stage.shop}/heavy.html`);
		await settle();
		expect(await snapshots()).toHaveLength(3);
		expect(new Set((await stage.chunks()).map(({ windowId }) => windowId)).size).toBe(1);
	});

	it("of a page that crashed while sending is sent by a later page", async () => {
		const unblock = await blockBatches();
		await page.goto(`${stage.shop}/a.html`);
		await isRecording(page);
		await call(page, "addCustomEvent", "before_crash");
		await call(page, "flush");
		await settle();
		const cdp = await context.newCDPSession(page);
		const crashed = page.waitForEvent("crash");
		void cdp.send("Page.crash").catch(() => {});
		await crashed;
		unblock();
		const again = await context.newPage();
		await again.goto(`${stage.shop}/b.html`);
		await isRecording(again);
		// This tab sends batches of another tab once they are a minute old, so the stored batches are made older.
		await again.evaluate(async () => {
			const request = indexedDB.open("sentiero");
			await new Promise((resolve) => (request.onsuccess = resolve));
			const rows = request.result.transaction("batches", "readwrite").objectStore("batches");
			const all = rows.getAll();
			await new Promise((resolve) => (all.onsuccess = resolve));
			for (const row of all.result) rows.put({ ...row, keptAt: row.keptAt - 120_000 });
			request.result.close();
		});
		await again.goto(`${stage.shop}/b.html?2`);
		await until(
			() => recorded("before_crash"),
			(list) => list.length === 1,
		);
		const ids = new Set((await stage.chunks()).map(({ sessionId }) => sessionId));
		expect(ids.size).toBe(1);
	});

	it("is sent in several beacons or by the next page, and every event arrives once", async () => {
		await page.goto(`${stage.shop}/a.html`);
		await until(snapshots, (list) => list.length === 1);
		const beacons: { size: number; type: string }[] = [];
		await page.exposeFunction("beaconed", (size: number, type: string) => beacons.push({ size, type }));
		await page.evaluate(async () => {
			const send = navigator.sendBeacon.bind(navigator);
			navigator.sendBeacon = (url, body) => {
				const { size, type } = body as Blob;
				void (window as unknown as { beaconed(size: number, type: string): void }).beaconed(size, type);
				return send(url, body);
			};
			const { Sentiero } = window as unknown as { Sentiero: { addCustomEvent(tag: string, data: object): void } };
			for (let n = 0; n < 400; n++) {
				const noise = Array.from(crypto.getRandomValues(new Uint32Array(40)), (it) => it.toString(36)).join(" ");
				Sentiero.addCustomEvent("noise", { n, noise });
				if (n % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
			}
			await new Promise((resolve) => setTimeout(resolve, 60));
			Object.defineProperty(document, "hidden", { value: true, configurable: true });
			document.dispatchEvent(new Event("visibilitychange"));
		});
		await page.goto(`${stage.shop}/b.html`);
		await until(
			() => recorded("noise"),
			(list) => list.length >= 400,
		);
		await settle();
		const numbers = (await recorded("noise")).map(({ payload }) => (payload as { n: number }).n);
		expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 400 }, (_, n) => n));
		expect(beacons.length).toBeGreaterThan(1);
		for (const { size, type } of beacons) {
			expect(size).toBeLessThanOrEqual(64_000);
			expect(type).toBe("text/plain");
		}
	});

	it("is sent at once when the network is back", async () => {
		await page.goto(`${stage.shop}/a.html`);
		await until(snapshots, (list) => list.length === 1);
		await context.setOffline(true);
		await call(page, "addCustomEvent", "offline");
		await call(page, "flush");
		await settle();
		await context.setOffline(false);
		await until(
			() => recorded("offline"),
			(list) => list.length === 1,
			5_000,
		);
	});

	it("is aborted when the visitor opts out", async () => {
		const failed: string[] = [];
		page.on(
			"requestfailed",
			(request) => /\/events\?/.test(request.url()) && failed.push(request.failure()!.errorText),
		);
		await blockBatches();
		const request = page.waitForRequest(/\/events\?/);
		await page.goto(`${stage.shop}/heavy.html`);
		await request;
		await call(page, "optOut");
		await until(
			async () => failed,
			(list) => list.length === 1,
		);
		expect(failed[0]).toContain("ABORTED");
	});

	it("is deleted from all storage when the visitor opts out, even on a page that is not recorded", async () => {
		const unblock = await blockBatches();
		await page.addInitScript(() => {
			navigator.sendBeacon = () => false;
		});
		await page.goto(`${stage.shop}/a.html`);
		await isRecording(page);
		await call(page, "addCustomEvent", "zqunsentzq");
		await call(page, "flush");
		await settle();
		await page.goto(`${stage.shop}/consent.html`);
		await call(page, "optOut");
		await settle();
		expect(await page.evaluate(async () => (await indexedDB.databases()).length)).toBe(0);
		// A page that is not recorded removes the stored data of recorded pages.
		expect(
			await page.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage), document.cookie]),
		).toEqual([["sentiero_optout"], [], "sentiero_optout=1"]);
		unblock();
		await call(page, "optIn");
		await page.goto(`${stage.shop}/a.html`);
		await until(snapshots, (list) => list.length === 1);
		expect(await stage.everythingStored()).not.toContain("zqunsentzq");
	});
});

describe("session", () => {
	it("ends after inactivity, and the next activity on the page starts a new one", async () => {
		await page.goto(`${stage.shop}/short.html`);
		await isRecording(page);
		await page.mouse.move(10, 10);
		await settle(1_800);
		await page.evaluate(() => document.body.append("zqidlezq"));
		await settle(200);
		expect(await call(page, "status")).toMatchObject({ recording: false, reason: "idle" });
		await page.evaluate(() => document.body.lastChild!.remove());
		await page.click("#b");
		expect(await call(page, "status")).toMatchObject({ recording: true });
		await call(page, "flush");
		const [second, first] = await until(sessions, (list) => list.length === 2);
		expect(second!.metadata.entry_url).toBe(`${stage.shop}/short.html`);
		expect(first!.id).not.toBe(second!.id);
		const chunks = await stage.chunks();
		expect(JSON.stringify(chunks)).not.toContain("zqidle");
		for (const { id } of [first!, second!]) {
			const own = eventsOf(chunks.filter(({ sessionId }) => sessionId === id));
			expect(own.filter(({ type }) => type === 2)).toHaveLength(1);
		}
		// The click that ended the inactivity belongs to the new session.
		const own = customEvents(chunks.filter(({ sessionId }) => sessionId === second!.id));
		expect(own.map(({ tag }) => tag)).toContain("__click");
	});

	it("ends at its maximum age despite activity", async () => {
		await page.goto(`${stage.shop}/old.html`);
		await isRecording(page);
		for (let i = 0; i < 12; i++) {
			await page.mouse.move(10 + i, 10);
			await settle(200);
		}
		await call(page, "flush");
		await until(sessions, (list) => list.length >= 2);
		expect(await page.evaluate(() => document.cookie)).toContain("sentiero_sid=");
	});

	it("is recorded on plain HTTP, where the browser offers fewer APIs", async () => {
		const port = new URL(stage.shop).port;
		const browser = await chromium.launch({
			executablePath: chromiumPath() ?? undefined,
			args: ["--no-sandbox", "--host-resolver-rules=MAP plain.test 127.0.0.1"],
		});
		const tab = await (await browser.newContext()).newPage();
		await tab.goto(`http://plain.test:${port}/a.html`);
		await isRecording(tab);
		expect(await tab.evaluate(() => isSecureContext)).toBe(false);
		await until(snapshots, (list) => list.length === 1);
		await browser.close();
	});

	it("spans all tabs, each with its own window ID, including duplicated tabs", async () => {
		await page.goto(`${stage.shop}/a.html`);
		await isRecording(page);
		const popup = context.waitForEvent("page");
		await page.evaluate(() => void window.open("/b.html"));
		await isRecording(await popup);
		const tab = await context.newPage();
		await tab.goto(`${stage.shop}/b.html`);
		await isRecording(tab);
		const chunks = await until(stage.chunks, (list) => new Set(list.map(({ windowId }) => windowId)).size === 3);
		expect(new Set(chunks.map(({ sessionId }) => sessionId)).size).toBe(1);
		// The first tab keeps its window ID.
		const before = chunks[0]!.windowId;
		await page.goto(`${stage.shop}/b.html`);
		await isRecording(page);
		await settle();
		const after = await stage.chunks();
		expect(new Set(after.map(({ windowId }) => windowId)).size).toBe(3);
		expect(after.filter(({ windowId }) => windowId === before).length).toBeGreaterThan(1);
	});

	it("continues with a new snapshot when a page is restored from the back-forward cache", async () => {
		const browser = await chromium.launch({
			executablePath: fullChromiumPath() ?? undefined,
			args: ["--no-sandbox"],
			ignoreDefaultArgs: ["--disable-back-forward-cache"],
		});
		const tab = await (await browser.newContext()).newPage();
		await tab.goto(`${stage.shop}/a.html`);
		await isRecording(tab);
		await tab.evaluate(() => {
			addEventListener("pageshow", ({ persisted }) => Object.assign(window, { persisted }));
		});
		await tab.click("#on");
		await tab.waitForURL(/b\.html/);
		await isRecording(tab);
		await tab.evaluate(() => history.back()).catch(() => {});
		await tab.waitForFunction(() => (window as unknown as { persisted?: boolean }).persisted === true);
		await isRecording(tab);
		await call(tab, "flush");
		const events = await until(
			async () => eventsOf(await stage.chunks()),
			(list) => list.filter(({ type }) => type === 2).length === 3,
		);
		const urls = events.filter(({ type }) => type === 4).map(({ data }) => (data as { href: string }).href);
		expect(urls.map((url) => url.replace(stage.shop, ""))).toEqual(["/a.html", "/b.html", "/a.html"]);
		expect(new Set((await stage.chunks()).map(({ windowId }) => windowId)).size).toBe(1);
		await browser.close();
	});
});
