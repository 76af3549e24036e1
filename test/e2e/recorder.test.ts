import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sitePage } from "../support/site.ts";
import { openStage, type Stage, until } from "../support/stage.ts";

interface Trails {
	chunks: {
		cursor: string;
		events: number;
		trail: {
			types: Record<string, number>;
			clicks?: unknown[][];
			submits?: unknown[][];
			vitals?: unknown[][];
			links?: unknown[][];
			tags?: unknown[][];
			pages?: unknown[][];
			errors?: unknown[][];
		};
	}[];
}

/** A page with the Content Security Policy of docs/recorder.md and nothing more. */
const STRICT = `<!doctype html><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src %WORKER%; connect-src %WORKER%">
<title>strict</title><script src="%RECORDER%" defer></script><p>A page with a strict policy.</p>`;

/** A page higher than any screen. */
const TALL = sitePage({ body: '<h1 style="height:3000px">A tall page</h1>' });

let stage: Stage;
beforeAll(async () => {
	stage = await openStage({ "/strict.html": STRICT, "/tall.html": TALL });
});
afterAll(() => stage.close());
beforeEach(async () => {
	const { sessions } = await stage.api<{ sessions: { id: string }[] }>("/sessions");
	for (const { id } of sessions) await stage.api(`/sessions/${id}`, { method: "DELETE" });
});

const sessions = async () =>
	(await stage.api<{ sessions: { id: string; events: number; metadata: Record<string, unknown> }[] }>("/sessions"))
		.sessions;

/** Returns the trails of the first window of the only session, in time order. */
async function trails(): Promise<Trails["chunks"]> {
	const [session] = await sessions();
	if (!session) return [];
	const { windows } = await stage.api<{ windows: { id: string }[] }>(`/sessions/${session.id}`);
	return (await stage.api<Trails>(`/sessions/${session.id}/windows/${windows[0]!.id}/trail`)).chunks;
}

const all = async (list: "links" | "tags" | "pages" | "errors" | "submits" | "vitals") =>
	(await trails()).flatMap(({ trail }) => trail[list] ?? []);

async function visitor(options = {}): Promise<Page> {
	return (await stage.browser.newContext(options)).newPage();
}

const leaveTo = (page: Page, url: string) => page.goto(url).then(() => page.waitForTimeout(300));

const posts = (page: Page) => {
	const seen: string[] = [];
	page.on("request", (request) => {
		if (/\/events\?|\/assets\/recorder/.test(request.url())) seen.push(request.url());
	});
	return seen;
};

const keysOf = (page: Page) =>
	page.evaluate(() =>
		[...Object.keys(localStorage), ...Object.keys(sessionStorage), document.cookie].filter((it) =>
			it.includes("sentiero_"),
		),
	);

