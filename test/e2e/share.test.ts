import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStage, type Stage, until } from "../support/stage.ts";

/** Tests stars, labels and notes; share links, exported files and import. */

const AT = Date.now() - 120_000;

let stage: Stage;
beforeAll(async () => {
	stage = await openStage({}, { SHAREABLE_REPLAYS: true });
	await record("visit-1", "first", 0);
	await record("visit-1", "second", 30_000);
	await record("visit-2", "first", -60_000);
	await until(
		() => stage.api<{ sessions: { windows: number }[] }>("/sessions"),
		({ sessions }) => sessions.length === 2 && sessions[0]!.windows === 2,
	);
});
afterAll(() => stage.close());

const recording = (page: Page) => page.frameLocator("iframe.player").frameLocator("iframe");

/** Returns by how many pixels the page can be scrolled sideways on a phone of 320 px. */
async function sidewaysScroll(page: Page): Promise<number> {
	const viewport = page.viewportSize()!;
	await page.setViewportSize({ width: 320, height: 640 });
	await page.waitForTimeout(300);
	const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
	await page.setViewportSize(viewport);
	return wide;
}

/** Records ten seconds of a page that contains the window ID. After five seconds, a paragraph is added to the page. */
async function record(sessionId: string, windowId: string, after: number) {
	const at = AT + after;
	const element = (id: number, tagName: string, childNodes: unknown[], attributes = {}) => ({
		...{ type: 2, id, tagName, attributes, childNodes },
	});
	const text = (id: number, textContent: string) => ({ type: 3, id, textContent });
	const body = element(5, "body", [element(6, "h1", [text(7, `Page of ${windowId}`)])]);
	const node = { type: 0, id: 1, childNodes: [element(2, "html", [element(3, "head", []), body], { lang: "en" })] };
	const added = { parentId: 5, nextId: null, node: element(8, "p", []) };
	const hostile = "</script><script>alert(1)</script>";
	const words = { parentId: 8, nextId: null, node: text(9, `Came later ${hostile}`) };
	const events = [
		{ type: 4, timestamp: at, data: { href: `${stage.shop}/${windowId}`, width: 800, height: 600 } },
		{ type: 2, timestamp: at + 1, data: { node, initialOffset: { left: 0, top: 0 } } },
		{ type: 5, timestamp: at + 2_000, data: { tag: "plan_chosen", payload: { secret: "zqcustomzq" } } },
		{
			...{ type: 3, timestamp: at + 5_000 },
			data: { source: 0, texts: [], attributes: [], removes: [], adds: [added, words] },
		},
		{ type: 3, timestamp: at + 10_000, data: { source: 3, id: 1, x: 0, y: 0 } },
	];
	const metadata = { user_id: "zqpersonzq", entry_url: `${stage.shop}/${windowId}` };
	const init = { method: "POST", body: JSON.stringify({ sessionId, windowId, seq: 0, events, metadata }) };
	expect((await fetch(`${stage.worker}/events`, init)).status).toBe(200);
}

