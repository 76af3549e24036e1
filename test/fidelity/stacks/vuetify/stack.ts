import type { Stack } from "../../stack.ts";

export const stack: Stack = {
	title: "Vue 3, Vuetify 4",
	steps: [
		async (page) => {
			await page.fill("#text", "Pip");
			await page.click("#on");
			await page.evaluate(() => document.querySelector("#lines, .v-virtual-scroll")!.scrollTo(0, 4_000));
			await page.waitForTimeout(300);
			await page.click("#menu");
		},
		async (page) => {
			await page.keyboard.press("Escape");
			await page.waitForTimeout(400);
			await page.click("#theme");
			await page.click("#more");
			await page.waitForTimeout(400);
			await page.click("#panel button");
			await page.click("#open");
		},
	],
};
