import { readFileSync } from "node:fs";
import type { Page, Request } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RecordedEvent } from "../../src/contract/events.ts";
import { openStage, type Stage, until } from "../support/stage.ts";

/**
 * Plays recordings of other rrweb versions and malicious recordings, which must run no scripts and make no requests.
 */

let stage: Stage;
let page: Page;
/** What a recording must not cause: requests to the dashboard, navigations, dialogs and popups. */
let reached: string[] = [];
beforeAll(async () => {
	stage = await openStage();
	page = await (await stage.operator()).newPage();
	// Waits for responses, because a request that the Content-Security-Policy blocks has none.
	page.on("response", (response) => {
		const request = response.request();
		if (!isAllowed(request)) reached.push(`${request.method()} ${request.url()}`);
	});
	page.on("dialog", (dialog) => {
		reached.push(`dialog ${dialog.message()}`);
		void dialog.dismiss();
	});
	page.on("popup", (popup) => reached.push(`popup ${popup.url()}`));
});
afterAll(() => stage.close());

/** Returns whether a request is expected: of the dashboard, of the player, or of the recording to another origin. */
function isAllowed(request: Request): boolean {
	const frame = request.frame();
	const url = new URL(request.url());
	if (frame === page.mainFrame()) return !request.isNavigationRequest() || url.pathname.startsWith("/sessions/");
	if (frame.parentFrame() === page.mainFrame()) {
		return url.pathname === "/player" || /^\/assets\/[\w-]+\.(js|css)$/.test(url.pathname);
	}
	return !request.isNavigationRequest() && url.origin !== stage.worker;
}

async function record(sessionId: string, events: RecordedEvent[]): Promise<void> {
	const response = await fetch(`${stage.worker}/events`, {
		method: "POST",
		headers: { origin: stage.shop, "content-type": "application/json" },
		body: JSON.stringify({ sessionId, windowId: "w", events }),
	});
	expect(await response.text()).not.toContain("error");
	expect(response.status).toBe(200);
}

/** Plays a recording to its end at 16× speed and clicks all over it. */
async function watch(sessionId: string, text: string, last = text): Promise<void> {
	reached = [];
	await page.goto(`/sessions/${sessionId}`);
	const drawn = page.frameLocator("iframe.player").frameLocator("iframe");
	await drawn.getByText(text).first().waitFor();
	await page.getByLabel("Speed").selectOption("16");
	await page.getByRole("button", { name: "Play" }).first().click();
	await until(
		() => page.locator(".clock").innerText(),
		(clock) => clock.split("/")[0]!.trim() === clock.split("/")[1]!.trim(),
	);
	await drawn.getByText(last).first().waitFor();
	const box = (await page.locator("iframe.player").boundingBox())!;
	for (const share of [0.1, 0.3, 0.5, 0.7, 0.9]) {
		await page.mouse.click(box.x + box.width * share, box.y + box.height * share);
	}
	// Pending requests get time to complete.
	await page.waitForTimeout(500);
	// The recording's scripts try to set a flag in the dashboard and in the player. The recording's own frame is not
	// checked, because it runs no scripts, not even that of a check.
	const player = page.frames().find((frame) => frame.parentFrame() === page.mainFrame())!;
	const flags = await Promise.all(
		[page.mainFrame(), player].map((frame) => frame.evaluate(() => (window as { pwned?: unknown }).pwned ?? null)),
	);
	expect(flags.filter((flag) => flag !== null)).toEqual([]);
	expect(reached).toEqual([]);
	expect(await page.locator(".stage-error").count()).toBe(0);
}

const NOW = Date.now() - 60_000;

describe("recordings of other rrweb versions", () => {
	it("play: 2.0.0-alpha.20", async () => {
		const file = readFileSync(new URL("../fixtures/alpha20.json", import.meta.url), "utf8");
		const events = JSON.parse(file) as RecordedEvent[];
		const shift = NOW - events[0]!.timestamp!;
		await record(
			"alpha20",
			events.map((event) => ({ ...event, timestamp: event.timestamp! + shift })),
		);
		await watch("alpha20", "Stove fleece stove hiking");
	});

	it("play: 2.2.2, with unknown event types and sources", async () => {
		const strange = [8, 9, 42].map((type, i) => ({ type, timestamp: NOW + 300 + i, data: { payload: [{}], id: 7 } }));
		const sources = [17, 99].map((source, i) => ({ type: 3, timestamp: NOW + 320 + i, data: { source, id: 7 } }));
		await record("newer", [
			...pageOf([element(7, "h1", [textNode(8, "From the future")])]),
			...strange,
			...sources,
			{ type: 3, timestamp: NOW + 900, data: addition(6, element(40, "p")) },
			{ type: 3, timestamp: NOW + 900, data: addition(40, textNode(41, "and on")) },
			{ type: 3, timestamp: NOW + 1_000, data: { source: 3, id: 1, x: 0, y: 5 } },
		]);
		await watch("newer", "From the future", "and on");
	});
});

