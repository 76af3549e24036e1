import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { call, customEvents, eventsOf, isRecording, isStoring, sitePage, statusOf } from "../support/site.ts";
import { openStage, type Stage, until } from "../support/stage.ts";

/** Tests how a site controls recording: by configuration from three sources, and by `window.Sentiero`. */

const FRAME = `<h1>Outside</h1><iframe src="/plain.html"></iframe>`;

let stage: Stage;
let context: BrowserContext;
let page: Page;
beforeAll(async () => {
	stage = await openStage({
		"/plain.html": sitePage({ body: `<h1>A page</h1><button id="b">b</button>` }),
		"/framing.html": sitePage({ body: FRAME }),
		"/manual.html": sitePage({ tag: 'data-auto-start="false"' }),
		"/never.html": sitePage({ tag: 'data-sample-rate="0"' }),
		"/half.html": sitePage({ tag: 'data-sample-rate="0.5"' }),
		"/brief.html": sitePage({ tag: 'data-sample-rate="0.5" data-session-idle-timeout-ms="2000"' }),
		"/rules.html": sitePage({ tag: 'data-url-exclude="/private/*, */secret"' }),
		"/private/a.html": sitePage({ tag: 'data-url-exclude="/private/*"' }),
		"/layers.html": sitePage({
			tag: 'data-track-forms="false" data-mask-length="3"',
			config: {
				trackForms: true,
				maskLength: 5,
				sampleRate: "much",
				captureClicks: false,
				recorderOptions: { maskTextSelector: "h1" },
			},
			body: `<h1>Title</h1><button id="b">b</button><form id="f" action="javascript:void 0"><input name="n" value="abcdefgh"></form>`,
		}),
		"/early.html": sitePage({ tag: "data-nothing" }).replace(
			"defer></script>",
			`></script><script>Sentiero.addCustomEvent("early", { n: 1 }); setTimeout(() => { throw new Error("early error") });
				document.write("<p>" + "x".repeat(100)); throw new Error("inline error")</script>`,
		),
		"/off.html": sitePage({
			config: {
				...{ captureMetadata: false, captureErrors: false, captureClicks: false, captureWebVitals: false },
				...{ trackNavigation: false, trackCustomEvents: false, trackForms: false },
			},
			body: `<a id="on" href="/plain.html" data-sentiero-track-click="never">on</a><form id="f"></form>`,
		}),
		"/filtered.html": sitePage({
			config: {
				redaction: { urlMode: "keepFiltered", urlParamDenylist: ["coupon"], customPatterns: ["/order-\\d+/i", "("] },
			},
		}),
		"/gpc-off.html": sitePage({ tag: 'data-respect-gpc="false"' }),
		"/dnt.html": sitePage({ tag: 'data-respect-dnt="true"' }),
		"/young.html": sitePage({ tag: 'data-minimum-duration-ms="4000"' }),
		"/on-error.html": sitePage({
			tag: 'data-record-on="error,checkout_failed"',
			body: '<a id="on" href="/on-error.html?2">on</a>',
		}),
	});
});
afterAll(() => stage.close());
beforeEach(async () => {
	await stage.deleteSessions();
	context = await stage.browser.newContext();
	page = await context.newPage();
});
afterEach(() => context.close());

const sessions = async () =>
	(await stage.api<{ sessions: { id: string; events: number; metadata: Record<string, unknown> }[] }>("/sessions"))
		.sessions;
const recorded = async (tag?: string) => customEvents(await stage.chunks()).filter((it) => !tag || it.tag === tag);
const track = (tag: string) => call(page, "addCustomEvent", tag);
const posts = () => {
	const seen: string[] = [];
	page.on("request", (request) => /\/events\?/.test(request.url()) && seen.push(request.url()));
	return seen;
};
const settle = () => page.waitForTimeout(600);

