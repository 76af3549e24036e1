/** Media features that depend on the visitor and not on the page, with their values. */
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

/** Parses recorded features, `name:value` separated by spaces, as `Meta` events carry them. */
export function mediaFeatures(text: string): Map<string, string> {
	return new Map(text.split(" ").map((pair) => pair.split(":") as [string, string]));
}
