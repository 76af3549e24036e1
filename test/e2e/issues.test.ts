import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { customAt, headingAt, moveAt, pageAt, send } from "../support/recorded.ts";
import { openStage, type Stage, until } from "../support/stage.ts";

/** What servers report, from their doors to the pages that show it. */

const KEY = "the-key-of-a-server-of-the-shop";
const NOW = Date.now();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** When the visit was, and the moment in it that a server reported. */
const VISIT = NOW - 10 * MINUTE;
const MOMENT = VISIT + 6_000;

let stage: Stage;
let page: Page;
beforeAll(async () => {
	stage = await openStage({}, { INGEST_KEYS: `default:${KEY}` });
	page = await (await stage.operator()).newPage();
});
afterAll(() => stage.close());

async function report(lane: "errors" | "track", body: object): Promise<void> {
	const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
	const answer = await fetch(`${stage.worker}/${lane}`, { method: "POST", headers, body: JSON.stringify(body) });
	expect(answer.status).toBe(200);
}

const broke = (exception_class: string, at: number, more: object = {}) =>
	report("errors", { exception_class, message: `${exception_class} broke`, timestamp: at / 1_000, ...more });

/** As a shell would run the line that the page shows. */
async function runShownLine(): Promise<void> {
	const line = await page.locator("code", { hasText: "curl" }).innerText();
	const [, url, header, body] = /^curl (\S+) -H "(.+)" -d '(.+)'$/.exec(line)!;
	const headers = { authorization: header!.slice(15).replace("THE-KEY", KEY) };
	const form = { "content-type": "application/x-www-form-urlencoded" };
	const answer = await fetch(url!, { method: "POST", headers: { ...headers, ...form }, body: body! });
	expect(answer.status).toBe(200);
}

const names = () => page.locator("a.issue-name").allInnerTexts();
const focused = () => page.evaluate(() => document.activeElement?.textContent);

describe("where nothing was reported", () => {
	it("teaches a line that works", async () => {
		await page.goto("/issues");
		await runShownLine();
		await page.reload();
		expect(await page.locator("a.issue-name").innerText()).toBe("RuntimeError");
		await page.goto("/server-events");
		await runShownLine();
		await page.reload();
		expect(await page.locator("a.event-name").innerText()).toBe("order.paid");
	});

	it("says what feeds the browser's errors, and what is not there", async () => {
		await page.goto("/issues");
		await page.getByRole("link", { name: "Browser" }).click();
		await page.getByText("CAPTURE_ERRORS").waitFor();
		await page.goto("/issues/0000");
		await page.getByText("There is no such issue").waitFor();
		await page.goto("/server-events/0000");
		await page.getByText("There is no such event").waitFor();
	});
});

