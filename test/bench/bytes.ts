import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { randomFrom } from "../support/random.ts";
import { openStage, until } from "../support/stage.ts";

/**
 * `npm run bench:bytes`: what visits to the demo shop weigh at rest, against the JSON of their events. Three people look
 * around as people do: the mouse moves, the page scrolls, words are typed, and pages are looked at for some seconds.
 */

const TARGET = 8;
const PAGES = ["/", "/product.html?id=tarn-tent", "/journal.html", "/help.html", "/checkout.html"];
const random = randomFrom(7);
const between = (low: number, high: number) => low + random.below(high - low);

const stage = await openStage();
try {
	await Promise.all([1, 2, 3].map(look));
	const chunks = await until(stage.chunks, ({ length }) => length > 15);
	let json = 0;
	let gzip = 0;
	for (const batch of chunks) {
		const text = JSON.stringify(batch);
		const packed = gzipSync(text).length;
		const types = new Map<string, number>();
		for (const { type, data } of batch.events) {
			const kind = type === 3 ? `3.${(data as { source: number }).source}` : String(type);
			types.set(kind, (types.get(kind) ?? 0) + 1);
		}
		const words = [...types].map(([kind, n]) => `${kind}×${n}`).join(" ");
		console.log(
			`${String(text.length).padStart(7)} ${String(packed).padStart(6)} ${(text.length / packed).toFixed(1)}  ${words}`,
		);
		json += text.length;
		gzip += packed;
	}
	console.log(
		`${chunks.length} chunks, ${json} bytes of JSON, ${gzip} at rest: 1/${(json / gzip).toFixed(1)} (1/${TARGET})`,
	);
} finally {
	await stage.close();
}

async function look() {
	const context = await stage.browser.newContext({ viewport: { width: 1280, height: 760 } });
	const page = await context.newPage();
	for (const path of PAGES) {
		await page.goto(stage.shop + path);
		const until = Date.now() + between(8_000, 16_000);
		while (Date.now() < until) await act(page);
	}
	await page.goto("about:blank");
	await page.waitForTimeout(1_000);
	await context.close();
}

async function act(page: Page) {
	const what = random.below(100);
	if (what < 45) await page.mouse.move(between(20, 1260), between(20, 740), { steps: 25 });
	else if (what < 80) await page.mouse.wheel(0, between(-200, 500));
	else if (what < 90) {
		const field = page.locator("input:visible").first();
		if (await field.count()) await field.pressSequentially("some words", { delay: 60, timeout: 2_000 }).catch(() => {});
	}
	await page.waitForTimeout(between(100, 1_200));
}
