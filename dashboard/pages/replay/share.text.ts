/** Texts of the share dialog, from top to bottom. */

export const shareRecording = "Share this recording";
export const sharingIsOff = "Sharing is off. To share recordings by link or export them as files, set";
export const inWranglerToml = "under [vars] in wrangler.toml and deploy.";
export const whatIsShown =
	"Anyone with the link can watch this recording. It does not show the user ID, the location, the date or URLs.";
export const expiresAfter = "Expires after";
export const days = (n: number) => (n === 1 ? "1 day" : `${n} days`);
export const createLink = "Create link";
export const shareLink = "Share link";
export const copyLink = "Copy link";
export const copy = "Copy";
export const copyNow = "Copy the link now. It is not shown again.";
export const activeLinks = "Active links";
export const created = "Created";
export const expires = (time: string) => `expires ${time}`;
export const views = (n: number) => (n === 1 ? "1 view" : `${n} views`);
export const lastViewed = "last";
export const revoke = "Revoke";
export const exportAsFile = "Export as a file";
export const formats =
	"HTML plays in a browser without a network and contains what a link shows. JSON contains every event as stored, for other tools and the Import page.";
export const download = (format: string) => `Download ${format.toUpperCase()}`;
export const close = "Close";
