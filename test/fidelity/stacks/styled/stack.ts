import type { Stack } from "../../stack.ts";

export const stack: Stack = {
	title: "styled-components 6, react-helmet",
	files: {
		"late.css":
			".note { padding: 30px; background: repeating-linear-gradient(45deg, #cde 0 12px, #fff 12px 24px); color: #123; }",
		"chosen.css": "h2 { text-transform: uppercase; letter-spacing: 3px; }",
	},
	steps: [
		async (page) => {
			await page.waitForTimeout(400);
			await page.click("#card-3");
			await page.evaluate(() => document.querySelector("#list")!.scrollTo(0, 330));
		},
		(page) => page.click("#theme"),
	],
};
