import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { customAt, headingAt, moveAt, pageAt, send } from "../support/recorded.ts";
import { openStage, type Stage, until } from "../support/stage.ts";

/** Tests issues and server events, from the ingest endpoints to the pages that show them. */

const KEY = "the-key-of-a-server-of-the-shop";
const NOW = Date.now();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Start of the session, and the moment in it for which a server reported an exception. */
const SESSION = NOW - 10 * MINUTE;
const MOMENT = SESSION + 6_000;

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

const reportError = (exception_class: string, at: number, more: object = {}) =>
	report("errors", { exception_class, message: `${exception_class} broke`, timestamp: at / 1_000, ...more });

/** Sends the request of the curl command that the page shows. */
async function runShownCommand(): Promise<void> {
	const line = await page.locator("code", { hasText: "curl" }).innerText();
	const [, url, header, body] = /^curl (\S+) -H "(.+)" -d '(.+)'$/.exec(line)!;
	const headers = { authorization: header!.slice(15).replace("THE-KEY", KEY) };
	const form = { "content-type": "application/x-www-form-urlencoded" };
	const answer = await fetch(url!, { method: "POST", headers: { ...headers, ...form }, body: body! });
	expect(answer.status).toBe(200);
}

const names = () => page.locator("a.issue-name").allInnerTexts();
const focused = () => page.evaluate(() => document.activeElement?.textContent);

describe("setup pages", () => {
	it("show a command that works", async () => {
		await page.goto("/issues");
		await runShownCommand();
		await page.reload();
		expect(await page.locator("a.issue-name").innerText()).toBe("RuntimeError");
		await page.goto("/server-events");
		await runShownCommand();
		await page.reload();
		expect(await page.locator("a.event-name").innerText()).toBe("order.paid");
	});

	it("explain where browser errors come from, and state that an issue or event does not exist", async () => {
		await page.goto("/issues");
		await page.getByRole("link", { name: "Browser" }).click();
		await page.getByText("CAPTURE_ERRORS").waitFor();
		await page.goto("/issues/0000");
		await page.getByText("Issue not found").waitFor();
		await page.goto("/server-events/0000");
		await page.getByText("Event not found").waitFor();
	});
});