describe("the issues", () => {
	beforeAll(async () => {
		await broke("OldError", NOW - 50 * HOUR);
		for (let i = 0; i < 3; i++) await broke("OftenError", NOW - 30 * HOUR + i);
		await broke("LateError", NOW - MINUTE);
	});

	it("are ordered and searched by the address, and say which are new in a period", async () => {
		await page.goto("/issues");
		await until(names, (list) => list.join() === "RuntimeError,LateError,OftenError,OldError");
		await page.getByLabel("Order").selectOption("count");
		await until(names, ([first]) => first === "OftenError");
		await page.getByLabel("Search class, message").fill("olderror: old");
		await until(names, (list) => list.join() === "OldError");
		await page.goBack();
		await page.goto("/issues?days=1");
		await until(names, (list) => list.length >= 1 && !list.includes("OldError"));
		expect(await page.locator(".badge.new").count()).toBe((await names()).length);
	});

	it("are resolved by keyboard, which goes on from there, and can be had back", async () => {
		await page.goto("/issues");
		await until(names, (list) => list.length === 4);
		await page.keyboard.press("j");
		await page.keyboard.press("j");
		expect(await focused()).toBe("LateError");
		await page.keyboard.press("e");
		await until(names, (list) => list.join() === "RuntimeError,OftenError,OldError");
		expect(await focused()).toBe("OftenError");
		expect(await page.getByRole("navigation", { name: "Status" }).innerText()).toMatch(/Open\s+3\s+Resolved\s+1/);
		await page.getByText("LateError is resolved").waitFor();
		await page.keyboard.press("z");
		await until(names, (list) => list.join() === "RuntimeError,LateError,OftenError,OldError");
		await page.getByRole("button", { name: "Ignore OldError" }).click();
		await page.getByText("OldError is ignored").waitFor();
		await page.goto("/issues?status=ignored");
		await until(names, (list) => list.join() === "OldError");
	});

	it("come back where they were though the list was read anew, and leave the focus alone", async () => {
		const other = await page.context().newPage();
		const shown = () => other.locator("a.issue-name").allInnerTexts();
		const active = () => other.evaluate(() => document.activeElement?.textContent ?? document.activeElement?.id);
		await other.clock.install();
		await other.goto("/issues");
		await until(shown, (list) => list.length === 3);
		await other.clock.fastForward(25_000);
		await other.getByRole("button", { name: "Resolve LateError" }).press("Enter");
		await other.getByText("LateError is resolved").waitFor();
		expect(await active()).toBe("OftenError");
		await other.evaluate(() => (document.activeElement as HTMLElement).blur());
		const again = other.waitForResponse((answer) => /issues\?/.test(answer.url()));
		await other.clock.fastForward(10_000);
		await again;
		expect(await other.evaluate(() => document.activeElement === document.body)).toBe(true);
		await other.getByRole("button", { name: "Undo" }).press("Enter");
		await until(shown, (list) => list.join() === "RuntimeError,LateError,OftenError");
		await until(active, (text) => text === "LateError");
		expect(await other.getByRole("navigation", { name: "Status" }).innerText()).toMatch(/Open\s+3\s+Resolved\s+0/);
		await other.close();
	});

	it("are asked one after the other, and end as the server last had them", async () => {
		await page.goto("/issues?status=all");
		await until(names, (list) => list.length === 4);
		let asked = 0;
		await page.route("**/status*", async (route) => {
			if (++asked > 1) return route.abort();
			await new Promise((resolve) => setTimeout(resolve, 300));
			await route.continue();
		});
		await page.getByRole("button", { name: "Resolve LateError" }).click();
		await page.getByRole("button", { name: "Ignore LateError" }).click();
		await page.getByRole("link", { name: /^Resolved/ }).click();
		await page.getByText("LateError is as it was").waitFor();
		await page.unroute("**/status*");
		await page.goto("/issues?status=all");
		await page.getByRole("button", { name: "Reopen LateError" }).click();
		await page.getByText("LateError is open again").waitFor();
	});

	it("stay as they are when the server will not", async () => {
		await page.goto("/issues");
		await until(names, (list) => list.length === 3);
		await page.route("**/status*", (route) => route.abort());
		await page.getByRole("button", { name: "Resolve OftenError" }).click();
		await page.getByText("OftenError is as it was").waitFor();
		expect(await names()).toContain("OftenError");
		await page.unroute("**/status*");
	});

	it("say when they came back after they were resolved", async () => {
		await page.goto("/issues");
		await page.getByRole("button", { name: "Resolve OftenError" }).click();
		await page.getByText("OftenError is resolved").waitFor();
		await broke("OftenError", Date.now() + 1_000);
		await page.goto("/issues");
		await page.locator("tr", { hasText: "OftenError" }).getByText("came back").waitFor();
	});
});

