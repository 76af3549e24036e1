import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Trail } from "../../src/contract/trail.ts";
import { randomFrom } from "../support/random.ts";
import { call, customEvents, eventsOf, isRecording, sitePage } from "../support/site.ts";
import { openStage, type Stage, until } from "../support/stage.ts";

/** Checks that the recorder does not break or slow down the page it runs in, whatever that page does. */

const CARDS = (count: number) =>
	Array.from(
		{ length: count },
		(_, i) => `<article class="c c${i % 40}"><h2>Card ${i}</h2><p>Some <b>words</b> of it</p></article>`,
	).join("");
const RULES = (count: number) =>
	Array.from(
		{ length: count },
		(_, i) => `.c${i} > p:nth-child(${i % 9}) { color: rgb(${i % 255} 0 0); margin: ${i % 7}px }`,
	).join("\n");

/** Scripts that a hostile or unusual page runs before anything else. */
const ODDITIES: Record<string, string> = {
	"an old library's toJSON": `
		Array.prototype.toJSON = function () { return "[" + this.join() + "]" };
		String.prototype.toJSON = function () { return "zap" }; Object.prototype.toJSON = undefined;`,
	"a throwing toJSON": `Object.defineProperty(Object.prototype, "toJSON", { configurable: true, get() { throw new Error("mine") } });`,
	"frozen prototypes": `for (const it of [Object, Array, Function, Element, HTMLFormElement, History, XMLHttpRequest, Promise, EventTarget])
		Object.freeze(it.prototype); Object.freeze(history); Object.freeze(console); Object.freeze(navigator);`,
	"a frozen fetch and history": `for (const [on, key] of [[window, "fetch"], [History.prototype, "pushState"], [HTMLFormElement.prototype, "submit"]])
		Object.defineProperty(on, key, { value: on[key], writable: false, configurable: false });`,
	"missing APIs": `for (const key of ["CompressionStream", "requestIdleCallback", "PerformanceObserver", "indexedDB", "IntersectionObserver", "getSelection", "BroadcastChannel"])
		try { Object.defineProperty(window, key, { value: undefined, configurable: true }) } catch {}
		Navigator.prototype.sendBeacon = undefined;`,
	"storage that throws": `for (const key of ["localStorage", "sessionStorage", "indexedDB"])
		Object.defineProperty(window, key, { get() { throw new DOMException("no", "SecurityError") } });
		Object.defineProperty(Document.prototype, "cookie", { get() { throw new Error("mine") }, set() { throw new Error("mine") } });`,
	"full storage": `Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError") };`,
	"extended prototypes": `Object.prototype.extra = { deep: 1 }; Array.prototype.last = function () { return this[this.length - 1] };
		Array.prototype.find = function () { throw new Error("mine") };`,
	"form fields that shadow properties": `addEventListener("DOMContentLoaded", () => document.body.insertAdjacentHTML("beforeend",
		'<form id="shadow"><input name="id"><input name="getAttribute"><input name="closest"><input name="localName"><input name="children"></form>'));`,
	"patched listeners": `const add = EventTarget.prototype.addEventListener;
		EventTarget.prototype.addEventListener = function (type, fn, ...rest) { return add.call(this, type, function (e) { return fn.call(this, e) }, ...rest) };`,
	"a modified clock": `const now = Date.now; Date.now = () => new Date(now() + 0.5); performance.now = () => "12";`,
	"nodes removed at once": `new MutationObserver((list) => { for (const { addedNodes } of list) for (const it of addedNodes) if (it.localName === "i") it.remove() })
		.observe(document, { childList: true, subtree: true });`,
	"a replaced document": `addEventListener("load", () => setTimeout(() => { document.documentElement.replaceWith(document.createElement("html")); document.documentElement.append(document.createElement("body")) }, 300));`,
	"an existing window.Sentiero": `window.Sentiero = Object.freeze({ addCustomEvent: 1 });`,
	"listeners that stop every event": `for (const name of Object.getOwnPropertyNames(window)) if (name.startsWith("on")) window.addEventListener(name.slice(2), (event) => event.stopImmediatePropagation?.() , true);`,
};

