import type { Boot, Parts } from "./config.ts";
import { guard } from "./guard.ts";

/** File name of each part, with its hash; set by the build. */
declare const PART_FILES: Record<keyof Parts, string>;

export type FetchPart = <K extends keyof Parts>(name: K, use: (part: Parts[K]) => void) => void;

/**
 * Returns a function that loads a part from the recorder's folder. Recording works without a part that fails to load.
 */
export function createParts(boot: Boot): FetchPart {
	const ownScript = document.currentScript as HTMLScriptElement | null;
	const base = ownScript?.src ?? boot.config.eventsUrl;
	const callbacks = new Map<keyof Parts, (part: never) => void>();
	boot.registerPart = (name, part) => {
		guard(() => callbacks.get(name)?.(part as never));
	};
	return (name, use) => {
		callbacks.set(name, use);
		guard(() => {
			const url = new URL(ownScript ? PART_FILES[name] : `assets/${PART_FILES[name]}`, base).href;
			// Removed at once, so that the recording contains only DOM changes of the page. The script loads anyway.
			boot.loadScript(url).remove();
		});
	};
}