describe("stars, labels and notes", () => {
	it("are saved, and the session list shows them and which sessions were viewed", async () => {
		const page = await (await stage.operator()).newPage();
		await page.goto("/");
		const row = page.locator("tbody tr", { hasText: "/first" }).first();
		await row.getByRole("button", { name: /^Star the session/ }).click();
		await page.locator("a.visitor").first().click();
		await recording(page).getByText("Page of second").waitFor();
		await page.getByLabel("Add label").fill("checkout");
		await page.getByLabel("Add label").press("Enter");
		await page.getByRole("button", { name: "Remove label checkout" }).waitFor();

		const clock = () => page.locator(".clock").textContent();
		await page.getByRole("slider").press("ArrowRight");
		await until(clock, (shown) => shown?.startsWith("0:05") ?? false);
		await page.locator("h1").click();
		await page.keyboard.press("m");
		await page.keyboard.type('It <b>comes</b> too late "here"');
		await page.keyboard.press("Enter");
		const note = page.locator("button.note", { hasText: "It <b>comes</b> too late" });
		await note.waitFor();
		await page.getByRole("slider").press("Home");
		await until(clock, (shown) => shown?.startsWith("0:00") ?? false);
		await note.click();
		await recording(page).getByText("Came later").waitFor();
		expect(await clock()).toContain("0:05");
		// The note is also on the timeline.
		await page.getByRole("slider").press("Home");
		const mark = page.locator(".note-mark");
		expect(await mark.getAttribute("title")).toBe('0:05 It <b>comes</b> too late "here"');
		await mark.click();
		await recording(page).getByText("Came later").waitFor();
		expect(await clock()).toContain("0:05");

		await page.getByRole("button", { name: /^Edit note/ }).click();
		await page.keyboard.press("ControlOrMeta+A");
		await page.keyboard.type("Too late");
		await page.keyboard.press("Enter");
		await page.getByRole("button", { name: "Delete note: Too late" }).click();
		await page.getByText("Note deleted.").waitFor();
		expect([await page.locator("button.note").count(), await mark.count()]).toEqual([0, 0]);
		// The deletion is undone by keyboard.
		await page.waitForFunction(() => document.activeElement?.textContent === "Undo");
		await page.keyboard.press("Enter");
		await page.locator("button.note", { hasText: "Too late" }).waitFor();

		// In the other tab, the note links to the tab that it belongs to.
		await page.getByRole("link", { name: /^Tab 1/ }).click();
		await recording(page).getByText("Page of first").waitFor();
		expect(await mark.count()).toBe(0);
		await page.locator("a.note", { hasText: "Too late" }).click();
		await recording(page).getByText("Came later").waitFor();
		expect(new URL(page.url()).pathname).toBe("/sessions/visit-1/windows/second");

		await page.goto("/");
		await page.locator("tr.viewed .label", { hasText: "checkout" }).waitFor();
		expect(await page.locator("tr.viewed").count()).toBe(1);
		expect(await row.getByRole("button", { name: /^Star/ }).getAttribute("aria-pressed")).toBe("true");
		await page.getByRole("link", { name: "Show sessions labeled checkout" }).click();
		await page.getByRole("button", { name: /^Remove filter Label: checkout/ }).waitFor();
		await until(
			() => page.locator("a.visitor").count(),
			(count) => count === 1,
		);
		await page.context().close();
	});
});

describe("share link", () => {
	it("shows the recording and no other data until it is revoked", async () => {
		const context = await stage.operator({ permissions: ["clipboard-read", "clipboard-write"] });
		const page = await context.newPage();
		await page.goto("/sessions/visit-1");
		await page.getByRole("button", { name: "Share this recording" }).click();
		await page.getByLabel("Expires after").selectOption("1 day");
		await page.getByRole("button", { name: "Create link" }).click();
		await page.getByRole("button", { name: "Copy", exact: true }).click();
		await page.getByText("Copied").first().waitFor();
		const link = await page.evaluate(() => navigator.clipboard.readText());
		expect(link).toBe(await page.getByLabel("Share link").inputValue());

		const stranger = await (await stage.browser.newContext()).newPage();
		const requests: string[] = [];
		const errors: string[] = [];
		stranger.on("request", (request) => requests.push(request.url()));
		stranger.on("console", (message) => void (message.type() === "error" && errors.push(message.text())));
		await stranger.goto(link);
		await recording(stranger).getByText("Page of second").waitFor();
		expect(await stranger.title()).toBe("Shared recording – Sentiero Edge");
		const slider = stranger.getByRole("slider");
		await slider.press("End");
		await recording(stranger).getByText("Came later").waitFor();
		await stranger.getByRole("button", { name: /^Tab 1/ }).click();
		await recording(stranger).getByText("Page of first").waitFor();
		await stranger.getByRole("button", { name: "Play" }).first().click();
		await stranger.getByRole("button", { name: "Pause" }).waitFor();
		expect(await sidewaysScroll(stranger)).toBe(0);
		expect(errors).toEqual([]);
		// No URL contains the token or anything about the session.
		expect(requests.join("\n")).not.toMatch(new RegExp(`visit-1|first|second|${link.split("#")[1]}`));
		expect(await stranger.content()).not.toMatch(/zq\w+zq|visit-1|Austin/);
		expect((await stranger.request.get(`${stage.worker}/api/sessions`)).status()).toBe(401);

		await page.getByRole("button", { name: "Close" }).click();
		await page.getByRole("button", { name: "Share this recording" }).click();
		await page.getByText("1 view, last").waitFor();
		expect(await page.getByLabel("Share link").count()).toBe(0);
		await page.getByRole("button", { name: "Revoke" }).click();
		await page.getByRole("list", { name: "Active links" }).waitFor({ state: "detached" });
		await stranger.reload();
		await stranger.getByText("Recording not found").waitFor();
		expect(await stranger.title()).toBe("Recording not found – Sentiero Edge");

		// An expired link behaves like a revoked one.
		await page.getByRole("button", { name: "Create link" }).click();
		const brief = await page.getByLabel("Share link").inputValue();
		await stranger.goto("about:blank");
		await stranger.goto(brief);
		await recording(stranger).getByText("Page of second").waitFor();
		const { DB } = await stage.bindings();
		await DB.prepare(`UPDATE shares SET expires_at = ${Date.now() - 1}`).run();
		await stranger.reload();
		await stranger.getByText("Recording not found").waitFor();
		const { entries } = await stage.api<{ entries: { action: string }[] }>("/audit");
		expect(entries.map(({ action }) => action)).toEqual(expect.arrayContaining(["share_viewed", "share_revoked"]));
		await stranger.context().close();
		await context.close();
	});
});

