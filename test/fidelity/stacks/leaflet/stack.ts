import type { Stack } from "../../stack.ts";

export const stack: Stack = {
	title: "Leaflet 1.9",
	head: "<style>body { margin: 0 } #map { height: 800px } .pin { background: gold; border-radius: 50%; text-align: center; line-height: 40px }</style>",
	body: '<div id="map"></div>',
	fileOf(name) {
		const tile = /^tile-(\d+)-(\d+)-(\d+)\.svg$/.exec(name);
		if (!tile) return null;
		const [, z, x, y] = tile.map(Number) as [number, number, number, number];
		return `<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256"><rect width="256" height="256" fill="hsl(${(x * 47 + y * 91) % 360} 50% 85%)" stroke="#888"/>
			<path d="M0 ${(x * 37) % 256}L256 ${(y * 53) % 256}" stroke="#468" stroke-width="6"/><text x="20" y="40" font-size="22">${z}/${x}/${y}</text></svg>`;
	},
	steps: [
		async (page) => {
			await page.click(".pin");
			await page.waitForTimeout(600);
		},
		async (page) => {
			await page.click(".leaflet-control-zoom-in");
			await page.waitForTimeout(700);
			await page.mouse.move(600, 600);
			await page.mouse.down();
			await page.mouse.move(400, 450, { steps: 6 });
			await page.waitForTimeout(200);
			await page.mouse.up();
			await page.waitForTimeout(900);
		},
	],
};
