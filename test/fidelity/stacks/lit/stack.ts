import type { Stack } from "../../stack.ts";

export const stack: Stack = {
	title: "Lit 3, Web Awesome 3",
	body: `
<main style="display:grid;gap:16px;padding:24px">
	<div style="display:flex;gap:12px;align-items:center">
		<wa-button id="heat" variant="brand">Heat</wa-button>
		<wa-button id="ask" variant="danger" appearance="outlined">Dialog</wa-button>
		<wa-dropdown id="menu"><wa-button slot="trigger" with-caret>Menu</wa-button>
			<wa-dropdown-item>Copy</wa-dropdown-item><wa-dropdown-item type="checkbox" checked>Wrap</wa-dropdown-item></wa-dropdown>
		<wa-switch id="switch">Switch</wa-switch>
		<wa-rating value="3"></wa-rating>
	</div>
	<wa-callout variant="warning">Mind the gap.</wa-callout>
	<div style="display:flex;gap:12px">
		<wa-input id="person" label="Name" placeholder="Your name" style="flex:1"></wa-input>
		<wa-select id="select" label="Fruit" value="b" style="flex:1"><wa-option value="a">Apple</wa-option><wa-option value="b">Banana</wa-option></wa-select>
	</div>
	<wa-progress-bar value="40">40%</wa-progress-bar>
	<wa-tab-group><wa-tab panel="one">One</wa-tab><wa-tab panel="two" id="two">Two</wa-tab>
		<wa-tab-panel name="one">First panel</wa-tab-panel><wa-tab-panel name="two">Second panel</wa-tab-panel></wa-tab-group>
	<shop-list><b>Stock</b></shop-list>
	<wa-card><strong slot="header">A card</strong>With text.</wa-card>
</main>
<wa-dialog label="Really?">All items are removed.<wa-button slot="footer" variant="brand" data-dialog="close">Close</wa-button></wa-dialog>`,
	steps: [
		async (page) => {
			await page.locator("#person").pressSequentially("Grace");
			await page.click("#switch");
			await page.click("#two");
			await page.click("#heat");
			await page.evaluate(() => {
				document.querySelector("shop-list")!.shadowRoot!.querySelector(".scroller")!.scrollTop = 200;
			});
			await page.click("#menu wa-button");
		},
		async (page) => {
			await page.keyboard.press("Escape");
			await page.click("#select");
			await page.click("wa-option[value=a]");
			await page.click("#ask");
		},
	],
};
