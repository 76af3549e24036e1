/** Texts that several reports share. */

export const device = "Device";
export const allDevices = "All devices";
export const desktop = "Desktop";
export const mobile = "Mobile";
export const tablet = "Tablet";

export const tryAgain = "Try again";
export const newestOnly =
	"This period has more sessions than a report can read: only the newest are included. Choose a shorter period.";
export const liveMissing = "Some live sessions are not included yet. They are added when they end.";
export const recordingsDeleted = (day: string) =>
	`Recordings up to ${day} are deleted. This report includes only sessions that still have a recording.`;
export const loading = "Loading";
export const noData = "No data in this period";

export const page = "Page";
export const sessions = "Sessions";
export const value = "Value";
export const customEvents = "Custom events";
export const previousPages = "Previous pages";
export const nextPages = "Next pages";

export const approximate = "Medians come from a histogram and are within 3.4% of the exact value.";

/* Breakdowns of funnels and conversions */
export const byEntry = "By entry page";
export const byReferrer = "By referrer";
export const bySource = "By source";
export const byMedium = "By medium";
export const byCampaign = "By campaign";
export const byDevice = "By device";
export const byCountry = "By country";

/* Funnel steps and goals */
export const stepPage = "Page";
export const stepClick = "Click on";
export const stepEvent = "Custom event";
export const stepType = (step: string) => `${step}: type`;
export const stepValue = (step: string) => `${step}: value`;

/* Cells of tables */
export const good = "good";
export const fair = "needs improvement";
export const poor = "poor";
export const ratings = (rating: string, good: number, fair: number, poor: number, samples: number) =>
	`Rated ${rating}. Samples: ${good} good, ${fair} needs improvement, ${poor} poor, ${samples} in total. The 75th percentile shown is an estimate, within 3.4% of the exact value.`;
export const quarter = (i: number, views: number) => `${i * 25}–${(i + 1) * 25}%: ${views}`;
