/** Media features that depend on the visitor's device and settings, not on the page, with their possible values. */
export const MEDIA_FEATURES: Record<string, readonly string[]> = {
	"prefers-color-scheme": ["light", "dark"],
	"prefers-reduced-motion": ["no-preference", "reduce"],
	"prefers-contrast": ["no-preference", "more", "less", "custom"],
	"prefers-reduced-transparency": ["no-preference", "reduce"],
	"forced-colors": ["none", "active"],
	pointer: ["none", "coarse", "fine"],
	"any-pointer": ["none", "coarse", "fine"],
	hover: ["none", "hover"],
	"any-hover": ["none", "hover"],
};

/** Parses the media features in a `Meta` event: `name:value` pairs, separated by spaces. */
export function mediaFeatures(text: string): Map<string, string> {
	return new Map(text.split(" ").map((pair) => pair.split(":") as [string, string]));
}
