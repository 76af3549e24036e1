import type { Stack } from "../../stack.ts";

export const stack: Stack = {
	title: "AG Grid 36",
	head: "<style>body { margin: 20px } .low { background: #fdd }</style>",
	body: '<div id="grid" style="height: 700px"></div>',
	steps: [
		async (page) => {
			await page.click("text=Price");
			await page.click(".ag-row .ag-checkbox-input >> nth=2");
			await page.hover(".ag-grid-viewport >> nth=0");
			await page.mouse.wheel(0, 1_500);
			await page.waitForTimeout(500);
		},
		async (page) => {
			await page.hover(".ag-grid-viewport >> nth=0");
			await page.mouse.wheel(500, 0);
			await page.waitForTimeout(500);
			await page.click(".ag-paging-button[data-ref=btNext], .ag-paging-button >> nth=2");
			await page.waitForTimeout(500);
		},
	],
};
