import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { seedReports } from "../support/reports.ts";
import { seedRecordings } from "../support/seed.ts";
import { openStage, until } from "../support/stage.ts";
import { CHROME_MAC, FIREFOX_WINDOWS, SAFARI_IPHONE } from "../support/user-agents.ts";

/**
 * `npm run screenshots`: takes screenshots of every page, light and dark, on desktop and phone, with sessions recorded in
 * the demo shop. Images used by the documentation go to docs/images, the others to .cache/screenshots.
 */

const root = fileURLToPath(new URL("../../", import.meta.url));
const DOCUMENTED = [
	"replay-light-wide",
	"replay-dark-wide",
	"sessions-light-wide",
	"analytics-light-wide",
	"heatmap-light-wide",
	"issue-light-wide",
];
const KEY = "key-of-the-shops-servers";
const REPORTS = {
	analytics: "/analytics",
	heatmap: "/analytics/heatmap?device=Desktop",
	pages: "/analytics/pages",
	vitals: "/analytics/vitals",
	forms: "/analytics/forms",
	funnel: "/analytics/funnel?step=page:/&step=page:/product.html&step=tag:add_to_cart",
	export: "/analytics/export",
};
const SERVER_PAGES = {
	issues: "/issues",
	"issues-all": "/issues?status=all&days=7",
	"issues-browser": "/issues?tab=browser",
	events: "/server-events",
};

for (const folder of ["docs/images", ".cache/screenshots"]) await mkdir(root + folder, { recursive: true });
const stage = await openStage({}, { SHAREABLE_REPLAYS: true, INGEST_KEYS: `default:${KEY}` });
try {
	await inEveryVariant(async (page, shoot) => {
		await page.goto("/");
		await page.getByText("connect-src").waitFor();
		await shoot("install");
		await page.goto("/issues");
		await page.getByText("curl").waitFor();
		await shoot("issues-none");
	});
	await record(FIREFOX_WINDOWS, 1280, async (page) => {
		await page.goto(`${stage.shop}/`);
		await pause(page, 600);
		await page.mouse.wheel(0, 900);
		await pause(page, 900);
	});
	await record(SAFARI_IPHONE, 390, async (page) => {
		await page.goto(`${stage.shop}/journal.html`);
		await pause(page, 700);
		await page.goto(`${stage.shop}/cart.html`);
		await pause(page, 500);
	});
	await record(CHROME_MAC, 1280, shopping);
	const { sessions } = await until(
		() => stage.api<{ sessions: { id: string; errors: number; pages: number }[] }>("/sessions"),
		({ sessions: list }) => list.length === 3 && list.some(({ errors }) => errors > 0),
	);
	const id = sessions.find(({ errors }) => errors > 0)!.id;
	await inEveryVariant(async (page, shoot) => {
		await page.goto("/");
		await page.locator("a.visitor").first().waitFor();
		await shoot("sessions");
		await page.goto(`/sessions/${id}?t=5200`);
		await page.frameLocator("iframe.player").frameLocator("iframe").locator("#add-to-cart").waitFor();
		await pause(page, 700);
		await shoot("replay");
		await page.getByRole("button", { name: "Share this recording" }).click();
		await page.getByRole("button", { name: "Create link" }).click();
		const link = await page.getByLabel("Share link").inputValue();
		await shoot("share");
		await page.goto(link);
		await page.frameLocator("iframe.player").frameLocator("iframe").locator("body").waitFor();
		await pause(page, 700);
		await shoot("shared");
		await page.goto("/import");
		await page.getByText("Choose a file").waitFor();
		await shoot("import");
		await page.goto("/maintenance");
		await page.getByText("Index").first().waitFor();
		await shoot("maintenance");
	});
	const { DB, CHUNKS } = (await stage.bindings()) as unknown as Parameters<typeof seedRecordings>[0];
	await seedRecordings({ DB, CHUNKS }, { project: "default", count: 300, now: Date.now(), site: stage.shop });
	await seedReports({ worker: stage.worker, key: KEY, login: "demo:demo" });
	await inEveryVariant(async (page, shoot) => {
		for (const [title, path] of Object.entries(SERVER_PAGES)) {
			await page.goto(path);
			await page.locator(".issue-name, .event-name, table.data").first().waitFor();
			await shoot(title);
		}
		await page.goto("/issues");
		await page.getByRole("link", { name: "Net::ReadTimeout" }).click();
		await page.locator(".chart canvas").waitFor();
		await shoot("issue");
		await page.goto("/server-events?level=error");
		await page.locator(".event-name").first().click();
		await page.locator(".payload").waitFor();
		await shoot("event");
		for (const [title, path] of Object.entries(REPORTS)) {
			await page.goto(path);
			await page.locator(".figures, table.data, .funnel").first().waitFor();
			await pause(page, 1_500);
			await shoot(title);
		}
	});
} finally {
	await stage.close();
}

async function inEveryVariant(act: (page: Page, shoot: (title: string) => Promise<unknown>) => Promise<void>) {
	for (const colorScheme of ["light", "dark"] as const) {
		for (const [size, viewport] of [
			["wide", { width: 1360, height: 850 }],
			["phone", { width: 390, height: 844 }],
		] as const) {
			const context = await stage.operator({ colorScheme, viewport, deviceScaleFactor: 1 });
			const page = await context.newPage();
			await act(page, (title) => {
				const name = `${title}-${colorScheme}-${size}`;
				const folder = DOCUMENTED.includes(name) ? "docs/images" : ".cache/screenshots";
				return page.screenshot({ path: `${root}${folder}/${name}.png`, fullPage: title === "install" });
			});
			await context.close();
		}
	}
}

async function record(userAgent: string, width: number, act: (page: Page) => Promise<void>) {
	const context = await stage.browser.newContext({ userAgent, viewport: { width, height: 760 } });
	const page = await context.newPage();
	await act(page);
	await page.goto("about:blank");
	await pause(page, 400);
	await context.close();
}

async function shopping(page: Page) {
	await page.goto(`${stage.shop}/`);
	await pause(page, 900);
	await page.mouse.wheel(0, 620);
	await pause(page, 1_200);
	await page.click("#product-tarn-tent");
	await pause(page, 1_600);
	await page.click("#quantity-more");
	await pause(page, 800);
	await page.click("#add-to-cart");
	await pause(page, 2_400);
	await page.goto(`${stage.shop}/account.html`);
	await page.locator("#login-email").pressSequentially("jane@mail.example", { delay: 40 });
	await page.locator("#login-password").pressSequentially("correct horse", { delay: 40 });
	await page.click("#login-submit");
	await pause(page, 900);
	await page.click("#nav-help");
	await pause(page, 6_500);
	await page.click("#throw-error");
	await pause(page, 600);
	await page.click("#dead-button");
	await pause(page, 700);
}

function pause(page: Page, ms: number) {
	return page.waitForTimeout(ms);
}
