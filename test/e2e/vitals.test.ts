import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Trail } from "../../src/contract/trail.ts";
import { eventsOf } from "../support/site.ts";
import { openStage, type Stage, until } from "../support/stage.ts";

let stage: Stage;
beforeAll(async () => {
	stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => deleteSessions());

async function deleteSessions(): Promise<void> {
	const { sessions } = await stage.api<{ sessions: { id: string }[] }>("/sessions");
	for (const { id } of sessions) await stage.api(`/sessions/${id}`, { method: "DELETE" });
}

/** Returns the trails of the only window of the only session, in time order. */
async function trails(): Promise<Trail[]> {
	const { sessions } = await stage.api<{ sessions: { id: string }[] }>("/sessions");
	if (!sessions[0]) return [];
	const { windows } = await stage.api<{ windows: { id: string }[] }>(`/sessions/${sessions[0].id}`);
	const path = `/sessions/${sessions[0].id}/windows/${windows[0]!.id}/trail`;
	return (await stage.api<{ chunks: { trail: Trail }[] }>(path)).chunks.map(({ trail }) => trail);
}

const vitals = async () => (await trails()).flatMap(({ vitals }) => vitals ?? []);
const isRecorded = (page: Page) => page.waitForRequest(/\/events\?/);
const isMeasured = (page: Page) =>
	page.waitForResponse(/\/assets\/part-vitals-\w+\.js$/).then(() => page.waitForTimeout(400));

async function visitor(config?: object): Promise<Page> {
	const page = await (await stage.browser.newContext()).newPage();
	if (config) {
		await page.addInitScript((json) => {
			addEventListener(
				"readystatechange",
				() => {
					if (document.readyState !== "interactive") return;
					const island = Object.assign(document.createElement("script"), { type: "application/json", text: json });
					island.id = "sentiero-config";
					document.head.append(island);
				},
				true,
			);
		}, JSON.stringify(config));
	}
	return page;
}

/** Returns `metric path` of each vital, sorted. */
const metricPaths = (list: Awaited<ReturnType<typeof vitals>>) =>
	list.map(([, metric, , , url]) => `${metric} ${String(url).replace(stage.shop, "")}`).sort();

describe("web vitals", () => {
	it("are all stored with the URL of their page when the visitor follows a link", async () => {
		const page = await visitor();
		const measured = isMeasured(page);
		await page.goto(`${stage.shop}/index.html`);
		await measured;
		await page.click("#filter-camp");
		await page.waitForTimeout(200);
		await page.click("#nav-cart");
		await page.waitForURL(/cart/);
		const list = await until(vitals, (list) => list.length >= 5);
		expect(metricPaths(list)).toEqual(["CLS", "FCP", "INP", "LCP", "TTFB"].map((it) => `${it} /index.html`));
		for (const [, metric, value, rating] of list) {
			expect(value, metric).toBeGreaterThanOrEqual(0);
			expect(value, metric).toBeLessThan(10_000);
			expect(rating, metric).toMatch(/^(good|needs-improvement|poor)$/);
		}
		const of = (name: string) => list.find(([, metric]) => metric === name)![2];
		expect(of("LCP")).toBeGreaterThanOrEqual(of("FCP"));
		expect(of("FCP")).toBeGreaterThanOrEqual(of("TTFB"));
		await page.context().close();
	});

	it("are sent once, in the page's last batch, including the INP of the click that leaves the page", async () => {
		const page = await visitor();
		const measured = isMeasured(page);
		await page.goto(`${stage.shop}/help.html`);
		await measured;
		// Simulates a typical response time of a server.
		await page.route("**/cart.html", (route) => setTimeout(() => void route.continue(), 100));
		await page.click("#nav-cart");
		await page.waitForURL(/cart/);
		await until(vitals, (list) => list.some(([, metric]) => metric === "INP"));
		await page.waitForTimeout(500);
		const batches = (await trails()).flatMap(({ vitals }) => (vitals ? [metricPaths(vitals)] : []));
		expect(batches).toEqual([["CLS", "FCP", "INP", "LCP", "TTFB"].map((it) => `${it} /help.html`)]);
		await page.context().close();
	});

	it("report the latest value, and layout shifts and interactions under the URL they began at", async () => {
		const page = await visitor();
		const measured = isMeasured(page);
		await page.goto(`${stage.shop}/help.html`);
		await measured;
		await page.click("h1");
		await page.waitForTimeout(200);
		await page.evaluate(() => history.pushState(null, "", "/help/returns"));
		// Layout shifts within 500 ms of a click are expected and do not count.
		for (let i = 0; i < 2; i++) {
			await page.waitForTimeout(700);
			await page.evaluate(() => {
				document.body.prepend(Object.assign(document.createElement("div"), { style: "height: 200px" }));
			});
		}
		await page.waitForTimeout(200);
		await page.goto(`${stage.shop}/cart.html`);
		const list = await until(vitals, (list) => list.some(([, metric]) => metric === "INP"));
		const loaded = ["CLS", "FCP", "INP", "LCP", "TTFB"].map((it) => `${it} /help.html`);
		expect(metricPaths(list)).toEqual([...loaded, "CLS /help/returns"].sort());
		const shifts = list.filter(([, metric]) => metric === "CLS").map(([, , value]) => value);
		expect(shifts[0]).toBe(0);
		// The value is the sum of both shifts, which belong to one session window of CLS.
		expect(shifts[1]).toBeGreaterThan(0.15);
		await page.context().close();
	});

	it("leave their script element out of the recording", async () => {
		const page = await visitor();
		const measured = isMeasured(page);
		await page.goto(`${stage.shop}/help.html`);
		await measured;
		await page.evaluate(() => document.body.append("one change"));
		await page.goto("about:blank");
		const changes = async () =>
			eventsOf(await stage.chunks())
				.filter(({ type, data }) => type === 3 && (data as { source: number }).source === 0)
				.map(({ data }) => data as { adds: { node: { textContent?: string } }[]; removes: unknown[] });
		const [change, ...more] = await until(changes, ({ length }) => length > 0);
		expect(change!.adds.map(({ node }) => node.textContent)).toEqual(["one change"]);
		expect([change!.removes, more]).toEqual([[], []]);
		await page.context().close();
	});

	it("are neither loaded nor stored when turned off", async () => {
		const page = await visitor({ captureWebVitals: false });
		const asked: string[] = [];
		page.on("request", (request) => asked.push(request.url()));
		const recorded = isRecorded(page);
		await page.goto(`${stage.shop}/help.html`);
		await recorded;
		await page.waitForTimeout(1_500);
		await page.click("h1");
		await page.goto("about:blank");
		await until(trails, (list) => list.some(({ clicks }) => clicks));
		expect(asked.some((url) => url.includes("/assets/recorder-"))).toBe(true);
		expect(asked.filter((url) => url.includes("vitals"))).toEqual([]);
		expect(await vitals()).toEqual([]);
		await page.context().close();
	});

	it("are not measured when the visitor opts out before the code for it has loaded", async () => {
		const page = await visitor();
		await page.addInitScript(() => {
			const types: unknown[] = [];
			Object.assign(window, { observed: types });
			const { observe } = PerformanceObserver.prototype;
			PerformanceObserver.prototype.observe = function (options) {
				types.push(options?.type);
				observe.call(this, options);
			};
		});
		await page.route("**/assets/part-vitals-*.js", async (route) => {
			await new Promise((resolve) => setTimeout(resolve, 1_000));
			await route.continue();
		});
		const asked = page.waitForRequest(/\/assets\/part-vitals-/);
		const measured = isMeasured(page);
		await page.goto(`${stage.shop}/help.html`);
		await asked;
		await page.evaluate(() => (window as unknown as { Sentiero: { optOut(): void } }).Sentiero.optOut());
		await measured;
		expect(await page.evaluate(() => (window as unknown as { observed: unknown[] }).observed)).toEqual([]);
		await page.context().close();
	});
});
