/** Draws heatmaps on a canvas: blue for few, red for many. */

export interface HeatSize {
	width: number;
	height: number;
	columns: number;
	/** Height of a row of bins, in pixels of the canvas. */
	rowPx: number;
}

const RADIUS = 26;
/** Color stops, from 0 (nothing) to 1 (the maximum). */
const COLORS: [number, string][] = [
	[0.15, "royalblue"],
	[0.4, "mediumseagreen"],
	[0.65, "gold"],
	[1, "orangered"],
];

/** Draws clicks as a smooth heatmap. @param bins column, row and number of clicks of each bin */
export function drawHeat(canvas: HTMLCanvasElement, bins: readonly [number, number, number][], size: HeatSize): void {
	const { width, height, columns, rowPx } = size;
	if (!width || !height) return;
	const context = canvas.getContext("2d", { willReadFrequently: true })!;
	context.clearRect(0, 0, width, height);
	const max = Math.max(1, ...bins.map(([, , n]) => n));
	for (const [column, row, n] of bins) {
		const [x, y] = [((column + 0.5) / columns) * width, (row + 0.5) * rowPx];
		const spot = context.createRadialGradient(x, y, 0, x, y, RADIUS);
		spot.addColorStop(0, `rgb(0 0 0 / ${0.15 + 0.85 * (n / max)})`);
		spot.addColorStop(1, "transparent");
		context.fillStyle = spot;
		context.fillRect(x - RADIUS, y - RADIUS, RADIUS * 2, RADIUS * 2);
	}
	const palette = createPalette();
	const image = context.getImageData(0, 0, width, height);
	for (let i = 3; i < image.data.length; i += 4) {
		const heat = image.data[i]!;
		if (!heat) continue;
		image.data.set(palette.subarray(heat * 4, heat * 4 + 3), i - 3);
		image.data[i] = Math.min(200, heat * 1.4);
	}
	context.putImageData(image, 0, 0);
}

/** Draws a scroll map. @param shareAt returns the share of views, 0 to 1, that reached a row of pixels */
export function drawReach(
	canvas: HTMLCanvasElement,
	shareAt: (y: number) => number,
	{ width, height }: Pick<HeatSize, "width" | "height">,
): void {
	const context = canvas.getContext("2d")!;
	context.clearRect(0, 0, width, height);
	const palette = createPalette();
	for (let y = 0; y < height; y += STRIPE_PX) {
		const offset = Math.round(Math.min(1, Math.max(0, shareAt(y))) * 255) * 4;
		context.fillStyle = `rgb(${palette.subarray(offset, offset + 3).join(" ")} / 0.4)`;
		context.fillRect(0, y, width, STRIPE_PX);
	}
}

/** Height of a stripe of the scroll map. */
const STRIPE_PX = 4;

/** Returns the colors of 256 steps from 0 to the maximum, as RGBA bytes. */
function createPalette(): Uint8ClampedArray {
	const context = Object.assign(document.createElement("canvas"), { width: 256, height: 1 }).getContext("2d")!;
	const gradient = context.createLinearGradient(0, 0, 256, 0);
	for (const [at, color] of COLORS) gradient.addColorStop(at, color);
	context.fillStyle = gradient;
	context.fillRect(0, 0, 256, 1);
	return context.getImageData(0, 0, 256, 1).data;
}