describe("malicious recording", () => {
	it("plays without running scripts, making requests or navigating", async () => {
		const home = stage.worker;
		const run = "top.pwned=parent.pwned=window.pwned=1;alert(1)";
		const body = [
			element(7, "h1", [textNode(8, "Harmless")]),
			element(10, "script", [textNode(11, run)]),
			element(12, "img", [], { src: "x:", onerror: run, onload: run }),
			element(13, "img", [], { src: `${home}/logout` }),
			element(14, "img", [], { src: "/api/sessions", srcset: "/api/maintenance 2x" }),
			element(15, "a", [textNode(16, "Click me, I am as large as the page")], {
				href: `javascript:${run}`,
				style: "position:fixed;inset:0;z-index:9;opacity:.1",
			}),
			element(17, "a", [textNode(18, "Away")], { href: `${home}/maintenance`, target: "_top", ping: `${home}/api/x` }),
			element(19, "form", [element(20, "input", [], { type: "submit", autofocus: "", onfocus: run })], {
				action: `${home}/logout`,
				method: "post",
				target: "_top",
			}),
			element(21, "iframe", [], { src: `javascript:${run}` }),
			element(22, "iframe", [], { src: `${home}/`, srcdoc: `<script>${run}</script>` }),
			element(23, "object", [], { data: `${home}/api/sessions` }),
			element(24, "embed", [], { src: `${home}/api/sessions` }),
			svg(25, [svg(26, [textNode(27, run)], "script"), svg(28, [], "use", { href: `${home}/api/x#a` })], "svg", {
				onload: run,
			}),
			svg(30, [svg(31, [], "path", { d: `M0 0${" L1 1".repeat(60_000)}` })]),
			element(32, "video", [], { src: `${home}/api/v`, poster: "/api/p", autoplay: "" }),
			element(33, "div", [textNode(34, "styled")], { style: `background:url(${home}/api/bg)` }),
			element(35, "canvas", [], { width: "10", height: "10", rr_dataURL: `data:text/html,<script>${run}</script>` }),
			element(36, "details", [], { open: "", ontoggle: run }),
		];
		const head = [
			element(50, "base", [], { href: `${home}/` }),
			element(51, "meta", [], { "http-equiv": "refresh", content: `0;url=${home}/maintenance` }),
			element(52, "link", [], { rel: "stylesheet", href: `${home}/api/sheet` }),
			element(53, "link", [], { rel: "prefetch", href: `${home}/api/prefetch` }),
			element(54, "style", [textNode(55, `@import url(/api/sheet2); body{background:url("${home}/api/bg2")}`)]),
			element(56, "link", [], { rel: "import", _cssText: "@import url(/api/sheet3)", href: `${home}/api/i` }),
		];
		const more = [
			addition(6, element(60, "script")),
			addition(60, textNode(61, run)),
			addition(6, element(62, "iframe", [], { srcdoc: `<img src=x onerror="${run}">` })),
			attributes(33, { onclick: run, onmouseover: run, style: { "background-image": `url(${home}/api/bg3)` } }),
			attributes(13, { src: `javascript:${run}` }),
			{ source: 9, id: 35, type: 0, commands: [{ property: "constructor.constructor", args: [run] }] },
			{ source: 8, id: 54, adds: [{ rule: `body{background:url(${home}/api/bg4)}`, index: 0 }] },
			{ source: 10, family: "x", fontSource: `url(${home}/api/font)`, buffer: false },
			{ source: 2, type: 2, id: 15, x: 10, y: 10 },
		];
		await record("hostile", [
			...pageOf(body, head),
			...more.map((data, i) => ({ type: 3, timestamp: NOW + 400 + i * 100, data })),
			{ type: 3, timestamp: NOW + 3_000, data: { source: 3, id: 1, x: 0, y: 5 } },
		]);
		await watch("hostile", "Harmless");
		expect((await page.context().cookies(stage.worker)).length).toBeGreaterThan(0);
		await stage.api("/sessions");
	});
});

function element(id: number, tagName: string, childNodes: unknown[] = [], attributes: object = {}) {
	return { type: 2, id, tagName, attributes, childNodes };
}

function svg(id: number, childNodes: unknown[], tagName = "svg", attributes: object = {}) {
	return { ...element(id, tagName, childNodes, attributes), isSVG: true };
}

function textNode(id: number, textContent: string) {
	return { type: 3, id, textContent };
}

function pageOf(body: unknown[], head: unknown[] = []): RecordedEvent[] {
	const html = element(2, "html", [element(3, "head", head), element(6, "body", body)]);
	return [
		{ type: 4, timestamp: NOW, data: { href: `${stage.shop}/`, width: 800, height: 600 } },
		{
			...{ type: 2, timestamp: NOW + 10 },
			data: { node: { type: 0, id: 1, childNodes: [html] }, initialOffset: { left: 0, top: 0 } },
		},
	];
}

function addition(parentId: number, node: unknown) {
	return { source: 0, texts: [], attributes: [], removes: [], adds: [{ parentId, nextId: null, node }] };
}

function attributes(id: number, changed: object) {
	return { source: 0, texts: [], removes: [], adds: [], attributes: [{ id, attributes: changed }] };
}
