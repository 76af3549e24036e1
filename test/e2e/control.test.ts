import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { call, customEvents, eventsOf, isRecording, isStoring, sitePage, statusOf } from "../support/site.ts";
import { openStage, type Stage, until } from "../support/stage.ts";

/** What a site says about when to record: configuration in its three places, and `window.Sentiero`. */

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
const told = async (tag?: string) => customEvents(await stage.chunks()).filter((it) => !tag || it.tag === tag);
const tell = (tag: string) => call(page, "addCustomEvent", tag);
const posts = () => {
	const seen: string[] = [];
	page.on("request", (request) => /\/events\?/.test(request.url()) && seen.push(request.url()));
	return seen;
};
const settle = () => page.waitForTimeout(600);

describe("configuration", () => {
	it("wins by place: the tag's attributes over the element, that over what is built in; what is none is left out", async () => {
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
		expect(warnings.join()).toContain("sampleRate cannot be");
	});

	it("that switches a thing off has it off", async () => {
		await page.goto(`${stage.shop}/off.html`);
		await isRecording(page);
		await page.evaluate(() => {
			setTimeout(() => {
				throw new Error("unheard");
			});
			history.pushState(null, "", "/unheard");
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
		const ofOff = chunks.find(({ events }) => JSON.stringify(events).includes("/off.html"))!;
		expect(ofOff.metadata).toBeUndefined();
	});

	it("of redaction is understood as Sentiero spells it", async () => {
		const warnings: string[] = [];
		page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
		await page.goto(`${stage.shop}/filtered.html?page=2&token=zqtokenzq&coupon=zqcouponzq&mail=mia@x.example`);
		await isRecording(page);
		await call(page, "addCustomEvent", "note", { text: "about ORDER-77" });
		await call(page, "flush");
		const [note] = await until(
			() => told("note"),
			(list) => list.length === 1,
		);
		expect(note!.payload).toEqual({ text: "about [redacted]" });
		const [session] = await until(sessions, ([it]) => it?.metadata.url !== undefined);
		// The edge has the last word, and cuts.
		expect(session!.metadata.url).toBe(`${stage.shop}/filtered.html`);
		expect(warnings.join()).toContain("not a regular expression");
		expect(await stage.everythingStored()).not.toMatch(/zq(token|coupon)zq/);
	});

	it("says whose wish counts: Global Privacy Control by default, Do Not Track when asked", async () => {
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

	it("may ask to be started by hand, which may come before the recorder", async () => {
		const seen = posts();
		await page.goto(`${stage.shop}/manual.html`);
		await settle();
		expect(await statusOf(page)).toMatchObject({ recording: false, reason: "not_started" });
		expect(seen).toEqual([]);
		expect(await page.evaluate(() => localStorage.length)).toBe(0);
		await call(page, "start");
		await tell("begun");
		await call(page, "flush");
		await until(told, (list) => list.some(({ tag }) => tag === "begun"));
	});

	it("leaves out who is not drawn, but for a start by hand, and the others on all their pages", async () => {
		await page.goto(`${stage.shop}/never.html`);
		await settle();
		expect(await statusOf(page)).toMatchObject({ recording: false, reason: "sampled_out" });
		await call(page, "start");
		await until(sessions, (list) => list.length === 1);
		// Asked for once is asked for, in the next session too.
		await call(page, "stop");
		await call(page, "start");
		await until(sessions, (list) => list.length === 2);

		// As long as somebody is there the draw holds, longer than it would by itself.
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

		const outcomes = new Set<boolean>();
		for (let visit = 0; visit < 12; visit++) {
			const visitor = await stage.browser.newContext();
			const tab = await visitor.newPage();
			const seen: boolean[] = [];
			for (let load = 0; load < 3; load++) {
				await tab.goto(`${stage.shop}/half.html`);
				seen.push((await statusOf(tab)).recording);
			}
			expect(new Set(seen).size).toBe(1);
			outcomes.add(seen[0]!);
			await visitor.close();
		}
		expect(outcomes.size).toBe(2);
	});

	it("leaves out addresses by rule, on arrival and on the way", async () => {
		const seen = posts();
		await page.goto(`${stage.shop}/private/a.html`);
		await settle();
		expect(await statusOf(page)).toMatchObject({ recording: false, reason: "url_excluded" });
		expect(seen).toEqual([]);
		// A route that is not excluded begins it.
		await page.evaluate(() => history.pushState(null, "", "/open/b"));
		await isRecording(page);

		await page.goto(`${stage.shop}/rules.html`);
		await isRecording(page);
		await page.evaluate(() => history.pushState(null, "", "/private/zqnamezq"));
		await page.evaluate(() => document.body.append("zqexcludedzq"));
		await tell("zqexcluded_tag");
		expect(await statusOf(page)).toMatchObject({ recording: false, reason: "url_excluded" });
		await page.evaluate(() => {
			document.body.lastChild!.remove();
			history.pushState(null, "", "/public");
			document.body.append("seen again");
		});
		await isRecording(page);
		await tell("back");
		await call(page, "flush");
		await until(
			() => told("back"),
			(list) => list.length === 1,
		);
		const texts = JSON.stringify(await stage.chunks());
		expect(texts).not.toContain("zqexcluded");
		expect(texts).not.toContain("zqname");
		expect(texts).toContain("seen again");
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

	it("of the page around counts for a frame of its own, though the frame is there first", async () => {
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
	it("pauses, goes on with a fresh snapshot, stops, and begins another session", async () => {
		await page.goto(`${stage.shop}/plain.html`);
		await isRecording(page);
		await call(page, "pause");
		expect(await statusOf(page)).toMatchObject({ recording: false, reason: "paused" });
		await page.evaluate(() => document.body.append("zqpausedzq"));
		await tell("while_paused");
		await page.evaluate(() => document.body.lastChild!.remove());
		await call(page, "start");
		expect(await statusOf(page)).toMatchObject({ recording: true, reason: null });
		await tell("after_pause");
		await call(page, "stop");
		expect(await statusOf(page)).toMatchObject({ recording: false, reason: "ended" });
		expect(await page.evaluate(() => Object.keys(localStorage).join())).not.toContain("session");
		await tell("while_stopped");
		await call(page, "start");
		await tell("anew");
		await call(page, "flush");
		await until(
			() => told("anew"),
			(list) => list.length === 1,
		);
		expect((await told()).map(({ tag }) => tag).filter((tag) => !tag.startsWith("__"))).toEqual([
			"after_pause",
			"anew",
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

	it("keeps what is called, and what goes wrong, before the page is parsed", async () => {
		await page.goto(`${stage.shop}/early.html`);
		await isRecording(page);
		await call(page, "flush");
		await until(
			() => told("early"),
			(list) => list.length === 1,
		);
		const errors = await until(
			() => told("error"),
			(list) => list.length === 2,
		);
		expect(errors.map(({ payload }) => (payload as { message: string }).message).sort()).toEqual([
			"Uncaught Error: early error",
			"Uncaught Error: inline error",
		]);
	});

	it("says a thing once", async () => {
		await page.goto(`${stage.shop}/plain.html`);
		await isRecording(page);
		await call(page, "setMetadata", { plan: "pro" });
		for (const tag of ["one", "two", "three"]) {
			await tell(tag);
			await call(page, "flush");
		}
		await until(
			() => told("three"),
			(list) => list.length === 1,
		);
		const saying = (await stage.chunks()).filter(({ metadata }) => metadata && "plan" in metadata);
		expect(saying).toHaveLength(1);
	});

	it("tells whose visit it is, in the next session too, and no address of a person", async () => {
		await page.goto(`${stage.shop}/plain.html`);
		await isRecording(page);
		await call(page, "identify", 4_155_500_000_001, { plan: "pro", mail: "mia@x.example" });
		await call(page, "flush");
		await tell("a");
		await call(page, "flush");
		const [session] = await until(sessions, ([it]) => it?.metadata.user_id !== undefined);
		expect(session!.metadata).toMatchObject({ user_id: "4155500000001", user_plan: "pro", user_mail: "[redacted]" });
		await call(page, "stop");
		await call(page, "start");
		await call(page, "flush");
		const two = await until(sessions, (list) => list.length === 2);
		expect(two.map(({ metadata }) => metadata.user_id)).toEqual(["4155500000001", "4155500000001"]);
	});

	it("gives the address of this moment in the dashboard", async () => {
		await page.goto(`${stage.shop}/plain.html`);
		await isRecording(page);
		const url = new URL((await call(page, "sessionUrl"))!);
		const [session] = await until(sessions, (list) => list.length === 1);
		expect(url.origin).toBe(stage.worker);
		expect(url.pathname).toContain(`/sessions/${session!.id}/windows/`);
		expect(Math.abs(Number(url.searchParams.get("t")) - Date.now())).toBeLessThan(10_000);
	});

	it("says what the server refused", async () => {
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

	it("says so when the recorder cannot be had", async () => {
		await page.route("**/assets/recorder-*", (route) => route.abort());
		await page.goto(`${stage.shop}/plain.html`);
		await settle();
		expect(await statusOf(page)).toMatchObject({ recording: false, reason: "failed" });
		await tell("nobody_hears");
	});
});

describe("what is held back", () => {
	it("of a visit that is too short is never sent; of a longer one, all of it", async () => {
		const seen = posts();
		await page.goto(`${stage.shop}/young.html`);
		await isRecording(page);
		await tell("early");
		expect((await statusOf(page)).held).toBe(true);
		expect(await call(page, "sessionUrl")).toBeNull();
		await isStoring(page);
		// Onto another page: what was held goes along.
		await page.goto(`${stage.shop}/young.html?2`);
		await isRecording(page);
		expect(seen).toEqual([]);
		await until(
			() => told("early"),
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

	it("until an error is sent then, with the pages before it, and everything after", async () => {
		const seen = posts();
		await page.goto(`${stage.shop}/on-error.html`);
		await isRecording(page);
		await tell("before");
		await isStoring(page);
		await page.click("#on");
		await page.waitForURL(/\?2/);
		await isRecording(page);
		await tell("on_second_page");
		await page.waitForTimeout(700);
		expect(seen).toEqual([]);
		expect(await sessions()).toEqual([]);
		await page.evaluate(() => setTimeout(() => Reflect.get(window, "nothing").here));
		await until(
			() => told("error"),
			(list) => list.length === 1,
		);
		await until(
			() => told("before"),
			(list) => list.length === 1,
		);
		await page.goto(`${stage.shop}/on-error.html?3`);
		await isRecording(page);
		await tell("after");
		await call(page, "flush");
		await until(
			() => told("after"),
			(list) => list.length === 1,
		);
		expect((await sessions()).length).toBe(1);
		expect((await stage.chunks()).filter(({ events }) => events.some(({ type }) => type === 2))).toHaveLength(3);
	});

	it("until an event of that name", async () => {
		await page.goto(`${stage.shop}/on-error.html`);
		await isRecording(page);
		await tell("another");
		await settle();
		expect(await sessions()).toEqual([]);
		await tell("checkout_failed");
		await until(
			() => told("checkout_failed"),
			(list) => list.length === 1,
		);
	});
});
