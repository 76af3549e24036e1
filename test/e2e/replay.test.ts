import type { BrowserContext, Page, Request } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { INCREMENTAL, INPUT, MUTATION } from "../../src/contract/events.ts";
import { randomFrom } from "../support/random.ts";
import { clickAt, customAt, headingAt, moveAt, pageAt, scrollAt, send } from "../support/recorded.ts";
import { isRecording, sitePage } from "../support/site.ts";
import { openStage, type Stage, until } from "../support/stage.ts";
import { element } from "../support/story.ts";

let stage: Stage;
let operator: BrowserContext;
let page: Page;
/** Uncaught errors of the dashboard. */
const uncaught: string[] = [];
beforeAll(async () => {
	const body = `<h1 id="title">Cart</h1><button onclick="previousSibling.textContent = 'Cart, paid'">Pay</button>`;
	stage = await openStage({ "/cart.html": sitePage({ tag: 'data-flush-interval-ms="500"', body }) });
	operator = await stage.operator({ viewport: { width: 1280, height: 800 } });
	page = await operator.newPage();
	page.on("pageerror", (error) => uncaught.push(error.message));
});
afterEach(async () => {
	await page.unrouteAll();
	expect(uncaught.splice(0)).toEqual([]);
});
afterAll(() => stage.close());

/** Start of the recordings: long enough ago that a session is not live, unless a test sends newer events. */
const T = Date.now() - 600_000;
const s = (seconds: number) => T + seconds * 1000;
const recording = () => page.frameLocator("iframe.player").frameLocator("iframe");
const heading = (text: string) => recording().locator("#title", { hasText: text }).waitFor();
const clock = async () => (await page.locator(".clock").textContent())?.split("/")[0]?.trim();
const showsClock = (text: string) => until(clock, (it) => it === text);
const rows = () => page.locator(".activity li .line-one").allTextContents();
const indexed = (id: string, events: number) =>
	until(
		async () => (await stage.api<{ sessions: { id: string; events: number }[] }>("/sessions")).sessions,
		(list) => list.some((it) => it.id === id && it.events >= events),
	);
const isFullyLoaded = () =>
	until(
		() => page.locator(".loaded").evaluateAll((list) => list.map((it) => (it as HTMLElement).style.width).join()),
		(width) => width === "100%",
	);

