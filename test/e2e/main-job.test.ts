import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStage, type Stage, until } from "../support/stage.ts";

interface List {
	sessions: { id: string; pages: number; errors: number; events: number; metadata: Record<string, string> }[];
}

let stage: Stage;
beforeAll(async () => {
	stage = await openStage();
});
afterAll(() => stage.close());

const sessions = async () => (await stage.api<List>("/sessions")).sessions;

/** Navigates away, and waits for the batches that the page sends when it closes. */
async function leave(page: Page) {
	await page.goto("about:blank");
	await page.waitForTimeout(300);
	await page.context().close();
}

async function visitor(options = {}) {
	return (await stage.browser.newContext(options)).newPage();
}

const recording = (page: Page) => page.frameLocator("iframe.player").frameLocator("iframe");
const clockOf = async (page: Page) => (await page.locator(".clock").textContent())?.split("/")[0]?.trim();

describe("session", () => {
	let sid = "";

	it("is listed within seconds, and no typed text is stored unmasked", async () => {
		const page = await visitor();
		const errors: Error[] = [];
		page.on("pageerror", (error) => errors.push(error));
		await page.goto(`${stage.shop}/product.html?id=tarn-tent`);
		await page.click("#add-to-cart");
		await page.goto(`${stage.shop}/account.html`);
		await page.locator("#login-email").pressSequentially("typed.secret@mail.example");
		await page.locator("#login-password").pressSequentially("passw0rdsecret");
		await page.click("#show-password");
		await page.locator("#login-password").pressSequentially("shownsecret");
		await page.waitForTimeout(1_500);
		await page.click("#nav-help");
		await page.waitForURL(/help/);
		await page.click("#throw-error");
		await page.waitForTimeout(200);
		await leave(page);
		expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining("Stock check failed")]);

		const [session] = await until(sessions, ([it]) => it?.pages === 3 && it.errors === 1, 8_000);
		sid = session!.id;
		expect(session!.metadata.entry_url).toBe(`${stage.shop}/product.html`);
		const stored = await stage.everythingStored();
		for (const secret of ["typed.secret", "passw0rd", "shownsecret"]) expect(stored).not.toContain(secret);
		expect(stored).toContain("*".repeat("passw0rdsecret".length));
		expect(stored).toContain("Tarn Tent");
	});

	it("is replayed from the list, and the replay shows the page", async () => {
		const page = await (await stage.operator()).newPage();
		await page.goto("/");
		await page.locator("a.visitor").first().click();
		await recording(page).locator("#add-to-cart").waitFor();
		expect(await recording(page).locator("#product-name").textContent()).toBe("Tarn Tent");
		const picture = recording(page).locator("#product-image");
		await until(
			() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth),
			(width) => width > 0,
		);
		// The replay uses the shop's style sheet, which is on a different origin from the dashboard.
		const color = (element: Element) => getComputedStyle(element).backgroundColor;
		const shop = await visitor();
		await shop.route("**/recorder.js", (route) => route.abort());
		await shop.goto(`${stage.shop}/product.html?id=tarn-tent`);
		const original = await shop.locator("#add-to-cart").evaluate(color);
		expect(original).not.toBe("rgba(0, 0, 0, 0)");
		expect(await recording(page).locator("#add-to-cart").evaluate(color)).toBe(original);
		await shop.context().close();
		const rows = await page.locator(".activity li").allTextContents();
		expect(rows.join("\n")).toMatch(
			/Landed on \/product\.html[\s\S]*Custom event add_to_cart[\s\S]*Opened \/account\.html/,
		);
		expect(rows.join("\n")).toMatch(/Typed into email \(email\)[\s\S]*Error Uncaught Error: Stock check failed/);
		await page.context().close();
	});

	it("is replayed from a moment that is chosen in the activity list, by keyboard or in the URL", async () => {
		const context = await stage.operator({ permissions: ["clipboard-read", "clipboard-write"] });
		const page = await context.newPage();
		await page.goto(`/sessions/${sid}`);
		await recording(page).locator("#add-to-cart").waitFor();
		await until(
			() => page.locator(".loaded").evaluate((it) => (it as HTMLElement).style.width),
			(width) => width === "100%",
		);

		const row = page.locator(".activity button", { hasText: "Typed into password" });
		await row.click();
		await recording(page).locator("#login-form").waitFor();
		expect(await clockOf(page)).toBe((await row.locator(".when").textContent())?.trim());
		expect(await row.getAttribute("aria-current")).toBe("true");

		await page.getByRole("button", { name: "Copy link" }).click();
		const link = await page.evaluate(() => navigator.clipboard.readText());
		const offset = Number(new URL(link).searchParams.get("t"));
		expect(offset).toBeGreaterThan(0);

		const startedAt = (await stage.api<{ chunks: { firstAt: number }[] }>(`${new URL(link).pathname}/trail`)).chunks[0]!
			.firstAt;
		for (const t of [offset, startedAt + offset]) {
			await page.goto(`${new URL(link).pathname}?t=${t}`);
			await recording(page).locator("#login-form").waitFor();
			expect(Number(await page.getByRole("slider").getAttribute("aria-valuenow"))).toBe(Math.round(offset / 1000));
		}

		const slider = page.getByRole("slider");
		await slider.press("Home");
		expect(await clockOf(page)).toBe("0:00");
		await recording(page).locator("#add-to-cart").waitFor();
		await slider.press("End");
		await recording(page).locator("#throw-error").waitFor();
		await slider.press("Home");
		await page.locator("h1").click();
		await page.keyboard.press("Space");
		await page.getByRole("button", { name: "Pause" }).waitFor();
		await until(
			() => clockOf(page),
			(clock) => clock !== "0:00",
		);
		await page.keyboard.press("Space");
		const stopped = await clockOf(page);
		await page.waitForTimeout(400);
		expect(await clockOf(page)).toBe(stopped);
		await context.close();
	});

	it("survives the loss of D1: the Maintenance page rebuilds the index, and the replay is unchanged", async () => {
		const { DB } = await stage.bindings();
		const before = await stage.api(`/sessions/${sid}`);
		await DB.prepare("DELETE FROM sessions").run();
		await DB.prepare("DELETE FROM chunks").run();
		const page = await (await stage.operator()).newPage();
		await page.goto(`/sessions/${sid}`);
		await page.getByText("Session not found").waitFor();
		await page.goto("/maintenance");
		await page.getByRole("button", { name: "Rebuild the index" }).click();
		await page.getByText(/chunks checked, \d+ indexed\./).waitFor();
		expect(await stage.api(`/sessions/${sid}`)).toEqual(before);
		await page.goto(`/sessions/${sid}`);
		await recording(page).locator("#add-to-cart").waitFor();
		await page.context().close();
	});

	it("is deleted from D1 and R2 with a button in the list, after a confirmation", async () => {
		const page = await (await stage.operator()).newPage();
		await page.goto("/");
		await page
			.getByRole("button", { name: /^Delete the session/ })
			.first()
			.click();
		await page.getByRole("button", { name: "Cancel" }).click();
		expect(await sessions()).toHaveLength(1);
		await page
			.getByRole("button", { name: /^Delete the session/ })
			.first()
			.click();
		await page.getByRole("button", { name: "Delete session", exact: true }).click();
		await page.getByText("Waiting for the first session").waitFor();
		expect(await sessions()).toEqual([]);
		expect(await stage.everythingStored()).not.toContain("Tarn Tent");
		await page.context().close();
	});
});

