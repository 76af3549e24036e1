import type { InlineAsset } from "./config.ts";
import { guard } from "./guard.ts";
import type { FetchPart } from "./parts.ts";

/**
 * Returns a function that records the picture of an element if a replay cannot load its file: an image with a `blob:`
 * URL, or an icon from an SVG sprite file. The code that records pictures is a separate part of the recorder, which is
 * loaded when it is first needed.
 */
export function createAssets(
	fetchPart: FetchPart,
	emit: Parameters<InlineAsset>[2],
): (element: Element, attribute: string) => void {
	let part: InlineAsset | undefined;
	let waiting: [element: Element, attribute: string][] | undefined;
	return (element, attribute) => {
		// Deferred, so that the picture follows the event that contains the element.
		if (part) queueMicrotask(() => guard(() => part!(element, attribute, emit)));
		else if (waiting) waiting.push([element, attribute]);
		else {
			waiting = [[element, attribute]];
			fetchPart("assets", (loaded) => {
				part = loaded;
				for (const it of waiting!) guard(() => loaded(...it, emit));
			});
		}
	};
}
