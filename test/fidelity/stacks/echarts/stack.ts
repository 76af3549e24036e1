import type { Stack } from "../../stack.ts";

const ANIMATION_MS = 1_500;

export const stack: Stack = {
	title: "ECharts 6 (SVG)",
	body: '<button id="change">Change</button> <button id="zoom">Zoom</button><div id="chart" style="height: 420px"></div><div id="pie" style="height: 320px"></div>',
	steps: [
		async (page) => {
			await page.waitForTimeout(ANIMATION_MS);
			await page.click("#change");
			await page.waitForTimeout(ANIMATION_MS);
		},
		async (page) => {
			await page.click("#zoom");
			await page.waitForTimeout(ANIMATION_MS);
		},
	],
};
