import { count, sessionsOf } from "../../ui/table.tsx";

export const empty = "Choose a longer period or remove a filter.";

export const sessions = "Sessions";
export const pageViews = "Page views";
export const medianDuration = "Median duration";
export const bounceRate = "Bounce rate";
export const sessionsWithErrors = "Sessions with errors";
export const frustratedClicks = "Rage and dead clicks";
export const percent = "%";
export const points = " points";
export const change = "Change from the previous period of the same length. Today is not complete yet.";
export const incomplete = (n: number) =>
	`The lists leave out some entries of ${n === 1 ? "1 very busy session" : `${count(n)} very busy sessions`}. Totals include these entries.`;

export const chart = "Sessions and errors over time";
export const browserErrors = "Browser errors";
export const serverExceptions = "Server exceptions";

export const entryPages = "Entry pages";
export const withErrors = (percentage: string) => `${percentage} with errors`;
export const referrers = "Referrers";
export const noReferrers = "No session came from another site.";
export const campaigns = "Campaigns";
export const noCampaigns = "Add utm_campaign to your links to see campaigns.";
export const sources = "Sources";
export const noSources = "Add utm_source to your links to see sources.";
export const inSessions = (n: number) => `in ${sessionsOf(n)}`;
export const noBrowserErrors = "No browser errors.";
export const serverIssues = (open: number) => `Server issues (${count(open)} open)`;
export const isNew = "new";
export const noServerIssues = "No server issues.";
export const customEvents = "Custom events";
export const noCustomEvents = "Send custom events with Sentiero.addCustomEvent or data-sentiero-track-click.";
export const countries = "Countries";
export const cities = "Cities";
export const noLocations = "No locations. Set GEO_SOURCE to record them.";
export const browsers = "Browsers";
export const devices = "Devices";
export const os = "OS";
export const durations = "Duration";
export const under30Seconds = "Under 30 s";
export const under2Minutes = "30 s to 2 min";
export const under5Minutes = "2 to 5 min";
export const under15Minutes = "5 to 15 min";
export const over15Minutes = "15 min or more";
export const links = "Clicked links";
export const noLinks = "No links were clicked.";
export const externalLinks = "Links to other sites";
export const noExternalLinks = "No links to other sites were clicked.";
export const metadataNewest = "Counts the newest sessions only, and the most frequent values of each key.";