describe("recorder", () => {
	it("needs one script tag, sends the first snapshot at once, and sends nothing while the page is idle", async () => {
		const page = await visitor();
		const seen = posts(page);
		await page.goto(`${stage.shop}/`);
		await until(sessions, ([it]) => (it?.events ?? 0) >= 2, 3_000);
		await page.waitForTimeout(17_000);
		const before = seen.length;
		await page.waitForTimeout(4_000);
		expect(seen.length).toBe(before);
		await page.context().close();
	});

	it("records pages, including web vitals, under the Content Security Policy of docs/recorder.md", async () => {
		const page = await visitor();
		const violations: string[] = [];
		page.on("console", (message) => /Content Security Policy/i.test(message.text()) && violations.push(message.text()));
		const vitals = page.waitForResponse(/\/assets\/part-vitals-/);
		await page.goto(`${stage.shop}/strict.html`);
		await until(sessions, ([it]) => (it?.events ?? 0) >= 2);
		expect((await vitals).status()).toBe(200);
		await leaveTo(page, "about:blank");
		await until(
			() => all("vitals"),
			(list) => list.some(([, metric]) => metric === "TTFB"),
		);
		expect(violations.filter((text) => !/favicon/.test(text))).toEqual([]);
		await page.context().close();
	});

	it("records an event fired just before the page is left", async () => {
		const page = await visitor();
		await page.goto(`${stage.shop}/`);
		await until(sessions, ([it]) => (it?.events ?? 0) >= 2);
		await page.evaluate(() => {
			(window as unknown as { Sentiero: { addCustomEvent(tag: string, data: object): void } }).Sentiero.addCustomEvent(
				"last_event",
				{ n: 1 },
			);
			location.href = "about:blank";
		});
		await until(
			() => all("tags"),
			(tags) => tags.some(([, name, payload]) => name === "last_event" && payload === '{"n":1}'),
		);
		await page.context().close();
	});

	it("records a burst of changes just before the page is left", async () => {
		const page = await visitor();
		await page.goto(`${stage.shop}/help.html`);
		await until(sessions, ([it]) => (it?.events ?? 0) >= 2);
		await page.evaluate(() => {
			const card = () => `<article class="card"><h3>${Math.random()}</h3><p>${"some words ".repeat(30)}</p></article>`;
			document.querySelector("main")?.insertAdjacentHTML("beforeend", Array.from({ length: 300 }, card).join(""));
		});
		await page.waitForTimeout(800);
		await page.click("#nav-cart");
		await page.waitForURL(/cart/);
		const clicks = () => trails().then((list) => list.flatMap(({ trail }) => trail.clicks ?? []));
		await until(clicks, (list) => list.some(([, , , , , selector]) => selector === "a#nav-cart"));
		const changed = (await trails()).reduce((sum, { trail }) => sum + (trail.types["3"] ?? 0), 0);
		expect(changed).toBeGreaterThan(2);
		await page.context().close();
	});

	it("records the current scroll position with a click that immediately follows scrolling", async () => {
		const page = await visitor();
		await page.goto(`${stage.shop}/tall.html`);
		await until(sessions, ({ length }) => length === 1);
		await page.evaluate(async () => {
			scrollTo(0, 300);
			await new Promise((resolve) => setTimeout(resolve, 50));
			scrollTo(0, 700);
			// A throttled scroll event would be recorded only after this click.
			document.body.dispatchEvent(new MouseEvent("click", { clientX: 40, clientY: 60, bubbles: true }));
		});
		await leaveTo(page, "about:blank");
		await until(
			async () => (await trails()).flatMap(({ trail }) => trail.clicks ?? []),
			({ length }) => length === 1,
		);
		const { heatmap } = await stage.api<{ heatmap: { bins: number[][] } }>("/analytics/heatmap");
		expect(heatmap.bins).toEqual([[(40 / 1280) * 40, (700 + 60) / 20, 1].map(Math.floor)]);
		await page.context().close();
	});

	it("does not record a missing image as an error, and drops metadata that cannot be serialized", async () => {
		const page = await visitor();
		const thrown: string[] = [];
		page.on("pageerror", ({ message }) => thrown.push(message));
		await page.goto(`${stage.shop}/help.html`);
		await until(sessions, ([it]) => (it?.events ?? 0) >= 2);
		await page.evaluate(() => {
			document.body.append(Object.assign(new Image(), { src: "/no-such-image.png" }));
			const cyclic: Record<string, unknown> = {};
			cyclic.left = cyclic;
			cyclic.right = cyclic;
			const { Sentiero } = window as unknown as { Sentiero: Record<string, (...args: unknown[]) => void> };
			Sentiero.setMetadata!({ id: 123n, cyclic, plan: "pro" });
			Sentiero.addCustomEvent!("cyclic", cyclic);
			Sentiero.addCustomEvent!("after");
		});
		await page.waitForTimeout(300);
		await leaveTo(page, "about:blank");
		await until(
			() => all("tags"),
			(tags) => tags.some(([, name]) => name === "after"),
		);
		expect(await all("errors")).toEqual([]);
		expect(thrown).toEqual([]);
		const [session] = await sessions();
		expect(session!.metadata).toMatchObject({ plan: "pro" });
		for (const key of ["id", "cyclic"]) expect(session!.metadata).not.toHaveProperty(key);
		await page.context().close();
	});

	it("records routes, external links and custom events, including one from before it has loaded", async () => {
		const page = await visitor();
		await page.addInitScript(() => {
			addEventListener("DOMContentLoaded", () => {
				setTimeout(
					() =>
						(window as unknown as { Sentiero?: { addCustomEvent(tag: string): void } }).Sentiero?.addCustomEvent(
							"early",
						),
					0,
				);
			});
		});
		await page.goto(`${stage.shop}/journal.html`);
		await until(sessions, ([it]) => (it?.events ?? 0) >= 2);
		await page.click("#journal-link-boots");
		await page.goBack();
		await page.goto(`${stage.shop}/help.html`);
		await page.route("https://example.com/**", (route) => route.abort());
		await page.click("#outbound-link", { noWaitAfter: true });
		await until(
			() => all("links"),
			(links) => links.some(([, url, , external]) => url === "https://example.com/" && external === 1),
		);
		// The last batch of a page is a beacon, which may arrive after the first batch of the next page.
		const views = await until(
			() => all("pages"),
			({ length }) => length >= 4,
		);
		const pages = views.map(([, url, , , , , cause]) => [String(url).replace(stage.shop, ""), cause]);
		expect(pages).toEqual([
			["/journal.html", "load"],
			["/journal/boots", "route"],
			["/journal.html", "route"],
			["/help.html", "load"],
		]);
		expect((await all("tags")).map(([, name]) => name)).toContain("early");
		await page.context().close();
	});

	it("records the campaign of the entry page, custom events declared in markup, and forms submitted by script", async () => {
		const page = await visitor();
		await page.goto(`${stage.shop}/help.html?utm_source=news&gclid=g1&token=secret`);
		await until(sessions, ([it]) => (it?.events ?? 0) >= 2);
		await page.evaluate(() => {
			document.body.insertAdjacentHTML(
				"beforeend",
				`<p data-sentiero-track-click="promo" data-sentiero-data='{"id":7}'><b id="promo">promo</b></p>
				<p data-sentiero-track-click="no name!"><b id="bad">bad</b></p>
				<p data-sentiero-track-click="bad_data" data-sentiero-data="{"><b id="worse">worse</b></p>
				<form id="by-script" name="scripted" action="about:blank" target="nowhere"></form><iframe name="nowhere"></iframe>`,
			);
			for (const id of ["promo", "bad", "worse"]) document.getElementById(id)!.click();
			(document.getElementById("by-script") as HTMLFormElement).submit();
		});
		await page.waitForTimeout(200);
		await leaveTo(page, `${stage.shop}/cart.html?utm_source=other`);
		await leaveTo(page, "about:blank");
		await until(
			() => all("tags"),
			(tags) => tags.length > 0,
		);
		expect((await all("tags")).map(([, name, payload]) => [name, payload])).toEqual([["promo", '{"id":7}']]);
		expect((await all("submits")).map(([, name, id]) => [name, id])).toEqual([["scripted", "by-script"]]);
		const [session] = await until(sessions, ([it]) => it?.metadata.url === `${stage.shop}/cart.html`);
		expect(session!.metadata).toMatchObject({ utm_source: "news", gclid: "g1", entry_url: `${stage.shop}/help.html` });
		expect(JSON.stringify(session)).not.toContain("secret");
		await page.context().close();
	});

	it("resends a batch after a 503 byte for byte, so that it is stored once", async () => {
		const page = await visitor();
		let requests = 0;
		await page.route("**/events?*", async (route) => {
			if (requests++ > 1) return route.continue();
			await route.fulfill({
				status: 503,
				json: { error: "storage is unavailable, try again" },
				headers: { "access-control-allow-origin": "*" },
			});
		});
		await page.goto(`${stage.shop}/`);
		await until(sessions, ([it]) => (it?.events ?? 0) >= 2);
		expect(requests).toBeGreaterThan(2);
		// Different bytes would have a different hash and become a second chunk with the same sequence number.
		const first = (await trails()).filter(({ cursor }) => cursor.includes("-00000-"));
		expect(first).toHaveLength(1);
		expect(await sessions()).toHaveLength(1);
		await page.context().close();
	});

	it("does not resend a batch after a 4xx", async () => {
		const page = await visitor();
		let requests = 0;
		await page.route("**/events?*", async (route) => {
			requests++;
			await route.fulfill({
				status: 413,
				json: { error: "too large" },
				headers: { "access-control-allow-origin": "*" },
			});
		});
		await page.goto(`${stage.shop}/`);
		await page.waitForTimeout(4_000);
		expect(requests).toBe(1);
		await page.context().close();
	});

	it("stops when the server asks it to", async () => {
		const page = await visitor();
		let requests = 0;
		await page.route("**/events?*", async (route) => {
			requests++;
			await route.fulfill({ json: { status: "ok", stop: true }, headers: { "access-control-allow-origin": "*" } });
		});
		await page.goto(`${stage.shop}/help.html`);
		await until(
			async () => requests,
			(count) => count === 1,
		);
		await page.waitForTimeout(300);
		await page.click("#throw-error");
		await page.waitForTimeout(1_000);
		expect(requests).toBe(1);
		const status = await page.evaluate(() =>
			(window as unknown as { Sentiero: { status(): unknown } }).Sentiero.status(),
		);
		expect(status).toMatchObject({ recording: false, reason: "stopped" });
		await page.context().close();
	});

	it("runs without errors in a sandboxed frame, where there is no storage", async () => {
		const page = await visitor();
		const errors: string[] = [];
		page.on("pageerror", (error) => errors.push(error.message));
		const documents: Record<string, string> = {
			"/": '<iframe sandbox="allow-scripts" src="/inner"></iframe>',
			"/inner": `<!doctype html><p>inner</p><script src="${stage.worker}/recorder.js" defer></script>`,
		};
		const site = createServer((request, response) => {
			response.setHeader("content-type", "text/html");
			response.end(documents[request.url ?? "/"]);
		});
		await new Promise<void>((resolve) => site.listen(0, "localhost", resolve));
		const batchRequest = page.waitForRequest(/\/events\?/);
		await page.goto(`http://localhost:${(site.address() as AddressInfo).port}/`);
		await batchRequest;
		await page.waitForTimeout(300);
		// The frame's origin is opaque and not in CORS_ORIGINS, so the batch is rejected. This must cause no error.
		expect(errors).toEqual([]);
		site.close();
		await page.context().close();
	});
});

