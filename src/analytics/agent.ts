import type { Client } from "../contract/client.ts";

/**
 * Patterns of User-Agents, with the browser. The first match wins: Edge comes before Chrome, because the User-Agent of
 * Edge contains `Chrome/` too.
 */
const BROWSERS: [RegExp, string][] = [
	[/Edg(?:e|A|iOS)?\//, "Edge"],
	[/OPR\/|Opera|OPiOS\//, "Opera"],
	[/SamsungBrowser\//, "Samsung Internet"],
	[/FxiOS\/|Firefox\//, "Firefox"],
	[/CriOS\/|Chrome\/|Chromium\//, "Chrome"],
	[/Safari\//, "Safari"],
];

const OPERATING_SYSTEMS: [RegExp, string][] = [
	[/Windows/, "Windows"],
	[/iPhone|iPad|iPod/, "iOS"],
	[/Android/, "Android"],
	[/CrOS/, "ChromeOS"],
	[/Mac OS X|Macintosh/, "macOS"],
	[/Linux|X11/, "Linux"],
];

/** User-Agents of bots. CUBOT is a brand of phones, and is excluded. */
const BOT =
	/(?<!cu)bot\b|crawl|spider|slurp|headless|lighthouse|preview|monitor|curl\/|wget\/|python-|axios\/|go-http|phantom/i;

/**
 * Returns browser, OS and device of a User-Agent header, and whether it is a bot; an empty object for an empty header.
 */
export function agentOf(userAgent: string | null): Pick<Client, "browser" | "os" | "device" | "bot"> {
	const agent = userAgent?.slice(0, 500);
	if (!agent) return {};
	const nameIn = (table: [RegExp, string][]) => table.find(([pattern]) => pattern.test(agent))?.[1];
	const found: ReturnType<typeof agentOf> = { browser: nameIn(BROWSERS) ?? "Other", device: deviceOf(agent) };
	const os = nameIn(OPERATING_SYSTEMS);
	if (os) found.os = os;
	if (BOT.test(agent)) found.bot = true;
	return found;
}

function deviceOf(agent: string): NonNullable<Client["device"]> {
	if (/iPad|Tablet|PlayBook|Silk/i.test(agent) || (/Android/.test(agent) && !/Mobile/.test(agent))) return "Tablet";
	return /Mobi|iPhone|iPod|Android/i.test(agent) ? "Mobile" : "Desktop";
}
