import { readFile } from "node:fs/promises";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, isRecording } from "../../support/site.ts";
import { openStage, type Stage, until } from "../../support/stage.ts";
import { REPLAY_CASES, type ReplayCase } from "./cases.ts";

let stage: Stage;
let operator: BrowserContext;
let dashboard: Page;
beforeAll(async () => {
	const names = [...new Set(REPLAY_CASES.map(({ page }) => page))];
	const pages = await Promise.all(
		names.map(async (name) => {
			const file = new URL(`../../fixtures/real-sites/${name}.html`, import.meta.url);
			return [`/real/${name}.html`, await readFile(file, "utf8")] as const;
		}),
	);
	const sprite = await readFile(new URL("../../fixtures/real-sites/icons.svg", import.meta.url), "utf8");
	stage = await openStage({ ...Object.fromEntries(pages), "/real/icons.svg": sprite });
	operator = await stage.operator({ viewport: { width: 1280, height: 800 } });
	dashboard = await operator.newPage();
});
afterAll(() => stage.close());

describe("a replay of a real site", () => {
	it.each(REPLAY_CASES.map((it) => [`${it.page}: ${it.it}`, it] as const))("%s", async (_, it) => {
		const { sessionId, at, live } = await record(it);
		expect(live).toEqual(it.live ?? it.want);
		const probe = async () => {
			const frames = dashboard.frames();
			const player = frames.find((frame) => frame.parentFrame() === dashboard.mainFrame());
			const picture = frames.find((frame) => player && frame.parentFrame() === player);
			return picture?.evaluate(it.probe).catch((error) => String(error));
		};
		const same = (answer: unknown) => JSON.stringify(answer) === JSON.stringify(it.want);
		await dashboard.goto(`/sessions/${sessionId}?t=${at}`);
		await expectSoon("opened at the moment", probe, same, it.want);
		// Plays from the beginning to the end.
		await dashboard.getByRole("slider").press("Home");
		await dashboard.getByLabel("Speed").selectOption("4");
		await dashboard.getByRole("button", { name: "Play", exact: true }).first().click();
		await until(
			() => dashboard.locator(".clock").textContent(),
			(text) => {
				const [now, end] = text!.split("/").map((part) => part.trim());
				return now === end;
			},
			20_000,
		);
		await expectSoon("played to the moment", probe, same, it.want);
	});
});

async function record({ page: name, act, probe, context: options }: ReplayCase) {
	const context = await stage.browser.newContext(options);
	const page = await context.newPage();
	await page.goto(`${stage.shop}/real/${name}.html`);
	await isRecording(page);
	await page.waitForTimeout(150);
	await act?.(page);
	await page.waitForTimeout(300);
	const live = await page.evaluate(probe);
	const at = Date.now();
	await page.mouse.move(5, 5);
	await page.waitForTimeout(700);
	await page.mouse.move(9, 9);
	const url = await call(page, "sessionUrl");
	const sessionId = /sessions\/([^/]+)/.exec(String(url))![1]!;
	await page.goto("about:blank");
	await until(
		() => stage.api<{ sessions: { id: string; events: number }[] }>("/sessions"),
		({ sessions }) => sessions.some(({ id }) => id === sessionId),
	);
	await context.close();
	return { sessionId, at, live };
}

async function expectSoon(when: string, probe: () => Promise<unknown>, same: (it: unknown) => boolean, want: unknown) {
	const last = await until(probe, same, 4_000).catch(probe);
	expect({ [when]: last }).toEqual({ [when]: want });
}
