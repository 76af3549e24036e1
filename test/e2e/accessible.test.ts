import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seedReports } from "../support/reports.ts";
import { seedRecordings } from "../support/seed.ts";
import { openStage, type Stage, until } from "../support/stage.ts";

/** Checks that no page has a serious axe violation or scrolls horizontally, light and dark, wide and on a phone. */

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SITE = "https://shop.example";
const KEY = "key-of-the-shops-servers";
const STEPS = "step=page:/&step=page:/product.html&step=tag:add_to_cart";
/** Pages to check. `loaded` is a selector that matches once the page has loaded. */
const PAGES: [path: string, loaded: string][] = [
	["/", "a.visitor"],
	["/?starred=true", ".label"],
	["/?country=DE&tag=add_to_cart", "a.visitor"],
	["/?user=nobody", ".blank"],
	["/analytics", ".card"],
	["/analytics/pages", "table.data"],
	[`/analytics/pages?url=${SITE}/product.html`, ".card"],
	["/analytics/heatmap", ".heat canvas"],
	["/analytics/heatmap?show=scroll", ".heat canvas"],
	["/analytics/vitals", "table.data"],
	["/analytics/scroll", "table.data"],
	["/analytics/forms", "table.data"],
	["/analytics/frustration", "table.data"],
	["/analytics/engagement", "table.data"],
	[`/analytics/funnel?${STEPS}&by=device`, ".funnel"],
	["/analytics/conversions?goal=tag:order_placed", "table.data"],
	["/analytics/retention", "table.retention"],
	["/analytics/paths", ".card"],
	["/analytics/export", "table.data"],
	["/issues", "a.issue-name"],
	["/issues?status=all&days=7", "a.issue-name"],
	["/issues?q=nothing", ".blank"],
	["/issues?tab=browser", "table.data"],
	["/issues/0000", ".blank"],
	["/server-events", "a.event-name"],
	["/server-events?q=nothing", ".blank"],
	["/maintenance", "h2"],
	["/import", ".drop"],
	["/nowhere", ".blank"],
];

let stage: Stage;
let sid: string;
beforeAll(async () => {
	stage = await openStage({}, { SHAREABLE_REPLAYS: true, INGEST_KEYS: `default:${KEY}` });
	const stores = (await stage.bindings()) as unknown as Parameters<typeof seedRecordings>[0];
	await seedRecordings(stores, { project: "default", count: 60, now: Date.now(), site: SITE });
	await seedReports({ worker: stage.worker, key: KEY, login: "demo:demo" });
	const { sessions } = await stage.api<{ sessions: { id: string }[] }>("/sessions?sort=events");
	sid = sessions[0]!.id;
	const { windows } = await stage.api<{ windows: { id: string; startedAt: number }[] }>(`/sessions/${sid}`);
	const put = (path: string, body: object) =>
		stage.api(`/sessions/${sid}/${path}`, {
			...{ method: "PUT", body: JSON.stringify(body), headers: { "content-type": "application/json" } },
		});
	await put("mark", { starred: true, viewed: true, labels: ["to fix", "asked"] });
	await put("notes/n", { windowId: windows[0]!.id, at: windows[0]!.startedAt, text: "The cart breaks here" });
});
afterAll(() => stage.close());

interface Violation {
	id: string;
	impact: string;
	nodes: { target: string[]; failureSummary: string }[];
}

/** Rules of axe whose result depends on colors and sizes. */
const LOOK_RULES = ["color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block"];

/**
 * Returns the serious violations that axe finds, with their elements.
 * @param rules rules to check; all if empty
 */
async function violationsOn(page: Page, rules: readonly string[]): Promise<string[]> {
	await page.evaluate(AXE);
	const options = { iframes: false, resultTypes: ["violations"], ...(rules.length && { runOnly: rules }) };
	// The recording in the `iframe` is excluded, because it shows a page of the recorded site.
	const { violations } = await page.evaluate<{ violations: Violation[] }>(
		`axe.run({ exclude: ["iframe"] }, ${JSON.stringify(options)})`,
	);
	return violations
		.filter(({ impact }) => impact === "serious" || impact === "critical")
		.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
}

describe("navigation", () => {
	const active = (page: Page) =>
		page.evaluate(() => {
			const { tagName, textContent } = document.activeElement!;
			return tagName === "BODY" ? tagName : `${tagName} ${textContent}`;
		});

	it("moves the focus to the heading of the new page, and to the link again when the user goes back", async () => {
		const page = await (await stage.operator()).newPage();
		await page.goto("/issues?status=all");
		await page.locator("a.issue-name").nth(1).waitFor();
		expect(await active(page)).toBe("BODY");
		await page.getByRole("link", { name: /^Resolved/ }).click();
		await page.getByRole("link", { name: /^All/ }).click();
		expect(await active(page)).toMatch(/^A All/);
		const link = page.locator("a.issue-name").nth(1);
		const name = await link.innerText();
		await link.click();
		await until(
			() => active(page),
			(element) => element === `H1 ${name}`,
		);
		await page.goBack();
		await until(
			() => active(page),
			(element) => element === `A ${name}`,
		);
		await page.getByRole("link", { name: "Maintenance" }).click();
		await until(
			() => active(page),
			(element) => element === "H1 Maintenance",
		);
		await page.goBack();
		await until(
			() => active(page),
			(element) => element === "A Maintenance",
		);
		await page.getByRole("link", { name: "Sessions", exact: true }).click();
		await page.locator("a.visitor").nth(2).click();
		await page.getByRole("button", { name: "Play" }).first().waitFor();
		expect(await active(page)).toMatch(/^H1/);
		await page.goBack();
		const third = await page.locator("a.visitor").nth(2).innerText();
		await until(
			() => active(page),
			(element) => element === `A ${third}`,
		);
		await page.context().close();
	});

	it("gives every page a title that names its content", async () => {
		const page = await (await stage.operator()).newPage();
		const { issues } = await stage.api<{ issues: { fingerprint: string; exceptionClass: string }[] }>("/issues");
		const { events } = await stage.api<{ events: { id: string; name: string }[] }>("/server-events");
		const titles: [path: string, title: string | RegExp][] = [
			["/", "Sessions"],
			["/analytics", "Overview"],
			["/analytics/heatmap", "Heatmap"],
			[`/analytics/pages?url=${SITE}/product.html`, "/product.html"],
			["/issues", "Issues"],
			["/issues?tab=browser", "Errors in the browser"],
			[`/issues/${issues[0]!.fingerprint}`, issues[0]!.exceptionClass],
			["/server-events", "Events"],
			[`/server-events/${events[0]!.id}`, events[0]!.name],
			["/maintenance", "Maintenance"],
			["/import", "Import"],
			["/nowhere", "Page not found"],
			[`/sessions/${sid}`, /, .*\d:\d\d.* – Sentiero Edge$/],
		];
		for (const [path, title] of titles) {
			await page.goto(path);
			await until(
				() => page.title(),
				(shown) => (typeof title === "string" ? shown === `${title} – Sentiero Edge` : title.test(shown)),
			);
		}
		await page.context().close();
	});
});

