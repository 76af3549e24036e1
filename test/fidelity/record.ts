import type { Browser, Page } from "playwright-core";
import { call, isRecording } from "../support/site.ts";
import { type Stage, until } from "../support/stage.ts";
import { quiet, stablePicture, VIEW } from "./picture.ts";
import type { Stack } from "./stack.ts";

/** A moment of a recording. */
export interface Moment {
	/** Epoch milliseconds by the page's clock. */
	at: number;
	/** Picture of the page. */
	live: Buffer;
}

/** Records a visit to a page with the product's recorder. Returns the session's ID and three moments. */
export async function recordSession(stage: Stage, url: string, stack: Stack) {
	const page = await openPage(stage.browser);
	await page.goto(url);
	await isRecording(page);
	const moments = await visit(page, stack);
	const sessionUrl = await call(page, "sessionUrl");
	const sessionId = /sessions\/([^/?]+)/.exec(String(sessionUrl))![1]!;
	await page.goto("about:blank");
	await until(
		() => stage.api<{ sessions: { id: string }[] }>("/sessions"),
		({ sessions }) => sessions.some(({ id }) => id === sessionId),
	);
	await page.context().close();
	return { sessionId, moments };
}

/** Records a visit to a page with rrweb's recorder. Returns the events as JSON and three moments. */
export async function recordPlain(browser: Browser, url: string, stack: Stack) {
	const page = await openPage(browser);
	await page.goto(`${url}?plain`);
	const moments = await visit(page, stack);
	const events = await page.evaluate(() => JSON.stringify((window as unknown as { plainEvents: unknown }).plainEvents));
	await page.context().close();
	return { events, moments };
}

async function openPage(browser: Browser): Promise<Page> {
	const page = await (await browser.newContext({ viewport: VIEW })).newPage();
	page.on("pageerror", (error) => console.warn(`  error in the page: ${error.message}`));
	return page;
}

async function visit(page: Page, { steps }: Stack): Promise<Moment[]> {
	const moments: Moment[] = [];
	for (const step of [null, ...steps]) {
		await step?.(page);
		await park(page, 0);
		await quiet(page.mainFrame());
		const live = await stablePicture(page, { x: 0, y: 0, ...VIEW });
		const at = await page.evaluate(() => Date.now());
		moments.push({ at, live });
		// The recording must continue after the moment, so that a replay can seek to it.
		await page.waitForTimeout(700);
		await park(page, 1);
	}
	return moments;
}

/** Moves the mouse to the lower right corner, so that pictures do not depend on hover styles. @param offset pixels */
const park = (page: Page, offset: number) => page.mouse.move(VIEW.width - 2 - offset, VIEW.height - 2);
