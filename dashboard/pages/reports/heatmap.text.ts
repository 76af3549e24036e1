import { count, sessionsOf } from "../../ui/table.tsx";

export const layer = "Layer";
export const clicks = "Clicks";
export const rageClicks = "Rage clicks";
export const deadClicks = "Dead clicks";
export const scrollDepth = "Scroll depth";
export const pageOption = (path: string, n: number) => `${path} (${count(n)})`;
export const empty =
	"Clicks appear here, drawn over a snapshot of the page. Choose a longer period or remove a filter.";

export const snapshot = "Snapshot of the page";
export const clickMap = "Click map. The table lists the clicked elements.";
export const scrollMap = "Scroll map: how far down visitors scrolled";
export const reached = (percentage: string) => `${percentage} of views reached this point`;
export const noRecording = "No recording of this page is left. Only its clicks are shown.";

/* Parts of a sentence: "12 clicks in 3 sessions: 2 rage clicks, 1 dead click. 20 page views." */
export const clicksIn = (n: number) => (n === 1 ? " click in " : " clicks in ");
export const sessions = sessionsOf;
export const frustrated = (rage: number, dead: number) =>
	`: ${rage === 1 ? "1 rage click" : `${count(rage)} rage clicks`}, ${dead === 1 ? "1 dead click" : `${count(dead)} dead clicks`}. `;
export const pageViews = (n: number) => (n === 1 ? " page view." : " page views.");
export const elements = "Clicked elements";
export const element = "Element";
export const share = "Share of clicks";
/** @param device "Desktop", "Mobile" or "Tablet" */
export const chooseDevice = (device: string) =>
	`Type of device with the most views: ${device}. Layouts differ between devices; filter by another type to see its clicks.`;