describe("keyboard shortcuts", () => {
	it("can be listed with a button; single-character shortcuts can be turned off", async () => {
		const page = await (await stage.operator()).newPage();
		await page.goto("/");
		await page.locator("a.visitor").first().waitFor();
		const isRowFocused = () => page.evaluate(() => document.activeElement!.matches("a.visitor"));
		await page.getByRole("button", { name: "Shortcuts" }).click();
		const box = page.getByRole("checkbox", { name: "Use letters and symbols as shortcuts" });
		await box.uncheck();
		await page.keyboard.press("Escape");
		await page.keyboard.press("j");
		expect(await isRowFocused()).toBe(false);
		await page.reload();
		await page.locator("a.visitor").first().waitFor();
		await page.keyboard.press("j");
		expect(await isRowFocused()).toBe(false);
		await page.keyboard.press("?");
		await box.check();
		await page.getByRole("button", { name: "Close" }).click();
		await page.keyboard.press("j");
		expect(await isRowFocused()).toBe(true);
		for (const path of ["/maintenance", "/import", "/issues/0000"]) {
			await page.goto(path);
			await page.getByRole("button", { name: "Shortcuts" }).click();
			await page.getByRole("dialog").getByText("List keyboard shortcuts").waitFor();
		}
		await page.context().close();
	});
});

describe.each([
	["light, wide", { colorScheme: "light", viewport: { width: 1280, height: 800 } }, []],
	["dark, on a phone 320 px wide", { colorScheme: "dark", viewport: { width: 320, height: 780 } }, LOOK_RULES],
] as const)("every page, %s", (_, look, rules) => {
	it("has no serious axe violation and does not scroll horizontally", { timeout: 180_000 }, async () => {
		const context = await stage.operator(look);
		const page = await context.newPage();
		const found: Record<string, string[]> = {};
		const inspect = async (name: string) => {
			const list = await violationsOn(page, rules);
			if (list.length) found[name] = list;
			const excess = await page.evaluate(
				() => document.documentElement.scrollWidth - document.documentElement.clientWidth,
			);
			if (excess > 0) found[`${name} is too wide`] = [`${excess} px`];
		};
		for (const [path, loaded] of PAGES) {
			await page.goto(path);
			await page.locator(loaded).first().waitFor();
			await inspect(path);
		}
		await page.goto("/");
		await page.locator(".menu summary").click();
		await inspect("the filter menu");
		await page.keyboard.press("Escape");
		await page.keyboard.press("?");
		await inspect("the keyboard shortcuts");
		await page.goto("/issues");
		await page.getByRole("link", { name: "Net::ReadTimeout" }).click();
		await page.locator(".chart canvas").waitFor();
		await page.getByRole("button", { name: "Resolve" }).click();
		await page.getByRole("button", { name: "Undo" }).waitFor();
		await inspect("an issue");
		await page.keyboard.press("z");
		await page.locator(".issue-title").getByText("Open").waitFor();
		await page.goto("/server-events?level=error");
		await page.locator("a.event-name").first().click();
		await page.locator(".payload").waitFor();
		await inspect("an event");
		const none = { counts: { open: 0, resolved: 0, ignored: 0 }, project: "default", projects: [], next: null };
		await page.route("**/api/issues?**", (route) => route.fulfill({ json: { issues: [], ...none } }));
		await page.goto("/issues");
		await page.getByText("curl").waitFor();
		await inspect("the setup page of issues");
		await page.goto(`/sessions/${sid}`);
		await page.getByRole("button", { name: "Play" }).first().waitFor();
		await page.locator(".note").waitFor();
		await inspect("a replay");
		await page.locator("h1").click();
		await page.keyboard.press("m");
		await inspect("a note being written");
		await page.keyboard.press("Escape");
		await page.getByRole("button", { name: "Share this recording" }).click();
		await page.getByRole("button", { name: "Create link" }).click();
		const link = await page.getByLabel("Share link").inputValue();
		await inspect("the share dialog");
		await page.goto(link);
		await page.getByRole("button", { name: "Play" }).first().waitFor();
		await inspect("a shared recording");
		await context.close();
		expect(found).toEqual({});
	});
});
