import type { Boot } from "../config.ts";
import { type Instrument, listen } from "./instrument.ts";

/** The file of `vitals.ts`, with its hash; filled in by the build. */
declare const VITALS_FILE: string;

/** A page that is never idle is measured all the same. */
const IDLE_TIMEOUT_MS = 3_000;
/** Safari has no idle callback. */
const NO_IDLE_DELAY_MS = 300;

/**
 * Fetches web vitals when the loaded page is idle, from beside the recorder, and has them told when the page goes. Must
 * be started before whoever sends what waits then.
 */
export const fetchVitals =
	(boot: Boot, addressAt: (time: number) => string): Instrument =>
	(emit) => {
		const own = document.currentScript;
		if (!(own instanceof HTMLScriptElement)) return () => {};
		const src = new URL(VITALS_FILE, own.src).href;
		let tell: (() => void) | undefined;
		boot.vitals = (watch) => {
			delete boot.vitals;
			tell = watch(addressAt, emit);
		};
		const cancel = whenLoadedAndIdle(() => {
			const script = document.createElement("script");
			script.src = src;
			script.async = true;
			document.head.append(script);
			// It comes all the same, and the recording is spared a change of the page that the page did not make.
			script.remove();
		});
		const stops = [
			// On the document, because web-vitals listens on the window: captured there, its own last look comes first.
			listen(document, "visibilitychange", () => document.hidden && tell?.()),
			listen(window, "pagehide", () => tell?.()),
		];
		return () => {
			cancel();
			delete boot.vitals;
			for (const stop of stops) stop();
		};
	};

function whenLoadedAndIdle(act: () => void): () => void {
	let cancel = () => {};
	const wait = () => {
		if (typeof requestIdleCallback === "function") {
			const id = requestIdleCallback(act, { timeout: IDLE_TIMEOUT_MS });
			cancel = () => cancelIdleCallback(id);
		} else {
			const id = setTimeout(act, NO_IDLE_DELAY_MS);
			cancel = () => clearTimeout(id);
		}
	};
	if (document.readyState === "complete") wait();
	else cancel = listen(window, "load", wait, { once: true });
	return () => cancel();
}
