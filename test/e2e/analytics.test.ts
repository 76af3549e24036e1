import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { call, isRecording, sitePage } from "../support/site.ts";
import { openStage, type Stage, until } from "../support/stage.ts";

/** Records one session whose numbers are known in advance, and checks the reports about it. */

let stage: Stage;
let page: Page;
beforeAll(async () => {
	stage = await openStage({
		"/start.html": sitePage({
			body: '<h1>Start</h1><button id="dead">Nothing</button><a id="go" href="/form.html">Order</a><div style="height:3000px"></div>',
		}),
		"/form.html": sitePage({
			body: '<h1>Form</h1><form id="order" onsubmit="return false"><input name="mail"><button id="send">Send</button></form>',
		}),
	});
	await recordSession();
	page = await (await stage.operator()).newPage();
});
afterAll(() => stage.close());

async function recordSession() {
	const context = await stage.browser.newContext({ viewport: { width: 1_000, height: 700 } });
	const tab = await context.newPage();
	await tab.goto(`${stage.shop}/start.html?utm_source=letter`);
	await isRecording(tab);
	await tab.click("#dead");
	await tab.waitForTimeout(900);
	await call(tab, "identify", "customer-1");
	await call(tab, "addCustomEvent", "bought", { price: 5 });
	await tab.mouse.wheel(0, 1_300);
	await tab.waitForTimeout(600);
	await tab.evaluate(() => scrollTo(0, 0));
	await tab.click("#go");
	await isRecording(tab);
	await tab.fill("input", "jane@mail.example");
	await tab.click("#send");
	await tab.waitForTimeout(300);
	await tab.goto("about:blank");
	await context.close();
	await until(
		() => stage.api<{ totals: { views: number } }>("/analytics/overview"),
		({ totals }) => totals.views === 2,
	);
}

/** Returns the value of the figure with this name. */
const figure = async (name: string) =>
	(
		await page
			.locator(".figure", { has: page.getByText(name, { exact: true }) })
			.locator("dd")
			.innerText()
	).split("\n")[0];
const figureLink = (name: string) =>
	page.locator(".figure", { has: page.getByText(name, { exact: true }) }).getByRole("link");
/** Returns the cells of a row of a report's table. */
const row = async (name: string) => {
	const found = page.locator("table.data tbody tr", { has: page.getByText(name, { exact: true }) });
	await found.first().waitFor();
	return found.first().locator("th, td").allInnerTexts();
};

