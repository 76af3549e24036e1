import type { Client } from "../contract/client.ts";

/** First match wins: those that imitate others come before them. */
const BROWSERS: [RegExp, string][] = [
	[/Edg(?:e|A|iOS)?\//, "Edge"],
	[/OPR\/|Opera|OPiOS\//, "Opera"],
	[/SamsungBrowser\//, "Samsung Internet"],
	[/FxiOS\/|Firefox\//, "Firefox"],
	[/CriOS\/|Chrome\/|Chromium\//, "Chrome"],
	[/Safari\//, "Safari"],
];

const SYSTEMS: [RegExp, string][] = [
	[/Windows/, "Windows"],
	[/iPhone|iPad|iPod/, "iOS"],
	[/Android/, "Android"],
	[/CrOS/, "ChromeOS"],
	[/Mac OS X|Macintosh/, "macOS"],
	[/Linux|X11/, "Linux"],
];

/** CUBOT makes telephones. */
const BOT =
	/(?<!cu)bot\b|crawl|spider|slurp|headless|lighthouse|preview|monitor|curl\/|wget\/|python-|axios\/|go-http|phantom/i;

/** Browser, system and kind of device, off a User-Agent header. Nothing for an empty one. */
export function agentOf(userAgent: string | null): Pick<Client, "browser" | "os" | "device" | "bot"> {
	const agent = userAgent?.slice(0, 500);
	if (!agent) return {};
	const named = (table: [RegExp, string][]) => table.find(([pattern]) => pattern.test(agent))?.[1];
	const found: ReturnType<typeof agentOf> = { browser: named(BROWSERS) ?? "Other", device: deviceOf(agent) };
	const os = named(SYSTEMS);
	if (os) found.os = os;
	if (BOT.test(agent)) found.bot = true;
	return found;
}

function deviceOf(agent: string): NonNullable<Client["device"]> {
	if (/iPad|Tablet|PlayBook|Silk/i.test(agent) || (/Android/.test(agent) && !/Mobile/.test(agent))) return "Tablet";
	return /Mobi|iPhone|iPod|Android/i.test(agent) ? "Mobile" : "Desktop";
}
