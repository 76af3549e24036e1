import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CUSTOM, META, type RecordedEvent, TAG_CLICK, TAG_ERROR } from "../../src/contract/events.ts";
import { randomFrom } from "../support/random.ts";
import { moveAt, pageAt } from "../support/recorded.ts";
import { makeSampleSession, makeTimes, sampleSessions } from "../support/sample-sessions.ts";
import { seed } from "../support/seed.ts";
import { openStage, type Stage, until } from "../support/stage.ts";

/** Tests the session list with sample sessions. */

const NOW = Date.now();
const COUNT = 80;

let stage: Stage;
let page: Page;
beforeAll(async () => {
	stage = await openStage();
	const { DB } = (await stage.bindings()) as unknown as { DB: Parameters<typeof seed>[0] };
	await seed(DB, { project: "default", sessions: sampleSessions({ count: COUNT, now: NOW, site: stage.shop }) });
	page = await (await stage.operator()).newPage();
});
afterAll(() => stage.close());

interface Session {
	id: string;
	startedAt: number;
	lastAt: number;
	events: number;
	pages: number;
	clicks: number;
	errors: number;
	score: number | null;
	userId: string | null;
	live: boolean;
	client: { country: string; city: string; device: string; browser: string; os: string };
	metadata: Record<string, string>;
	mark: { starred: boolean; viewedAt: number | null };
}

const sessions = async () => (await stage.api<{ sessions: Session[] }>("/sessions?limit=200")).sessions;
/** Returns the IDs of the sessions shown. */
const ids = () =>
	page
		.locator("a.visitor")
		.evaluateAll((links: HTMLAnchorElement[]) => links.map(({ pathname }) => pathname.split("/")[2]!));
const locations = () => page.locator("a.visitor").allInnerTexts();

