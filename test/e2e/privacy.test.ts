import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, isRecording, sitePage } from "../support/site.ts";
import { openStage, type Stage, until } from "../support/stage.ts";

/** Page with every kind of field and attribute, each with another secret, `zq…zq`. Text `seen…` may be stored. */
const PAGE = `<!doctype html>
<html lang="en" data-session="zqhtmldatazq">
<head>
	<meta charset="utf-8"><meta name="viewport" content="width=device-width">
	<meta name="csrf-token" content="zqmetacsrfzq"><meta property="og:title" content="zqmetapropzq">
	<title>seen-title</title>
	<link rel="canonical" href="/privacy.html?zqcanonicalzq">
	<style>[data-state="open"] { color: green }</style>
	<script src="%RECORDER%" defer></script>
</head>
<body onload="void 'zqonloadzq'">
	<!-- zqcommentzq --><script>void "zqscriptzq"</script><noscript>zqnoscriptzq</noscript><template>zqtemplatezq</template>
	<a href="/users/zqpathzq@x.example/orders">seen-path</a>
	<h1 title="zqtitlezq" aria-label="zqarialabelzq" data-user="zqdataattrzq" data-state="open">seen-heading</h1>
	<a id="link" href="/cart.html?token=zqhrefqueryzq#zqhreffragmentzq" download="zqdownloadzq">seen-link</a>
	<a href="mailto:zqmailtozq@x.example">seen-mail</a> <a href="tel:zqtelzq">seen-tel</a>
	<img src="/favicon.svg?zqsrcqueryzq" srcset="/favicon.svg?zqsrcsetonezq 1x, /favicon.svg?zqsrcsettwozq 2x" alt="zqaltzq">
	<form action="/thanks.html?zqactionzq">
		<input id="text" name="text" value="zqvaluezq" placeholder="zqplaceholderzq">
		<input id="cleared" value="zqclearedzq">
		<input type="email" value="zqemail@zq.example"><input type="search" value="zqsearchzq">
		<input type="tel" value="zqtelvaluezq"><input type="url" value="zqurlvaluezq">
		<input id="hidden" type="hidden" name="csrf" value="zqhiddenzq">
		<input id="box" type="checkbox" value="zqcheckboxzq"> <input id="radio" type="radio" name="r" value="zqradiozq">
		<input id="password" type="password" value="zqpasswordzq">
		<div data-sentiero-unmask>
			<input id="shown" type="password" value="zqshownzq"><input id="plain" value="seen-unmasked" placeholder="seen-hint">
			<input autocomplete="cc-number" value="zqcardzq"><input autocomplete="one-time-code" value="zqcodezq">
		</div>
		<textarea id="area" placeholder="zqareahintzq">zqtextareazq</textarea><textarea id="emptied">zqemptiedzq</textarea>
		<select id="select"><option value="zqoptionvaluezq" label="zqoptionlabelzq">seen-option</option><option value="zqothervaluezq">seen-other</option></select>
		<button type="submit" value="zqbuttonzq" formaction="/x?zqformactionzq">seen-button</button>
	</form>
	<p data-rr-mask>zqmaskedzq</p> <div data-rr-block>zqblockedzq <a href="/zqblockedlinkzq">zqblockedtextzq</a></div>
	<div id="edit" contenteditable>zqeditablezq</div>
	<p data-rr-mask><a id="maskedlink" href="https://example.com/">zqmaskedlinkzq</a></p>
	<x-widget token="zqunknownzq" state="open" x-data="{ key: 'zqxdatazq' }">seen-widget</x-widget>
	<iframe srcdoc="<p>seen-frame</p><input id='inner' type='checkbox' value='zqinnerboxzq'><input id='innertext' value='zqinnertextzq'>" title="zqframetitlezq"></iframe>
	<input id="file" type="file"><div style="background: url('/favicon.svg?sig=zqstylequeryzq')">seen-styled</div>
	<a href="data:text/csv,zqdatahrefzq">seen-data</a><img srcset="/a.svg?zqgluedonezq,/b.svg?zqgluedtwozq 2x" alt="">
	<a id="mixed" href="/cart.html">seen-before <span data-rr-mask>zqinsidelinkzq</span><i class="rr-mask">zqclassmaskzq</i></a>
	<div data-rr-block id="box"><a id="zqblockedidzq" href="#zqa"><b id="zqblockedclickzq" style="display:block;width:80px;height:30px">x</b></a>
		<form id="zqblockedformzq" name="zqblockednamezq"></form></div>
	<svg width="10" height="10" viewBox="0 0 10 10" fill="none" stroke-width="1.5" aria-label="zqsvglabelzq" data-x="zqsvgdatazq" x-data="{k:'zqsvgxzq'}" wire:snapshot="zqsvgwirezq" token="zqsvgtokenzq"><path d="M0 0h9"/></svg>
	<div id="shadow"></div><div id="maskedhost" data-rr-mask></div><div id="blockedhost" data-rr-block></div>
	<div role="textbox">zqroletextboxzq</div><div role="searchbox">zqrolesearchboxzq</div>
	<div class="monaco-editor">zqmonacozq</div><div class="CodeMirror">zqcodemirrorfivezq</div><div class="cm-editor">zqcodemirrorsixzq</div>
	<div class="ace_editor">zqacezq</div><div class="xterm">zqxtermzq</div>
	<div role="slider" aria-valuenow="918273645" aria-valuetext="zqvaluetextzq" tabindex="0"></div>
	<img alt="" src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><text>zqdrawingzq</text></svg>">
	<object data="data:text/html,zqobjectzq"></object>
	<iframe id="design" srcdoc="<body>zqdesignzq</body>"></iframe>
	<div data-rr-mask><iframe id="gone" srcdoc="<p>zqgoneframezq</p>"></iframe></div><x-entity id="entity" text="zqentitytextzq">seen-entity</x-entity>
	<form><input name="getAttribute"><input name="matches"><input name="host"><input name="mode">seen-form</form>
	<script>
		const attach = (host, html) => { host.attachShadow({ mode: "open" }).innerHTML = html; };
		attach(shadow, '<p>seen-shadow</p><p data-rr-mask>zqshadowmaskzq</p><div data-rr-block>zqshadowblockzq</div>' +
			'<input value="zqshadowvaluezq" placeholder="zqshadowhintzq"><div role="textbox">zqshadowtextboxzq</div>');
		attach(maskedhost, "<p>zqmaskedhostzq</p>");
		attach(blockedhost, "<p>zqblockedhostzq</p>");
		emptied.value = "";
		entity.getAttribute = (name) => (name === "text" ? { value: "zqentityvaluezq" } : Element.prototype.getAttribute.call(entity, name));
		design.onload = () => { design.contentDocument.designMode = "on"; };
	</script>
	<div id="grow"></div>
</body>
</html>`;