describe("an issue", () => {
	const frames = Array.from({ length: 25 }, (_, i) => `app/checkout_${i}.rb:${i}:in 'pay'`);
	const context = { environment: "production", release: "v2", request: { method: "POST", path: "/orders" } };

	beforeAll(async () => {
		const events = [...pageAt(VISIT, `${stage.shop}/`, "Before"), moveAt(VISIT + 3_000)];
		const after = [
			headingAt(VISIT + 5_000, "At the moment"),
			headingAt(VISIT + 9_000, "After"),
			moveAt(VISIT + 12_000),
		];
		await send(stage.worker, { sessionId: "visitor", chunks: [[...events, ...after]] });
		// Of another tab, which was active later.
		await send(stage.worker, {
			...{ sessionId: "visitor", windowId: "other" },
			chunks: [[...pageAt(VISIT + 20_000, `${stage.shop}/other`, "Other tab"), moveAt(VISIT + 30_000)]],
		});
		const more = { backtrace: frames, context, platform: "ruby" };
		for (let i = 0; i < 52; i++) await broke("PayError", NOW - 2 * HOUR - i, { ...more, message: "of an hour ago" });
		await broke("PayError", NOW - 20 * MINUTE, { ...more, session_id: "gone" });
		await broke("PayError", MOMENT, { ...more, session_id: "visitor" });
		await until(
			() => stage.api<{ sessions: unknown[] }>("/sessions"),
			({ sessions }) => sessions.length === 1,
		);
		await page.goto("/issues?q=PayError");
		await page.locator("a.issue-name").click();
		await page.getByRole("heading", { name: "PayError" }).waitFor();
	});

	it("tells how often, where and to whom", async () => {
		const figures = await page.locator(".figures").innerText();
		expect(figures.split(/\s*\n\s*/)).toEqual("In all,54,Last 24 hours,54,Last 7 days,54,Last 30 days,54".split(","));
		expect(await page.locator(".issue-spread").innerText()).toMatch(/gone\s+no longer recorded/);
		for (const word of ["/orders", "production", "v2"]) await page.locator(".shares").getByText(word).waitFor();
		await page.getByText("Show as table").click();
		const cells = await page.locator(".chart details td").allInnerTexts();
		expect(cells).toHaveLength(30);
		expect(cells.reduce((sum, n) => sum + Number(n), 0)).toBe(54);
	});

	it("has each occurrence, with its frames and all that was told", async () => {
		const newest = page.locator(".occurrences > li").first();
		expect(await newest.locator(".frames li").count()).toBe(20);
		await newest.getByRole("button", { name: "Show all 25 frames" }).click();
		expect(await newest.locator(".frames li").count()).toBe(25);
		expect(await newest.locator(".facts").innerText()).toContain("request.path\n/orders");
		await page.getByRole("button", { name: "Show older occurrences" }).click();
		await until(
			() => page.locator(".occurrences > li").count(),
			(n) => n === 54,
		);
		await page.keyboard.press("j");
		await page.keyboard.press("j");
		await page.keyboard.press("Enter");
		await page.locator(".occurrences > li").nth(1).getByText("is no longer recorded").waitFor();
	});

	it("is resolved and opened again where it is read, and the list knows", async () => {
		await page.getByRole("button", { name: "Resolve" }).click();
		await page.locator(".issue-title").getByText("Resolved").waitFor();
		expect(await focused()).toBe("Reopen");
		await page.getByRole("button", { name: "Undo" }).click();
		await page.locator(".issue-title").getByText("Open").waitFor();
		expect(await focused()).toBe("Resolve");
		await page.keyboard.press("i");
		await page.getByText("PayError is ignored").waitFor();
		// To the list as it was left, but for what was changed.
		await page.getByRole("link", { name: "Issues" }).last().click();
		await page.getByText("No issue is like that").waitFor();
		expect(await page.getByLabel("Search class, message").inputValue()).toBe("PayError");
		await page.getByRole("link", { name: "Ignored 1" }).click();
		await page.getByRole("link", { name: "PayError" }).click();
		await page.getByRole("button", { name: "Reopen" }).click();
		await page.locator(".issue-title").getByText("Open").waitFor();
	});

	it("leads to what the visitor saw at that moment, in the right tab", async () => {
		await page.locator(".occurrences").getByRole("link", { name: "Watch this moment" }).click();
		await page.waitForURL(`**/sessions/visitor?t=${MOMENT}&item=*`);
		const recording = page.frameLocator("iframe.player").frameLocator("iframe");
		await recording.getByText("At the moment", { exact: true }).waitFor();
	});

	it("says when older occurrences are no longer kept", async () => {
		const { DB } = await stage.bindings();
		await DB.prepare(`DELETE FROM occurrences WHERE message = 'of an hour ago'`).run();
		await page.goBack();
		await page.reload();
		await page.getByText("2 of 54 occurrences are kept").waitFor();
		expect((await page.locator(".figures").innerText()).match(/at least\s+2/g)).toHaveLength(3);
	});
});

describe("errors of pages", () => {
	it("are one where only their numbers differ, and lead to their sessions", async () => {
		for (const n of [1, 2]) {
			const at = NOW - n * HOUR;
			const error = customAt(at + 2_000, "error", { message: `Item ${n} is sold out`, source: "", lineno: 1 });
			await send(stage.worker, {
				sessionId: `unlucky-${n}`,
				chunks: [[...pageAt(at, `${stage.shop}/`, "Shop"), error, moveAt(at + 3_000)]],
			});
		}
		await page.goto("/issues?tab=browser");
		const link = page.getByRole("link", { name: "Item # is sold out" });
		await link.waitFor();
		await page.getByLabel("Search message").fill("nothing like it");
		await page.getByText("No error says that").waitFor();
		await page.getByLabel("Search message").fill("SOLD");
		await link.click();
		await until(
			() => page.locator("a.visitor").evaluateAll((links) => links.map((it) => it.getAttribute("href") ?? "")),
			(hrefs) => hrefs.length === 2 && hrefs.every((href) => href.includes("unlucky")),
		);
	});
});

describe("events of servers", () => {
	it("are told by level and name, with all they say and the moment", async () => {
		await report("track", {
			...{ name: "order.refused", level: "error", session_id: "visitor", timestamp: MOMENT / 1_000 },
			payload: { order: { total: 42 }, why: "no funds" },
		});
		await report("track", { name: "mail.sent", level: "debug", session_id: "gone" });
		await page.goto("/server-events");
		await page.locator("a.event-name").nth(2).waitFor();
		expect(await page.locator("tr", { hasText: "mail.sent" }).innerText()).toContain("no longer recorded");
		await page.getByRole("link", { name: "Error 1" }).click();
		await until(
			() => page.locator("a.event-name").allInnerTexts(),
			(list) => list.join() === "order.refused",
		);
		expect(await page.locator("tbody tr").innerText()).toContain("order.total 42 · why no funds");
		await page.keyboard.press("j");
		await page.keyboard.press("Enter");
		expect(JSON.parse(await page.locator(".payload").innerText())).toEqual({ order: { total: 42 }, why: "no funds" });
		await page.getByRole("link", { name: "Watch this moment" }).click();
		await page.waitForURL(`**/sessions/visitor?t=${MOMENT}&item=*`);
	});
});