describe("session list", () => {
	it("shows totals, and downloads the filtered list as CSV", async () => {
		await page.goto("/");
		await page.getByText(/^80 sessions, \d+ with errors, .+ on average/).waitFor();
		await page.goto("/?country=DE");
		const totals = await page.locator(".totals", { has: page.getByRole("link") }).innerText();
		const [, count] = /^(\d+) sessions/.exec(totals)!;
		const download = page.waitForEvent("download");
		await page.getByRole("link", { name: "Download CSV" }).click();
		const lines = (await readFile(await (await download).path(), "utf8")).trim().split("\r\n");
		expect(lines).toHaveLength(Number(count) + 1);
		expect(lines.slice(1).every((line) => line.includes(",DE,"))).toBe(true);
	});

	it("is navigated by keyboard, and deletes exactly the selected sessions", async () => {
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

	it("announces new sessions without moving the rows, and shows them on request", async () => {
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

	it("keeps its rows and scroll position when the user comes back from a replay", async () => {
		await page.goto("/?duration=0-9999");
		await page.getByRole("button", { name: "Show older sessions" }).click();
		await until(locations, (list) => list.length > 50);
		const before = await locations();
		const far = page.locator("a.visitor").nth(60);
		await far.scrollIntoViewIfNeeded();
		const scrolled = await page.evaluate(() => scrollY);
		await far.click();
		await page.getByRole("link", { name: "All sessions" }).click();
		await until(
			() => page.evaluate(() => scrollY),
			(y) => Math.abs(y - scrolled) < 5,
		);
		expect(await locations()).toEqual(before);
		await page.locator("a.visitor").nth(60).click();
		await page.getByRole("link", { name: "All sessions" }).waitFor();
		await page.goBack();
		await until(
			() => page.evaluate(() => scrollY),
			(y) => Math.abs(y - scrolled) < 5,
		);
		expect(await locations()).toEqual(before);
	});

	it("shows person, location, browser and numbers in each row", async () => {
		const session = (await sessions()).find(({ userId, errors, score }) => userId && score && errors === 0)!;
		await page.goto(`/?q=${session.id}`);
		const cells = page.locator("tbody tr:not(.skeleton)").locator("th, td:not(.select)");
		await cells.first().waitFor();
		const [visitor, entryPage, , ...numbers] = await cells.allInnerTexts();
		const { city, country, browser, os, device } = session.client;
		const countryName = new Intl.DisplayNames("en", { type: "region" }).of(country);
		for (const part of [`${city}, ${countryName}`, session.userId!, `${browser} · ${os} · ${device}`]) {
			expect(visitor).toContain(part);
		}
		expect(entryPage).toContain(new URL(session.metadata.entry_url!).pathname);
		expect(numbers.slice(1, 5)).toEqual(
			[session.pages, session.clicks, session.errors, session.score].map((it) => String(it)),
		);
		const seconds = Math.round((session.lastAt - session.startedAt) / 1000);
		expect(numbers[0]).toBe(`${seconds >= 60 ? `${Math.floor(seconds / 60)}m ` : ""}${seconds % 60}s`);
	});

	it("offers several sort orders, and selects all sessions shown", async () => {
		const byId = new Map((await sessions()).map((it) => [it.id, it]));
		const orders: [string, (it: Session) => number][] = [
			["Last active first", ({ lastAt }) => lastAt],
			["Longest first", ({ startedAt, lastAt }) => lastAt - startedAt],
			["Most events", ({ events }) => events],
			["Most pages", ({ pages }) => pages],
			["Most clicks", ({ clicks }) => clicks],
			["Most errors", ({ errors }) => errors],
			["Most frustration", ({ score }) => score ?? -1],
			["Newest first", ({ startedAt }) => startedAt],
		];
		await page.goto("/");
		for (const [order, rankOf] of orders) {
			const most = [...byId.values()].map(rankOf).sort((a, b) => b - a);
			await page.getByLabel("Order").selectOption(order);
			await until(
				async () => (await ids()).map((id) => rankOf(byId.get(id)!)),
				(ranks) => ranks.length === 50 && ranks.join() === most.slice(0, 50).join(),
			);
		}
		await page.getByLabel("Select all sessions shown").check();
		await page.getByText("50 selected").waitFor();
		await page.getByRole("button", { name: "Clear selection" }).click();
		await page.getByText("50 selected").waitFor({ state: "detached" });
	});

	it("is filtered from the menu, with the filters in the URL", async () => {
		const marked = (await sessions())[5]!.id;
		await stage.api(`/sessions/${marked}/mark`, {
			...{ method: "PUT", body: '{"starred":true,"viewed":true}', headers: { "content-type": "application/json" } },
		});
		const all = await sessions();
		const random = randomFrom(COUNT);
		/** The events of the sample sessions by session ID; the sessions are generated a second time. */
		const recorded = new Map<string, RecordedEvent[]>();
		for (const at of makeTimes(random, COUNT, Math.floor(NOW / 86_400_000 - 29) * 86_400_000, NOW - 3_600_000)) {
			const { sessionId, batches } = makeSampleSession(random, stage.shop, at);
			recorded.set(
				sessionId,
				batches.flatMap(({ events }) => events),
			);
		}
		const has = (isWanted: (type: unknown, data: Record<string, unknown>) => boolean) => (session: Session) =>
			(recorded.get(session.id) ?? []).some(({ type, data }) => isWanted(type, data as Record<string, unknown>));
		const user = all.find(({ userId }) => userId)!.userId!;
		const entry = `${stage.shop}/journal.html`;
		const seconds = ({ startedAt, lastAt }: Session) => (lastAt - startedAt) / 1000;
		const error = "Uncaught Error: Stock check failed for item 0";
		const filters: [name: string, value: string | null, label: string, matches: (it: Session) => boolean][] = [
			[
				"Visited page",
				"/checkout.html",
				"Visited page: /checkout.html",
				has((type, { href }) => type === META && String(href).endsWith("/checkout.html")),
			],
			[
				"Clicked element",
				"button#add-to-cart",
				"Clicked element: button#add-to-cart",
				has(
					(type, { tag, payload }) =>
						type === CUSTOM && tag === TAG_CLICK && (payload as { selector: string }).selector === "button#add-to-cart",
				),
			],
			["Custom event", "order_placed", "Custom event: order_placed", has((_, { tag }) => tag === "order_placed")],
			["Error message", error, `Error message: ${error}`, has((_, { tag }) => tag === TAG_ERROR)],
			["With errors", null, "", ({ errors }) => errors > 0],
			["Frustration score", "15-60", "Frustration score: 15 to 60", ({ score }) => score! >= 15 && score! < 60],
			["Duration in seconds", "30-90", "Duration: 30s to 1m 30s", (it) => seconds(it) >= 30 && seconds(it) < 90],
			["Person / user ID", user, `Person / user ID: ${user}`, ({ userId }) => userId === user],
			["Entry page", entry, "Entry page: /journal.html", ({ metadata }) => metadata.entry_url === entry],
			["Source", "newsletter", "Source: newsletter", ({ metadata }) => metadata.utm_source === "newsletter"],
			["Country", "Germany", "Country: Germany", ({ client }) => client.country === "DE"],
			["City", "Vienna", "City: Vienna", ({ client }) => client.city === "Vienna"],
			["Device", "Mobile", "Device: Mobile", ({ client }) => client.device === "Mobile"],
			["Browser", "Firefox", "Browser: Firefox", ({ client }) => client.browser === "Firefox"],
			["OS", "iOS", "OS: iOS", ({ client }) => client.os === "iOS"],
			["Metadata", "plan:club", "Metadata: plan:club", ({ metadata }) => metadata.plan === "club"],
			["Starred", null, "Starred", ({ mark }) => mark.starred],
			["Not viewed yet", null, "Not viewed yet", ({ mark }) => !mark.viewedAt],
		];
		await page.goto("/");
		await page.locator("a.visitor").first().waitFor();
		/** Checks the total, and that only matching sessions are shown. */
		const shows = async (matches: (it: Session) => boolean) => {
			const wanted = all.filter(matches).map(({ id }) => id);
			expect(wanted.length).toBeGreaterThan(0);
			expect(wanted.length).toBeLessThan(all.length);
			const count = async () => `${await page.locator(".totals").allInnerTexts()} at ${page.url()}`;
			await until(count, (totals) => totals.startsWith(`${wanted.length} session`));
			await until(
				ids,
				(list) => list.length === Math.min(50, wanted.length) && list.every((id) => wanted.includes(id)),
			);
		};
		await page.locator(".menu summary").click();
		const add = async (name: string, value: string | null) => {
			await page.getByLabel("Filter by").selectOption(name);
			if (value !== null) await page.getByLabel(name, { exact: true }).fill(value);
			await page.getByRole("button", { name: "Add filter" }).click();
		};
		const chip = (label: string) => page.getByRole("button", { name: `Remove filter ${label}` });
		for (const [name, value, label, matches] of filters) {
			await add(name, value);
			await shows(matches);
			// The filter without a label has a checkbox in the bar.
			if (label) expect(await chip(label).count()).toBe(1);
			else expect(await page.getByRole("checkbox", { name: "With errors" }).isChecked()).toBe(true);
			await page.goBack();
		}
		await add("Country", "Germany");
		await add("Device", "Mobile");
		await page.reload();
		await shows(({ client }) => client.country === "DE" && client.device === "Mobile");
		expect(new URL(page.url()).search).toBe("?country=DE&device=Mobile");
		await chip("Country: Germany").click();
		await shows(({ client }) => client.device === "Mobile");
		await chip("Device: Mobile").click();
		await page.getByLabel("Live now").check();
		await shows(({ live }) => live);
	});

	it("does not move the rows when they load or are selected", async () => {
		for (const width of [1280, 390]) {
			await page.setViewportSize({ width, height: 800 });
			let load = () => {};
			const isReleased = new Promise<void>((resolve) => (load = resolve));
			await page.route(/\/api\/sessions(\?|$)/, async (route) => {
				await isReleased;
				await route.continue();
			});
			await page.goto("/?duration=0-9999");
			await page.locator("tr.skeleton").first().waitFor();
			const boxes = () =>
				page.locator("tbody tr").evaluateAll((rows) =>
					rows.slice(0, 6).map((row) => {
						const { top, height } = row.getBoundingClientRect();
						return [Math.round(top), Math.round(height)];
					}),
				);
			const loading = await boxes();
			load();
			await page.locator("a.visitor").first().waitFor();
			await page.locator(".totals a").waitFor();
			expect(await boxes()).toEqual(loading);
			await page.locator("tbody .select input").nth(1).check();
			await page.getByText("1 selected").waitFor();
			expect(await boxes()).toEqual(loading);
			await page.unroute(/\/api\/sessions(\?|$)/);
		}
	});

	it("opens the filter menu under its button, inside the viewport", async () => {
		await page.goto("/?country=DE&duration=0-9999");
		await page.locator("a.visitor").first().waitFor();
		for (const width of [1280, 900, 721, 600, 390, 320]) {
			await page.setViewportSize({ width, height: 800 });
			await page.locator(".menu summary").click();
			const button = (await page.locator(".menu summary").boundingBox())!;
			const menu = (await page.locator(".menu-box").boundingBox())!;
			const [right, bottom] = [menu.x + menu.width, menu.y + menu.height];
			expect([menu.x >= 0, right <= width, bottom <= 800], `${width} px wide`).toEqual([true, true, true]);
			expect(menu.x <= button.x && right >= button.x + button.width, `${width} px wide`).toBe(true);
			expect(Math.abs(menu.y - button.y - button.height)).toBeLessThan(8);
			await page.keyboard.press("Escape");
		}
		await page.setViewportSize({ width: 1280, height: 720 });
	});

	it("gives each row an accessible name with location, browser and start", async () => {
		await page.goto("/?country=DE&browser=Chrome");
		await page.locator("a.visitor").first().waitFor();
		const labels = await page
			.locator("tbody tr")
			.evaluateAll((rows) =>
				rows.map((row) => [...row.querySelectorAll("[aria-label]")].map((it) => it.getAttribute("aria-label"))),
			);
		const links = labels.map(([, link]) => link!);
		expect(new Set(links).size).toBe(links.length);
		for (const [select, link, star, remove] of labels) {
			expect(link).toMatch(/^\S.+, Germany, Chrome, started .*\d:\d\d/);
			expect([select, star, remove]).toEqual(
				["Select", "Star", "Delete"].map((verb) => `${verb} the session from ${link}`),
			);
		}
	});

	it("offers import but no sharing while SHAREABLE_REPLAYS is off", async () => {
		await page.goto("/");
		await page.locator("a.visitor").first().waitFor();
		await page.locator("a.visitor").first().click();
		await page.getByRole("button", { name: "Copy link" }).waitFor();
		await page.getByRole("button", { name: "Share this recording" }).click();
		await page.getByText("Sharing is off.").waitFor();
		expect(await page.getByRole("dialog").getByRole("button").allInnerTexts()).toEqual(["Close"]);
		await page.goto("/");
		await page.getByRole("link", { name: "Import" }).click();
		const paste = async (json: string) => {
			await page.getByLabel("Or paste the JSON").fill(json);
			await page.getByRole("button", { name: "Play recording" }).click();
		};
		await paste("{");
		await page.getByRole("alert").getByText("This is not JSON.").waitFor();
		await paste("{}");
		await page.getByRole("alert").getByText("This JSON is not a recording.").waitFor();
		await paste(JSON.stringify([...pageAt(NOW, `${stage.shop}/`, "Pasted page"), moveAt(NOW + 2_000)]));
		await page.getByRole("heading", { name: "Pasted recording" }).waitFor();
		await page.frameLocator("iframe.player").frameLocator("iframe").getByText("Pasted page", { exact: true }).waitFor();
		await page.goto("/nowhere");
		await page.getByRole("heading", { name: "Page not found" }).waitFor();
	});

	it("has an empty state that clears the filters", async () => {
		await page.goto("/?country=DE&clicked=nothing");
		await page.getByText("No sessions match these filters.").waitFor();
		await page.getByRole("button", { name: "Show all sessions" }).click();
		await until(locations, (list) => list.length > 0);
		expect(new URL(page.url()).search).toBe("");
	});
});
