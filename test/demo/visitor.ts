import type { Page } from "playwright-core";
import { type Random, randomFrom } from "../support/random.ts";

/** A pause of the visitor that is skipped while recording: its start in epoch milliseconds, and its length in ms. */
export type Gap = [at: number, ms: number];

/**
 * A simulated visitor of the shop, who moves the pointer along a path, takes time to read, and does not always click
 * the middle of an element. Most of the waiting time is not spent but stored as gaps, so that a visit of minutes is
 * recorded in seconds.
 */
export interface Visitor {
	page: Page;
	gaps: Gap[];
	open(path: string): Promise<void>;
	/** Waits for about this many seconds. Most of the time becomes a gap. */
	think(seconds: number): Promise<void>;
	/** Scrolls in steps with short waits in between. Positive numbers scroll down. */
	scroll(pixels: number): Promise<void>;
	/** Scrolls down most of a screen and reads, this many times. @param seconds reading time, each time */
	readOn(screens: number, seconds: number): Promise<void>;
	click(selector: string, options?: { times?: number; everyMs?: number }): Promise<void>;
	type(selector: string, text: string): Promise<void>;
	select(selector: string, value: string): Promise<void>;
}

/** Time actually waited. It is longer than 500 ms, after which a click without a response counts as a dead click. */
const WAIT_MS = 600;

export function createVisitor(page: Page, seed: number, isTouch: boolean, gaps: Gap[] = []): Visitor {
	const random = randomFrom(seed);
	let pointer = { x: 200 + random.below(300), y: 200 + random.below(200) };

	const visitor: Visitor = {
		page,
		gaps,
		async open(path) {
			await page.goto(path);
			await page.waitForLoadState("load");
			await visitor.think(1 + random.below(3));
		},
		async think(seconds) {
			await page.waitForTimeout(WAIT_MS);
			const rest = Math.round(seconds * (800 + random.below(400))) - WAIT_MS;
			if (rest > 0) gaps.push([Date.now(), rest]);
			await page.waitForTimeout(50);
		},
		async scroll(pixels) {
			const step = Math.sign(pixels) * (isTouch ? 260 : 120);
			for (let left = Math.abs(pixels); left > 0; left -= Math.abs(step)) {
				if (isTouch) await page.evaluate((y) => scrollBy({ top: y, behavior: "smooth" }), step);
				else await page.mouse.wheel(0, step);
				await page.waitForTimeout(isTouch ? 220 : 60 + random.below(60));
			}
		},
		async readOn(screens, seconds) {
			const height = page.viewportSize()!.height;
			for (let i = 0; i < screens; i++) {
				await visitor.scroll(Math.round(height * 0.7));
				await visitor.think(seconds);
				if (!isTouch) await moveTo(randomPoint());
			}
		},
		async click(selector, { times = 1, everyMs = 160 } = {}) {
			const target = page.locator(selector).first();
			await target.scrollIntoViewIfNeeded();
			await page.waitForTimeout(400);
			const box = await target.boundingBox();
			if (!box) throw new Error(`${selector} is not on ${page.url()}`);
			const at = pointWithin(random, box);
			if (!isTouch) await moveTo(at);
			for (let i = 0; i < times; i++) {
				if (isTouch) await page.touchscreen.tap(at.x, at.y);
				else await page.mouse.click(at.x, at.y, { delay: 40 });
				if (i + 1 < times) await page.waitForTimeout(everyMs);
			}
			await page.waitForTimeout(WAIT_MS);
		},
		async type(selector, text) {
			await visitor.click(selector);
			await page.keyboard.type(text, { delay: 45 + random.below(40) });
			gaps.push([Date.now(), 400 + random.below(2_600)]);
			await page.waitForTimeout(120);
		},
		async select(selector, value) {
			await visitor.click(selector);
			await page.keyboard.press("Escape");
			await page.selectOption(selector, value);
			await visitor.think(1);
		},
	};

	/** Returns a random point in the middle of the viewport. */
	const randomPoint = () => {
		const { width, height } = page.viewportSize()!;
		return { x: 0.2 * width + random.below(0.6 * width), y: 0.2 * height + random.below(0.6 * height) };
	};
	const moveTo = async (to: { x: number; y: number }) => {
		const steps = 8 + random.below(10);
		const from = pointer;
		for (let i = 1; i <= steps; i++) {
			// The pointer starts slowly, speeds up and slows down, as if moved by hand.
			const share = (1 - Math.cos((Math.PI * i) / steps)) / 2;
			await page.mouse.move(from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share);
			await page.waitForTimeout(12);
		}
		pointer = to;
	};
	return visitor;
}

/** Returns a random point of a box, more often near its middle than near its edges. */
function pointWithin(random: Random, { x, y, width, height }: { x: number; y: number; width: number; height: number }) {
	const share = () => 0.2 + 0.3 * (random.below(1_000) / 1_000) + 0.3 * (random.below(1_000) / 1_000);
	return { x: x + width * share(), y: y + Math.min(height, 700) * share() };
}
