import type { InlineAsset } from "./config.ts";
import { guard } from "./guard.ts";
import type { FetchPart } from "./parts.ts";

/**
 * Returns a function that records what an element shows from a file that a replay cannot load: an image in a `blob:` URL,
 * or an icon of an SVG sprite file. The code for it is a separate part, loaded when the first such element is recorded.
 */
export function createAssets(
	fetchPart: FetchPart,
	emit: Parameters<InlineAsset>[2],
): (element: Element, attribute: string) => void {
	let part: InlineAsset | undefined;
	let waiting: [element: Element, attribute: string][] | undefined;
	return (element, attribute) => {
		// After the event that contains the element.
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
