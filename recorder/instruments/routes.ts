import { TAG_ROUTE } from "../../src/contract/events.ts";
import { type Instrument, listen } from "./instrument.ts";
import type { watchUrl } from "./url.ts";

/**
 * Records navigation inside a document: `{url, title}`.
 * @param isNewUrl returns whether a URL differs from the last recorded one
 */
export const routes =
	(isNewUrl: (url: string) => boolean, watch: typeof watchUrl, title: () => string): Instrument =>
	(emit) => {
		let timer: ReturnType<typeof setTimeout> | undefined;
		const check = () => {
			clearTimeout(timer);
			const url = location.href;
			if (isNewUrl(url)) emit(TAG_ROUTE, { url, title: title() });
		};
		const checkSoon = () => {
			clearTimeout(timer);
			// Routers set the title after the URL.
			timer = setTimeout(check, 0);
		};
		// The URL is also checked when the page is left, so that the last route is recorded.
		const stops = [watch(checkSoon), listen(window, "pagehide", check)];
		return () => {
			clearTimeout(timer);
			for (const stop of stops) stop();
		};
	};
