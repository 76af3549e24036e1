import type { Stack } from "../../stack.ts";

export const stack: Stack = {
	title: "TipTap 3",
	head: `<style>body { font: 18px sans-serif; margin: 24px; } .is-active { background: gold; } button { font: inherit; }
		.ProseMirror { border: 2px solid #99a; padding: 12px 24px; min-height: 300px; margin-top: 12px; } .ProseMirror-focused { outline: 4px solid teal; }
		blockquote { border-left: 6px solid plum; padding-left: 12px; } pre { background: #222; color: #fff; padding: 12px; } ::selection { background: transparent }</style>`,
	body: `<button id="bold">Bold</button> <button id="heading">Heading</button> <button id="list">List</button><div id="editor"></div>`,
	steps: [
		async (page) => {
			await page.click(".ProseMirror p >> nth=0");
			await page.keyboard.press("End");
			await page.click("#bold");
			await page.keyboard.type(" Typed in bold.");
			await page.keyboard.press("Enter");
			await page.keyboard.type("## A heading");
		},
		async (page) => {
			await page.keyboard.press("Enter");
			await page.click("#list");
			await page.keyboard.type("first");
			await page.keyboard.press("Enter");
			await page.keyboard.type("second");
			await page.keyboard.press("Control+a");
		},
	],
};
