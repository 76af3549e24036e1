import type { Stack } from "../../stack.ts";

export const stack: Stack = {
	title: "Mantine 9",
	steps: [
		async (page) => {
			await page.fill("#name", "Ida");
			await page.locator("#check").check({ force: true });
			await page.click("#step");
			await page.evaluate(() => document.querySelector("#area")!.scrollTo(0, 300));
			await page.click("text=Menu");
		},
		async (page) => {
			await page.keyboard.press("Escape");
			await page.click("#dark");
			await page.click("text=Two");
			await page.click("#open");
			await page.fill("#inside", "Typed");
		},
	],
};