describe("configuration", () => {
	it("prefers script attributes to #sentiero-config, and #sentiero-config to the build; ignores invalid values", async () => {
		const warnings: string[] = [];
		page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
		await page.goto(`${stage.shop}/layers.html`);
		await isRecording(page);
		await page.click("#b");
		await page.evaluate(() => (document.querySelector("#f") as HTMLFormElement).requestSubmit());
		await call(page, "flush");
		const chunks = await until(stage.chunks, (list) => list.length >= 2);
		const texts = JSON.stringify(chunks);
		expect(customEvents(chunks).map(({ tag }) => tag)).not.toContain("__form_submit");
		expect(customEvents(chunks).map(({ tag }) => tag)).not.toContain("__click");
		expect(texts).toContain('"value":"***"');
		expect(texts).not.toContain("Title");
		expect(warnings.join()).toContain("invalid sampleRate:");
	});

	it("can turn off every kind of capture", async () => {
		await page.goto(`${stage.shop}/off.html`);
		await isRecording(page);
		await page.evaluate(() => {
			setTimeout(() => {
				throw new Error("not recorded");
			});
			history.pushState(null, "", "/not-recorded");
			(document.querySelector("#f") as HTMLFormElement).dispatchEvent(new Event("submit", { bubbles: true }));
		});
		await page.waitForTimeout(800);
		await page.click("#on");
		await page.waitForURL(/plain/);
		await isRecording(page);
		await call(page, "flush");
		const chunks = await until(stage.chunks, (list) => eventsOf(list).filter(({ type }) => type === 2).length === 2);
		const first = chunks.filter(({ events }) => JSON.stringify(events).includes("off.html") || events.length);
		const tags = customEvents(first.filter(({ metadata }) => !metadata)).map(({ tag }) => tag);
		expect(tags.filter((tag) => !/^__(visibility|cost)$/.test(tag))).toEqual([]);
		const offChunk = chunks.find(({ events }) => JSON.stringify(events).includes("/off.html"))!;
		expect(offChunk.metadata).toBeUndefined();
	});

	it("accepts redaction options in the spelling of the Sentiero gem", async () => {
		const warnings: string[] = [];
		page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
		await page.goto(`${stage.shop}/filtered.html?page=2&token=zqtokenzq&coupon=zqcouponzq&mail=mia@x.example`);
		await isRecording(page);
		await call(page, "addCustomEvent", "note", { text: "about ORDER-77" });
		await call(page, "flush");
		const [note] = await until(
			() => recorded("note"),
			(list) => list.length === 1,
		);
		expect(note!.payload).toEqual({ text: "about [redacted]" });
		const [session] = await until(sessions, ([it]) => it?.metadata.url !== undefined);
		// The Worker redacts the URL again. Its `REDACTION_URL_MODE` is `strip`, which removes the query.
		expect(session!.metadata.url).toBe(`${stage.shop}/filtered.html`);
		expect(warnings.join()).toContain("invalid pattern:");
		expect(await stage.everythingStored()).not.toMatch(/zq(token|coupon)zq/);
	});

	it("respects Global Privacy Control by default, and Do Not Track when configured", async () => {
		await page.addInitScript(() => {
			Object.defineProperty(navigator, "globalPrivacyControl", { value: true });
			Object.defineProperty(navigator, "doNotTrack", { value: "1" });
		});
		const reasons: unknown[] = [];
		for (const path of ["plain", "gpc-off", "dnt"]) {
			await page.goto(`${stage.shop}/${path}.html`);
			reasons.push((await statusOf(page)).reason);
		}
		expect(reasons).toEqual(["global_privacy_control", null, "global_privacy_control"]);
		const other = await (await stage.browser.newContext()).newPage();
		await other.addInitScript(() => Object.defineProperty(navigator, "doNotTrack", { value: "1" }));
		await other.goto(`${stage.shop}/plain.html`);
		expect((await statusOf(other)).recording).toBe(true);
		await other.goto(`${stage.shop}/dnt.html`);
		expect((await statusOf(other)).reason).toBe("do_not_track");
		await other.context().close();
	});

	it("can wait for Sentiero.start(), which may be called before the recorder has loaded", async () => {
		const seen = posts();
		await page.goto(`${stage.shop}/manual.html`);
		await settle();
		expect(await statusOf(page)).toMatchObject({ recording: false, reason: "not_started" });
		expect(seen).toEqual([]);
		expect(await page.evaluate(() => localStorage.length)).toBe(0);
		await call(page, "start");
		await track("started");
		await call(page, "flush");
		await until(recorded, (list) => list.some(({ tag }) => tag === "started"));
	});

	it("samples sessions as a whole; Sentiero.start() overrides sampling", { timeout: 180_000 }, async () => {
		await page.goto(`${stage.shop}/never.html`);
		await settle();
		expect(await statusOf(page)).toMatchObject({ recording: false, reason: "sampled_out" });
		await call(page, "start");
		await until(sessions, (list) => list.length === 1);
		// The override also applies to the next session.
		await call(page, "stop");
		await call(page, "start");
		await until(sessions, (list) => list.length === 2);

		// Activity extends the sampling decision beyond the idle timeout.
		const other = await stage.browser.newContext();
		const used = await other.newPage();
		await used.addInitScript(() => {
			if (!localStorage.getItem("sentiero_draw")) localStorage.setItem("sentiero_draw", `0.1 ${Date.now()}`);
		});
		await used.goto(`${stage.shop}/brief.html`);
		for (let i = 0; i < 12; i++) {
			await used.mouse.move(i, i);
			await used.waitForTimeout(250);
		}
		await used.goto(`${stage.shop}/brief.html?2`);
		expect(await used.evaluate(() => localStorage.getItem("sentiero_draw"))).toMatch(/^0\.1 /);
		await other.close();

		// The first page of a visitor draws a number, which decides for all later pages.
		for (const [draw, isRecorded] of [
			[0.1, true],
			[0.9, false],
			[null, null],
		] as const) {
			const visitor = await stage.browser.newContext();
			await visitor.addInitScript((drawn) => {
				if (drawn === null || localStorage.getItem("sentiero_draw")) return;
				localStorage.setItem("sentiero_draw", `${drawn} ${Date.now()}`);
			}, draw);
			const tab = await visitor.newPage();
			const found = new Set<boolean>();
			for (let load = 0; load < 3; load++) {
				await tab.goto(`${stage.shop}/half.html`);
				found.add((await statusOf(tab)).recording);
			}
			const drawn = await tab.evaluate(() => Number.parseFloat(localStorage.getItem("sentiero_draw")!));
			expect([...found]).toEqual([isRecorded ?? drawn < 0.5]);
			await visitor.close();
		}
	});

	it("excludes URLs, on page load and on route changes", async () => {
		const seen = posts();
		await page.goto(`${stage.shop}/private/a.html`);
		await settle();
		expect(await statusOf(page)).toMatchObject({ recording: false, reason: "url_excluded" });
		expect(seen).toEqual([]);
		// A route that is not excluded starts recording.
		await page.evaluate(() => history.pushState(null, "", "/open/b"));
		await isRecording(page);

		await page.goto(`${stage.shop}/rules.html`);
		await isRecording(page);
		await page.evaluate(() => history.pushState(null, "", "/private/zqnamezq"));
		await page.evaluate(() => document.body.append("zqexcludedzq"));
		await track("zqexcluded_tag");
		expect(await statusOf(page)).toMatchObject({ recording: false, reason: "url_excluded" });
		await page.evaluate(() => {
			document.body.lastChild!.remove();
			history.pushState(null, "", "/public");
			document.body.append("recorded again");
		});
		await isRecording(page);
		await track("back");
		await call(page, "flush");
		await until(
			() => recorded("back"),
			(list) => list.length === 1,
		);
		const texts = JSON.stringify(await stage.chunks());
		expect(texts).not.toContain("zqexcluded");
		expect(texts).not.toContain("zqname");
		expect(texts).toContain("recorded again");
		const [session] = (await sessions()).filter(({ events }) => events > 0);
		const { windows } = await stage.api<{ windows: { id: string }[] }>(`/sessions/${session!.id}`);
		const { chunks } = await stage.api<{ chunks: { trail: { pages?: unknown[][] } }[] }>(
			`/sessions/${session!.id}/windows/${windows[0]!.id}/trail`,
		);
		const pages = chunks.flatMap(({ trail }) => trail.pages ?? []);
		expect(pages.map(([, url, , , , , cause]) => `${cause} ${String(url).replace(stage.shop, "")}`)).toEqual([
			"load /open/b",
			"load /rules.html",
			"load /public",
		]);
	});

	it("records a frame as part of the embedding page, even when the frame loads first", async () => {
		let isFirst = true;
		const inner = () => page.frames().find((frame) => frame.url().endsWith("/plain.html"));
		await page.route("**/recorder.js", async (route) => {
			if (route.request().frame() === page.mainFrame()) {
				await until(
					async () => inner()?.evaluate(() => "Sentiero" in window),
					(isThere) => isThere === true,
				);
				isFirst = false;
			}
			await route.continue();
		});
		await page.route(/\/recorder-[^/]+\.js$/, async (route) => {
			await page.waitForFunction(() => "Sentiero" in window);
			await route.continue();
		});
		await page.goto(`${stage.shop}/framing.html`);
		expect(isFirst).toBe(false);
		await isRecording(page);
		await settle();
		const status = await inner()!.evaluate(() =>
			(window as unknown as { Sentiero: { status(): object } }).Sentiero.status(),
		);
		expect(status).toMatchObject({ recording: false, reason: "framed" });
		expect(new Set((await stage.chunks()).map(({ windowId }) => windowId)).size).toBe(1);
	});
});