describe("visitor privacy: the recorder", () => {
	it("stores, fetches and sends nothing under Global Privacy Control, and its API does nothing", async () => {
		const page = await visitor();
		const seen = posts(page);
		await page.addInitScript(() => Object.defineProperty(navigator, "globalPrivacyControl", { value: true }));
		await page.goto(`${stage.shop}/help.html`);
		await page.waitForTimeout(500);
		await page.evaluate(() => {
			const { Sentiero } = window as unknown as { Sentiero: Record<string, (...args: unknown[]) => void> };
			Sentiero.addCustomEvent!("x", {});
			Sentiero.setMetadata!({ a: 1 });
		});
		expect(seen).toEqual([]);
		expect(await keysOf(page)).toEqual([]);
		await page.goto("about:blank");
		await page.waitForTimeout(300);
		expect(await sessions()).toEqual([]);
		await page.context().close();
	});

	it("waits for consent where it is required, and remembers the answer", async () => {
		const page = await visitor();
		const seen = posts(page);
		await page.addInitScript(() => {
			addEventListener(
				"readystatechange",
				() => document.querySelector("script[src*=recorder]")?.setAttribute("data-consent", "required"),
				true,
			);
		});
		const status = () =>
			page.evaluate(() => (window as unknown as { Sentiero: { status(): unknown } }).Sentiero.status());
		const answer = (given: boolean) =>
			page.evaluate(
				(it) => (window as unknown as { Sentiero: { consent(given: boolean): void } }).Sentiero.consent(it),
				given,
			);
		await page.goto(`${stage.shop}/help.html`);
		await page.waitForTimeout(500);
		expect(await status()).toMatchObject({ recording: false, reason: "no_consent" });
		expect(seen).toEqual([]);
		expect(await keysOf(page)).toEqual([]);

		await answer(true);
		await until(sessions, ([it]) => (it?.events ?? 0) >= 2);
		expect(await status()).toMatchObject({ recording: true, reason: null });
		await page.goto(`${stage.shop}/cart.html`);
		await until(
			() => all("pages"),
			(pages) => pages.length === 2,
		);

		await answer(false);
		expect(await status()).toMatchObject({ recording: false, reason: "no_consent" });
		expect((await keysOf(page)).filter((key) => key !== "")).toEqual(["sentiero_consent"]);
		const before = seen.length;
		await page.goto(`${stage.shop}/help.html`);
		await page.waitForTimeout(500);
		expect(await status()).toMatchObject({ recording: false, reason: "no_consent" });
		expect(seen.length).toBe(before);

		// Calls the API without consent. Then gives consent, withdraws it, and gives it again.
		await page.evaluate(() => {
			const { Sentiero } = window as unknown as { Sentiero: { addCustomEvent(tag: string): void } };
			Sentiero.addCustomEvent("before_consent");
		});
		await answer(true);
		await until(
			() => all("tags"),
			(list) => list.some(([, name]) => name === "before_consent"),
		).catch(() => {});
		await answer(false);
		await answer(true);
		await page.waitForTimeout(600);
		expect(await status()).toMatchObject({ recording: true });
		await page.context().close();
	});

	it("does not start if the visitor opts out before it has loaded, even if events are queued", async () => {
		const page = await visitor();
		const seen = posts(page);
		await page.route("**/assets/recorder-*.js", async (route) => {
			await new Promise((resolve) => setTimeout(resolve, 700));
			await route.continue();
		});
		await page.goto(`${stage.shop}/help.html`, { waitUntil: "commit" });
		await page.waitForFunction(() => "Sentiero" in window);
		await page.evaluate(() => {
			const { Sentiero } = window as unknown as { Sentiero: Record<string, (...args: unknown[]) => void> };
			for (let i = 0; i < 120; i++) Sentiero.addCustomEvent!("x", { i });
			Sentiero.optOut!();
		});
		await page.waitForTimeout(1_500);
		expect(seen.filter((url) => url.includes("/events"))).toEqual([]);
		expect((await keysOf(page)).join()).toMatch(/^sentiero_optout,sentiero_optout=1$/);
		await page.context().close();
	});

	it("stops when the visitor opts out, and does not start on the next page", async () => {
		const page = await visitor();
		const seen = posts(page);
		await page.goto(`${stage.shop}/help.html`);
		await until(sessions, ([it]) => (it?.events ?? 0) >= 2);
		await page.evaluate(() => (window as unknown as { Sentiero: { optOut(): void } }).Sentiero.optOut());
		const before = seen.length;
		await page.click("#throw-error");
		await page.goto(`${stage.shop}/cart.html`);
		await page.waitForTimeout(800);
		expect(seen.length).toBe(before);
		expect((await keysOf(page)).join()).toMatch(/^sentiero_optout,sentiero_optout=1$/);
		await page.context().close();
	});
});
