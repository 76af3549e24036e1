import type { Stack } from "../../stack.ts";

export const stack: Stack = {
	title: "Fluent UI web components 3",
	head: "<style>body { font: 14px sans-serif; margin: 24px; background: var(--colorNeutralBackground1); color: var(--colorNeutralForeground1) } main { display: grid; gap: 16px; justify-items: start }</style>",
	body: `
<main>
	<div><fluent-button id="ask" appearance="primary">Dialog</fluent-button> <fluent-button id="dark">Dark</fluent-button> <fluent-badge color="danger">9</fluent-badge></div>
	<fluent-text-input id="name" placeholder="Name">Name</fluent-text-input>
	<fluent-checkbox id="check"></fluent-checkbox><fluent-switch id="switch"></fluent-switch>
	<fluent-radio-group><fluent-radio value="a" name="r" checked></fluent-radio><fluent-radio value="b" name="r" id="radio"></fluent-radio></fluent-radio-group>
	<fluent-slider value="60" min="0" max="100" style="width: 300px"></fluent-slider>
	<fluent-progress-bar value="40" style="width: 300px"></fluent-progress-bar>
	<fluent-tablist><fluent-tab id="t1">One</fluent-tab><fluent-tab id="t2">Two</fluent-tab></fluent-tablist>
	<fluent-dropdown id="fruit" placeholder="Fruit"><fluent-listbox><fluent-option value="a">Apple</fluent-option><fluent-option value="b">Banana</fluent-option></fluent-listbox></fluent-dropdown>
	<fluent-menu id="menu"><fluent-menu-button slot="trigger">Menu</fluent-menu-button><fluent-menu-list><fluent-menu-item>Copy</fluent-menu-item><fluent-menu-item role="menuitemcheckbox" checked>Wrap</fluent-menu-item></fluent-menu-list></fluent-menu>
	<fluent-accordion style="width: 500px"><fluent-accordion-item id="acc"><span slot="heading">Accordion</span>Its content</fluent-accordion-item></fluent-accordion>
</main>
<fluent-dialog type="modal"><fluent-dialog-body><div slot="title">Dialog</div><p>With text</p></fluent-dialog-body></fluent-dialog>`,
	steps: [
		async (page) => {
			await page.click("#name");
			await page.keyboard.type("Flora");
			await page.click("#check");
			await page.click("#switch");
			await page.click("#radio");
			await page.click("#t2");
			await page.click("#acc", { position: { x: 60, y: 15 } });
			await page.click("#menu fluent-menu-button");
		},
		async (page) => {
			await page.keyboard.press("Escape");
			await page.click("#dark");
			await page.click("#fruit");
			await page.click("fluent-option >> nth=1");
			await page.click("#ask");
		},
	],
};
