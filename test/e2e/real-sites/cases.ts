import type { BrowserContextOptions, Page } from "playwright-core";

/**
 * A page like those of real sites (test/fixtures/real-sites/<page>.html), what a visitor or a script does on it, and a
 * probe that must have the same value in the live page and in its replay.
 */
export interface ReplayCase {
	page: string;
	/** Description of the test. */
	it: string;
	act?(page: Page): Promise<unknown>;
	/** An expression that is evaluated in the document. */
	probe: string;
	/** Expected value in the live page and in the replay; only in the replay if `live` is given. */
	want: unknown;
	/** Expected value in the live page if the replay must differ, because answers are masked. */
	live?: unknown;
	context?: BrowserContextOptions;
}

const style = (selector: string, property: string) =>
	`getComputedStyle(document.querySelector("${selector}"))["${property}"]`;

export const REPLAY_CASES: ReplayCase[] = [
	{
		page: "antiflicker",
		it: "shows a page whose anti-flicker style was emptied",
		act: (page) => page.waitForTimeout(1_700),
		probe: style("body", "opacity"),
		want: "1",
	},
	{
		page: "adopted-late",
		it: "styles a shadow root whose sheet was adopted before its children were added",
		act: (page) => page.evaluate("hydrate(), new Promise((done) => setTimeout(done, 150))"),
		probe: `getComputedStyle(document.querySelector("#card").shadowRoot.querySelector("p")).backgroundColor`,
		want: "rgb(0, 128, 0)",
	},
	{
		page: "body-replaced",
		it: "shows the next page of a site that replaces title, styles and body without a page load",
		act: (page) => page.evaluate("visit()"),
		probe: `[document.body.id, document.querySelectorAll("h1, p, li").length, document.querySelector("h1").textContent, ${style("h1", "color")}]`,
		want: ["second", 3, "Second", "rgb(4, 5, 6)"],
	},
	{
		page: "waapi",
		it: "keeps the final styles of an animation that fills forwards",
		act: (page) =>
			page.evaluate(`m.animate([{opacity:0,transform:"translateY(300px)"},{opacity:1,transform:"none"}],
				{duration:300,fill:"forwards"}).finished.then(() => new Promise((done) => setTimeout(done, 100)))`),
		probe: `[${style("#m", "opacity")}, new DOMMatrix(${style("#m", "transform")}).isIdentity]`,
		want: ["1", true],
	},
	{
		page: "popovers",
		it: "shows popovers in the top layer",
		act: async (page) => {
			await page.click("#b");
			await page.evaluate("tip.showPopover()");
		},
		probe: `["#menu", "#tip"].map((it) => [getComputedStyle(document.querySelector(it)).display, document.querySelector(it).matches(":popover-open")])`,
		want: [
			["block", true],
			["block", true],
		],
	},
	{
		page: "scheme",
		it: "shows the visitor's color scheme, pointer and motion preference",
		context: {
			colorScheme: "dark",
			hasTouch: true,
			isMobile: true,
			reducedMotion: "reduce",
			viewport: { width: 400, height: 700 },
		},
		probe: `[${style("body", "backgroundColor")}, ${style("#pt", "display")}, ${style("#rm", "color")}]`,
		want: ["rgb(10, 10, 20)", "block", "rgb(1, 2, 3)"],
	},
	{
		page: "checked-has",
		it: "keeps attribute values that the page's own style sheets select on",
		act: (page) => page.click("#duck"),
		probe: `[${style("#kids", "display")}, ${style("#plan", "outlineWidth")}]`,
		want: ["block", "5px"],
	},
	{
		page: "select-mask",
		it: "never shows an answer that the visitor did not select",
		act: (page) => page.selectOption("#a", "3"),
		probe: `["#a", "#m"].map((it) => [...document.querySelector(it).selectedOptions].map((option) => option.textContent))`,
		live: [["Blue"], ["Two", "Three"]],
		want: [[], []],
	},
	{
		page: "iframe-moved",
		it: "shows frames that were moved, and frames that were added later",
		act: (page) =>
			page.evaluate(`new Promise((done) => {
				y.append(f);
				const later = document.createElement("iframe");
				later.id = "later";
				later.srcdoc = "<h1>frame two</h1>";
				y.append(later);
				setTimeout(done, 400);
			})`),
		probe: `[...document.querySelectorAll("iframe")].map((frame) => frame.contentDocument?.querySelector("h1")?.textContent ?? null)`,
		want: ["frame one", "frame two"],
	},
	{
		page: "notdefined",
		it: "shows custom elements that the page hides with :not(:defined) until they are defined",
		act: (page) => page.evaluate(`later.innerHTML = "<x-late id=l>late</x-late>"`),
		probe: `["#b", "#l"].map((it) => getComputedStyle(document.querySelector(it)).visibility)`,
		want: ["visible", "visible"],
	},
	{
		page: "next-image",
		it: "requests images with the parameters that they need",
		probe: `["#q", "#ss", "#pi"].map((it) => document.querySelector(it).currentSrc.replace(/^.*\\/\\/[^/]*/, "")).concat(getComputedStyle(document.querySelector("#bg")).backgroundImage.replace(/^.*(\\?.*)".*$/, "$1"))`,
		want: ["/img?url=a.png&w=200", "/img?w=200", "/img?pic=1", "?bg=1"],
	},
	{
		page: "widgets",
		it: "shows the ends of CSS animations, and what was typed and opened in a shadow root",
		act: async (page) => {
			await page.evaluate("addCard()");
			await page.locator("#name").pressSequentially("Rosalind", { delay: 30 });
			await page.locator("#city").pressSequentially("Innsbruck", { delay: 30 });
			await page.locator("#ok").check();
			await page.click("#open");
			await page.waitForTimeout(700);
		},
		probe: `[
			...["#early", "#late"].map((it) => getComputedStyle(document.querySelector(it)).opacity),
			document.querySelector("#name").value,
			...((root) => [root.querySelector("#city").value, root.querySelector("#ok").checked,
				root.querySelector("#tip").matches(":popover-open")])(document.querySelector("#host").shadowRoot),
		]`,
		want: ["1", "1", "Rosalind", "Innsbruck", true, true],
	},
	{
		page: "assets",
		it: "shows icons of a sprite file and images in blob: URLs",
		act: (page) => page.evaluate("add(), new Promise((done) => setTimeout(done, 500))"),
		probe: `[
			...[document.querySelector("#cart"), document.querySelector("#star"), document.querySelector("#host").shadowRoot.querySelector("svg")]
				.map((svg) => { const { width, height } = svg.querySelector("use").getBoundingClientRect(); return [Math.round(width), Math.round(height)]; }),
			...[document.querySelector("#early"), document.querySelector("#late")].map((image) => image.naturalWidth > 0 && Math.round(image.getBoundingClientRect().height)),
		]`,
		want: [[40, 40], [32, 20], [100, 63], 60, 60],
	},
	{
		page: "clock",
		it: "plays to its end although the clock was set back",
		act: async (page) => {
			await page.click("#b");
			await page.click("#b");
			await page.evaluate("{ const now = Date.now; Date.now = () => now() - 3600000; }");
			await page.click("#b");
			await page.click("#b");
		},
		probe: "document.querySelector('#h').textContent",
		want: "4",
	},
];
