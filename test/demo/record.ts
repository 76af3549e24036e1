import { writeFile } from "node:fs/promises";
import { brotliCompressSync, constants } from "node:zlib";
import { META, type RecordedEvent } from "../../src/contract/events.ts";
import type { Batch } from "../../src/contract/wire.ts";
import { type DemoVisit, SITE, VISITS_FILE } from "../support/demo-sessions.ts";
import { call } from "../support/site.ts";
import { openStage, until } from "../support/stage.ts";
import { CHROME_LINUX } from "../support/user-agents.ts";
import { createVisitor, type Gap } from "./visitor.ts";
import { isTouch, VIEWPORTS, VISITS, type Visit } from "./visits.ts";

/**
 * `npm run record-demo`: records the visits of `visits.ts` in the demo shop with the real recorder, Worker and browser.
 * Stores them in one compressed file, from which the demo makes its sample sessions. Takes about four minutes. Run it
 * when the shop, the visits or the recorder have changed. If the arguments are indexes of visits, only these visits are
 * recorded, and nothing is stored.
 */

const AT_ONCE = 3;
const only = process.argv.slice(2).map(Number);

const stage = await openStage();
try {
	const chosen = only.length ? only.map((n) => VISITS[n]!) : VISITS;
	const recorded: DemoVisit[] = [];
	const waiting = [...chosen.entries()];
	const work = async () => {
		for (let next = waiting.shift(); next; next = waiting.shift()) {
			const [n, visit] = next;
			recorded[n] = await record(visit, n);
			const { windows, gaps } = recorded[n]!;
			const events = windows.flatMap((window) => window.events);
			const waited = gaps.reduce((sum, [, ms]) => sum + ms, 0);
			const minutes = (Math.max(...events.map(({ timestamp }) => timestamp!)) + waited) / 60_000;
			console.log(`${n + 1}/${chosen.length}  ${visit.device}, ${events.length} events, ${minutes.toFixed(1)} min`);
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, work));
	const json = JSON.stringify(recorded).replaceAll(stage.shop, SITE).replaceAll(stage.worker, SITE);
	const localUrl = /[^"\s]*localhost[^"\s]*/.exec(json)?.[0];
	if (localUrl) throw new Error(`An address of this machine is in the recordings: ${localUrl}`);
	const packed = brotliCompressSync(json, {
		params: { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: json.length },
	});
	const sizes = `${(json.length / 1e6).toFixed(1)} MB of JSON, ${Math.round(packed.length / 1024)} KB compressed`;
	console.log(`${recorded.length} visits, ${sizes}`);
	if (!only.length) await writeFile(VISITS_FILE, packed);
} finally {
	await stage.close();
}

async function record({ device, locale, act, inSecondTab }: Visit, n: number): Promise<DemoVisit> {
	const hasTouch = isTouch(device);
	const context = await stage.browser.newContext({
		...{ baseURL: stage.shop, viewport: VIEWPORTS[device], locale, hasTouch, isMobile: hasTouch },
		userAgent: CHROME_LINUX,
	});
	const gaps: Gap[] = [];
	try {
		const page = await context.newPage();
		await act(createVisitor(page, n + 1, hasTouch, gaps));
		if (inSecondTab) {
			const second = await context.newPage();
			await inSecondTab(createVisitor(second, n + 101, hasTouch, gaps));
			await page.bringToFront();
			await createVisitor(page, n + 201, hasTouch, gaps).scroll(500);
			await second.bringToFront();
			await second.goto("about:blank");
		}
		const url = await call(page, "sessionUrl");
		const sessionId = /\/sessions\/([\w-]+)/.exec(url ?? "")?.[1];
		if (!sessionId) throw new Error(`Visit ${n} is not recorded: ${JSON.stringify(await call(page, "status"))}`);
		await page.goto("about:blank");
		await page.waitForTimeout(500);
		let size = -1;
		const batches = await until(
			async () => {
				await page.waitForTimeout(700);
				return (await stage.chunks()).filter((batch) => batch.sessionId === sessionId);
			},
			({ length }) => {
				const isSettled = length > 0 && length === size;
				size = length;
				return isSettled;
			},
		);
		return visitOf(device, batches, gaps);
	} finally {
		await context.close();
	}
}

/** Joins the batches of each window and makes all times relative to the start of the visit. */
function visitOf(device: Visit["device"], batches: Batch[], gaps: Gap[]): DemoVisit {
	const byTime = (a: RecordedEvent, b: RecordedEvent) => a.timestamp! - b.timestamp!;
	const ordered = batches.toSorted((a, b) => byTime(a.events[0]!, b.events[0]!));
	const start = ordered[0]!.events[0]!.timestamp!;
	const windows = [...new Set(ordered.map(({ windowId }) => windowId))].map((windowId) => {
		const ofWindow = ordered.filter((batch) => batch.windowId === windowId);
		const events = ofWindow.flatMap((batch) =>
			batch.events.map((event) => ({ ...event, timestamp: event.timestamp! - start })),
		);
		if (!events.some(({ type }) => type === META)) throw new Error("A tab has no snapshot.");
		return { events: events.toSorted(byTime), metadata: Object.assign({}, ...ofWindow.map((batch) => batch.metadata)) };
	});
	return { device, windows, gaps: gaps.map(([at, ms]) => [at - start, ms] as Gap).toSorted(([a], [b]) => a - b) };
}