describe("Maintenance page", () => {
	it("explains packing, and warns when packing falls behind", async () => {
		const events = [{ type: 3, timestamp: Date.now(), data: { source: 1, positions: [] } }];
		const body = JSON.stringify({ sessionId: "waits", windowId: "w", events });
		expect((await fetch(`${stage.worker}/events`, { method: "POST", body })).status).toBe(200);
		await until(sessions, (list) => list.length === 1);
		const page = await (await stage.operator()).newPage();
		await page.goto("/maintenance");
		const notice = page.getByText(/^Recordings are packed when they are two days old/);
		await notice.waitFor();
		expect(await notice.textContent()).not.toContain("behind");
		const { DB } = await stage.bindings();
		const days = 10 * 86_400_000;
		await DB.prepare(
			`UPDATE sessions SET started_at = started_at - ${days}, received_at = received_at - ${days}`,
		).run();
		await page.reload();
		await page.getByText("Packing is 8 days behind. If the delay grows, raise PACKS_PER_MINUTE (now 1).").waitFor();
		await page.context().close();
		await stage.deleteSessions();
	});

	it("exports the sessions of a person, and deletes them after a confirmation", async () => {
		for (const user of ["u-1", "u-1", "u-2"]) {
			const sessionId = `by-${user}-${Math.random().toString(36).slice(2)}`;
			const events = [{ type: 3, timestamp: Date.now(), data: { source: 1, positions: [] } }];
			const body = JSON.stringify({ sessionId, windowId: "w", events, metadata: { user_id: user } });
			expect((await fetch(`${stage.worker}/events`, { method: "POST", body })).status).toBe(200);
		}
		await until(sessions, (list) => list.length === 3);
		const page = await (await stage.operator()).newPage();
		await page.goto("/maintenance");
		await page.getByLabel("User ID, as").fill("nobody");
		await page.getByRole("button", { name: "Find" }).click();
		await page.getByText("No sessions found.").waitFor();
		await page.getByLabel("User ID, as").fill("u-1");
		await page.getByRole("button", { name: "Find" }).click();
		const download = page.waitForEvent("download");
		await page.getByRole("button", { name: "Export as JSON" }).click();
		expect((await download).suggestedFilename()).toBe("export-u-1.json");
		await page.getByRole("button", { name: "Delete 2 sessions" }).click();
		await page.getByRole("button", { name: "Cancel" }).click();
		expect(await sessions()).toHaveLength(3);
		await page.getByRole("button", { name: "Delete 2 sessions" }).click();
		await page.getByRole("dialog").getByRole("button", { name: "Delete 2 sessions" }).click();
		await page.getByText(/^2 sessions deleted\. Cloudflare/).waitFor();
		expect((await sessions()).map(({ metadata }) => metadata.user_id)).toEqual(["u-2"]);
		await stage.deleteSessions();
		await page.context().close();
	});
});

