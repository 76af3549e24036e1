import type { Stack } from "../../stack.ts";

export const stack: Stack = {
	title: "Radix Themes 3",
	steps: [
		async (page) => {
			await page.click("#open");
			await page.fill("#name", "Ada Lovelace");
		},
		async (page) => {
			await page.click("text=Cancel");
			await page.click("#form");
			await page.fill("#title", "A title");
			await page.click("#two");
			await page.click("#dark");
			await page.hover("text=Line 2");
			await page.mouse.wheel(0, 240);
			await page.waitForTimeout(300);
			await page.click("#menu");
		},
	],
};