describe("reports", () => {
	it("overview shows totals, sources and custom events", async () => {
		await page.goto("/analytics");
		await page.getByText("Entry pages").waitFor();
		expect([await figure("Sessions"), await figure("Page views"), await figure("Bounce rate")]).toEqual([
			"1",
			"2",
			"0%",
		]);
		expect([await figure("Sessions with errors"), await figure("Rage and dead clicks")]).toEqual(["0%", "1"]);
		const card = (title: string) =>
			page.locator(".card", { has: page.getByRole("heading", { name: title }) }).innerText();
		expect(await card("Entry pages")).toMatch(/\/start\.html\s+1/);
		expect(await card("Sources")).toMatch(/letter\s+1/);
		expect(await card("Custom events")).toMatch(/bought in 1 session\s+1/);
		await page.locator(".chart canvas").waitFor();
		await page.getByText("Show as table").click();
		const today = new Date().toISOString().slice(0, 10);
		expect(await page.locator(".chart tbody tr", { hasText: today }).locator("td").allInnerTexts()).toEqual(["1", "0"]);
	});

	it("pages, scroll and frustration have a row per page; tabs keep the period", async () => {
		await page.goto("/analytics?days=7");
		await page.getByRole("link", { name: "Pages" }).click();
		const [name, views, sessions, , entries, bounce, exits, errors, rage, dead] = await row("/start.html");
		expect([name, views, sessions, entries, bounce]).toEqual(["/start.html", "1", "1", "1", "0%"]);
		expect([exits, errors, rage, dead]).toEqual(["0", "0", "0", "1"]);
		expect((await row("/form.html"))[6]).toBe("1");
		expect(new URL(page.url()).search).toBe("?days=7");
		await page.getByRole("link", { name: "Scroll" }).click();
		expect((await row("/start.html")).slice(1, 4)).toEqual(["1", "1,300 px", "2,000 px"]);
		await page.getByRole("link", { name: "Frustration" }).click();
		expect((await row("/start.html")).at(-1)).toMatch(/button#dead 1/);
	});

	it("heatmap draws clicks over a snapshot and links to the sessions", async () => {
		await page.goto("/analytics/heatmap");
		expect((await row("button#dead")).slice(0, 3)).toEqual(["button#dead", "1", "50%"]);
		await page.frameLocator(".heat-page iframe").frameLocator("iframe").getByText("Nothing").waitFor();
		const isDrawn = await page.locator(".heat-page canvas").evaluate((it) => {
			const canvas = it as HTMLCanvasElement;
			const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
			return data.some((value) => value > 0);
		});
		expect(isDrawn).toBe(true);
		await page.getByRole("link", { name: "button#dead" }).click();
		await page.locator("a.visitor").first().waitFor();
		await page.getByRole("button", { name: /^Remove filter Clicked element: button#dead/ }).click();
		expect(new URL(page.url()).searchParams.has("clicked")).toBe(false);
	});

	it("heatmap has layers for dead clicks and scroll depth", async () => {
		await page.goto("/analytics/heatmap?show=dead");
		await page.getByText("0 rage clicks, 1 dead click").waitFor();
		const coloredShare = () =>
			page.locator(".heat-page canvas").evaluate((it) => {
				const { width, height } = it as HTMLCanvasElement;
				const { data } = (it as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, width, height);
				return data.reduce((sum, value, i) => sum + (i % 4 === 3 && value ? 1 : 0), 0) / (width * height);
			});
		await until(coloredShare, (share) => share > 0 && share < 0.2);
		await page.getByLabel("Layer").selectOption("Scroll depth");
		await until(coloredShare, (share) => share > 0.9);
	});

	it("page report collects the numbers of one page and links to its sessions", async () => {
		await page.goto("/analytics/pages");
		await page.getByRole("link", { name: "/start.html" }).click();
		await page.getByText("Median time").waitFor();
		expect([await figure("Views"), await figure("Entries"), await figure("Exits")]).toEqual(["1", "1", "0"]);
		const card = (title: string) =>
			page.locator(".card", { has: page.getByRole("heading", { name: title, exact: true }) });
		expect(await card("Dead clicks by element").innerText()).toMatch(/button#dead\s+1/);
		expect(await card("Custom events").innerText()).toMatch(/bought\s+1/);
		await card("Next pages").getByRole("link", { name: "/form.html" }).click();
		await page.getByText("1 session started this form, 1 completed it (100%).").waitFor();
		await figureLink("Views").click();
		await page.locator("a.visitor").first().waitFor();
		expect(new URL(page.url()).searchParams.get("page")).toBe(`${stage.shop}/form.html`);
	});

	it("retention counts the identified person in this week", async () => {
		await page.goto("/analytics/retention");
		await page.locator("table.retention tbody tr").waitFor();
		expect(await page.locator("table.retention tbody td").allInnerTexts()).toEqual(["1"]);
	});

	it("filter selects the session, can be saved as a segment, and can be applied on another page", async () => {
		await page.goto("/analytics?days=7");
		const filter = async (name: string, value: string) => {
			await page.locator(".menu summary").click();
			await page.getByLabel("Filter by").selectOption(name);
			await page.getByLabel(name, { exact: true }).fill(value);
			await page.getByRole("button", { name: "Add filter" }).click();
			await page.keyboard.press("Escape");
		};
		await filter("Source", "nobody");
		await page.getByText("No data in this period").waitFor();
		await page.getByRole("button", { name: /^Remove filter Source: nobody/ }).click();
		await filter("Source", "letter");
		await page.getByRole("button", { name: /^Remove filter Source: letter/ }).waitFor();
		await until(
			() => figure("Sessions"),
			(sessions) => sessions === "1",
		);
		await page.locator(".menu summary").click();
		await page.getByLabel("Segment name").fill("From the letter");
		await page.getByRole("button", { name: "Save segment" }).click();
		await page.getByRole("button", { name: "From the letter", exact: true }).waitFor();
		await page.goto("/");
		await page.locator(".menu summary").click();
		await page.getByRole("button", { name: "From the letter", exact: true }).click();
		await page.getByRole("button", { name: /^Remove filter Source: letter/ }).waitFor();
		expect(new URL(page.url()).search).toBe("?source=letter");
		await page.locator("a.visitor").first().waitFor();
		await page.getByRole("button", { name: "Delete segment From the letter" }).click();
		await page.getByRole("button", { name: "From the letter", exact: true }).waitFor({ state: "detached" });
	});

	it("forms count fields and never store what was typed", async () => {
		await page.goto("/analytics/forms");
		expect((await row("mail")).slice(0, 3)).toEqual(["mail", "1", "100%"]);
		await page.getByText("1 session started this form, 1 completed it (100%).").waitFor();
		expect(await stage.everythingStored()).not.toContain("jane@mail");
	});

	it("funnel and conversions count the session by its steps", async () => {
		await page.goto("/analytics/funnel");
		const step = (n: number) => page.getByRole("group", { name: `Step ${n}` });
		await step(1).getByLabel("value").fill("/start.html");
		await step(1).getByLabel("value").press("Enter");
		await step(2).getByLabel("type").selectOption("Custom event");
		await step(2).getByLabel("value").fill("bought");
		await step(2).getByLabel("value").press("Enter");
		await page.getByRole("button", { name: "Add step" }).click();
		await step(3).getByLabel("value").fill("/nowhere");
		await step(3).getByLabel("value").press("Enter");
		await until(
			() => page.locator(".funnel-bar b").allInnerTexts(),
			(numbers) => numbers.join() === "1,1,0",
		);
		await page.locator(".funnel").getByText("Dropped off here").getByRole("link").first().click();
		await page.locator("iframe.player").waitFor();
		await page.goBack();
		await page.getByLabel("Breakdown").selectOption("By source");
		expect(await row("letter")).toEqual(["letter", "1", "1", "0", "0%"]);
		await page.goto("/analytics/conversions?goal=tag:bought");
		await page.getByText("1 of 1 sessions reached the goal (100%).").waitFor();
		expect((await row("letter")).slice(0, 4)).toEqual(["letter", "1", "1", "100%"]);
	});

	it("engagement lists the session and links to its replay", async () => {
		await page.goto("/analytics/engagement");
		await page.getByRole("link", { name: "/start.html" }).click();
		await page.locator("iframe.player").waitFor();
	});

	it("paths show the previous and next pages of each page", async () => {
		await page.goto(`/analytics/paths?url=${stage.shop}/start.html`);
		const card = (title: string) => page.locator(".card", { has: page.getByRole("heading", { name: title }) });
		await card("Next pages").getByRole("link", { name: "/form.html" }).click();
		await card("Previous pages").getByRole("link", { name: "/start.html" }).waitFor();
		expect(await card("Next pages").innerText()).toMatch(/Left the site here\s+1/);
	});

	it("export downloads a dataset as a file", async () => {
		await page.goto("/analytics/export?days=7");
		const download = page.waitForEvent("download");
		await page.getByRole("link", { name: "Pages as CSV" }).click();
		const file = await download;
		expect(file.suggestedFilename()).toMatch(/^pages_\d{8}_to_\d{8}\.csv$/);
		const [head, ...lines] = (await readFile(await file.path(), "utf8")).trim().split("\r\n");
		expect(head).toMatch(/^url,views,sessions/);
		expect(lines.map((line) => line.split(",").slice(0, 3).join()).sort()).toEqual([
			`${stage.shop}/form.html,1,1`,
			`${stage.shop}/start.html,1,1`,
		]);
	});

	it("empty reports say what to do", async () => {
		await page.goto("/analytics");
		await page.getByLabel("Device").selectOption("Tablet");
		await page.getByText("No data in this period").waitFor();
		await page.goto("/analytics/vitals?device=Tablet");
		await page.getByText("CAPTURE_WEB_VITALS").waitFor();
	});
});

describe("layout of the reports", () => {
	beforeEach(() => page.setViewportSize({ width: 1280, height: 800 }));

	it.each([1280, 320])("keeps the Remove button beside the input of its funnel step, %i px wide", async (width) => {
		await page.setViewportSize({ width, height: 800 });
		await page.goto("/analytics/funnel?step=page:/a&step=page:/b&step=page:/c");
		const button = await page.getByRole("button", { name: "Remove step 2" }).boundingBox();
		const step = page.getByRole("group", { name: "Step 2" });
		const input = await step.getByLabel("value").boundingBox();
		const type = await step.getByLabel("type").boundingBox();
		expect(Math.abs(button!.y + button!.height / 2 - input!.y - input!.height / 2)).toBeLessThan(4);
		expect(button!.x).toBeGreaterThanOrEqual(input!.x + input!.width);
		if (width > 720) expect(type!.y).toBe(input!.y);
	});
	/** Bars that show a share. `pseudo` is the pseudo-element that draws the bar; without it, the element is the bar. */
	const BARS: [path: string, selector: string, pseudo?: string][] = [
		["/analytics", ".shares li", "::after"],
		["/analytics/scroll", ".quarters i"],
		["/analytics/funnel?step=page:/start.html&step=page:/form.html", ".funnel-bar", "::after"],
	];
	it.each(["light", "dark"] as const)("draws bars of shares with at least 3:1 contrast, %s", async (colorScheme) => {
		await page.emulateMedia({ colorScheme });
		for (const [path, selector, pseudo] of BARS) {
			await page.goto(path);
			const bar = page.locator(`[aria-busy=false] ${selector}`).first();
			await bar.waitFor();
			expect(await bar.evaluate(contrastOf, pseudo), selector).toBeGreaterThanOrEqual(3);
		}
		await page.emulateMedia({ colorScheme: null });
	});

	it("explains approximate numbers only in tooltips", async () => {
		await page.goto("/analytics");
		const info = page.getByRole("button", { name: "About Median duration" });
		const tooltip = page.getByRole("tooltip");
		await info.waitFor();
		expect(await page.locator("main").innerText()).not.toContain("3.4");
		await info.hover();
		expect(await tooltip.innerText()).toMatch(/within 3.4% of the exact value/);
		await page.mouse.move(0, 0);
		await tooltip.waitFor({ state: "detached" });
		await info.focus();
		await tooltip.waitFor();
		await page.keyboard.press("Escape");
		await tooltip.waitFor({ state: "detached" });
		await page.goto("/analytics/pages");
		await row("/start.html");
		expect(await page.locator("main").innerText()).not.toContain("3.4");
		expect(await page.locator("td [title*='within 3.4%']").count()).toBeGreaterThan(0);
	});

	it("fits every report into 320 px, without scrolling sideways", async () => {
		const steps = "step=page:/start.html&step=tag:bought&by=source";
		const queries: Record<string, string> = { funnel: `?${steps}`, conversions: "?goal=tag:bought" };
		const tooWide: string[] = [];
		await page.setViewportSize({ width: 320, height: 800 });
		await page.goto("/analytics");
		const links = await page.locator(".tabs a").all();
		for (const path of await Promise.all(links.map((link) => link.getAttribute("href")))) {
			await page.goto(path + (queries[path!.split("/").at(-1)!] ?? ""));
			await page.locator("[aria-busy=false] :is(.card, table, .heat, .funnel, .blank)").first().waitFor();
			const found = await page.evaluate(() =>
				[document.documentElement, ...document.querySelectorAll("main *")]
					.filter((it) => it.scrollWidth > it.clientWidth + 1)
					.filter((it) => /auto|scroll/.test(getComputedStyle(it).overflowX) || it === document.documentElement)
					.map((it) => `${it.tagName}.${it.className}: ${it.scrollWidth} px`),
			);
			tooWide.push(...found.map((it) => `${path} ${it}`));
		}
		expect(tooWide).toEqual([]);
	});

	const FUNNEL = "/analytics/funnel?step=page:/start.html&step=page:/form.html";
	/** Elements of a page, in a viewport of this width, that must not move when the data arrives. */
	const STABLE: [width: number, path: string, selectors: string[]][] = [
		[1280, "/analytics", [".figures", ".figure dd", ".chart", ".cards"]],
		[
			1280,
			"/analytics/pages",
			[":is(table.data, .table-skeleton)", ":is(tbody tr:nth-child(2), .table-skeleton div:nth-child(3))"],
		],
		[1280, "/analytics/heatmap", [".filters", ".page-choice", ".heat-stage", ".heat section"]],
		[1280, FUNNEL, [".steps", ".funnel", ".funnel li:nth-child(2)"]],
		[1280, "/analytics/paths", [".filters", ".page-choice", ".cards"]],
		[320, "/analytics", [".figures", ".chart", ".cards"]],
		[320, "/analytics/pages", [":is(table.data, .table-skeleton)"]],
		[320, "/analytics/heatmap", [".filters", ".heat-stage"]],
		[320, FUNNEL, [".steps", ".funnel"]],
		[320, "/analytics/paths", [".filters", ".cards"]],
	];
	it.each(STABLE)("moves nothing when data arrives, %i px wide: %s", async (width, path, selectors) => {
		await page.setViewportSize({ width, height: 800 });
		const positions = () =>
			Promise.all(
				selectors.map(async (selector) => {
					const { x, y } = (await page.locator(selector).first().boundingBox())!;
					return `${selector} ${Math.round(x)} ${Math.round(y)}`;
				}),
			);
		let release = () => {};
		const held = new Promise<void>((resolve) => (release = resolve));
		await page.route("**/api/analytics/**", async (route) => {
			await held;
			await route.continue();
		});
		await page.goto(path);
		await page.getByRole("status").waitFor();
		const before = await positions();
		release();
		await page.getByRole("status").waitFor({ state: "detached" });
		await page.unroute("**/api/analytics/**");
		if (path === "/analytics") await page.locator(".chart canvas").waitFor();
		expect(await positions()).toEqual(before);
	});
});

/** Returns the contrast (WCAG 2.2) between an element, or its pseudo-element, and the background behind it. */
function contrastOf(element: Element, pseudo?: string): number {
	const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d")!;
	const luminance = (color: string) => {
		context.fillStyle = color;
		context.fillRect(0, 0, 1, 1);
		const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((value) => {
			const share = value / 255;
			return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
		});
		return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
	};
	const backdrop = (at: Element | null): string => {
		if (!at) return "white";
		const color = getComputedStyle(at).backgroundColor;
		return /^(transparent|rgba\(.*, 0\))$/.test(color) ? backdrop(at.parentElement) : color;
	};
	const bar = getComputedStyle(element, pseudo).backgroundColor;
	const behind = backdrop(pseudo ? element : element.parentElement);
	const [low, high] = [luminance(bar), luminance(behind)].sort((a, b) => a - b);
	return /^(transparent|rgba\(.*, 0\))$/.test(bar) ? 1 : (high! + 0.05) / (low! + 0.05);
}
