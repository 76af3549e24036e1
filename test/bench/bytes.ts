import type { Page } from "playwright-core";
import { randomFrom } from "../support/random.ts";
import { openStage, until } from "../support/stage.ts";

/**
 * `npm run bench:bytes`: measures the bytes at rest of sessions in the demo shop, as received and as packed some days
 * later, and compares them to the JSON of the events. Three visitors browse realistically: they move the mouse,
 * scroll, type, and stay on each page for some seconds.
 */

const MIN_RATIO = 8;
const AGE_MS = 3 * 86_400_000;
/** Number of runs of the background jobs. Packing needs fewer. */
const TICKS = 10;
const PAGES = ["/", "/product.html?id=tarn-tent", "/journal.html", "/help.html", "/checkout.html"];
const random = randomFrom(7);
const between = (low: number, high: number) => low + random.below(high - low);

const stage = await openStage();
try {
	await Promise.all([1, 2, 3].map(browse));
	const chunks = await until(stage.chunks, ({ length }) => length > 15);
	let json = 0;
	for (const batch of chunks) {
		const text = JSON.stringify(batch);
		const types = new Map<string, number>();
		for (const { type, data } of batch.events) {
			const kind = type === 3 ? `3.${(data as { source: number }).source}` : String(type);
			types.set(kind, (types.get(kind) ?? 0) + 1);
		}
		const words = [...types].map(([kind, n]) => `${kind}×${n}`).join(" ");
		console.log(`${String(text.length).padStart(7)}  ${words}`);
		json += text.length;
	}
	const share = (bytes: number) => `${bytes} bytes, 1/${(json / bytes).toFixed(1)}`;
	const before = await atRest();
	console.log(`${chunks.length} chunks, ${json} bytes of JSON; as received: ${share(before.bytes)}`);
	const { DB } = await stage.bindings();
	await DB.prepare(
		`UPDATE sessions SET started_at = started_at - ${AGE_MS}, received_at = received_at - ${AGE_MS}`,
	).run();
	for (let i = 0; i < TICKS; i++) await stage.scheduled();
	const packed = await atRest();
	console.log(`${packed.objects} objects after packing: ${share(packed.bytes)} (goal 1/${MIN_RATIO})`);
	if (json / packed.bytes < MIN_RATIO) process.exitCode = 1;
} finally {
	await stage.close();
}

async function atRest(): Promise<{ objects: number; bytes: number }> {
	const { objects } = await (await stage.bindings()).CHUNKS.list();
	const sizes = objects.filter(({ key }) => !key.startsWith(".")).map(({ size }) => size);
	return { objects: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

async function browse() {
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
	const choice = random.below(100);
	if (choice < 45) await page.mouse.move(between(20, 1260), between(20, 740), { steps: 25 });
	else if (choice < 80) await page.mouse.wheel(0, between(-200, 500));
	else if (choice < 90) {
		const field = page.locator("input:visible").first();
		if (await field.count()) await field.pressSequentially("some words", { delay: 60, timeout: 2_000 }).catch(() => {});
	}
	await page.waitForTimeout(between(100, 1_200));
}