describe("before the first session", () => {
	it("the dashboard shows the script tag to paste, and which origin was rejected", async () => {
		const origin = "https://not-listed.example";
		const body = JSON.stringify({ sessionId: "s", windowId: "w", events: [{ type: 3 }] });
		const refused = await fetch(`${stage.worker}/events`, { method: "POST", headers: { origin }, body });
		expect(refused.status).toBe(403);
		const page = await (await stage.operator()).newPage();
		await page.goto("/");
		await page.getByText(`<script src="${stage.worker}/recorder.js" defer></script>`).waitFor();
		// recorder.test.ts checks that a page with this policy is recorded.
		await page.getByText(`script-src ${stage.worker}; connect-src ${stage.worker}`).waitFor();
		await page.getByText(`${origin} was rejected once`).waitFor();
		await page.context().close();
	});
});

describe("session list", () => {
	it("is searched, filtered and sorted, and its URL keeps the query", async () => {
		const at = Date.now() - 60_000;
		const error = { type: 5, timestamp: at + 2, data: { tag: "error", payload: { message: "no" } } };
		const ids = ["zebra-1", "zebra-2"];
		for (const [i, sessionId] of ids.entries()) {
			const events = [
				{ type: 4, timestamp: at + i, data: { href: `${stage.shop}/${sessionId}`, width: 800, height: 600 } },
				...(i ? [] : [error, { ...error, timestamp: at + 30_000 }]),
			];
			const metadata = { plan: i ? "Free" : "Gold", entry_url: `${stage.shop}/${sessionId}` };
			const body = JSON.stringify({ sessionId, windowId: "w", seq: 0, events, metadata });
			expect((await fetch(`${stage.worker}/events`, { method: "POST", body })).status).toBe(200);
		}
		await until(sessions, (list) => ids.every((id) => list.some((it) => it.id === id)));
		const page = await (await stage.operator()).newPage();
		await page.goto("/");
		const shown = () => page.locator("tbody tr:not(.skeleton) .entry > span:first-child").allTextContents();
		const shows = (...paths: string[]) =>
			until(shown, (list) => list.join() === paths.map((path) => `/${path}`).join());
		await page.locator("a.visitor").first().waitFor();
		await page.keyboard.press("/");
		await page.keyboard.type("ZEBRA");
		await shows("zebra-2", "zebra-1");
		await page.getByLabel("Order").selectOption("Longest first");
		await shows("zebra-1", "zebra-2");
		await page.getByLabel("With errors").check();
		await shows("zebra-1");
		await page.reload();
		await shows("zebra-1");
		expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
			q: "ZEBRA",
			sort: "duration",
			errors: "true",
		});
		await page.getByLabel("With errors").uncheck();
		await page.getByRole("searchbox").fill("free");
		await shows("zebra-2");
		await page.getByRole("searchbox").fill("zebra");
		await page.keyboard.press("Enter");
		await page.getByLabel("Period").selectOption("Custom range…");
		await page.getByLabel("From").fill("2026-01-01");
		await page.getByLabel("To", { exact: true }).fill("2026-01-02");
		await page.getByText("No sessions match these filters.").waitFor();
		await page.goBack();
		await page.goBack();
		await page.goBack();
		await shows("zebra-1", "zebra-2");
		await page.getByLabel("Period").selectOption("Today");
		await page.getByRole("searchbox").fill("nobody at all");
		await page.getByRole("button", { name: "Show all sessions" }).click();
		await page.locator("a.visitor").first().waitFor();
		expect(await page.getByRole("searchbox").inputValue()).toBe("");
		await page.context().close();
	});
});

