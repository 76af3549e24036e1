/** Texts of the report on a single page. */

export const pages = "Pages";
export const allPages = "All pages";
export const empty =
	"No views of this page match the period and the filters. Choose a longer period or remove a filter.";

export const views = "Views";
export const medianTime = "Median time";
export const entries = "Entries";
export const bounceRate = "Bounce rate";
export const exits = "Exits";
export const errors = "Errors";
export const medianScrollDepth = "Median scroll depth";

export const heatmap = "Open heatmap";
export const paths = "Open paths";

export const clicked = "Clicked elements";
export const noClicks = "No clicks.";
export const rageTargets = "Rage clicks by element";
export const noRageClicks = "No rage clicks.";
export const deadTargets = "Dead clicks by element";
export const noDeadClicks = "No dead clicks.";
export const noCustomEvents = "No custom events.";
export const noPreviousPages = "Every view was the first of its session.";
export const noNextPages = "Every view was the last of its session.";
