import type { Stack } from "../../stack.ts";

const page = (
	name: string,
	color: string,
	body: string,
) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${name}</title>
<link rel="stylesheet" href="${name}.css"><script src="page.js" type="module"></script></head><body data-sentiero-unmask class="${color}"><h1>${name}</h1>
<nav><a id="to-first" href="first.html">First</a> <a id="to-second" href="second.html">Second</a></nav>${body}
<turbo-frame id="frame"><p>Frame</p><a id="in-frame" href="frame.html">Load</a></turbo-frame></body></html>`;

export const stack: Stack = {
	title: "Turbo 8",
	head: "<style>body { font: 18px sans-serif; margin: 24px }</style>",
	body: `<h1>Start</h1><nav><a id="to-first" href="first.html">First</a></nav><turbo-frame id="frame"><a id="in-frame" href="frame.html">Load</a></turbo-frame>`,
	files: {
		"first.html": page("first", "mint", "<p class='card'>A card on the first page</p>"),
		"second.html": page(
			"second",
			"rose",
			`<div style="height: 1600px; background: linear-gradient(white, plum)">Long</div><p id="end">The end</p>`,
		),
		"frame.html": `<turbo-frame id="frame"><div class="card">From the frame</div><input id="field"></turbo-frame>`,
		"first.css":
			"body { font: 20px serif; margin: 40px; background: #cfe; } .card { padding: 40px; background: teal; color: white; }",
		"second.css":
			"body { font: 20px monospace; margin: 10px; background: #fde; } .card { border: 10px dashed crimson; padding: 30px; } h1 { font-size: 80px; }",
	},
	steps: [
		async (page) => {
			await page.click("#to-first");
			await page.waitForSelector(".mint");
			await page.click("#in-frame");
			await page.fill("#field", "In the frame");
		},
		async (page) => {
			await page.click("#to-second");
			await page.waitForSelector(".rose");
			await page.click("#in-frame");
			await page.fill("#field", "Again");
			await page.evaluate(() => scrollTo(0, 90));
		},
	],
};