describe("replay", () => {
	const shop = () => stage.shop;

	it("jumps to errors and rage clicks, and filters, searches and steps through the activity", async () => {
		const error = (at: number, message: string) => customAt(at, "error", { message, stack: `at ${message}.js:1` });
		await send(stage.worker, {
			sessionId: "wrong",
			metadata: { user_id: "u-9" },
			chunks: [
				[
					...pageAt(s(0), `${shop()}/lamps`, "Lamps"),
					...clickAt(s(2), 300, 300),
					headingAt(s(2.1), "Lamps, chosen"),
					error(s(4), "first"),
					...[8, 8.2, 8.4].flatMap((at) => clickAt(s(at), 400, 400)),
				],
				[
					{ type: 8, timestamp: s(10), data: { assets: [] } },
					headingAt(s(11), "Lamps, still"),
					error(s(12), "second"),
					...pageAt(s(20), `${shop()}/lamps/ember`, "Ember"),
					moveAt(s(30)),
				],
			],
		});
		await send(stage.worker, {
			sessionId: "before",
			metadata: { user_id: "u-9", entry_url: `${shop()}/home` },
			chunks: [[...pageAt(s(-90), `${shop()}/home`, "Home"), moveAt(s(-80))]],
		});
		await indexed("wrong", 17);
		await page.goto("/sessions/wrong");
		await heading("Lamps");
		await page.locator("h1").click();
		for (const [key, time] of [
			["e", "0:04"],
			["e", "0:12"],
			["Shift+E", "0:04"],
			["r", "0:08"],
			["Shift+R", "0:08"],
		] as const) {
			await page.keyboard.press(key);
			await showsClock(time);
		}
		await page.getByRole("slider").press("Home");
		await page.getByRole("button", { name: "Next rage click" }).click();
		await showsClock("0:08");
		await page.locator("h1").click();
		await page.keyboard.press("e");
		await heading("Lamps, still");
		await page.getByText("1 event of an unknown type was skipped.").waitFor();

		await page.getByRole("button", { name: /^Clicks/ }).click();
		await page.getByRole("searchbox", { name: "Search activity" }).fill("SECOND.js");
		await until(rows, (list) => list.join() === "Error second");
		expect(new URL(page.url()).search).toBe("?hide=click&find=SECOND.js");
		await page.getByRole("searchbox", { name: "Search activity" }).fill("");
		await until(
			rows,
			(list) => list.join() === "Landed on /lamps,Error first,Rage click on #row-2,Error second,Opened /lamps/ember",
		);
		await page.getByRole("slider").press("Home");
		await page.locator("h1").click();
		await page.keyboard.press("j");
		await showsClock("0:04");
		expect(await page.locator(".entry-details pre").textContent()).toBe("at first.js:1");
		await page.keyboard.press("j");
		await showsClock("0:08");
		await page.keyboard.press("k");
		await showsClock("0:04");

		await page.getByRole("tab", { name: "Details" }).click();
		await page.getByText("Other sessions of u-9").waitFor();
		await page.getByText("entry page /home").waitFor();
		await page.getByRole("tab", { name: "Events" }).click();
		await page.getByText("Custom event error").click();
		await page.locator(".record", { hasText: '"message": "first"' }).waitFor();
	});

	it("shows console and network panels, and clicks over the page at any size", async () => {
		const call = { api: "fetch", method: "GET", url: `${shop()}/api/cart`, startedAt: s(3), durationMs: 900 };
		await send(stage.worker, {
			sessionId: "panels",
			chunks: [
				[
					...pageAt(s(0), `${shop()}/lamps`, "Lamps", 60),
					customAt(s(2), "__console", { level: "warn", args: ["<img src=x onerror=alert(1)>"] }),
					customAt(s(3.9), "__network", { ...call, status: 500, responseBytes: 12 }),
					scrollAt(s(5), 600),
					...clickAt(s(6), 640, 300),
					headingAt(s(6.1), "Lamps, chosen"),
					moveAt(s(9)),
				],
			],
		});
		await indexed("panels", 8);
		await page.goto("/sessions/panels?panel=console&t=6000&over=all");
		await page.locator(".console-line").click();
		await showsClock("0:02");
		expect(await page.locator(".record").textContent()).toBe("<img src=x onerror=alert(1)>");
		await page.getByLabel("Level").selectOption("Errors");
		await page.locator(".console-line").waitFor({ state: "detached" });
		await page.getByRole("tab", { name: "Network" }).click();
		// Only the current page's calls are shown, on a time axis that spans them: its single call fills the axis.
		await page.locator(".network-call").click();
		await showsClock("0:03");
		expect(await page.locator(".record").textContent()).toContain("500 (fetch), 900 ms");
		const bar = page.locator(".network-call .bar i");
		expect(await bar.evaluate((it) => it.style.cssText)).toMatch(/left: 0%; width: 100%/);
		await page.getByRole("checkbox", { name: "All pages" }).check();
		await until(
			() => bar.evaluate((it) => Number.parseInt(it.style.left, 10)),
			(left) => left === 76,
		);

		/** Returns the vertical center of the drawing over the page, in pixels; null if nothing is drawn. */
		const drawn = () =>
			page.locator("canvas.overlay").evaluate((canvas: HTMLCanvasElement) => {
				const { width, height } = canvas;
				const { data } = canvas.getContext("2d")!.getImageData(0, 0, width, height);
				const ys = [];
				for (let i = 3; i < data.length; i += 4) if (data[i]! > 100) ys.push(Math.floor(i / 4 / width));
				return ys.length ? Math.round((Math.min(...ys) + Math.max(...ys)) / 2) : null;
			});
		const scale = async () => (await recording().locator("html").boundingBox())!.width / 1280;
		const top = async () =>
			(await recording().locator("html").boundingBox())!.y - (await page.locator("canvas.overlay").boundingBox())!.y;
		// The page is not scrolled yet: the click is 900 pixels down the page, below the viewport.
		await until(drawn, (y) => y === null);
		await page.goto("/sessions/panels?t=6000&over=all");
		await until(drawn, (y) => y !== null);
		// The page is scrolled by 600 pixels: the top of `html` is above the viewport of its frame.
		const middle = (await top()) + 900 * (await scale());
		expect(Math.abs((await drawn())! - middle)).toBeLessThan(4);
		expect(await scale()).toBeLessThan(0.9);
		await page.locator("h1").click();
		await page.keyboard.press("z");
		await until(scale, (it) => it === 1);
		await until(drawn, (y) => y === 300);
		await page.getByLabel("Overlay").selectOption("Scroll depth");
		await page.getByRole("img", { name: "Page seen down to 1320 px" }).waitFor();
		await page.locator("h1").click();
		await page.keyboard.press("f");
		await page.waitForFunction(() => document.fullscreenElement?.classList.contains("replay"));
		await page.keyboard.press("f");
		await page.waitForFunction(() => document.fullscreenElement === null);
	});

	it("shows timeline and panels before the events are loaded, and starts with the first chunk", async () => {
		const field = (id: number, name: string) => ({
			parentId: 9,
			nextId: null,
			node: element(id, "input", [], { name }),
		});
		const typed = (at: number, id: number) => ({
			...{ type: INCREMENTAL, timestamp: at, data: { source: INPUT, id, text: "****", isChecked: false } },
		});
		const fields = {
			source: MUTATION,
			texts: [],
			attributes: [],
			removes: [],
			adds: [field(50, "mail"), field(51, "town")],
		};
		const vital = { metric: "LCP", value: 3_100, rating: "needs-improvement", url: `${shop()}/form` };
		await send(stage.worker, {
			sessionId: "before-events",
			metadata: { plan: "gold" },
			chunks: [
				[
					...pageAt(s(0), `${shop()}/form`, "Form", 60),
					{ type: INCREMENTAL, timestamp: s(1), data: fields },
					...[2, 2.5].map((at) => typed(s(at), 50)),
					typed(s(4), 51),
					scrollAt(s(5), 360),
					...[6, 6.2, 6.4].flatMap((at) => clickAt(s(at), 300, 300)),
					...clickAt(s(7), 800, 300),
					...clickAt(s(8), 1_000, 300),
					headingAt(s(8.1), "Form, sent"),
					customAt(s(9), "__perf", vital),
					customAt(s(9.5), "__cost", { ms: 41.6, longestMs: 12, longTasks: 0, bytes: 5_300, lost: 0 }),
				],
				[
					...pageAt(s(10), `${shop()}/sent`, "Sent"),
					...clickAt(s(12), 640, 300),
					headingAt(s(12.1), "Sent, seen"),
					moveAt(s(14)),
				],
			],
		});
		await indexed("before-events", 26);
		const waiting: (() => void)[] = [];
		await page.route(/\/events\?/, async (route) => {
			await new Promise<void>((resolve) => waiting.push(resolve));
			await route.continue();
		});
		await page.goto("/sessions/before-events/windows/w?panel=pages");
		await page.getByText("Loading recording").waitFor();
		await until(rows, (list) =>
			["Landed on /form", "Typed into mail", "Rage click on #row-2", "Opened /sent"].every((it) => list.includes(it)),
		);
		expect(await page.locator(".pages span").allInnerTexts()).toEqual(["/form", "/sent"]);
		// Entries close together share one tick with the shape of the most important kind.
		const many = page.locator(".tick[data-many][data-kind=frustration]").first();
		expect(await many.getAttribute("title")).toMatch(/^0:06 .+\n(.+\n)*0:06 Rage click on #row-2/);
		const [form] = await page.locator("#panel tbody tr").allInnerTexts();
		expect(form!.split(/\s*\t\s*/)).toEqual(["0:00 /form", "10s", "360 px, 1.5 screens", "3100 ms", "–", "–", "42 ms"]);
		expect(await page.locator(".vital").getAttribute("title")).toBe("Needs improvement");
		expect(await page.locator("#panel span[title^=longest]").getAttribute("title")).toBe(
			"longest task 12 ms, 5.3 KB sent",
		);
		await page.getByRole("tab", { name: "Forms" }).click();
		expect(await page.locator("#panel tbody tr").allInnerTexts()).toEqual([
			expect.stringMatching(/mail\s+\/form\s+1 of 2\s+2\s+0.5 s\s+2.0 s/),
			expect.stringMatching(/town\s+\/form\s+2 of 2\s+1\s+0.0 s\s+–/),
		]);
		await page.getByRole("tab", { name: "Details" }).click();
		const facts = await page.locator("#panel .facts").innerText();
		for (const fact of ["before-events", "gold", "United States", "Austin", "14s", "26 events"])
			expect(facts).toContain(fact);

		await until(
			async () => waiting.length,
			(count) => count === 2,
		);
		waiting[0]!();
		await heading("Form");
		expect(await page.locator(".loaded").evaluate((it) => Number.parseInt((it as HTMLElement).style.width, 10))).toBe(
			67,
		);
		await page.getByRole("slider").press("End");
		await page.getByText("Loading recording").waitFor();
		waiting[1]!();
		await heading("Sent, seen");
		await page.unroute(/\/events\?/);
		// The player does not show the controls of rrweb-player.
		const player = page.frameLocator("iframe.player");
		expect([await player.locator(".rr-player").count(), await player.locator(".rr-controller").count()]).toEqual([
			1, 0,
		]);
	});

	it("does not move rows when one is selected, in the activity list or a panel", async () => {
		const call = { api: "fetch", method: "GET", url: `${shop()}/api/cart`, durationMs: 90, status: 200 };
		const seconds = Array.from({ length: 30 }, (_, i) => i + 1);
		await send(stage.worker, {
			sessionId: "still",
			chunks: [
				[
					...pageAt(s(0), `${shop()}/lamps`, "Lamps"),
					...seconds.flatMap((n) => [
						customAt(s(n), "step", { n, words: "long ".repeat(40) }),
						customAt(s(n + 0.1), "__console", { level: "log", args: [`line ${n} ${"long ".repeat(40)}`] }),
						customAt(s(n + 0.2), "__network", { ...call, startedAt: s(n) }),
					]),
					moveAt(s(31)),
				],
			],
		});
		await indexed("still", 93);
		/** Clicks the first and last three visible rows. Returns by how many pixels they moved; empty if none moved. */
		const moved = async (list: string) => {
			const box = (await page.locator(list).boundingBox())!;
			const rows = page.locator(`${list} li button`);
			const boxes = await rows.evaluateAll((all) => all.map((it) => it.getBoundingClientRect().toJSON() as DOMRect));
			const visible = boxes.flatMap(({ y, height }, i) =>
				y + height - 4 > box.y && y + 4 < box.y + box.height ? [i] : [],
			);
			expect(visible.length).toBeGreaterThan(3);
			const before = boxes.map(({ y }) => y);
			const distances: number[] = [];
			// The rows at the edges are those that a list could scroll into view.
			for (const i of [...visible.slice(0, 3), ...visible.slice(-3)]) {
				const y = Math.min(Math.max(before[i]! + 4, box.y + 2), box.y + box.height - 2);
				await page.mouse.click(box.x + 60, y);
				await page.waitForTimeout(100);
				distances.push((await rows.nth(i).boundingBox())!.y - before[i]!);
			}
			return distances.filter((distance) => distance !== 0);
		};
		for (const panel of ["console", "network", "events"]) {
			await page.goto(`/sessions/still?t=9000&panel=${panel}`);
			await heading("Lamps");
			await page.locator("#panel .records li").nth(5).waitFor();
			expect(await moved("#panel .records .virtual")).toEqual([]);
		}
		expect(await moved(".activity .virtual")).toEqual([]);
		await page.locator(".entry-details pre").waitFor();
	});

	it("draws the clicks on the current page, all or only those before the current moment, and marks rage and dead clicks", async () => {
		await page.goto("/sessions/before-events/windows/w?over=so-far&t=6800");
		await heading("Form");
		const overlay = page.locator("canvas.overlay");
		const showsLabel = (label: string) => page.getByRole("img", { name: label, exact: true }).waitFor();
		await showsLabel("3 clicks on this page");
		await page.getByRole("slider").press("Home");
		await showsLabel("0 clicks on this page");
		await page.getByLabel("Overlay").selectOption("All clicks");
		await showsLabel("5 clicks on this page");
		await page.locator(".activity button", { hasText: "Dead click" }).click();
		await showsClock("0:07");
		/** Returns the name of the overlay's color at a position; null if the overlay is transparent there. */
		const colorAt = (x: number, y: number) =>
			overlay.evaluate(
				(it: HTMLCanvasElement, [dx, dy]) => {
					const nameOf = new Map<string, string>();
					for (const name of ["--click", "--frustration"]) {
						it.style.color = `var(${name})`;
						nameOf.set(getComputedStyle(it).color, name);
					}
					const context = document.createElement("canvas").getContext("2d")!;
					const rgb = (color: string) => {
						context.fillStyle = color;
						context.fillRect(0, 0, 1, 1);
						return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
					};
					const pixel = [...it.getContext("2d")!.getImageData(dx!, dy!, 1, 1).data];
					if (!pixel[3]) return null;
					const isLike = (color: string) => rgb(color).every((value, i) => Math.abs(value - pixel[i]!) < 12);
					return [...nameOf].find(([color]) => isLike(color))?.[1] ?? (isLike("white") ? "white" : String(pixel));
				},
				[x, y],
			);
		const positionOf = async (x: number, y: number): Promise<[number, number]> => {
			const [html, canvas] = [(await recording().locator("html").boundingBox())!, (await overlay.boundingBox())!];
			const scale = html.width / 1280;
			return [Math.round(html.x - canvas.x + x * scale), Math.round(html.y - canvas.y + y * scale)];
		};
		await until(
			async () => colorAt(...(await positionOf(300, 660))),
			(color) => color === "--frustration",
		);
		expect(await colorAt(...(await positionOf(800, 660)))).toBe("white");
		// Another page has its own clicks.
		await page.getByRole("slider").press("End");
		await heading("Sent, seen");
		await showsLabel("1 click on this page");
		expect(
			await recording()
				.locator("html")
				.evaluate(() => scrollY),
		).toBe(0);
		await until(
			async () => colorAt(...(await positionOf(640, 300))),
			(color) => color === "--click",
		);
		await page.getByLabel("Overlay").selectOption("No overlay");
		await overlay.waitFor({ state: "detached" });
		// Selecting an entry in the list also works without an overlay.
		await page.locator(".activity li button", { hasText: "Rage click" }).click();
		await showsClock("0:06");
		await heading("Form");
	});

	it("plays from a moment chosen by keyboard at any speed, with the same time in picture, clock and timeline", async () => {
		const seconds = Array.from({ length: 40 }, (_, i) => i + 1);
		await send(stage.worker, {
			sessionId: "keys",
			chunks: [
				[
					...pageAt(s(0), `${shop()}/count`, "At 0"),
					...seconds.flatMap((n) => [headingAt(s(n), `At ${n}`), moveAt(s(n))]),
				],
			],
		});
		await indexed("keys", 82);
		await page.goto("/sessions/keys");
		await heading("At 0");
		await page.locator("h1").click();
		for (const key of ["ArrowRight", "ArrowRight", "ArrowLeft"]) await page.keyboard.press(key);
		await showsClock("0:05");
		await heading("At 5");
		const playDisc = page.locator(".stage-play");
		expect(await playDisc.count()).toBe(1);
		await page.keyboard.press("Space");
		const seen: string[] = [];
		await until(clock, (it) => seen.push(it ?? "") > 0 && it !== "0:05");
		await page.keyboard.press("Space");
		await page.getByRole("button", { name: "Play", exact: true }).first().waitFor();
		// After the first play, nothing covers the picture.
		expect(await playDisc.count()).toBe(0);
		// The clock never shows a time before the seek target, nor one far beyond.
		const secondOf = (words: string | undefined) => Number(words?.split(":")[1]);
		expect(seen.filter((it) => !(secondOf(it) >= 5 && secondOf(it) < 15))).toEqual([]);
		const stood = secondOf(await clock());
		await heading(`At ${stood}`);
		const line = (await page.getByRole("slider").boundingBox())!;
		const head = (await page.locator(".timeline .playhead").boundingBox())!;
		const share = (head.x + head.width / 2 - line.x) / line.width;
		expect(Math.abs(share * 40 - stood - 0.5)).toBeLessThan(0.6);
		for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowUp");
		await until(
			() => page.getByLabel("Speed").inputValue(),
			(speed) => speed === "16",
		);
		const startedAt = Date.now();
		await page.keyboard.press("Space");
		await showsClock("0:40");
		await heading("At 40");
		// 40 s of recording take 2.5 s at 16×. They cannot take less.
		expect(Date.now() - startedAt).toBeGreaterThan(1_500);
		for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowDown");
		await until(
			() => page.getByLabel("Speed").inputValue(),
			(speed) => speed === "1",
		);
	});

	it("plays an old session from its pack, from any moment", async () => {
		const random = randomFrom(3);
		const moves = Array.from({ length: 18 }, (_, i) => i + 1);
		const parts = ["One", "Two", "Three", "Four"].map((title, i) => {
			const words = random.many(400, () => random.below(2 ** 30).toString(36)).join(" ");
			const at = (seconds: number) => s(i * 20 + seconds);
			return [
				...pageAt(at(0), `${shop()}/${title}`, title),
				customAt(at(1), "words", { words }),
				...moves.map((n) => moveAt(at(n))),
			];
		});
		await send(stage.worker, { sessionId: "long-ago", chunks: parts });
		await indexed("long-ago", 4 * 21);
		const { DB, CHUNKS } = await stage.bindings();
		const days = 3 * 86_400_000;
		await DB.prepare(
			`UPDATE sessions SET started_at = started_at - ${days}, received_at = received_at - ${days} WHERE id = 'long-ago'`,
		).run();
		await stage.scheduled();
		const keys = (await CHUNKS.list()).objects.map(({ key }) => key).filter((key) => key.includes("/long-ago/"));
		expect(keys).toEqual([expect.stringMatching(/\.pack$/)]);
		await page.goto("/sessions/long-ago");
		await heading("One");
		await page.locator("h1").click();
		for (let i = 0; i < 10; i++) await page.keyboard.press("ArrowRight");
		await showsClock("0:50");
		await heading("Three");
		for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowLeft");
		await showsClock("0:25");
		await heading("Two");
		await isFullyLoaded();
	});

	it("loads images, styles and fonts from the recorded site", async () => {
		const requests: string[] = [];
		await page.route(`${shop()}/zq*`, (route) => {
			requests.push(`${route.request().resourceType()} ${new URL(route.request().url()).pathname}`);
			return route.fulfill({ body: "", headers: { "access-control-allow-origin": "*" } });
		});
		const [meta, snapshot] = pageAt(s(0), `${shop()}/styled`, "Styled");
		const face = `@font-face { font-family: zq; src: url(${shop()}/zq.woff2) } h1 { font-family: zq }`;
		const adds = [
			element(50, "link", [], { rel: "stylesheet", href: `${shop()}/zq.css` }),
			{ ...element(51, "style"), childNodes: [] },
			element(52, "h1"),
			element(53, "img", [], { src: `${shop()}/zq.png`, srcset: `${shop()}/zq-2.png 2x` }),
			element(54, "div", [], { style: `height: 9px; background: url(${shop()}/zq-3.png)` }),
		].map((node) => ({ parentId: 9, nextId: null, node }));
		const texts = [
			{ parentId: 51, nextId: null, node: { type: 3, id: 61, textContent: face } },
			{ parentId: 52, nextId: null, node: { type: 3, id: 62, textContent: "In its own letters" } },
		];
		const change = { source: MUTATION, texts: [], attributes: [], removes: [], adds: [...adds, ...texts] };
		const events = [meta!, snapshot!, { type: INCREMENTAL, timestamp: s(1), data: change }, moveAt(s(2))];
		await send(stage.worker, { sessionId: "styled", chunks: [events] });
		await indexed("styled", 4);
		await page.goto("/sessions/styled?t=1500");
		await recording().getByText("In its own letters").waitFor();
		const wanted = ["font /zq.woff2", "image /zq-3.png", "image /zq.png", "stylesheet /zq.css"];
		await until(
			async () => [...new Set(requests)].sort().join(),
			(list) => list === wanted.join(),
		);
		await page.unroute(`${shop()}/zq*`);
	});

	it("first loads the parts that a moment needs, and marks parts that are missing or cannot be decrypted", async () => {
		const page2 = [...pageAt(s(60), `${shop()}/two`, "Two"), headingAt(s(61), "Two, later")];
		await send(stage.worker, {
			sessionId: "holes",
			chunks: [
				[...pageAt(s(0), `${shop()}/one`, "One"), moveAt(s(9))],
				[headingAt(s(20), "One, missing"), moveAt(s(29))],
				[headingAt(s(40), "One, locked"), moveAt(s(49))],
				page2,
				[headingAt(s(80), "Two, at last"), moveAt(s(90))],
				[headingAt(s(100), "Two, unreachable"), moveAt(s(105))],
				[moveAt(s(120))],
			],
		});
		await indexed("holes", 15);
		const { chunks } = await stage.api<{ chunks: { cursor: string }[] }>("/sessions/holes/windows/w/trail");
		const { CHUNKS } = (await stage.bindings()) as unknown as {
			CHUNKS: {
				list(): Promise<{ objects: { key: string }[] }>;
				head(key: string): Promise<{ customMetadata: Record<string, string> }>;
				put(key: string, body: string, options: object): Promise<unknown>;
				delete(key: string): Promise<void>;
			};
		};
		const { objects } = await CHUNKS.list();
		const keyOf = (n: number) => objects.find(({ key }) => key.endsWith(chunks[n]!.cursor))!.key;
		await CHUNKS.delete(keyOf(1));
		// Makes the chunk look as if it was encrypted with a key that is lost.
		const { customMetadata } = await CHUNKS.head(keyOf(2));
		await CHUNKS.put(keyOf(2), "encrypted", { customMetadata: { ...customMetadata, key: "k1" } });
		const requests: string[] = [];
		let release = () => {};
		const released = new Promise<void>((resolve) => {
			release = resolve;
		});
		await page.route(/\/events\?/, async (route) => {
			const cursor = new URL(route.request().url()).searchParams.get("cursor")!;
			requests.push(cursor);
			if (cursor === chunks[0]!.cursor) await released;
			if (cursor === chunks[5]!.cursor && requests.indexOf(cursor) === requests.length - 1) {
				return route.fulfill({ status: 503, json: { error: "storage is unavailable, try again" } });
			}
			return route.continue();
		});
		await page.goto(`/sessions/holes/windows/w?t=${s(85)}`);
		await heading("Two, at last");
		expect(requests.slice(0, 2)).toEqual([chunks[3]!.cursor, chunks[4]!.cursor]);
		// Earlier chunks are still loading; the player waits for them.
		await page.getByRole("slider").press("Home");
		await page.getByText("Loading recording").waitFor();
		release();
		await heading("One");
		await isFullyLoaded();
		await page.getByText("1 part of this recording is missing (0:20 to 0:29)").waitFor();
		await page.getByText("1 part cannot be decrypted (0:40 to 0:49): this part is encrypted with the key k1").waitFor();
		// Steps skip long inactivity: the three steps lead to 0:05, 0:20 and 0:25.
		for (let i = 0; i < 3; i++) await page.getByRole("slider").press("ArrowRight");
		await page.getByText("This part is missing. The picture may be outdated.").waitFor();
		expect(
			await page.locator(".track > .missing").evaluateAll((all) => all.map((it) => (it as HTMLElement).title)),
		).toEqual(expect.arrayContaining(["Missing", "Cannot be decrypted"]));
		await page.getByRole("slider").press("End");
		await heading("Two, at last");
		await page.getByRole("button", { name: "Try again" }).click();
		await heading("Two, unreachable");
		await page.unroute(/\/events\?/);
	});

	it("explains why nothing can be played, and plays after a retry", async () => {
		let answer = { status: 409, json: { error: "this part is encrypted with the key k1" } };
		await page.route(/\/events\?/, (route) => (answer.status ? route.fulfill(answer) : route.continue()));
		await page.goto("/sessions/panels");
		await page
			.getByRole("alert")
			.getByText("It cannot be decrypted: this part is encrypted with the key k1.")
			.waitFor();
		answer = { status: 503, json: { error: "storage is unavailable, try again" } };
		await page.goto("/sessions/panels");
		await page.getByRole("alert").getByText("storage is unavailable").waitFor();
		answer = { status: 0, json: { error: "" } };
		await page.getByRole("button", { name: "Try again" }).click();
		await heading("Lamps");
		expect(await page.getByRole("alert").count()).toBe(0);
		await page.unroute(/\/events\?/);
	});

	it("reports a page that is nested too deeply, and plays the rest", async () => {
		const deep = [...pageAt(s(0), `${shop()}/deep`, "Deep", 1), moveAt(s(4))];
		const flat = [...pageAt(s(6), `${shop()}/flat`, "Flat"), moveAt(s(9))];
		const levels = Array.from(
			{ length: 2_500 },
			(_, i) => `{"type":2,"id":${i + 1_000},"tagName":"div","attributes":{}`,
		);
		const nested = `${levels.join(',"childNodes":[')},"childNodes":[]${"}]".repeat(levels.length - 1)}}`;
		// The nested nodes are inserted as text, because `JSON.parse` supports deeper nesting than `JSON.stringify`.
		const post = async (windowId: string, seq: number, events: object[]) => {
			const text = JSON.stringify({ sessionId: "deep", windowId, seq, events });
			const body = text.replace('"childNodes":[', `"childNodes":[${nested},`);
			return (await fetch(`${stage.worker}/events`, { method: "POST", body })).status;
		};
		expect(await post("only", 0, deep)).toBe(200);
		await send(stage.worker, { sessionId: "deep", windowId: "then", chunks: [flat] });
		expect(await post("then", 1, deep)).toBe(200);
		await indexed("deep", 9);
		await page.goto("/sessions/deep/windows/only");
		await page.getByRole("alert").getByText("It cannot be drawn: the page is nested too deeply").waitFor();
		await page.goto("/sessions/deep/windows/then?t=7000");
		await heading("Flat");
		await page.getByText("1 part cannot be drawn (0:00 to 0:04)").waitFor();
	});

	it("keeps the text of a note that cannot be saved", async () => {
		await page.route(/\/notes\/[^/]+$/, (route) =>
			route.fulfill({ status: 503, json: { error: "storage is unavailable, try again" } }),
		);
		await page.goto("/sessions/panels");
		await heading("Lamps");
		await page.locator("h1").click();
		await page.keyboard.press("m");
		const field = page.locator(".draft textarea");
		await field.fill("Look at the cart");
		await field.press("Enter");
		await page.getByRole("alert").getByText("storage is unavailable").waitFor();
		expect(await field.inputValue()).toBe("Look at the cart");
		await page.unroute(/\/notes\/[^/]+$/);
		await field.press("Enter");
		await page.locator(".note", { hasText: "Look at the cart" }).waitFor();
		expect(await field.count()).toBe(0);
	});

	it("folds long inactivity in the timeline, and seeks and plays past the fold", async () => {
		await send(stage.worker, {
			sessionId: "quiet",
			chunks: [
				[
					...pageAt(s(0), `${shop()}/before`, "Before"),
					...[2, 4, 6].flatMap((at) => clickAt(s(at), 300, 300)),
					...pageAt(s(306), `${shop()}/after`, "After"),
					...[308, 310, 312].flatMap((at) => clickAt(s(at), 300, 300)),
				],
			],
		});
		await indexed("quiet", 16);
		await page.goto("/sessions/quiet");
		await heading("Before");
		const slider = page.getByRole("slider");
		const line = (await slider.boundingBox())!;
		const middleOf = async (selector: string) => {
			const { x, width } = (await page.locator(selector).boundingBox())!;
			return Math.round(x + width / 2 - line.x);
		};
		const fold = page.locator(".gap[data-folded]");
		expect(Math.round((await fold.boundingBox())!.width)).toBe(24);
		expect(await fold.getAttribute("title")).toBe("Inactive for 5m");
		// The activity before the fold is as long as the activity after it, so the fold is in the middle.
		expect(Math.abs((await middleOf(".gap[data-folded]")) - line.width / 2)).toBeLessThan(2);
		await slider.click({ position: { x: line.width * 0.75, y: 27 } });
		await showsClock("5:08");
		expect(Math.abs((await middleOf(".timeline .playhead")) - line.width * 0.75)).toBeLessThan(2);
		await slider.press("ArrowLeft");
		await showsClock("0:06");
		await slider.press("ArrowRight");
		await showsClock("5:06");
		// Playback skips the five minutes.
		await slider.press("ArrowLeft");
		await page.locator("h1").click();
		await page.keyboard.press("Space");
		await heading("After");
		await page.keyboard.press("Space");
		await page.locator(".activity button", { hasText: "Opened /after" }).click();
		await showsClock("5:06");
		await page.getByRole("checkbox", { name: "Skip inactivity" }).uncheck();
		await fold.waitFor({ state: "detached" });
		expect(Math.abs((await middleOf(".timeline .playhead")) - (line.width * 306) / 312)).toBeLessThan(2);
		await slider.press("ArrowLeft");
		await showsClock("5:01");
	});

	it("loads one player, even if the tab is known only after the player is ready", async () => {
		const players: string[] = [];
		const count = (request: Request) => void (request.url().endsWith("/player") && players.push(request.url()));
		page.on("request", count);
		await page.route(/api\/sessions\/panels$/, async (route) => {
			await page.frameLocator("iframe.player").locator("body").waitFor({ state: "attached" });
			await route.continue();
		});
		await page.goto("/sessions/panels");
		await heading("Lamps");
		expect(players).toHaveLength(1);
		// Without a user ID, the location names the session.
		expect(await page.title()).toMatch(/^Session from Austin, US, .+ – Sentiero Edge$/);
		page.off("request", count);
		await page.unroute(/api\/sessions\/panels$/);
	});

	it("keeps the moment when the tab changes, and continues in the next tab", async () => {
		await send(stage.worker, {
			sessionId: "tabs",
			windowId: "first",
			chunks: [[...pageAt(s(0), `${shop()}/one`, "One"), headingAt(s(8), "One, left"), moveAt(s(10))]],
		});
		await send(stage.worker, {
			sessionId: "tabs",
			windowId: "second",
			chunks: [[...pageAt(s(4), `${shop()}/two`, "Two"), headingAt(s(9), "Two, later"), moveAt(s(12))]],
		});
		await indexed("tabs", 7);
		await page.goto("/sessions/tabs/windows/first?t=9500");
		await heading("One, left");
		const bar = page.getByRole("navigation", { name: "Tabs of this session" });
		await bar.evaluate((it) => it.setAttribute("data-before", ""));
		await page.getByRole("link", { name: /^Tab 2/ }).press("Enter");
		await heading("Two, later");
		await showsClock("0:05");
		// The bar was not rendered again, and the focus stayed on the tab.
		expect(await bar.getAttribute("data-before")).toBe("");
		expect(await page.evaluate(() => document.activeElement?.textContent)).toMatch(/^Tab 2/);
		await page.getByRole("link", { name: /^Tab 1/ }).click();
		await heading("One, left");
		await showsClock("0:09");
		await page.locator("h1").click();
		await page.keyboard.press("Space");
		await page.waitForURL(/windows\/second/);
		// Waits for the end: intermediate states may be too short to observe.
		await showsClock("0:08");
		await heading("Two, later");
	});

	it("follows the visitor across tabs", async () => {
		await send(stage.worker, {
			sessionId: "story",
			windowId: "first",
			chunks: [
				[
					...pageAt(s(0), `${shop()}/one`, "One"),
					...clickAt(s(1), 300, 300),
					headingAt(s(1.1), "One, clicked"),
					...clickAt(s(6), 300, 300),
					headingAt(s(6.1), "One, again"),
					moveAt(s(9)),
				],
			],
		});
		await send(stage.worker, {
			sessionId: "story",
			windowId: "second",
			chunks: [
				[
					...pageAt(s(2), `${shop()}/two`, "Two"),
					...clickAt(s(3), 300, 300),
					headingAt(s(3.1), "Two, clicked"),
					moveAt(s(12)),
				],
			],
		});
		await indexed("story", 15);
		await page.goto("/sessions/story/windows/first?t=2500");
		await heading("One, clicked");
		await page.getByRole("checkbox", { name: "Follow the visitor" }).check();
		await page.locator("h1").click();
		await page.getByLabel("Speed").selectOption("2×");
		await page.locator("h1").click();
		const shown: string[] = [];
		const onTab = () => {
			const tab = new URL(page.url()).pathname.split("/").at(-1)!;
			if (tab !== shown.at(-1)) shown.push(tab);
		};
		page.on("framenavigated", onTab);
		await page.keyboard.press("Space");
		// Waits for the end: intermediate states may be too short to observe.
		await showsClock("0:10");
		page.off("framenavigated", onTab);
		expect(shown).toEqual(["second", "first", "second"]);
		await heading("Two, clicked");
		expect(await page.getByLabel("Speed").inputValue()).toBe("2");
		await page.getByRole("link", { name: /^Tab 1/ }).click();
		await heading("One, again");
	});

	it("scrolls to the current tab if there are many, and fits all controls on a phone", async () => {
		for (let i = 0; i < 10; i++) {
			const windowId = `tab-${i}`;
			// The tab that ends last is one of the last in the bar.
			const chunks = [[...pageAt(s(i), `${shop()}/${i}`, `Of ${windowId}`), moveAt(s(i === 8 ? 60 : 30))]];
			await send(stage.worker, { sessionId: "many-tabs", windowId, chunks });
		}
		await indexed("many-tabs", 30);
		const edges = (name: string) =>
			page
				.locator(name)
				.evaluateAll((all) =>
					all.map((it) => it.getBoundingClientRect()).map(({ left, right, top }) => [left, right, top] as const),
				);
		for (const width of [1280, 390, 320]) {
			await page.setViewportSize({ width, height: 800 });
			await page.goto("/sessions/many-tabs");
			await heading("Of tab-8");
			const [[left, right]] = (await edges(".windows a[aria-current]")) as [readonly [number, number, number]];
			expect([left > 0, right < width, await page.locator(".windows a").count()]).toEqual([true, true, 10]);
			expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
			const pressable =
				".replay-head :is(a, button), .panel-tabs button, .controls :is(button, select, input), .add-note";
			for (const [left, right] of await edges(pressable)) {
				expect([left >= 0, right <= width]).toEqual([true, true]);
			}
		}
		await page.setViewportSize({ width: 390, height: 800 });
		const tops = (await edges(".controls button[aria-label='Full screen'], .controls input")).map(([, , top]) => top);
		expect(Math.abs(tops[0]! - tops[1]!)).toBeLessThan(20);
		await page.setViewportSize({ width: 1280, height: 800 });
	});

	it("deletes only the current tab", async () => {
		await page.goto("/sessions/tabs/windows/second");
		await heading("Two");
		await page.getByRole("button", { name: "Delete session" }).click();
		await page.getByRole("radio", { name: "Only this tab" }).check();
		await page.getByRole("button", { name: "Delete tab" }).click();
		await page.waitForURL(/windows\/first/);
		await heading("One");
		await page.getByRole("dialog").waitFor({ state: "detached" });
		expect(await page.getByRole("navigation", { name: "Tabs of this session" }).count()).toBe(0);
		const { windows } = await stage.api<{ windows: { id: string }[] }>("/sessions/tabs");
		expect(windows.map(({ id }) => id)).toEqual(["first"]);
		await page.getByRole("button", { name: "Delete session" }).click();
		expect(await page.getByRole("radio").count()).toBe(0);
		await page.getByRole("button", { name: "Cancel" }).click();
	});

	it("links to the previous and next session of the list it was opened from", async () => {
		const list = new URLSearchParams({ q: "u-9" });
		await page.goto(`/sessions/wrong?${new URLSearchParams({ list: String(list) })}`);
		await page.getByRole("link", { name: "Next session" }).waitFor();
		expect(await page.title()).toMatch(/^Session of u-9, .+ – Sentiero Edge$/);
		await page.locator("h1", { hasText: "u-9" }).click();
		await page.keyboard.press("n");
		await page.waitForURL(/sessions\/before\?list=q%3Du-9$/);
		await page.waitForFunction(() => document.activeElement?.tagName === "H1");
		await heading("Home");
		expect(await page.getByRole("button", { name: "Next session" }).isDisabled()).toBe(true);
		await page.getByRole("link", { name: "Previous session" }).click();
		await heading("Lamps");
		await page.getByRole("link", { name: "All sessions" }).click();
		await page.waitForURL(`${stage.worker}/?q=u-9`);
	});

	it("follows a live session", async () => {
		const now = Date.now();
		const chunk = (n: number, events: object[]) =>
			fetch(`${stage.worker}/events`, {
				method: "POST",
				body: JSON.stringify({ sessionId: "live", windowId: "w", seq: n, events }),
			});
		await chunk(0, [...pageAt(now - 9_000, `${shop()}/one`, "One"), moveAt(now - 5_000)]);
		await indexed("live", 3);
		await page.goto("/sessions/live/windows/w");
		await heading("One");
		await page.getByRole("button", { name: "Go to live" }).click();
		await page.getByText("Live: waiting").waitFor();
		await chunk(1, [headingAt(now + 20_000, "One, live"), moveAt(now + 20_500)]);
		await heading("One, live");
		await page.getByRole("button", { name: "Pause" }).click();
		await page.getByRole("button", { name: "Play", exact: true }).first().waitFor();
	});

	it("shows the actions of a live visitor after a few seconds", async () => {
		const visitor = await stage.browser.newContext();
		const cart = await visitor.newPage();
		await cart.goto(`${stage.shop}/cart.html`);
		await isRecording(cart);
		await page.goto("/?live=true");
		await page.locator("a.visitor").first().click();
		await heading("Cart");
		await page.getByRole("button", { name: "Go to live" }).click();
		await page.getByText("Live: waiting").waitFor();
		await cart.getByRole("button", { name: "Pay" }).click();
		await heading("Cart, paid");
		await visitor.close();
	});

	it("renders only a few of thousands of activity entries", async () => {
		const many = Array.from({ length: 40 }, (_, n) => [
			...(n ? [] : pageAt(s(0), `${shop()}/one`, "One")),
			...Array.from({ length: 50 }, (_, i) => customAt(s(1 + n * 10 + i / 10), "step", { n: n * 50 + i })),
			moveAt(s(9 + n * 10)),
		]);
		await send(stage.worker, { sessionId: "many", chunks: many });
		await indexed("many", 2_042);
		await page.goto("/sessions/many/windows/w");
		await heading("One");
		await until(
			() => page.locator(".activity h2").textContent(),
			(text) => text === "Activity 2001",
		);
		expect(await page.locator(".activity li").count()).toBeLessThan(60);
		expect(await page.locator(".tick").count()).toBeLessThan(120);
		await page.getByRole("slider").press("End");
		const last = page.locator(".activity li", { hasText: '{"n":1999}' });
		await last.waitFor();
		expect(await last.getAttribute("aria-posinset")).toBe("2001");
		expect(await last.locator("button").getAttribute("aria-current")).toBe("true");
	});
});
