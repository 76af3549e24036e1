import type { Stack } from "../../stack.ts";

export const stack: Stack = {
	title: "htmx 4",
	head: `<style>
		body { font: 18px sans-serif; margin: 24px; } .box { border: 3px solid teal; padding: 16px; margin: 12px 0; }
		tr:nth-child(even) { background: #def; } .htmx-settling { opacity: 0; } .fresh { transition: opacity 300ms; color: crimson; }
		td { padding: 8px 24px; } [data-page="2"] .box { background: gold; }
	</style>`,
	body: `
<button id="load" hx-get="part.html" hx-target="#target">Load</button>
<button id="more" hx-get="rows.html" hx-target="#rows" hx-swap="beforeend">More rows</button>
<button id="page" hx-get="second.html" hx-target="#all" hx-swap="outerHTML">Second page</button>
<div id="all" data-page="1"><div class="box" id="target">Empty</div><table><tbody id="rows"><tr><td>0</td><td>First row</td></tr></tbody></table></div>`,
	files: {
		"part.html": `<h2 class="fresh">Loaded</h2><style>#target h2 { text-transform: uppercase; }</style><input id="field" value="preset"><progress value="70" max="100"></progress>`,
		"rows.html": Array.from({ length: 5 }, (_, i) => `<tr><td>${i}</td><td>Row that came later</td></tr>`).join(""),
		"second.html": `<div id="all" data-page="2"><div class="box">Second page</div><svg width="300" height="120"><circle cx="60" cy="60" r="50" fill="teal"/><use href="#none"/><text x="130" y="70">SVG</text></svg><details open><summary>Open</summary>Details</details></div>`,
	},
	steps: [
		async (page) => {
			await page.click("#load");
			await page.fill("#field", "typed");
			await page.click("#more");
		},
		async (page) => {
			await page.click("#page");
			await page.waitForSelector("[data-page='2']");
		},
	],
};
