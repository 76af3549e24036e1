import { mediaFeatures } from "../../src/contract/media.ts";

/**
 * Rewrites what a style sheet asks of the browser, so that a replay answers as the visitor's browser did: colour scheme,
 * pointer and motion preferences, focus, and custom elements that are not defined in the replay.
 */

const STATE = (word: string) => `[data-sentiero-state~="${word}"]`;
/** Features that are worth a look: most style sheets have none. */
const ASKS = /:focus|:defined|\(\s*(?:any-)?(?:prefers-|pointer|hover|forced-colors)/i;
const FEATURE = /\(\s*((?:any-)?(?:pointer|hover)|prefers-[a-z-]+|forced-colors)\s*(?::\s*([a-z-]+)\s*)?\)/gi;

/** @param media as recorded, see `mediaOf` in the recorder */
export function rewriteCss(css: string, media: string): string {
	if (!ASKS.test(css)) return css;
	return rewriteMedia(css, media)
		.replace(/:focus-visible(?![\w-])/g, STATE("focus-visible"))
		.replace(/:focus-within(?![\w-])/g, `:is(${STATE("focus")},:has(${STATE("focus")}))`)
		.replace(/:focus(?![\w-])/g, STATE("focus"))
		.replace(/:not\(\s*:defined\s*\)/g, ":not(*)")
		.replace(/:defined(?![\w-])/g, ":not(:not(*))");
}

/** Rewrites the media features of a style sheet or of a `media` attribute to conditions that are always or never true. */
export function rewriteMedia(text: string, media: string): string {
	if (!media) return text;
	const features = mediaFeatures(media);
	return text.replace(FEATURE, (whole, name: string, wanted?: string) => {
		const value = features.get(name.toLowerCase());
		if (value === undefined) return whole;
		const isTrue = wanted ? wanted.toLowerCase() === value : value !== "none" && value !== "no-preference";
		return isTrue ? "(min-width:0px)" : "(max-width:0px)";
	});
}