let stage: Stage;
beforeAll(async () => {
	stage = await openStage({
		"/privacy.html": PAGE,
		"/masked.html": sitePage({ tag: 'data-mask-all-text="true"', body: "<h1>zqheadingzq</h1>" }).replace(
			"A page",
			"zqtitlezq",
		),
	});
});
afterAll(() => stage.close());

describe("stored data", () => {
	it("contains no secret of a page, whether initial or added later", async () => {
		const page = await (await stage.browser.newContext()).newPage();
		// A response without content keeps the browser on the page. An aborted navigation would interrupt the next one.
		await page.route("https://example.com/**", (route) => route.fulfill({ status: 204 }));
		await page.goto(`${stage.shop}/privacy.html?zqpagequeryzq#zqpagefragmentzq`);
		await until(
			() => stage.api<{ sessions: unknown[] }>("/sessions"),
			({ sessions }) => sessions.length === 1,
		);
		await page.fill("#cleared", "");
		for (const id of ["text", "password", "shown", "area", "edit"]) {
			await page.locator(`#${id}`).pressSequentially(`zqtyped${id}zq`);
		}
		await page.locator("#shown").evaluate((it: HTMLInputElement) => {
			it.type = "text";
		});
		await page.locator("#shown").pressSequentially("zqaftershowzq");
		await page.check("#box");
		await page.check("#radio");
		await page.selectOption("#select", "zqothervaluezq");
		await page.evaluate(() => {
			const set = (id: string, attributes: Record<string, string>) => {
				for (const [name, value] of Object.entries(attributes)) document.getElementById(id)!.setAttribute(name, value);
			};
			set("link", {
				href: "/cart.html?zqlaterhrefzq",
				title: "zqlatertitlezq",
				"data-later": "zqlaterdatazq",
				"data-state": "closed",
			});
			set("hidden", { value: "zqlaterhiddenzq" });
			set("text", { value: "zqlatervaluezq", placeholder: "zqlaterhintzq", "aria-label": "zqlaterlabelzq" });
			document.getElementById("grow")!.innerHTML =
				'<a href="/x?zqaddedhrefzq" title="zqaddedtitlezq">seen-added</a><input type="hidden" value="zqaddedhiddenzq"><input value="zqaddedvaluezq"><p contenteditable>zqaddededitzq</p>';
			document.querySelector("#edit")!.append("zqappendedzq");
			document.querySelector("#emptied")!.firstChild!.nodeValue = "zqemptiedlaterzq";
			document.querySelector("#entity")!.setAttribute("text", "zqentitylaterzq");
			const gone = document.querySelector<HTMLIFrameElement>("#gone")!;
			gone.contentDocument!.querySelector("p")!.firstChild!.nodeValue = "zqgonelaterzq";
			gone.contentDocument!.body.append("zqgoneaddedzq");
			gone.remove();
			(document.getElementById("hidden") as HTMLInputElement).value = "zqhiddenbypropertyzq";
			const box = document.querySelector<HTMLElement>("#box b")!;
			box.style.backgroundImage = "url(/favicon.svg?zqlaterstylezq)";
			box.click();
			document.querySelector("#box form")!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
			const mixed = document.querySelector("#mixed")!;
			mixed.addEventListener("click", (event) => event.preventDefault());
			(mixed as HTMLElement).click();
			const styled = document.querySelector<HTMLElement>("div[style*=favicon]")!;
			styled.style.backgroundImage = "url(/favicon.svg?zqstylechangezq)";
		});
		await page
			.locator("#file")
			.setInputFiles({ name: "zqfilenamezq.pdf", mimeType: "application/pdf", buffer: Buffer.from("x") });
		const inner = page.frames().find((frame) => frame.parentFrame())!;
		await inner.locator("#inner").check();
		await inner.locator("#innertext").fill("zqinnertypedzq");
		await page.waitForTimeout(300);
		await page.click("#maskedlink", { noWaitAfter: true });
		await page.waitForTimeout(300);
		await page.goto("about:blank");
		await until(
			stage.everythingStored,
			(text) => text.includes("seen-added") && text.includes('"url":"https://example.com/"'),
		);

		const stored = await stage.everythingStored();
		expect([...new Set(stored.match(/zq\w{2,20}/g) ?? [])]).toEqual([]);
		// Rollups and exported files contain no secret either.
		await stage.settle();
		const withRollups = await stage.everythingStored();
		expect(withRollups).toContain('"part":"overview"');
		const { datasets } = await stage.api<{ datasets: { name: string }[] }>("/analytics/export");
		const files = await Promise.all(datasets.map(({ name }) => stage.api(`/analytics/export/${name}?format=json`)));
		const { sessions } = await stage.api<{ sessions: { id: string }[] }>("/sessions");
		const person = await stage.api("/erasures/export", {
			...{ method: "POST", body: JSON.stringify({ sessionIds: [sessions[0]!.id] }) },
			headers: { "content-type": "application/json" },
		});
		const exported = JSON.stringify([files, person]);
		expect(exported).toContain("seen-heading");
		expect([...new Set((withRollups + exported).match(/zq\w{2,20}|918273645/g) ?? [])]).toEqual([]);
		for (const seen of [
			"title",
			"heading",
			"link",
			"unmasked",
			"hint",
			"option",
			"button",
			"widget",
			"added",
			"styled",
			"before",
			"shadow",
			"form",
			"entity",
		]) {
			expect(stored).toContain(`seen-${seen}`);
		}
		for (const attribute of ['"fill":"none"', '"stroke-width":"1.5"', '"viewBox":"0 0 10 10"'])
			expect(stored).toContain(attribute);
		expect(stored).toContain('"data-state":"open"');
		expect(stored).toContain('"data-state":"closed"');
		await page.context().close();
	});
});

