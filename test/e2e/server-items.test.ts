import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clickAt, headingAt, pageAt, send } from "../support/recorded.ts";
import { call, isRecording, sitePage } from "../support/site.ts";
import { openStage, type Stage, until } from "../support/stage.ts";

/** Tests server exceptions and server events in the replay of their session. */

const KEY = "0123456789abcdef0123456789abcdef";
/** How far the visitor's clock is behind the server's. */
const BEHIND_MS = 20_000;

let stage: Stage;
beforeAll(async () => {
	const answer = "setTimeout(() => document.body.append(' paid'), 50)";
	const body = `<h1>Checkout</h1><button id="pay" onclick="${answer}">Pay</button>`;
	stage = await openStage({ "/checkout.html": sitePage({ body }) }, { INGEST_KEYS: `default:${KEY}` });
});
afterAll(() => stage.close());

async function report(lane: string, body: object): Promise<Record<string, string>> {
	const answer = await fetch(`${stage.worker}/${lane}`, {
		method: "POST",
		headers: { authorization: `Bearer ${KEY}` },
		body: JSON.stringify({ timestamp: Date.now() / 1000, ...body }),
	});
	expect(answer.status).toBe(200);
	return (await answer.json()) as Record<string, string>;
}

/**
 * Records a session, and reports server items with the IDs that a server finds in the cookies of a request.
 * @returns these IDs, and the fingerprint of the reported exception
 */
async function recordSession(): Promise<{ ids: { session_id: string; window_id: string }; fingerprint: string }> {
	const context = await stage.browser.newContext();
	await context.addInitScript((behind) => {
		const { now } = Date;
		Date.now = () => now() - behind;
	}, BEHIND_MS);
	const page = await context.newPage();
	await page.goto(`${stage.shop}/checkout.html`);
	await isRecording(page);
	const cookies = await context.cookies();
	const cookie = (wanted: string) => cookies.find(({ name }) => name === wanted)!.value;
	const ids = { session_id: cookie("sentiero_sid"), window_id: cookie("sentiero_wid") };
	await page.waitForTimeout(700);
	const failed = { exception_class: "Bank::Timeout", message: "no answer of the bank", platform: "ruby" };
	const { fingerprint } = await report("errors", { ...failed, ...ids });
	await page.waitForTimeout(700);
	await page.click("#pay");
	await page.waitForTimeout(700);
	await report("track", { name: "order.paid", level: "warn", payload: { total: 12 }, session_id: ids.session_id });
	await page.waitForTimeout(700);
	await page.click("#pay");
	// The page gets time to respond to the click.
	await page.waitForTimeout(200);
	await call(page, "flush");
	// A closed context does not finish its requests.
	await until(
		async () => (await stage.api<{ sessions: { clicks: number }[] }>("/sessions")).sessions,
		([it]) => it?.clicks === 2,
	);
	await context.close();
	return { ids, fingerprint: fingerprint! };
}

