import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seed } from "../support/seed.ts";
import { openStage, type Stage, until } from "../support/stage.ts";

/** The list of sessions, of made-up visits. */

let stage: Stage;
let page: Page;
beforeAll(async () => {
	stage = await openStage();
	const { DB } = (await stage.bindings()) as unknown as { DB: Parameters<typeof seed>[0] };
	await seed(DB, { project: "default", count: 80, now: Date.now(), site: stage.shop });
	page = await (await stage.operator()).newPage();
});
afterAll(() => stage.close());

const names = () => page.locator("a.visitor").allInnerTexts();

describe("the list of sessions", () => {
	it("says what it adds up to, and is a file for whoever wants it", async () => {
		await page.goto("/");
		await page.getByText(/^80 sessions, \d+ with errors, .+ on average/).waitFor();
		await page.goto("/?country=DE");
		const words = await page.locator(".totals").innerText();
		const [, count] = /^(\d+) sessions/.exec(words)!;
		const download = page.waitForEvent("download");
		await page.getByRole("link", { name: "CSV" }).click();
		const lines = (await readFile(await (await download).path(), "utf8")).trim().split("\r\n");
		expect(lines).toHaveLength(Number(count) + 1);
		expect(lines.slice(1).every((line) => line.includes(",DE,"))).toBe(true);
	});

	it("can be walked and chosen from by keyboard; what was chosen goes, and nothing else", async () => {
		await page.goto("/");
		await page.locator("a.visitor").first().waitFor();
		const hrefs = () => page.locator("a.visitor").evaluateAll((links) => links.map((it) => it.getAttribute("href")));
		const before = await hrefs();
		for (const key of ["j", "x", "j", "j", "x"]) await page.keyboard.press(key);
		await page.getByText("2 selected").waitFor();
		await page.locator(".selection").getByRole("button", { name: "Delete 2 sessions" }).click();
		await page.getByRole("dialog").getByRole("button", { name: "Delete 2 sessions" }).click();
		await page.getByText(/^78 sessions/).waitFor();
		expect(await hrefs()).toEqual(before.filter((_, i) => i !== 0 && i !== 2));
		await page.getByText("2 selected").waitFor({ state: "detached" });
	});

	it("tells of new sessions without moving what is read, and shows them when asked", async () => {
		await page.goto("/");
		await page.locator("a.visitor").first().waitFor();
		const hrefs = () => page.locator("a.visitor").evaluateAll((links) => links.map((it) => it.getAttribute("href")));
		const before = await hrefs();
		const at = Date.now() - 5_000;
		const events = [
			{ type: 4, timestamp: at, data: { href: `${stage.shop}/new`, width: 800, height: 600 } },
			{ type: 3, timestamp: at + 900, data: { source: 3, id: 1, x: 0, y: 9 } },
		];
		await fetch(`${stage.worker}/events`, {
			method: "POST",
			headers: { origin: stage.shop },
			body: JSON.stringify({ sessionId: "just-now", windowId: "w", events }),
		});
		await page.getByRole("button", { name: "Show 1 new" }).waitFor();
		expect(await hrefs()).toEqual(before);
		await page.keyboard.press("n");
		await until(hrefs, ([first]) => first?.startsWith("/sessions/just-now") === true);
		const row = page.locator("tr", { has: page.locator('a[href^="/sessions/just-now"]') });
		expect(await row.innerText()).toMatch(/Live[\s\S]*No replay/);
	});

	it("is as it was left for whoever comes back from a replay", async () => {
		await page.goto("/?duration=0-9999");
		await page.getByRole("button", { name: "Show older sessions" }).click();
		await until(names, (list) => list.length > 50);
		const before = await names();
		const far = page.locator("a.visitor").nth(60);
		await far.scrollIntoViewIfNeeded();
		const scrolled = await page.evaluate(() => scrollY);
		await far.click();
		await page.getByRole("link", { name: "All sessions" }).click();
		await until(
			() => page.evaluate(() => scrollY),
			(y) => Math.abs(y - scrolled) < 5,
		);
		expect(await names()).toEqual(before);
		await page.locator("a.visitor").nth(60).click();
		await page.getByRole("link", { name: "All sessions" }).waitFor();
		await page.goBack();
		await until(
			() => page.evaluate(() => scrollY),
			(y) => Math.abs(y - scrolled) < 5,
		);
		expect(await names()).toEqual(before);
	});

	it("has the worst struggle first when asked, with a score in each row", async () => {
		await page.goto("/?sort=score");
		await page.locator("a.visitor").first().waitFor();
		const scores = (await page.locator('td[data-label="struggle"]').allInnerTexts()).map(Number);
		expect(scores).toEqual(scores.toSorted((a, b) => b - a));
		expect(scores[0]).toBeGreaterThan(0);
	});

	it("says when nothing is like the filter, and leads back", async () => {
		await page.goto("/?country=DE&clicked=nothing");
		await page.getByText("No session is like that").waitFor();
		await page.getByRole("button", { name: "Show all sessions" }).click();
		await until(names, (list) => list.length > 0);
		expect(new URL(page.url()).search).toBe("");
	});
});