describe("maskAllText", () => {
	it("also masks the titles of pages and routes", async () => {
		const page = await (await stage.browser.newContext()).newPage();
		await page.goto(`${stage.shop}/masked.html`);
		await isRecording(page);
		await page.evaluate(() => {
			document.title = "zqroutetitlezq";
			history.pushState(null, "", "/masked/two");
		});
		await page.waitForTimeout(100);
		await call(page, "flush");
		await until(stage.everythingStored, (text) => text.includes("/masked/two"));
		const stored = await stage.everythingStored();
		expect([...new Set(stored.match(/zq\w{2,20}/g) ?? [])]).toEqual([]);
		await page.context().close();
	});
});

describe("redaction test cases", () => {
	it("have the same results in the browser as in Node", async () => {
		const { outputFiles } = await build({
			stdin: {
				contents: `export { failedRedactionCases, REDACTION_CASES } from "./test/support/redaction-cases.ts"`,
				resolveDir: fileURLToPath(new URL("../../", import.meta.url)),
			},
			bundle: true,
			format: "iife",
			globalName: "cases",
			write: false,
		});
		const page = await (await stage.browser.newContext()).newPage();
		await page.addScriptTag({ content: outputFiles[0]!.text });
		const [count, failed] = await page.evaluate(() => {
			const { cases } = window as unknown as { cases: typeof import("../support/redaction-cases.ts") };
			return [cases.REDACTION_CASES.length, cases.failedRedactionCases()] as const;
		});
		expect(count).toBeGreaterThan(20);
		expect(failed).toEqual([]);
	});
});
