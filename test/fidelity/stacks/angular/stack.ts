import type { Stack } from "../../stack.ts";

export const stack: Stack = {
	title: "Angular 22, Angular Material",
	body: "<app-root></app-root>",
	steps: [
		async (page) => {
			await page.fill("#name", "Report");
			await page.click("#toggle button");
			await page.click("#done");
			await page.click("#kind");
		},
		async (page) => {
			await page.keyboard.press("Escape");
			await page.click("mat-expansion-panel-header");
			await page.click("#delete");
		},
	],
};