/** Source of a function that does everything the recorder listens to. It returns the stack of an unexpected error. */
const ACTIONS = `async () => {
	const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
	const attempt = (act) => { try { return act() } catch (error) { return error } };
	const failure = await attempt(async () => {
		const box = document.body.appendChild(document.createElement("div"));
		box.attachShadow({ mode: "open" }).innerHTML = "<p>shadow</p>";
		for (let i = 0; i < 20; i++) { box.setAttribute("data-x", i); box.append(document.createElement("i"), document.createTextNode("t" + i)) }
		const svg = box.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
		svg.setAttribute("id", "s"); svg.dispatchEvent(new MouseEvent("click", { bubbles: true, clientX: 1, clientY: 1 }));
		box.click(); document.dispatchEvent(new Event("click")); window.dispatchEvent(new Event("focus"));
		document.dispatchEvent(new FocusEvent("focus")); document.dispatchEvent(new Event("submit")); document.dispatchEvent(new Event("change"));
		const form = document.querySelector("form") ?? box.appendChild(document.createElement("form"));
		form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
		const input = form.appendChild(document.createElement("input")); input.value = "x"; input.dispatchEvent(new Event("input", { bubbles: true }));
		attempt(() => history.pushState(null, "", "?r=1")); attempt(() => history.replaceState({}, "", "#h"));
		await attempt(() => fetch("/shop.css").then((answer) => answer.text(), () => 0));
		await attempt(() => fetch(new Proxy({}, { get() { throw new Error("mine") } })).catch(() => 0));
		await attempt(() => new Promise((resolve) => { const it = new XMLHttpRequest(); it.onloadend = resolve; it.open("get", "/shop.css"); it.send() }));
		attempt(() => console.warn("w", box, new Proxy({}, { get() { throw new Error("mine") } }), Symbol("s"), 1n, { get a() { throw new Error("mine") } }));
		const hostile = { toJSON() { throw new Error("mine") } };
		// The API must not throw, whatever its arguments are.
		const { Sentiero } = window;
		if (typeof Sentiero.flush === "function") {
			const getter = { get a() { throw new Error("mine") } };
			Sentiero.addCustomEvent("x", hostile); Sentiero.setMetadata({ a: hostile, b: 1 }); Sentiero.setMetadata(getter);
			Sentiero.setMetadata(null); Sentiero.addCustomEvent(Symbol("s"), 1); Sentiero.identify(hostile, hostile);
			Sentiero.identify(Object.create(null)); Sentiero.identify("x", getter); Sentiero.flush();
		}
		box.remove(); await wait(50); attempt(() => { document.adoptedStyleSheets = [new CSSStyleSheet()]; document.adoptedStyleSheets[0].insertRule("a{}") });
	});
	await wait(400);
	return String(failure?.stack ?? "");
}`;

