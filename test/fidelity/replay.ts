import type { BrowserContext, Frame, Page } from "playwright-core";
import { until } from "../support/stage.ts";
import { quiet, stablePicture, VIEW } from "./picture.ts";
import type { Moment } from "./record.ts";

/** Opens the replay of a session in the dashboard at each moment, and returns the pictures. */
export async function replaySession(operator: BrowserContext, sessionId: string, moments: readonly Moment[]) {
	const page = await operator.newPage();
	const pictures: Buffer[] = [];
	for (const { at } of moments) {
		await page.goto(`/sessions/${sessionId}?t=${at}`);
		await page.locator(".stage-play").waitFor();
		await page.getByRole("button", { name: "Actual size" }).click();
		const player = page.locator("iframe.player");
		const picture = player.contentFrame().locator("iframe");
		await until(
			async () => (await picture.boundingBox())?.width,
			(width) => width === VIEW.width,
		);
		const frame = (await (await picture.elementHandle())!.contentFrame())!;
		await hideControls(page, frame.parentFrame()!);
		await quiet(frame);
		const { x, y } = (await picture.boundingBox())!;
		pictures.push(await stablePicture(page, { x, y, ...VIEW }));
	}
	await page.close();
	return pictures;
}

/** Plays events with rrweb's own player, and returns the pictures. */
export async function replayPlain(context: BrowserContext, origin: string, events: string, moments: readonly Moment[]) {
	const page = await context.newPage();
	const pictures: Buffer[] = [];
	for (const { at } of moments) {
		await page.goto(`${origin}/plain/replay.html`);
		await page.evaluate(
			([text, time]) => (window as unknown as { show(events: unknown, at: number): void }).show(JSON.parse(text), time),
			[events, at] as const,
		);
		const picture = page.locator(".replayer-wrapper iframe");
		const frame = (await (await picture.elementHandle())!.contentFrame())!;
		await hideControls(page, page.mainFrame());
		await quiet(frame);
		const { x, y } = (await picture.boundingBox())!;
		pictures.push(await stablePicture(page, { x, y, ...VIEW }));
	}
	await page.close();
	return pictures;
}

/** Hides controls over the recorded page, with an adopted style sheet, which every Content-Security-Policy allows. */
async function hideControls(page: Page, player: Frame): Promise<void> {
	for (const frame of new Set([page.mainFrame(), player])) {
		await frame.evaluate(() => {
			const sheet = new CSSStyleSheet();
			sheet.replaceSync(".stage-play, .replayer-mouse, .replayer-mouse-tail { display: none !important }");
			document.adoptedStyleSheets.push(sheet);
		});
	}
}
