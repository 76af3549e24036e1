import { mediaFeatures } from "../../src/contract/media.ts";

/**
 * Makes conditions in style sheets match in a replay if they matched in the visitor's browser. Without this, conditions
 * on color scheme, pointer, motion preferences, focus and `:defined` would depend on the browser that plays the replay.
 */

const stateSelector = (word: string) => `[data-sentiero-state~="${word}"]`;
/** Matches style sheets that need a rewrite. Most do not. */
const NEEDS_REWRITE = /:focus|:defined|\(\s*(?:any-)?(?:prefers-|pointer|hover|forced-colors)/i;
const MEDIA_FEATURE = /\(\s*((?:any-)?(?:pointer|hover)|prefers-[a-z-]+|forced-colors)\s*(?::\s*([a-z-]+)\s*)?\)/gi;

/** Rewrites a style sheet. @param media the visitor's media features: `name:value`, separated by spaces */
export function rewriteCss(css: string, media: string): string {
	if (!NEEDS_REWRITE.test(css)) return css;
	return rewriteMedia(css, media)
		.replace(/:focus-visible(?![\w-])/g, stateSelector("focus-visible"))
		.replace(/:focus-within(?![\w-])/g, `:is(${stateSelector("focus")},:has(${stateSelector("focus")}))`)
		.replace(/:focus(?![\w-])/g, stateSelector("focus"))
		.replace(/:not\(\s*:defined\s*\)/g, ":not(*)")
		.replace(/:defined(?![\w-])/g, ":not(:not(*))");
}

/** Replaces media features in a style sheet or a `media` attribute with conditions that are always or never true. */
export function rewriteMedia(text: string, media: string): string {
	if (!media) return text;
	const features = mediaFeatures(media);
	return text.replace(MEDIA_FEATURE, (whole, name: string, wanted?: string) => {
		const value = features.get(name.toLowerCase());
		if (value === undefined) return whole;
		const isTrue = wanted ? wanted.toLowerCase() === value : value !== "none" && value !== "no-preference";
		return isTrue ? "(min-width:0px)" : "(max-width:0px)";
	});
}