describe("exported HTML file", () => {
	it("plays each tab from disk, without a network", async () => {
		const page = await (await stage.operator()).newPage();
		await page.goto("/sessions/visit-1");
		await page.getByRole("button", { name: "Share this recording" }).click();
		const coming = page.waitForEvent("download");
		await page.getByRole("button", { name: "Download HTML" }).click();
		const download = await coming;
		const folder = await mkdtemp(join(tmpdir(), "recording-"));
		const path = join(folder, download.suggestedFilename());
		await download.saveAs(path);
		await page.context().close();

		const context = await stage.browser.newContext({ offline: true });
		const offline = await context.newPage();
		const errors: string[] = [];
		offline.on("console", (message) => void (message.type() === "error" && errors.push(message.text())));
		offline.on("pageerror", (error) => errors.push(error.message));
		offline.on("dialog", (dialog) => errors.push(dialog.message()));
		await offline.goto(`file://${path}`);
		const players = offline.locator(".rr-player");
		expect(await players.count()).toBe(2);
		await players.nth(0).frameLocator("iframe").getByText("Page of first").waitFor();
		await players.nth(1).frameLocator("iframe").getByText("Page of second").waitFor();
		await players.nth(1).locator(".rr-controller__btns button").first().click();
		await until(
			() => players.nth(1).locator(".rr-timeline__time").first().textContent(),
			(time) => time !== "00:00",
		);
		expect(errors).toEqual([]);
		expect(await sidewaysScroll(offline)).toBe(0);
		await context.close();
		await rm(folder, { recursive: true });
	});
});