describe("window.Sentiero", () => {
	it("pauses, resumes with a new snapshot, stops, and starts a new session", async () => {
		await page.goto(`${stage.shop}/plain.html`);
		await isRecording(page);
		await call(page, "pause");
		expect(await statusOf(page)).toMatchObject({ recording: false, reason: "paused" });
		await page.evaluate(() => document.body.append("zqpausedzq"));
		await track("while_paused");
		await page.evaluate(() => document.body.lastChild!.remove());
		await call(page, "start");
		expect(await statusOf(page)).toMatchObject({ recording: true, reason: null });
		await track("after_pause");
		await call(page, "stop");
		expect(await statusOf(page)).toMatchObject({ recording: false, reason: "ended" });
		expect(await page.evaluate(() => Object.keys(localStorage).join())).not.toContain("session");
		await track("while_stopped");
		await call(page, "start");
		await track("after_restart");
		await call(page, "flush");
		await until(
			() => recorded("after_restart"),
			(list) => list.length === 1,
		);
		expect((await recorded()).map(({ tag }) => tag).filter((tag) => !tag.startsWith("__"))).toEqual([
			"after_pause",
			"after_restart",
		]);
		const chunks = await stage.chunks();
		expect(JSON.stringify(chunks)).not.toContain("zqpaused");
		const ids = [...new Set(chunks.map(({ sessionId }) => sessionId))];
		const kinds = ids.map((id) => {
			const events = eventsOf(chunks.filter(({ sessionId }) => sessionId === id));
			return events.filter(({ type }) => type === 2).length;
		});
		expect(kinds.sort()).toEqual([1, 2]);
		const windows = new Set(chunks.map(({ windowId }) => windowId));
		expect(windows.size).toBe(1);
	});

	it("records calls and errors from before the page is parsed", async () => {
		await page.goto(`${stage.shop}/early.html`);
		await isRecording(page);
		await call(page, "flush");
		await until(
			() => recorded("early"),
			(list) => list.length === 1,
		);
		const errors = await until(
			() => recorded("error"),
			(list) => list.length === 2,
		);
		expect(errors.map(({ payload }) => (payload as { message: string }).message).sort()).toEqual([
			"Uncaught Error: early error",
			"Uncaught Error: inline error",
		]);
	});

	it("sends each metadata value once", async () => {
		await page.goto(`${stage.shop}/plain.html`);
		await isRecording(page);
		await call(page, "setMetadata", { plan: "pro" });
		for (const tag of ["one", "two", "three"]) {
			await track(tag);
			await call(page, "flush");
		}
		await until(
			() => recorded("three"),
			(list) => list.length === 1,
		);
		const withPlan = (await stage.chunks()).filter(({ metadata }) => metadata && "plan" in metadata);
		expect(withPlan).toHaveLength(1);
	});

	it("identifies the person in the next session too, and redacts e-mail addresses in traits", async () => {
		await page.goto(`${stage.shop}/plain.html`);
		await isRecording(page);
		await call(page, "identify", 4_155_500_000_001, { plan: "pro", mail: "mia@x.example" });
		await call(page, "flush");
		await track("a");
		await call(page, "flush");
		const [session] = await until(sessions, ([it]) => it?.metadata.user_id !== undefined);
		expect(session!.metadata).toMatchObject({ user_id: "4155500000001", user_plan: "pro", user_mail: "[redacted]" });
		await call(page, "stop");
		await call(page, "start");
		await call(page, "flush");
		const two = await until(sessions, (list) => list.length === 2);
		expect(two.map(({ metadata }) => metadata.user_id)).toEqual(["4155500000001", "4155500000001"]);
	});

	it("returns the dashboard URL of the current moment", async () => {
		await page.goto(`${stage.shop}/plain.html`);
		await isRecording(page);
		const url = new URL((await call(page, "sessionUrl"))!);
		const [session] = await until(sessions, (list) => list.length === 1);
		expect(url.origin).toBe(stage.worker);
		expect(url.pathname).toContain(`/sessions/${session!.id}/windows/`);
		expect(Math.abs(Number(url.searchParams.get("t")) - Date.now())).toBeLessThan(10_000);
	});

	it("reports in status() what the server has rejected", async () => {
		await page.route("**/events?*", (route) =>
			route.fulfill({ status: 413, json: { error: "too large" }, headers: { "access-control-allow-origin": "*" } }),
		);
		await page.goto(`${stage.shop}/plain.html`);
		const status = await until(
			() => statusOf(page),
			({ lost }) => lost > 0,
		);
		expect(status).toMatchObject({ recording: true, lost: 1, problem: "413 too large" });
	});

	it("reports in status() that the recorder could not load", async () => {
		await page.route("**/assets/recorder-*", (route) => route.abort());
		await page.goto(`${stage.shop}/plain.html`);
		await settle();
		expect(await statusOf(page)).toMatchObject({ recording: false, reason: "failed" });
		await track("never_recorded");
	});
});

