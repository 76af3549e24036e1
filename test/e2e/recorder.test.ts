import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
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

/** The policy of docs/recorder.md and nothing more. */
const STRICT = `<!doctype html><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src %WORKER%; connect-src %WORKER%">
<title>strict</title><script src="%RECORDER%" defer></script><p>A page with a strict policy.</p>`;

let stage: Stage;
beforeAll(async () => {
	stage = await openStage({ "/strict.html": STRICT });
});
afterAll(() => stage.close());
beforeEach(async () => {
	const { sessions } = await stage.api<{ sessions: { id: string }[] }>("/sessions");
	for (const { id } of sessions) await stage.api(`/sessions/${id}`, { method: "DELETE" });
});

const sessions = async () =>
	(await stage.api<{ sessions: { id: string; events: number; metadata: Record<string, unknown> }[] }>("/sessions"))
		.sessions;

/** The trails of the one session's first window, in time order. */
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

describe("the recorder", () => {
	it("works as one line, sends the first snapshot at once, and nothing while nothing happens", async () => {
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

	it("records under the strict policy that the documents name, web vitals included", async () => {
		const page = await visitor();
		const complaints: string[] = [];
		page.on("console", (message) => /Content Security Policy/i.test(message.text()) && complaints.push(message.text()));
		const vitals = page.waitForResponse(/\/assets\/part-vitals-/);
		await page.goto(`${stage.shop}/strict.html`);
		await until(sessions, ([it]) => (it?.events ?? 0) >= 2);
		expect((await vitals).status()).toBe(200);
		await leaveTo(page, "about:blank");
		await until(
			() => all("vitals"),
			(list) => list.some(([, metric]) => metric === "TTFB"),
		);
		expect(complaints.filter((text) => !/favicon/.test(text))).toEqual([]);
		await page.context().close();
	});

	it("keeps what happens right before the page is left", async () => {
		const page = await visitor();
		await page.goto(`${stage.shop}/`);
		await until(sessions, ([it]) => (it?.events ?? 0) >= 2);
		await page.evaluate(() => {
			(window as unknown as { Sentiero: { addCustomEvent(tag: string, data: object): void } }).Sentiero.addCustomEvent(
				"last_words",
				{ n: 1 },
			);
			location.href = "about:blank";
		});
		await until(
			() => all("tags"),
			(tags) => tags.some(([, name, payload]) => name === "last_words" && payload === '{"n":1}'),
		);
		await page.context().close();
	});

	it("keeps a burst of changes though the page is left right after it", async () => {
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

	it("takes no missing image for an error, and survives metadata that cannot be written down", async () => {
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

	it("tells routes, external links and the page's own events, early ones too", async () => {
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
		// What a page said last comes by beacon, perhaps after what the next one says first.
		const told = await until(
			() => all("pages"),
			({ length }) => length >= 4,
		);
		const pages = told.map(([, url, , , , , cause]) => [String(url).replace(stage.shop, ""), cause]);
		expect(pages).toEqual([
			["/journal.html", "load"],
			["/journal/boots", "route"],
			["/journal.html", "route"],
			["/help.html", "load"],
		]);
		expect((await all("tags")).map(([, name]) => name)).toContain("early");
		await page.context().close();
	});

	it("keeps the campaign of the entry page, events that the markup asks for, and submits by script", async () => {
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

	it("sends a batch again after a 503, the very same bytes, and it is stored once", async () => {
		const page = await visitor();
		let refused = 0;
		await page.route("**/events?*", async (route) => {
			if (refused++ > 1) return route.continue();
			await route.fulfill({
				status: 503,
				json: { error: "storage is unavailable, try again" },
				headers: { "access-control-allow-origin": "*" },
			});
		});
		await page.goto(`${stage.shop}/`);
		await until(sessions, ([it]) => (it?.events ?? 0) >= 2);
		expect(refused).toBeGreaterThan(2);
		// Other bytes would have another hash, and be another chunk of the same number.
		const first = (await trails()).filter(({ cursor }) => cursor.includes("-00000-"));
		expect(first).toHaveLength(1);
		expect(await sessions()).toHaveLength(1);
		await page.context().close();
	});

	it("does not send a batch again after a 4xx", async () => {
		const page = await visitor();
		let asked = 0;
		await page.route("**/events?*", async (route) => {
			asked++;
			await route.fulfill({
				status: 413,
				json: { error: "too large" },
				headers: { "access-control-allow-origin": "*" },
			});
		});
		await page.goto(`${stage.shop}/`);
		await page.waitForTimeout(4_000);
		expect(asked).toBe(1);
		await page.context().close();
	});

	it("stops when the server says so", async () => {
		const page = await visitor();
		let asked = 0;
		await page.route("**/events?*", async (route) => {
			asked++;
			await route.fulfill({ json: { status: "ok", stop: true }, headers: { "access-control-allow-origin": "*" } });
		});
		await page.goto(`${stage.shop}/help.html`);
		await until(
			async () => asked,
			(count) => count === 1,
		);
		await page.waitForTimeout(300);
		await page.click("#throw-error");
		await page.waitForTimeout(1_000);
		expect(asked).toBe(1);
		const status = await page.evaluate(() =>
			(window as unknown as { Sentiero: { status(): unknown } }).Sentiero.status(),
		);
		expect(status).toMatchObject({ recording: false, reason: "stopped" });
		await page.context().close();
	});

	it("records in a frame without storage, and never throws there", async () => {
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
		const asked = page.waitForRequest(/\/events\?/);
		await page.goto(`http://localhost:${(site.address() as AddressInfo).port}/`);
		await asked;
		await page.waitForTimeout(300);
		// Its origin is opaque, which is on no list: the batch is refused, and that is all.
		expect(errors).toEqual([]);
		site.close();
		await page.context().close();
	});
});

describe("a visitor who does not want to be recorded", () => {
	it("with Global Privacy Control is not: nothing stored, fetched or sent, and the API is silent", async () => {
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

	it("is asked first where consent is required, and the answer is remembered", async () => {
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

		// A yes, a no and a yes again, and what was called before it.
		await page.evaluate(() => {
			const { Sentiero } = window as unknown as { Sentiero: { addCustomEvent(tag: string): void } };
			Sentiero.addCustomEvent("before_the_yes");
		});
		await answer(true);
		await until(
			() => all("tags"),
			(list) => list.some(([, name]) => name === "before_the_yes"),
		).catch(() => {});
		await answer(false);
		await answer(true);
		await page.waitForTimeout(600);
		expect(await status()).toMatchObject({ recording: true });
		await page.context().close();
	});

	it("opts out before the recorder is there: it never begins, however much was asked of it first", async () => {
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

	it("opts out: recording stops at once, and does not begin on the next page", async () => {
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
