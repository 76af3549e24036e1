import type { Page } from "playwright-core";
import type { RecordedEvent } from "../../src/contract/events.ts";
import { clickAt, customAt, headingAt, moveAt, pageAt, scrollAt, send } from "../support/recorded.ts";
import { openStage, until } from "../support/stage.ts";

/**
 * `npm run bench:replay`: measures the time to the first frame of a session of 20 minutes and 5,000 events, in a
 * browser that has cached the dashboard, and the time of a seek. Prints the goals next to the numbers.
 */

const MINUTES = 20;
const EVENTS = 5_000;
const CHUNKS = 50;
const PAGES = 8;
const ROWS = 300;
const ROUNDS = 7;
const SEEKS = 12;
const GOALS = { timeline: 300, "first frame": 500, "first frame at ?t= near the end": 500, seek: 300 };

const stage = await openStage();
try {
	const from = Date.now() - 3_600_000;
	const events = makeRecording(from);
	const perChunk = Math.ceil(events.length / CHUNKS);
	const chunks = Array.from({ length: CHUNKS }, (_, i) => events.slice(i * perChunk, (i + 1) * perChunk));
	await send(stage.worker, { sessionId: "bench", chunks: chunks.filter(({ length }) => length > 0) });
	await until(
		() => stage.api<{ sessions: { events: number }[] }>("/sessions"),
		({ sessions }) => sessions[0]?.events === events.length,
	);
	const page = await (await stage.operator({ viewport: { width: 1360, height: 850 } })).newPage();
	const end = MINUTES * 60_000 - 20_000;
	const timings: Record<keyof typeof GOALS, number[]> = {
		timeline: [],
		"first frame": [],
		"first frame at ?t= near the end": [],
		seek: [],
	};
	for (let i = 0; i < ROUNDS; i++) {
		await page.goto(`/sessions/bench/windows/w`);
		timings.timeline.push(await timeUntil(page, ".tick"));
		timings["first frame"].push(await timeUntil(page, ".stage-play"));
		await page.goto(`/sessions/bench/windows/w?t=${end}`);
		timings["first frame at ?t= near the end"].push(await timeUntil(page, ".stage-play"));
	}
	await page.waitForFunction(() => document.querySelector<HTMLElement>(".loaded")?.style.width === "100%");
	// Seeks jump between start and end of the recording, to moments in the middle of pages. Such seeks take longest.
	for (let i = 0; i < SEEKS; i++) timings.seek.push(await seek(page, i % 2 ? 0.05 + i / 100 : 0.97 - i / 50));
	console.log(`${events.length} events in ${MINUTES} minutes, ${CHUNKS} chunks, ${PAGES} pages of ${ROWS} rows`);
	console.log("milliseconds".padEnd(34), "median".padStart(8), "slowest".padStart(8), "goal".padStart(8));
	for (const [name, list] of Object.entries(timings)) {
		list.sort((a, b) => a - b);
		const [median, slowest] = [list[list.length >> 1]!, list.at(-1)!];
		const goal = GOALS[name as keyof typeof GOALS];
		console.log(name.padEnd(34), ...[median, slowest, goal].map((ms) => ms.toFixed(0).padStart(8)));
	}
} finally {
	await stage.close();
}

/** Returns the milliseconds from navigation until an element exists. */
function timeUntil(page: Page, selector: string): Promise<number> {
	return page.evaluate(
		(css) =>
			new Promise<number>((resolve) => {
				const check = () => (document.querySelector(css) ? resolve(performance.now()) : requestAnimationFrame(check));
				check();
			}),
		selector,
	);
}

/** Returns the milliseconds from a press on the timeline until the heading of the replayed page shows that moment. */
function seek(page: Page, share: number): Promise<number> {
	return page.evaluate(
		([at, length, step]) =>
			new Promise<number>((resolve) => {
				const bar = document.querySelector<HTMLElement>('[role="slider"]')!;
				const box = bar.getBoundingClientRect();
				const player = document.querySelector<HTMLIFrameElement>("iframe.player")!;
				const target = at! * length!;
				const start = performance.now();
				const init = { clientX: box.left + at! * box.width, clientY: box.top + 25, pointerId: 1, bubbles: true };
				bar.setPointerCapture = () => {};
				bar.dispatchEvent(new PointerEvent("pointerdown", init));
				const check = () => {
					const inner = player.contentDocument?.querySelector("iframe")?.contentDocument;
					const shown = Number(/at (\d+)/.exec(inner?.querySelector("#title")?.textContent ?? "")?.[1] ?? -1e9);
					if (shown <= target + 50 && shown > target - 2 * step!) resolve(performance.now() - start);
					else requestAnimationFrame(check);
				};
				check();
			}),
		[share, MINUTES * 60_000, ((MINUTES * 60_000) / EVENTS) * 4] as const,
	);
}

/** Returns the events of a session. Every fourth event writes its time into the heading of the page. */
function makeRecording(from: number): RecordedEvent[] {
	const events: RecordedEvent[] = [];
	const step = (MINUTES * 60_000) / EVENTS;
	for (let i = 0; events.length < EVENTS; i++) {
		const ms = Math.round(events.length * step);
		const at = from + ms;
		if (i % Math.ceil(EVENTS / PAGES / 1.1) === 0) {
			events.push(...pageAt(at, `${stage.shop}/page-${events.length}`, `Page at ${ms}`, ROWS));
		} else if (i % 4 === 0) events.push(headingAt(at, `Page at ${ms}`));
		else if (i % 60 === 7) events.push(...clickAt(at, 300 + (i % 200), 300, `#row-${i % 50}`));
		else if (i % 300 === 11) events.push(customAt(at, "error", { message: `error ${i}` }));
		else if (i % 5 === 1) events.push(scrollAt(at, (i * 37) % 4_000));
		else events.push(moveAt(at));
	}
	return events.slice(0, EVENTS);
}
