/** Texts of the four reports with one row per page. */

/* Pages */
export const pages = "Pages";
export const noPages = "Page views appear here. Choose a longer period or remove a filter.";
export const views = "Views";
export const medianTime = "Median time";
export const entries = "Entries";
export const bounceRate = "Bounce rate";
export const exits = "Exits";
export const errors = "Errors";
export const rageClicks = "Rage clicks";
export const deadClicks = "Dead clicks";

/* Web vitals */
export const vitals = "Web vitals by page";
export const noVitals = "Web vitals appear here. Turn on CAPTURE_WEB_VITALS to record them.";
export const vitalsNote =
	"75th percentile of each metric. The color is the most frequent rating: good, needs improvement or poor.";

/* Scroll depth */
export const scroll = "Scroll depth by page";
export const noScroll = "Pages that visitors scrolled appear here. Choose a longer period or remove a filter.";
export const scrolledViews = "Scrolled views";
export const meanDepth = "Mean depth";
export const pageHeight = "Page height";
export const medianScrollDepth = "Median scroll depth";
export const quarters = "Depth by quarter";
export const pixels = (n: string) => `${n} px`;
export const scrollNote =
	"Page height is the lowest point of the page that any view showed. Depths are percentages of this height. The bars show in which quarter of the height each view reached its lowest point.";

/* Frustration */
export const frustration = "Rage and dead clicks by page";
export const noFrustration = "Rage clicks and dead clicks appear here. Choose a longer period or remove a filter.";
export const affectedSessions = "Affected sessions";
export const rageTargets = "Rage clicks by element";
export const deadTargets = "Dead clicks by element";
export const frustrationNote =
	"Rage click: 3 or more clicks in one place, at most 1 s apart, without a response. Dead click: a click without a response within 500 ms.";

export const more = "Only the 200 pages with the most views are shown.";