let stage: Stage;
let context: BrowserContext;
let page: Page;
beforeAll(async () => {
	const all = 'data-capture-console="all" data-capture-network="true"';
	const odd = Object.entries(ODDITIES).map(([, script], i) => [
		`/odd-${i}.html`,
		sitePage({ tag: all, head: `<script>${script}</script>`, body: "<h1>Odd</h1>" }),
	]);
	stage = await openStage({
		...Object.fromEntries(odd),
		"/plain.html": sitePage({
			tag: all,
			body: '<h1>A page</h1><img src="/missing.png?token=zqtokenzq"><button id="b">b</button>',
		}),
		"/quiet.html": sitePage({ body: "<h1>A page</h1>" }),
		"/large.html": sitePage({ head: `<style>${RULES(3_000)}</style>`, body: CARDS(1_720) }),
		"/limited.html": sitePage({ tag: 'data-mutation-limit="500"', body: "<h1>A page</h1><main></main>" }),
		"/sheets.html": sitePage({ tag: 'data-stylesheet-limit="3"', head: '<link rel="stylesheet" href="/shop.css">' }),
		"/clicks.html": sitePage({
			body: `<button id="plain">b</button><label id="label"><input id="box" type="checkbox">box</label><a id="link" href="/quiet.html">l</a>
				<a id="hash" href="#">h</a><a id="file" href="/shop.css" download>f</a><video id="film" controls></video><details><summary id="more">more</summary>x</details>
				<p id="words">Some words to select</p><script>document.querySelectorAll("a").forEach((a) => a.addEventListener("click", (e) => e.preventDefault()))</script>`,
		}),
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
async function trails(): Promise<Trail[]> {
	const { sessions } = await stage.api<{ sessions: { id: string }[] }>("/sessions");
	const trails: Trail[] = [];
	for (const { id } of sessions) {
		const { windows } = await stage.api<{ windows: { id: string }[] }>(`/sessions/${id}`);
		for (const window of windows) {
			const { chunks } = await stage.api<{ chunks: { trail: Trail }[] }>(`/sessions/${id}/windows/${window.id}/trail`);
			trails.push(...chunks.map(({ trail }) => trail));
		}
	}
	return trails;
}

describe("any page", () => {
	it.each(Object.keys(ODDITIES).map((name, i) => [name, i] as const))(
		"gets no errors from the recorder with %s",
		async (name, i) => {
			const thrown: string[] = [];
			page.on("pageerror", ({ message, stack }) => thrown.push(`${message}\n${stack}`));
			await page.goto(`${stage.shop}/odd-${i}.html`);
			await page.waitForTimeout(500);
			// With a modified clock the session may already be over.
			if (name !== "a modified clock") expect((await call(page, "status")).recording).toBe(true);
			await page.mouse.move(5, 5);
			await page.mouse.click(20, 20);
			const failure = await page.evaluate(`(${ACTIONS})()`);
			await page.goto("about:blank");
			expect(thrown).toEqual([]);
			expect(failure).not.toContain("/recorder");
		},
	);

	it("gets no errors from the recorder with random combinations of unusual scripts", async () => {
		const random = randomFrom(11);
		const scripts = Object.values(ODDITIES);
		for (let round = 0; round < 8; round++) {
			const tab = await context.newPage();
			const thrown: string[] = [];
			const chosen = random.many(3, () => random.pick(scripts));
			tab.on("pageerror", ({ message, stack }) => thrown.push(`${message}\n${stack}`));
			// A script may fail because of an earlier one.
			for (const script of chosen)
				await tab.addInitScript(
					`try { ${script.replace("const add", "var add").replace("const now", "var now")} } catch {}`,
				);
			await tab.goto(`${stage.shop}/plain.html`);
			await tab.waitForTimeout(400);
			await tab.evaluate(`(${ACTIONS})()`).catch(() => {});
			expect(thrown, chosen.join("\n---\n")).toEqual([]);
			await tab.close();
		}
	});

	it("is recorded even if an old library has replaced toJSON", async () => {
		await page.goto(`${stage.shop}/odd-0.html`);
		await isRecording(page);
		const chunks = await until(stage.chunks, (list) => list.length > 0);
		const snapshot = eventsOf(chunks).find(({ type }) => type === 2)!;
		expect(Array.isArray((snapshot.data as { node: { childNodes: unknown } }).node.childNodes)).toBe(true);
	});
});

describe("recording cost", () => {
	it("of a page with 12,000 nodes and 3,000 CSS rules is one snapshot and small changes, and is measured and stored", async () => {
		await page.goto(`${stage.shop}/large.html`);
		await isRecording(page);
		expect(await page.evaluate(() => document.querySelectorAll("*").length)).toBeGreaterThan(6_800);
		await page.evaluate(async () => {
			for (let i = 0; i < 30; i++) {
				document.querySelectorAll("article")[i * 7]!.append(` more ${i}`);
				await new Promise((resolve) => setTimeout(resolve, 30));
			}
		});
		await page.waitForTimeout(300);
		await page.goto("about:blank");
		const [cost] = await until(
			() => recorded("__cost"),
			(list) => list.length > 0,
		);
		const { ms, longestMs, longTasks } = cost!.payload as Record<string, number>;
		expect(longestMs).toBeGreaterThan(0);
		expect(ms).toBeGreaterThanOrEqual(longestMs!);
		const stored = (await trails()).flatMap(({ costs }) => costs ?? []);
		expect(stored[0]!.slice(1, 4)).toEqual([ms, longestMs, longTasks]);
		const events = eventsOf(await stage.chunks());
		expect(events.filter(({ type }) => type === 2)).toHaveLength(1);
		const added = events.filter(({ data }) => JSON.stringify(data).includes(" more "));
		expect(added).toHaveLength(30);
		for (const event of added) expect(JSON.stringify(event).length).toBeLessThan(400);
	});

	it("is limited when the page changes too much: capture pauses, records the pause, and resumes with a new snapshot", async () => {
		await page.goto(`${stage.shop}/limited.html`);
		await isRecording(page);
		await page.evaluate(() => {
			const main = document.querySelector("main")!;
			for (let i = 0; i < 600; i++) main.append(document.createElement("i"));
		});
		await until(
			() => call(page, "status"),
			({ reason }) => reason === "too_many_changes",
		);
		await page.evaluate(() => document.querySelector("main")!.replaceChildren("zqtoomuchzq"));
		// Only capture is paused; custom events are still recorded.
		await call(page, "addCustomEvent", "meanwhile");
		await call(page, "flush");
		const limits = await until(
			async () => (await trails()).flatMap(({ limits }) => limits ?? []),
			(list) => list.length > 0,
		);
		expect(limits[0]!.slice(1)).toEqual([600, 10_000]);
		expect(JSON.stringify(await stage.chunks())).not.toContain("zqtoomuchzq");
		expect(await recorded("meanwhile")).toHaveLength(1);
		await until(
			() => call(page, "status"),
			({ recording }) => recording,
			14_000,
		);
		await call(page, "flush");
		await until(
			async () => JSON.stringify(await stage.chunks()),
			(text) => text.includes("zqtoomuchzq"),
		);
	});

	it("does not include style sheets with too many rules: the replay loads them from the site", async () => {
		await page.goto(`${stage.shop}/sheets.html`);
		await isRecording(page);
		const chunks = await until(stage.chunks, (list) => list.length > 0);
		const text = JSON.stringify(eventsOf(chunks).find(({ type }) => type === 2));
		expect(text).toContain(`"href":"${stage.shop}/shop.css"`);
		expect(text).not.toContain("_cssText");
	});
});

describe("capture", () => {
	it("records a repeated error once, and the number of repeats when the page is left", async () => {
		await page.goto(`${stage.shop}/quiet.html`);
		await isRecording(page);
		await page.evaluate(async () => {
			const fail = () => {
				throw new Error("again and again");
			};
			for (let i = 0; i < 300; i++) setTimeout(fail);
			await new Promise((resolve) => setTimeout(resolve, 300));
		});
		await page.goto("about:blank");
		const list = await until(
			() => recorded("error"),
			({ length }) => length === 2,
		);
		expect((list[1]!.payload as { repeats: number }).repeats).toBe(299);
		const [session] = (await stage.api<{ sessions: { errors: number }[] }>("/sessions")).sessions;
		expect(session!.errors).toBe(300);
	});

	it("records a resource that failed before the recorder had loaded, once", async () => {
		// The loader waits for the page to be parsed, the image for the loader, and the recorder for the image.
		await page.route(/missing\.png/, async (route) => {
			await page.waitForFunction(() => "Sentiero" in window);
			await route.continue();
		});
		await page.route(/\/recorder-[^/]+\.js$/, async (route) => {
			await page.waitForFunction(() => document.images[0]!.complete);
			await route.continue();
		});
		await page.goto(`${stage.shop}/plain.html`);
		await isRecording(page);
		await call(page, "flush");
		await until(stage.chunks, ({ length }) => length > 0);
		const failed = (await trails()).flatMap(({ failed }) => failed ?? []);
		expect(failed.map(([, element, url]) => `${element} ${url}`)).toEqual([`img ${stage.shop}/missing.png`]);
	});

	it("records failed resources, and that the page was hidden", async () => {
		await page.goto(`${stage.shop}/plain.html`);
		await isRecording(page);
		await page.evaluate(() => document.body.append(Object.assign(new Image(), { src: "/later.png?x=zqqueryzq" })));
		await page.waitForTimeout(300);
		await page.evaluate(() => {
			Object.defineProperty(document, "hidden", { value: true, configurable: true });
			document.dispatchEvent(new Event("visibilitychange"));
		});
		await until(
			() => recorded("__visibility"),
			(list) => list.length === 1,
		);
		const failed = (await trails()).flatMap(({ failed }) => failed ?? []);
		expect(failed.map(([, element, url]) => `${element} ${url}`).sort()).toEqual([
			`img ${stage.shop}/later.png`,
			`img ${stage.shop}/missing.png`,
		]);
		expect((await trails()).flatMap(({ hidden }) => hidden ?? []).map(([, it]) => it)).toEqual([1]);
		// The recorded image keeps the parameter that its server may need, but no token. The URL in the event has no query.
		const stored = await stage.everythingStored();
		expect(stored).not.toContain("zqtokenzq");
		expect(stored.match(/[^"]*zqqueryzq/g)).toEqual([`${stage.shop}/later.png?x=zqqueryzq`]);
	});

	it("records how the browser itself responds to a click", async () => {
		await page.goto(`${stage.shop}/clicks.html`);
		await isRecording(page);
		for (const id of ["plain", "label", "link", "hash", "file", "film", "more"])
			await page.click(`#${id}`, { noWaitAfter: true });
		await page.dblclick("#words");
		await call(page, "flush");
		const clicks = await until(
			() => recorded("__click"),
			(list) => list.length >= 9,
		);
		const answers = Object.fromEntries(clicks.map(({ payload }) => Object.values(payload as Record<string, string>)));
		expect(answers).toMatchObject({
			"input#box": "control",
			"a#link": "link",
			"a#file": "download",
			"video#film": "media",
			"summary#more": "control",
			"p#words": "selection",
		});
		expect(answers["button#plain"]).toBeUndefined();
		expect(answers["a#hash"]).toBeUndefined();
	});

	it("records console and network when enabled, without changing the page's own calls", async () => {
		const logged: string[] = [];
		page.on("console", (message) => logged.push(message.text()));
		await page.goto(`${stage.shop}/plain.html`);
		await isRecording(page);
		await page.waitForTimeout(400);
		const outcome = await page.evaluate(async () => {
			console.log("seen", { a: 1 }, "mia@x.example");
			console.error(new Error("on the console"));
			const text = await (
				await fetch("/shop.css?token=zqtokenzq", { headers: { authorization: "zqheaderzq" } })
			).text();
			const rejected = await fetch("http://localhost:1/zqno").then(
				() => "",
				(error: Error) => error.message,
			);
			const posted = await fetch("/nowhere", { method: "post", body: "zqbodyzq" });
			const status = await new Promise((resolve) => {
				const request = new XMLHttpRequest();
				request.open("GET", "/shop.js?secret=zqsecretzq");
				request.onload = () => resolve(request.status);
				request.send();
			});
			return {
				length: text.length,
				rejected,
				posted: posted.status,
				status,
				name: fetch.name,
				native: String(XMLHttpRequest.prototype.open).includes("native"),
			};
		});
		expect(outcome).toMatchObject({
			rejected: "Failed to fetch",
			posted: 404,
			status: 200,
			name: "fetch",
			native: true,
		});
		await page.waitForTimeout(500);
		await call(page, "flush");
		const calls = (
			await until(
				() => recorded("__network"),
				(list) => list.length >= 4,
			)
		).map(({ payload }) => payload as Record<string, unknown>);
		// A call is recorded when its size is known, which may be later than the next call.
		calls.sort((a, b) => Number(a.startedAt) - Number(b.startedAt));
		expect(
			calls.map(({ api, method, url, status }) => `${api} ${method} ${String(url).replace(stage.shop, "")} ${status}`),
		).toEqual([
			"fetch GET /shop.css 200",
			"fetch GET http://localhost:1/zqno 0",
			"fetch POST /nowhere 404",
			"xhr GET /shop.js 200",
		]);
		expect(calls[2]).toMatchObject({ requestBytes: 8 });
		expect(calls[0]!.responseBytes).toBeGreaterThan(100);
		for (const { durationMs } of calls) expect(durationMs).toBeGreaterThanOrEqual(0);
		const lines = (await recorded("__console")).map(({ payload }) => payload as { level: string; args: string[] });
		expect(lines.find(({ level }) => level === "log")!.args).toEqual(["seen", '{"a":1}', "[redacted]"]);
		expect(lines.find(({ level }) => level === "error")!.args[0]).toContain("on the console");
		expect(logged.join()).toContain("mia@x.example");
		expect(await stage.everythingStored()).not.toMatch(/zq(token|header|body|secret)zq/);
	});

	it("stops in all tabs when the visitor opts out in one of them", async () => {
		await page.goto(`${stage.shop}/quiet.html`);
		await isRecording(page);
		const other = await context.newPage();
		await other.goto(`${stage.shop}/quiet.html`);
		await isRecording(other);
		await call(page, "optOut");
		await until(
			() => call(other, "status"),
			({ reason }) => reason === "opted_out",
		);
	});
});

describe("strict Content Security Policy", () => {
	it("of 'self' is enough for a site on the Worker's own origin", async () => {
		const violations: string[] = [];
		const requests: string[] = [];
		page.on("console", (message) => /Content Security Policy/i.test(message.text()) && violations.push(message.text()));
		page.on("request", (request) => requests.push(new URL(request.url()).pathname));
		const html = sitePage({ tag: 'data-capture-console="all" data-capture-network="true"' }).replace(
			"%RECORDER%",
			"/recorder.js",
		);
		await page.route(`${stage.worker}/site.html`, (route) =>
			route.fulfill({
				contentType: "text/html",
				headers: { "content-security-policy": "default-src 'none'; script-src 'self'; connect-src 'self'" },
				body: html,
			}),
		);
		await page.goto(`${stage.worker}/site.html`);
		await isRecording(page);
		await until(stage.chunks, (list) => list.length > 0);
		await page.waitForTimeout(800);
		for (const part of ["store", "vitals", "console", "network"]) {
			expect(
				requests.some((path) => path.startsWith(`/assets/part-${part}-`)),
				part,
			).toBe(true);
		}
		expect(violations.filter((text) => !/favicon/.test(text))).toEqual([]);
	});
});
