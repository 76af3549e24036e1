import { whenIdle } from "../idle.ts";
import { type Instrument, listen, type WatchVitals } from "./instrument.ts";

/** A page that is never idle is measured all the same. */
const IDLE_TIMEOUT_MS = 3_000;

/**
 * Fetches web vitals when the loaded page is idle, and has them told when the page goes. Must be started before whoever
 * sends what waits then.
 */
export const fetchVitals =
	(fetchPart: (use: (watch: WatchVitals) => void) => void, addressAt: (time: number) => string): Instrument =>
	(emit) => {
		let report: (() => void) | undefined;
		let cancel = () => {};
		const wait = () => {
			cancel = whenIdle(() => {
				fetchPart((watch) => {
					report = watch(addressAt, emit);
				});
			}, IDLE_TIMEOUT_MS);
		};
		if (document.readyState === "complete") wait();
		else cancel = listen(window, "load", wait, { once: true });
		const stops = [
			// On the document, because web-vitals listens on the window: captured there, its own last look comes first.
			listen(document, "visibilitychange", () => document.hidden && report?.()),
			listen(window, "pagehide", () => report?.()),
		];
		return () => {
			cancel();
			for (const stop of stops) stop();
		};
	};
