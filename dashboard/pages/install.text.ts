import { count } from "../ui/table.tsx";

/** Texts of the setup page, which is shown until the first session arrives. */

export const waiting = "Waiting for the first session";
export const allowYourSite = "Allow your site to record";
export const allowed = "Allowed origins:";
export const noneAllowed = "No site may record yet. Add yours to";
export const andDeploy = "and deploy:";
export const refused = (n: number) =>
	`was rejected ${n === 1 ? "once" : `${count(n)} times`} because it is not an allowed origin.`;
export const addTheTag = "Add the recorder to your pages";
export const inTheHead = "Paste this tag anywhere in the head:";
export const withCsp = "If the site has a Content-Security-Policy, add:";
export const openYourSite = "Open your site";
export const aFewSeconds = "The session appears here within seconds. Everything visitors type is masked by default.";
export const optedOut = (n: number) =>
	n === 1
		? "1 batch was not recorded because the visitor opted out or sends Global Privacy Control."
		: `${count(n)} batches were not recorded because the visitors opted out or send Global Privacy Control.`;
