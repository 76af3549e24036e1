import type { Stack } from "../../stack.ts";

export const stack: Stack = {
	title: "React 19, MUI 9",
	steps: [
		async (page) => {
			await page.fill("#name", "Saffron");
			await page.click("#dark");
			await page.click("#order");
			await page.fill("#amount", "12");
		},
		async (page) => {
			await page.click("text=Cancel");
			await page.click("#stock");
			await page.click("#sort");
		},
	],
};