describe("exported file of a malicious page", () => {
	it("runs no scripts and makes no requests", async () => {
		const at = Date.now() - 60_000;
		const element = (id: number, tagName: string, attributes: object, childNodes: unknown[] = []) => ({
			...{ type: 2, id, tagName, attributes, childNodes },
		});
		const evil = "https://evil.example";
		const harm = "top.harmed = window.harmed = true";
		const head = element(3, "head", {}, [
			element(4, "script", {}, [{ type: 3, id: 5, textContent: harm }]),
			element(6, "link", { rel: "stylesheet", href: `${evil}/a.css` }),
			element(7, "style", {}, [{ type: 3, id: 8, textContent: `body { background: url(${evil}/b.png) }` }]),
			element(9, "meta", { "http-equiv": "refresh", content: `0;url=${evil}` }),
		]);
		const body = element(10, "body", { onload: harm }, [
			element(11, "img", { src: `${evil}/c.png`, onerror: harm }),
			element(12, "iframe", { src: `${evil}/d.html` }),
			element(13, "form", { action: evil }),
			{ type: 3, id: 14, textContent: "</script><img src=x onerror=alert(1)> the end" },
		]);
		const node = { type: 0, id: 1, childNodes: [element(2, "html", {}, [head, body])] };
		const events = [
			{ type: 4, timestamp: at, data: { href: "javascript:alert(1)", width: 800, height: 600 } },
			{ type: 2, timestamp: at + 1, data: { node, initialOffset: { left: 0, top: 0 } } },
			{ type: 3, timestamp: at + 2_000, data: { source: 3, id: 1, x: 0, y: 0 } },
		];
		const init = { method: "POST", body: JSON.stringify({ sessionId: "harm", windowId: "w", seq: 0, events }) };
		expect((await fetch(`${stage.worker}/events`, init)).status).toBe(200);
		const headers = { authorization: `Basic ${btoa("demo:demo")}` };
		const html = await until(
			async () => fetch(`${stage.worker}/api/sessions/harm/file?format=html`, { method: "POST", headers }),
			({ ok }) => ok,
		);
		const folder = await mkdtemp(join(tmpdir(), "recording-"));
		await writeFile(join(folder, "harm.html"), await html.text());

		const context = await stage.browser.newContext();
		const requests: string[] = [];
		await context.route(/^https?:/, (route) => {
			requests.push(route.request().url());
			return route.abort();
		});
		const page = await context.newPage();
		page.on("dialog", (dialog) => requests.push(`alert ${dialog.message()}`));
		await page.goto(`file://${join(folder, "harm.html")}`);
		const recorded = page.frameLocator(".rr-player iframe");
		await recorded.getByText("the end").waitFor();
		expect(await recorded.locator("img").count()).toBe(1);
		expect(await page.evaluate(() => "harmed" in window)).toBe(false);
		expect(requests).toEqual([]);
		await context.close();
		await rm(folder, { recursive: true });
	});
});

describe("import", () => {
	it("plays an exported JSON file without sending it to the server, and reports what is wrong with a file", async () => {
		const page = await (await stage.operator()).newPage();
		await page.goto("/sessions/visit-1");
		await page.getByRole("button", { name: "Share this recording" }).click();
		const coming = page.waitForEvent("download");
		await page.getByRole("button", { name: "Download JSON" }).click();
		const exported = await (await coming).path();
		await page.goto("/");
		await page.getByRole("link", { name: "Import" }).click();
		const choose = (name: string, text: string) =>
			page.locator(".drop input").setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(text) });
		await choose("bad.json", "<p>");
		await page.getByRole("alert").getByText("This is not JSON.").waitFor();
		await choose("few.json", "[]");
		await page.getByRole("alert").getByText("This recording contains no events.").waitFor();
		const requests: string[] = [];
		page.on("request", (request) => requests.push(`${request.method()} ${new URL(request.url()).pathname}`));
		await choose("visit <b>1.json", await readFile(exported, "utf8"));
		await recording(page).getByText("Page of second").waitFor();
		await page.getByRole("slider").press("End");
		await recording(page).getByText("Came later").waitFor();
		await page.getByRole("heading", { name: "visit <b>1.json" }).waitFor();
		await page.getByRole("button", { name: /^Tab 1/ }).click();
		await recording(page).getByText("Page of first").waitFor();

		// Imports files of Sentiero's recorder and of rrweb, and a file with a tab that has a single event.
		const { windows } = JSON.parse(await readFile(exported, "utf8")) as { windows: { events: object[] }[] };
		const another = async (name: string, content: unknown) => {
			await page.getByRole("button", { name: "Choose another recording" }).click();
			await choose(name, JSON.stringify(content, null, 2));
		};
		await another("sentiero-session-events.json", windows[0]!.events);
		await recording(page).getByText("Page of first").waitFor();
		expect(await page.locator(".clock").textContent()).toBe("0:00 / 0:10");
		await another("rrweb.json", { events: windows[1]!.events });
		await recording(page).getByText("Page of second").waitFor();
		await another("single.json", { windows: [windows[0], { events: windows[1]!.events.slice(0, 1) }] });
		await page.getByRole("button", { name: /^Tab 2/ }).click();
		await page
			.getByRole("alert")
			.getByText("Nothing else was recorded in this tab, so there is nothing to play.")
			.waitFor();
		expect(requests.filter((it) => !/^GET \/(player|assets\/[\w.-]+)$/.test(it))).toEqual([]);
		await page.context().close();
	});
});