describe("issue list", () => {
	beforeAll(async () => {
		await reportError("OldError", NOW - 50 * HOUR);
		for (let i = 0; i < 3; i++) await reportError("OftenError", NOW - 30 * HOUR + i);
		await reportError("LateError", NOW - MINUTE);
	});

	it("can be ordered, searched and limited to a period, and marks issues that are new in it", async () => {
		await page.goto("/issues");
		await until(names, (list) => list.join() === "RuntimeError,LateError,OftenError,OldError");
		await page.getByLabel("Order").selectOption("count");
		await until(names, ([first]) => first === "OftenError");
		await page.getByLabel("Search by class or message").fill("olderror: old");
		await until(names, (list) => list.join() === "OldError");
		await page.goBack();
		await page.goto("/issues?days=1");
		await until(names, (list) => list.length >= 1 && !list.includes("OldError"));
		expect(await page.locator(".badge.new").count()).toBe((await names()).length);
	});

	it("names issues and events distinctly", async () => {
		await page.goto("/issues");
		await page.getByRole("link", { name: "LateError: LateError broke", exact: true }).waitFor();
		await page.getByRole("button", { name: "Resolve LateError: LateError broke", exact: true }).waitFor();
		await page.goto("/server-events");
		await page.getByRole("link", { name: /^order\.paid, total 42, \d.*:\d\d/ }).waitFor();
	});

	it("resolves issues by keyboard, moves the focus to the next one, and undoes", async () => {
		await page.goto("/issues");
		await until(names, (list) => list.length === 4);
		await page.keyboard.press("j");
		await page.keyboard.press("j");
		expect(await focused()).toBe("LateError");
		await page.keyboard.press("e");
		await until(names, (list) => list.join() === "RuntimeError,OftenError,OldError");
		expect(await focused()).toBe("OftenError");
		expect(await page.getByRole("navigation", { name: "Status" }).innerText()).toMatch(/Open\s+3\s+Resolved\s+1/);
		await page.getByText("LateError resolved.").waitFor();
		await page.keyboard.press("z");
		await until(names, (list) => list.join() === "RuntimeError,LateError,OftenError,OldError");
		await page.getByRole("button", { name: "Ignore OldError" }).click();
		await page.getByText("OldError ignored.").waitFor();
		await page.goto("/issues?status=ignored");
		await until(names, (list) => list.join() === "OldError");
	});

	it("puts an issue back in its place on undo after a refresh, and does not move the focus when it refreshes", async () => {
		const other = await page.context().newPage();
		const shown = () => other.locator("a.issue-name").allInnerTexts();
		const active = () => other.evaluate(() => document.activeElement?.textContent ?? document.activeElement?.id);
		await other.clock.install();
		await other.goto("/issues");
		await until(shown, (list) => list.length === 3);
		await other.clock.fastForward(25_000);
		await other.getByRole("button", { name: "Resolve LateError" }).press("Enter");
		await other.getByText("LateError resolved.").waitFor();
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

	it("sends changes of one issue one after another, and finally shows the status that the server has", async () => {
		await page.goto("/issues?status=all");
		await until(names, (list) => list.length === 4);
		let requests = 0;
		await page.route("**/status*", async (route) => {
			if (++requests > 1) return route.abort();
			await new Promise((resolve) => setTimeout(resolve, 300));
			await route.continue();
		});
		await page.getByRole("button", { name: "Resolve LateError" }).click();
		await page.getByRole("button", { name: "Ignore LateError" }).click();
		await page.getByRole("link", { name: /^Resolved/ }).click();
		await page.getByText("The status of LateError is unchanged.").waitFor();
		await page.unroute("**/status*");
		await page.goto("/issues?status=all");
		await page.getByRole("button", { name: "Reopen LateError" }).click();
		await page.getByText("LateError reopened.").waitFor();
	});

	it("restores the status when the server rejects the change", async () => {
		await page.goto("/issues");
		await until(names, (list) => list.length === 3);
		await page.route("**/status*", (route) => route.abort());
		await page.getByRole("button", { name: "Resolve OftenError" }).click();
		await page.getByText("The status of OftenError is unchanged.").waitFor();
		expect(await names()).toContain("OftenError");
		await page.unroute("**/status*");
	});

	it("marks resolved issues that occurred again", async () => {
		await page.goto("/issues");
		await page.getByRole("button", { name: "Resolve OftenError" }).click();
		await page.getByText("OftenError resolved.").waitFor();
		await reportError("OftenError", Date.now() + 1_000);
		await page.goto("/issues");
		await page.locator("tr", { hasText: "OftenError" }).getByText("Regressed").waitFor();
	});
});

describe("issue page", () => {
	const frames = Array.from({ length: 25 }, (_, i) => `app/checkout_${i}.rb:${i}:in 'pay'`);
	const context = { environment: "production", release: "v2", request: { method: "POST", path: "/orders" } };

	beforeAll(async () => {
		const events = [...pageAt(SESSION, `${stage.shop}/`, "Before"), moveAt(SESSION + 3_000)];
		const after = [
			headingAt(SESSION + 5_000, "At the moment"),
			headingAt(SESSION + 9_000, "After"),
			moveAt(SESSION + 12_000),
		];
		await send(stage.worker, { sessionId: "visitor", chunks: [[...events, ...after]] });
		// Another tab is active later.
		await send(stage.worker, {
			...{ sessionId: "visitor", windowId: "other" },
			chunks: [[...pageAt(SESSION + 20_000, `${stage.shop}/other`, "Other tab"), moveAt(SESSION + 30_000)]],
		});
		const more = { backtrace: frames, context, platform: "ruby" };
		for (let i = 0; i < 52; i++)
			await reportError("PayError", NOW - 2 * HOUR - i, { ...more, message: "of an hour ago" });
		await reportError("PayError", NOW - 20 * MINUTE, { ...more, session_id: "gone" });
		await reportError("PayError", MOMENT, { ...more, session_id: "visitor" });
		await until(
			() => stage.api<{ sessions: unknown[] }>("/sessions"),
			({ sessions }) => sessions.length === 1,
		);
		await page.goto("/issues?q=PayError");
		await page.locator("a.issue-name").click();
		await page.getByRole("heading", { name: "PayError" }).waitFor();
	});

	it("shows frequency, affected sessions and where it occurs", async () => {
		const figures = await page.locator(".figures").innerText();
		expect(figures.split(/\s*\n\s*/)).toEqual("Total,54,Last 24 hours,54,Last 7 days,54,Last 30 days,54".split(","));
		expect(await page.locator(".issue-spread").innerText()).toMatch(/gone\s+not stored/);
		for (const value of ["/orders", "production", "v2"]) await page.locator(".shares").getByText(value).waitFor();
		await page.getByText("Show as table").click();
		const cells = await page.locator(".chart details td").allInnerTexts();
		expect(cells).toHaveLength(30);
		expect(cells.reduce((sum, n) => sum + Number(n), 0)).toBe(54);
	});

	it("lists occurrences with their frames and context", async () => {
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
		await page.locator(".occurrences > li").nth(1).getByText("is not stored").waitFor();
	});

	it("is resolved and reopened, and the list shows it", async () => {
		await page.getByRole("button", { name: "Resolve" }).click();
		await page.locator(".issue-title").getByText("Resolved").waitFor();
		expect(await focused()).toBe("Reopen");
		await page.getByRole("button", { name: "Undo" }).click();
		await page.locator(".issue-title").getByText("Open").waitFor();
		expect(await focused()).toBe("Resolve");
		await page.keyboard.press("i");
		await page.getByText("PayError ignored.").waitFor();
		// The list keeps its filters and no longer contains the changed issue.
		await page.getByRole("link", { name: "Issues" }).last().click();
		await page.getByText("No issues match these filters.").waitFor();
		expect(await page.getByLabel("Search by class or message").inputValue()).toBe("PayError");
		await page.getByRole("link", { name: "Ignored 1" }).click();
		await page.getByRole("link", { name: "PayError" }).click();
		await page.getByRole("button", { name: "Reopen" }).click();
		await page.locator(".issue-title").getByText("Open").waitFor();
	});

	it("links to the moment in the recording, in the right tab", async () => {
		await page.locator(".occurrences").getByRole("link", { name: "Watch this moment" }).click();
		await page.waitForURL(`**/sessions/visitor?t=${MOMENT}&item=*`);
		const recording = page.frameLocator("iframe.player").frameLocator("iframe");
		await recording.getByText("At the moment", { exact: true }).waitFor();
	});

	it("states how many occurrences are stored", async () => {
		const { DB } = await stage.bindings();
		await DB.prepare(`DELETE FROM occurrences WHERE message = 'of an hour ago'`).run();
		await page.goBack();
		await page.reload();
		await page.getByText("2 of 54 occurrences are stored").waitFor();
		expect((await page.locator(".figures").innerText()).match(/at least\s+2/g)).toHaveLength(3);
	});
});

describe("browser errors", () => {
	it("are grouped if their messages differ only in numbers, and link to their sessions", async () => {
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
		await page.getByLabel("Search by message").fill("nothing like it");
		await page.getByText("No errors match this search.").waitFor();
		await page.getByLabel("Search by message").fill("SOLD");
		await link.click();
		await until(
			() => page.locator("a.visitor").evaluateAll((links) => links.map((it) => it.getAttribute("href") ?? "")),
			(hrefs) => hrefs.length === 2 && hrefs.every((href) => href.includes("unlucky")),
		);
	});
});

describe("server events", () => {
	it("are filtered by level, and link to their payload and to their moment in the recording", async () => {
		await report("track", {
			...{ name: "order.refused", level: "error", session_id: "visitor", timestamp: MOMENT / 1_000 },
			payload: { order: { total: 42 }, why: "no funds" },
		});
		await report("track", { name: "mail.sent", level: "debug", session_id: "gone" });
		await page.goto("/server-events");
		await page.locator("a.event-name").nth(2).waitFor();
		expect(await page.locator("tr", { hasText: "mail.sent" }).innerText()).toContain("not stored");
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
