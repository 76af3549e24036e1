/** Texts of the player document and of exported HTML files. */

export const recordedPage = "Recorded page";

/* recording.ts: exported HTML file */
export const tab = (n: number) => `Tab ${n}`;
export const noPicture = "This tab has no full snapshot, so it cannot be played.";
export const playOrPause = "Play or pause";
export const fullScreen = "Full screen";
export const skipInactivity = "Skip inactivity";
