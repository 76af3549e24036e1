import type { Stack } from "../../stack.ts";

export const stack: Stack = {
	title: "Svelte 5",
	steps: [
		async (page) => {
			await page.click("#add");
			await page.fill("#name", "Svelte");
		},
		async (page) => {
			await page.click("#open");
			await page.fill("#hue", "20");
			await page.click("#more");
		},
	],
};