describe("replay", () => {
	it.each([
		["500 levels deep", () => nested(500, '{"type":3,"id":9999,"textContent":"the bottom"}'), "the bottom"],
		["of 5 MB", () => nested(1, `{"type":3,"id":9999,"textContent":"the top ${"x".repeat(5_000_000)}"}`), "the top"],
	])("shows a page %s", async (name, tree, text) => {
		const sessionId = `made-${name.replace(/\W+/g, "-")}`;
		const at = Date.now();
		const events = [
			`{"type":4,"timestamp":${at},"data":{"href":"${stage.shop}/","width":800,"height":600}}`,
			`{"type":2,"timestamp":${at + 1},"data":{"node":${tree()},"initialOffset":{"left":0,"top":0}}}`,
			`{"type":3,"timestamp":${at + 500},"data":{"source":1,"positions":[]}}`,
		];
		const body = `{"sessionId":"${sessionId}","windowId":"w","events":[${events.join(",")}]}`;
		expect((await fetch(`${stage.worker}/events`, { method: "POST", body })).status).toBe(200);
		await until(sessions, (list) => list.some(({ id }) => id === sessionId));
		const page = await (await stage.operator()).newPage();
		await page.goto(`/sessions/${sessionId}`);
		await recording(page).getByText(text).first().waitFor();
		await page.context().close();
	});

	it("shows all of 2,400 events, even if a chunk ends between events with the same timestamp", async () => {
		const at = Date.now() - 60_000;
		const tree = JSON.parse(nested(1, '{"type":3,"id":9999,"textContent":"the list"}'));
		const adds = Array.from({ length: 2_400 }, (_, i) => ({
			type: 3,
			timestamp: at + 10 + Math.floor(i / 3),
			data: {
				...{ source: 0, texts: [], attributes: [], removes: [] },
				adds: [
					{
						parentId: 10,
						nextId: null,
						node: { type: 2, id: 10_000 + i, tagName: "i", attributes: {}, childNodes: [] },
					},
				],
			},
		}));
		const events = [
			{ type: 4, timestamp: at, data: { href: `${stage.shop}/`, width: 800, height: 600 } },
			{ type: 2, timestamp: at + 1, data: { node: tree, initialOffset: { left: 0, top: 0 } } },
			...adds,
		];
		// 100 is not a multiple of 3, so a chunk ends between events with the same timestamp.
		for (let i = 0; i * 100 < events.length; i++) {
			const batch = { sessionId: "ties", windowId: "w", seq: i, events: events.slice(i * 100, (i + 1) * 100) };
			const answer = await fetch(`${stage.worker}/events`, { method: "POST", body: JSON.stringify(batch) });
			expect(answer.status).toBe(200);
		}
		const page = await (await stage.operator()).newPage();
		let asked = 0;
		// The last chunk has events of the last millisecond, and arrives when that millisecond is already shown.
		await page.route(/\/events(\?|$)/, async (route) => {
			if (++asked === Math.ceil(events.length / 100)) await page.waitForTimeout(2_000);
			await route.continue();
		});
		await page.goto("/sessions/ties");
		await recording(page).getByText("the list").waitFor();
		await until(
			() => page.locator(".loaded").evaluate((it) => (it as HTMLElement).style.width),
			(width) => width === "100%",
		);
		await page.getByRole("slider").press("End");
		await until(
			() => recording(page).locator("i").count(),
			(count) => count === 2_400,
		);
		await page.context().close();
	});

	it("has the right duration when the visitor's clock is an hour ahead, and ignores malformed events", async () => {
		const ahead = Date.now() + 3_600_000;
		const tree = JSON.parse(nested(1, '{"type":3,"id":9999,"textContent":"an hour ahead"}'));
		const events = [
			{ type: 4, timestamp: ahead - 20_000, data: { href: `${stage.shop}/`, width: 800, height: 600 } },
			{ type: 2, timestamp: ahead - 19_990, data: { node: tree, initialOffset: { left: 0, top: 0 } } },
			{ type: 3, timestamp: ahead - 15_000, data: null },
			{ type: 3, timestamp: ahead - 14_000, data: { source: 1 } },
			{ type: 5, timestamp: ahead - 10_000, data: { tag: "halfway", payload: {} } },
			{ type: 3, timestamp: ahead, data: { source: 1, positions: [] } },
		];
		const body = JSON.stringify({ sessionId: "ahead", windowId: "w", seq: 0, events });
		expect((await fetch(`${stage.worker}/events?at=${ahead}`, { method: "POST", body })).status).toBe(200);
		await until(sessions, (list) => list.some(({ id }) => id === "ahead"));
		const page = await (await stage.operator()).newPage();
		await page.goto("/sessions/ahead");
		await recording(page).getByText("an hour ahead").waitFor();
		expect(await page.locator(".clock").textContent()).toBe("0:00 / 0:20");
		await page.locator(".activity button", { hasText: "halfway" }).click();
		expect(await clockOf(page)).toBe("0:10");
		await page.context().close();
	});

	it("explains why a recording without a snapshot or with a single event cannot be shown", async () => {
		for (const [sessionId, events, text] of [
			[
				"no-snapshot",
				[1, 2, 3].map((n) => ({ type: 3, timestamp: Date.now() + n, data: { source: 3, id: 1, x: 0, y: 0 } })),
				"Nothing to draw",
			],
			["one-event", [{ type: 3, timestamp: Date.now(), data: { source: 3, id: 1, x: 0, y: 0 } }], "Only one event"],
		] as const) {
			const body = JSON.stringify({ sessionId, windowId: "w", events });
			expect((await fetch(`${stage.worker}/events`, { method: "POST", body })).status).toBe(200);
			await until(sessions, (list) => list.some(({ id }) => id === sessionId));
			const page = await (await stage.operator()).newPage();
			await page.goto(`/sessions/${sessionId}`);
			await page.getByText(text).waitFor();
			await page.context().close();
		}
	});
});

/** Returns the JSON of a document in rrweb's format. Its body has `depth` nested elements around the node `inner`. */
function nested(depth: number, inner: string): string {
	const open = Array.from(
		{ length: depth },
		(_, i) => `{"type":2,"id":${i + 10},"tagName":"div","attributes":{},"childNodes":[`,
	);
	const body = `${open.join("")}${inner}${"]}".repeat(depth)}`;
	return `{"type":0,"id":1,"childNodes":[{"type":2,"id":2,"tagName":"html","attributes":{},"childNodes":[{"type":2,"id":3,"tagName":"body","attributes":{},"childNodes":[${body}]}]}]}`;
}
