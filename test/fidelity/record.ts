import type { Browser, Page } from "playwright-core";
import { call, isRecording } from "../support/site.ts";
import { type Stage, until } from "../support/stage.ts";
import { quiet, stablePicture, VIEW } from "./picture.ts";
import type { Stack } from "./stack.ts";

/** A moment of a recording: the time, by the page's clock, and a picture of the page. */
export interface Moment {
	at: number;
	live: Buffer;
}

/** Opens a page with the product's recorder and returns its session with three moments. */
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

/** Opens a page with rrweb's recorder and returns its events with three moments. */
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
		// The recording must not end at the moment.
		await page.waitForTimeout(700);
		await park(page, 1);
	}
	return moments;
}

/** A replay cannot show what is hovered: the mouse waits in the lower right corner. */
const park = (page: Page, offset: number) => page.mouse.move(VIEW.width - 2 - offset, VIEW.height - 2);
