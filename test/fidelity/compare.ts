import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";

/** Returns the percentage of pixels in which two screenshots of the same size differ, and a picture of these pixels. */
export function compare(live: Buffer, replay: Buffer): { percent: number; diff: Buffer } {
	const a = PNG.sync.read(live);
	const b = PNG.sync.read(replay);
	const diff = new PNG({ width: a.width, height: a.height });
	const differing = pixelmatch(a.data, b.data, diff.data, a.width, a.height, { threshold: 0.1, includeAA: false });
	return { percent: (100 * differing) / (a.width * a.height), diff: PNG.sync.write(diff) };
}