describe("held-back recording", () => {
	it("sends nothing of a session shorter than minimumDurationMs, and all of a longer one", async () => {
		const seen = posts();
		await page.goto(`${stage.shop}/young.html`);
		await isRecording(page);
		await track("early");
		expect((await statusOf(page)).held).toBe(true);
		expect(await call(page, "sessionUrl")).toBeNull();
		await isStoring(page);
		// The next page sends what this one held back.
		await page.goto(`${stage.shop}/young.html?2`);
		await isRecording(page);
		expect(seen).toEqual([]);
		await until(
			() => recorded("early"),
			(list) => list.length === 1,
			8_000,
		);
		expect((await statusOf(page)).held).toBe(false);
		const [session] = await sessions();
		expect(session!.metadata.entry_url).toBe(`${stage.shop}/young.html`);
		expect(eventsOf(await stage.chunks()).filter(({ type }) => type === 2)).toHaveLength(2);

		await stage.deleteSessions();
		const other = await stage.browser.newContext();
		const bounce = await other.newPage();
		await bounce.goto(`${stage.shop}/young.html`);
		await isRecording(bounce);
		await bounce.close();
		await page.waitForTimeout(1_500);
		expect((await stage.chunks()).filter(({ sessionId }) => sessionId !== session!.id)).toEqual([]);
		await other.close();
	});

	it("is sent at the first error, including earlier pages and everything that follows", async () => {
		const seen = posts();
		await page.goto(`${stage.shop}/on-error.html`);
		await isRecording(page);
		await track("before");
		await isStoring(page);
		await page.click("#on");
		await page.waitForURL(/\?2/);
		await isRecording(page);
		await track("on_second_page");
		await page.waitForTimeout(700);
		expect(seen).toEqual([]);
		expect(await sessions()).toEqual([]);
		await page.evaluate(() => setTimeout(() => Reflect.get(window, "nothing").here));
		await until(
			() => recorded("error"),
			(list) => list.length === 1,
		);
		await until(
			() => recorded("before"),
			(list) => list.length === 1,
		);
		await page.goto(`${stage.shop}/on-error.html?3`);
		await isRecording(page);
		await track("after");
		await call(page, "flush");
		await until(
			() => recorded("after"),
			(list) => list.length === 1,
		);
		expect((await sessions()).length).toBe(1);
		expect((await stage.chunks()).filter(({ events }) => events.some(({ type }) => type === 2))).toHaveLength(3);
	});

	it("is sent at a custom event listed in recordOn", async () => {
		await page.goto(`${stage.shop}/on-error.html`);
		await isRecording(page);
		await track("another");
		await settle();
		expect(await sessions()).toEqual([]);
		await track("checkout_failed");
		await until(
			() => recorded("checkout_failed"),
			(list) => list.length === 1,
		);
	});
});