describe("server items", () => {
	it("appear at their moment on the timeline, in the activity list and in a panel, and link to their pages", async () => {
		const { ids, fingerprint } = await recordSession();
		const session = `/sessions/${ids.session_id}`;
		const page = await (await stage.operator({ viewport: { width: 1280, height: 800 } })).newPage();
		await page.goto("/");
		const row = page.locator("tbody tr", { hasText: "on the server" });
		expect(await row.locator("td.bad").getAttribute("title")).toBe("1 error, 1 on the server");
		await page.getByLabel("With errors").check();
		await row.locator("a.visitor").click();

		const rows = page.locator(".activity li .line-one");
		await until(
			() => rows.allTextContents(),
			(list) => list.length === 5,
		);
		expect(await rows.allTextContents()).toEqual([
			"Landed on /checkout.html",
			"Exception no answer of the bank",
			expect.stringContaining("Clicked"),
			"Server event order.paid",
			expect.stringContaining("Clicked"),
		]);
		const clock = async () => (await page.locator(".clock").textContent())?.split("/")[0]?.trim();
		const timeOf = async (text: string) =>
			(await page.locator(".activity li", { hasText: text }).locator(".when").textContent())?.trim();
		const [failedAt, paidAt] = [await timeOf("Exception"), await timeOf("order.paid")];
		expect(failedAt).toMatch(/^0:0[0-2]$/);

		await page.locator('.tick[data-kind="server"]').click();
		expect(await clock()).toBe(paidAt);
		await page.locator("h1").click();
		await page.getByRole("slider").press("Home");
		await page.locator("h1").click();
		await page.keyboard.press("e");
		expect(await clock()).toBe(failedAt);
		expect(await page.locator('.tick[data-kind="exception"]').getAttribute("title")).toContain("no answer");

		const choice = page.getByRole("button", { name: "Server 2" });
		await choice.click();
		expect(await rows.count()).toBe(3);
		expect(new URL(page.url()).searchParams.get("hide")).toBe("server");
		await choice.click();
		await page.getByLabel("Search activity").fill("warn");
		expect(await rows.allTextContents()).toEqual(["Server event order.paid"]);
		await page.getByLabel("Search activity").fill("");
		await page.locator(".activity li", { hasText: "Exception" }).locator("button").click();
		const details = page.getByLabel("Selected entry");
		expect(await details.locator("pre").textContent()).toBe("Bank::Timeout, ruby");
		expect(await details.getByRole("link").getAttribute("href")).toBe(`/issues/${fingerprint}?project=default`);

		await page.getByRole("tab", { name: "Server 2" }).click();
		const panel = page.getByRole("tabpanel", { name: "Server 2" });
		const links = () => panel.getByRole("link").allTextContents();
		expect(await links()).toEqual(["order.paid", "Bank::Timeout"]);
		const { items } = await stage.api<{ items: { id: string; kind: string }[] }>(`${session}/reported`);
		const event = items.find(({ kind }) => kind === "event")!;
		expect(await panel.getByRole("link", { name: "order.paid" }).getAttribute("href")).toBe(
			`/server-events/${event.id}?project=default`,
		);
		await panel.getByRole("button", { name: paidAt!, exact: true }).click();
		expect(await clock()).toBe(paidAt);
		await panel.getByRole("button", { name: '{"total":12}' }).click();
		await panel.locator("pre").focus();
		expect(await page.evaluate(() => document.activeElement?.className)).toBe("record");
		expect(await panel.locator("pre").textContent()).toBe('{\n  "total": 12\n}');
		await panel.getByLabel("Level").selectOption("error");
		expect(await links()).toEqual(["Bank::Timeout"]);
		await panel.getByLabel("Kind").selectOption("event");
		await panel.getByText("No matches.").waitFor();

		await page.goto(`/issues/${fingerprint}`);
		await page.locator(".occurrences").getByRole("link", { name: "Watch this moment" }).click();
		await page.waitForURL(`**${session}/windows/${ids.window_id}?t=*&item=*`);
		await until(clock, (now) => now === failedAt);
		await page.context().close();
	});

	it("appear on a timeline that is already displayed without moving the activity list", async () => {
		const at = Date.now() - 600_000;
		const clicks = Array.from({ length: 60 }, (_, i) => [
			...clickAt(at + 1_000 * (i + 1), 300, 300),
			headingAt(at + 1_000 * (i + 1) + 100, `Lamp ${i}`),
		]);
		await send(stage.worker, {
			sessionId: "long",
			chunks: [[...pageAt(at, `${stage.shop}/`, "Lamps"), ...clicks.flat()]],
		});
		await until(
			async () => (await stage.api<{ sessions: { id: string }[] }>("/sessions")).sessions,
			(list) => list.some(({ id }) => id === "long"),
		);
		for (const n of [1, 2, 3]) {
			await report("track", { name: `seen ${n}`, session_id: "long", timestamp: at / 1_000 + 2 * n + 0.5 });
		}
		const page = await (await stage.operator({ viewport: { width: 1280, height: 800 } })).newPage();
		let answer = () => {};
		const answered = new Promise<void>((resolve) => {
			answer = resolve;
		});
		await page.route(/\/reported/, async (route) => {
			await answered;
			const response = await route.fetch();
			await route.fulfill({ response, json: { ...(await response.json()), isCut: true } });
		});
		await page.goto("/sessions/long?t=40500&panel=server");
		const current = page.locator(".activity li [aria-current]");
		await until(
			() => current.textContent(),
			(text) => text?.startsWith("0:40") ?? false,
		);
		await page.locator(".stage-play").waitFor();
		expect(await page.locator(".tick").count()).toBeGreaterThan(10);
		const box = await current.boundingBox();
		expect(await page.locator('.tick[data-kind="server"]').count()).toBe(0);
		answer();
		await page.getByText("Shows the newest 500 of each kind.").waitFor();
		await page.getByRole("button", { name: "Server 3" }).waitFor();
		expect(await current.textContent()).toMatch(/^0:40/);
		expect((await current.boundingBox())?.y).toBe(box?.y);
		await page.context().close();
	});
});
