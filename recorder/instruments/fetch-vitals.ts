import { whenIdle } from "../idle.ts";
import { type Instrument, listen, type WatchVitals } from "./instrument.ts";

/** Maximum wait for an idle moment before web-vitals is loaded. */
const IDLE_TIMEOUT_MS = 3_000;

/**
 * Loads the web-vitals part when the loaded page is idle, and emits the values when the page is hidden or closed. Must
 * be started before the listener that sends all buffered events when the page is hidden or closed.
 */
export const fetchVitals =
	(fetchPart: (use: (watch: WatchVitals) => void) => void, urlAt: (time: number) => string): Instrument =>
	(emit) => {
		let report: (() => void) | undefined;
		let cancel = () => {};
		const wait = () => {
			cancel = whenIdle(() => {
				fetchPart((watch) => {
					report = watch(urlAt, emit);
				});
			}, IDLE_TIMEOUT_MS);
		};
		if (document.readyState === "complete") wait();
		else cancel = listen(window, "load", wait, { once: true });
		const stops = [
			// This listener is on the document: web-vitals listens on the window, so its final update runs first.
			listen(document, "visibilitychange", () => document.hidden && report?.()),
			listen(window, "pagehide", () => report?.()),
		];
		return () => {
			cancel();
			for (const stop of stops) stop();
		};
	};
