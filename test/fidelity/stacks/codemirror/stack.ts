import type { Stack } from "../../stack.ts";

export const stack: Stack = {
	title: "CodeMirror 6",
	steps: [
		async (page) => {
			await page.click(".cm-line >> nth=3");
			await page.keyboard.press("Home");
			await page.keyboard.type("const answer = [42");
			await page.keyboard.press("Shift+ArrowUp");
			await page.waitForTimeout(400);
		},
		async (page) => {
			await page.hover(".cm-scroller");
			await page.mouse.wheel(0, 2_500);
			await page.waitForTimeout(400);
			await page.keyboard.press("Control+f");
			await page.keyboard.type("f15");
			await page.waitForTimeout(300);
		},
	],
};
