import { TAG_ROUTE } from "../../src/contract/events.ts";
import type { watchUrl } from "./address.ts";
import { type Instrument, listen } from "./instrument.ts";

/**
 * Changes of the address inside one document: `{url, title}`.
 * @param isNews tells whether an address is another than the last one told
 */
export const routes =
	(isNews: (url: string) => boolean, watch: typeof watchUrl, title: () => string): Instrument =>
	(emit) => {
		let timer: ReturnType<typeof setTimeout> | undefined;
		const look = () => {
			clearTimeout(timer);
			const url = location.href;
			if (isNews(url)) emit(TAG_ROUTE, { url, title: title() });
		};
		const lookSoon = () => {
			clearTimeout(timer);
			// Routers set the title after the address.
			timer = setTimeout(look, 0);
		};
		// Whoever leaves at once has still been there.
		const stops = [watch(lookSoon), listen(window, "pagehide", look)];
		return () => {
			clearTimeout(timer);
			for (const stop of stops) stop();
		};
	};
