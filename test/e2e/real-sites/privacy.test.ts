import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { call, isRecording, sitePage } from "../../support/site.ts";
import { openStage, type Stage, until } from "../../support/stage.ts";

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const PAGES = {
	"/editors.html": sitePage({
		body: `<iframe id="design" srcdoc="<p id='p'>zqpresetzq</p>"></iframe>
			<div role="textbox" id="box">zqtextboxzq</div><div role="searchbox">zqsearchboxzq</div>
			<div class="monaco-editor"><div class="view-lines">zqmonacozq</div></div><div class="CodeMirror">zqcodemirrorzq</div>
			<div class="cm-editor"><div class="cm-line">zqcmsixzq</div></div><div class="ace_editor">zqacezq</div>
			<div class="xterm"><div class="xterm-rows">zqxtermzq</div></div>
			<div data-sentiero-unmask><div role="textbox">seen-textbox</div></div>
			<div role="slider" aria-valuenow="918273645">slider</div><div role="progressbar" aria-valuenow="4711">bar</div>
			<script>design.onload = () => { design.contentDocument.designMode = "on"; }</script>`,
	}),
	"/types.html": sitePage({
		config: { recorderOptions: { maskAllInputs: false, maskInputOptions: { email: true, tel: true } } },
		body: `<input type="email" value="zqemail@zq.example"><input type="tel" id="tel"><input id="text" value="seen-text">
			<div data-rr-mask><input value="zqmaskedareazq"></div>`,
	}),
	"/misspelt.html": sitePage({
		config: { recorderOptions: { maskAllInputs: false, maskInputOption: { email: true } } },
		body: '<input type="email" value="zqemailzq@zq.example"><input value="zqplainzq">',
	}),
	"/selector.html": sitePage({ config: { maskTextSelector: "[[" }, body: "<p>zqtextzq</p>" }),
	"/files.html": sitePage({
		body: `<input id="file" type="file"><img id="photo" width="40" height="30"><img id="icon" src="data:image/png;base64,${PIXEL}">
			<img src="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'%3E%3Ctext%3Ezqsvgtextzq%3C/text%3E%3C/svg%3E">
			<object data="data:text/plain,zqobjectzq"></object><iframe src="data:text/html,zqframezq"></iframe>
			<script>file.onchange = () => { const reader = new FileReader(); reader.onload = () => { photo.src = reader.result }; reader.readAsDataURL(file.files[0]); }</script>`,
	}),
};

let stage: Stage;
let page: Page;
beforeAll(async () => {
	const file = new URL("../../fixtures/real-sites/priv-shadow.html", import.meta.url);
	stage = await openStage({ ...PAGES, "/shadow.html": await readFile(file, "utf8") });
});
afterAll(() => stage.close());
beforeEach(async () => {
	await stage.deleteSessions();
	page = await (await stage.browser.newContext()).newPage();
});

/** Opens a page, lets a script act on it, and returns everything that is stored. */
async function stored(path: string, act: (page: Page) => Promise<unknown> = async () => {}): Promise<string> {
	await page.goto(`${stage.shop}${path}`);
	await isRecording(page);
	await page.waitForTimeout(200);
	await act(page);
	await page.waitForTimeout(400);
	await call(page, "flush");
	await page.goto("about:blank");
	await until(
		() => stage.api<{ sessions: unknown[] }>("/sessions"),
		({ sessions }) => sessions.length === 1,
	);
	await page.waitForTimeout(300);
	return stage.everythingStored();
}
const secrets = (text: string) => [...new Set(text.match(/zq\w*?zq|SECRET\d/g) ?? [])].sort();

describe("blocking and masking", () => {
	it("apply across shadow roots and hosts, and to later attributes and changes", async () => {
		const text = await stored("/shadow.html", (page) =>
			page.evaluate(async () => {
				const wait = () => new Promise((resolve) => setTimeout(resolve, 60));
				const get = (id: string) => document.getElementById(id)!;
				const blocked = get("b1").attachShadow({ mode: "open" });
				blocked.innerHTML = "<p>SECRET1</p><input value='SECRET3'>";
				const masked = get("m1").attachShadow({ mode: "open" });
				masked.innerHTML = "<p>SECRET4 words</p>";
				await wait();
				(blocked.querySelector("p")!.firstChild as Text).data = "SECRET5";
				blocked.append("SECRET6");
				(masked.querySelector("p")!.firstChild as Text).data = "SECRET7 words";
				masked.append("SECRET8");
				get("late").setAttribute("data-rr-block", "");
				(get("lp").firstChild as Text).data = "SECRET2";
				await wait();
				get("late").append("SECRET9");
				get("lp").title = "SECRET0";
			}),
		);
		expect(secrets(text)).toEqual([]);
		// Masked text keeps its length and its spaces.
		expect(text).toContain("******* *****");
	});

	it("apply to editors of every kind, and to documents in design mode", async () => {
		const text = await stored("/editors.html", async (page) => {
			const frame = page.frames().find((it) => it.parentFrame())!;
			await frame.locator("#p").click();
			await page.keyboard.type("zqtypedzq");
			await page.evaluate(() => {
				document.querySelector(".xterm-rows")!.append("zqlaterzq");
				document.querySelector(".view-lines")!.innerHTML = "<div class='view-line'>zqlinezq</div>";
			});
		});
		expect(secrets(text)).toEqual([]);
		expect(text).toContain("seen-textbox");
		expect(text).not.toContain("918273645");
		expect(text).toContain("4711");
	});

	it("apply to the field types of maskInputOptions", async () => {
		const text = await stored("/types.html", (page) => page.locator("#tel").pressSequentially("zq123zq"));
		expect(secrets(text)).toEqual([]);
		expect(text).toContain("seen-text");
	});

	it.each([
		["an unknown option", "/misspelt.html", "unknown option"],
		["an invalid selector", "/selector.html", "invalid selector"],
	])("apply to everything if there is %s, which is reported on the console once", async (_, path, warning) => {
		const warnings: string[] = [];
		page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
		expect(secrets(await stored(path))).toEqual([]);
		expect(warnings.filter((it) => it.includes(warning))).toHaveLength(1);
	});

	it("apply to chosen files and documents in data: URLs, but not to the page's small images", async () => {
		const text = await stored("/files.html", async (page) => {
			const buffer = Buffer.from("zqfilecontentzq");
			await page.locator("#file").setInputFiles({ name: "a.png", mimeType: "image/png", buffer });
			await page.waitForFunction(() => (document.getElementById("photo") as HTMLImageElement).src.startsWith("data:"));
		});
		expect(secrets(text)).toEqual([]);
		expect(text).not.toContain(Buffer.from("zqfilecontentzq").toString("base64"));
		expect(text).toContain(PIXEL);
	});
});
