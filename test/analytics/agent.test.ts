import { describe, expect, it } from "vitest";
import { agentOf } from "../../src/analytics/agent.ts";

const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";
const APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
const IPHONE = `Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) ${APPLE}`;
const IPAD = `Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) ${APPLE}`;

describe("User-Agent of browsers", () => {
	it.each<[string, string, string, "Desktop" | "Mobile" | "Tablet"]>([
		[
			`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/129.0.0.0 Safari/537.36`,
			"Chrome",
			"Windows",
			"Desktop",
		],
		[
			`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Chrome/129.0.0.0 Safari/537.36`,
			"Chrome",
			"macOS",
			"Desktop",
		],
		[`Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Chrome/129.0.0.0 Safari/537.36`, "Chrome", "Linux", "Desktop"],
		[
			`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/129.0.0.0 Safari/537.36`,
			"Chrome",
			"ChromeOS",
			"Desktop",
		],
		[
			`Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/129.0.0.0 Mobile Safari/537.36`,
			"Chrome",
			"Android",
			"Mobile",
		],
		[`Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/129.0.0.0 Safari/537.36`, "Chrome", "Android", "Tablet"],
		[`${IPHONE} CriOS/129.0.6668.46 Mobile/15E148 Safari/604.1`, "Chrome", "iOS", "Mobile"],
		[`${IPAD} CriOS/129.0.6668.46 Mobile/15E148 Safari/604.1`, "Chrome", "iOS", "Tablet"],
		[
			`Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Ubuntu Chromium/80.0.3987.87 Chrome/80.0.3987.87 Safari/537.36`,
			"Chrome",
			"Linux",
			"Desktop",
		],

		[
			`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/129.0.0.0 Safari/537.36 Edg/129.0.2792.52`,
			"Edge",
			"Windows",
			"Desktop",
		],
		[
			`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/70.0.3538.102 Safari/537.36 Edge/18.19044`,
			"Edge",
			"Windows",
			"Desktop",
		],
		[
			`Mozilla/5.0 (Linux; Android 10; Pixel 3 XL) ${WEBKIT} Chrome/129.0.6668.54 Mobile Safari/537.36 EdgA/128.0.2739.82`,
			"Edge",
			"Android",
			"Mobile",
		],
		[`${IPHONE} Version/17.0 EdgiOS/128.0.2739.83 Mobile/15E148 Safari/605.1.15`, "Edge", "iOS", "Mobile"],

		[
			`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/127.0.0.0 Safari/537.36 OPR/113.0.0.0`,
			"Opera",
			"Windows",
			"Desktop",
		],
		[
			`Mozilla/5.0 (Linux; Android 10; SM-G970F) ${WEBKIT} Chrome/127.0.6533.103 Mobile Safari/537.36 OPR/76.2.4027.73374`,
			"Opera",
			"Android",
			"Mobile",
		],
		["Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18", "Opera", "Windows", "Desktop"],

		[
			`Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S918B) ${WEBKIT} SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36`,
			"Samsung Internet",
			"Android",
			"Mobile",
		],
		[
			`Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-X700) ${WEBKIT} SamsungBrowser/26.0 Chrome/122.0.0.0 Safari/537.36`,
			"Samsung Internet",
			"Android",
			"Tablet",
		],

		[
			"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0",
			"Firefox",
			"Windows",
			"Desktop",
		],
		[
			"Mozilla/5.0 (Macintosh; Intel Mac OS X 14.6; rv:130.0) Gecko/20100101 Firefox/130.0",
			"Firefox",
			"macOS",
			"Desktop",
		],
		["Mozilla/5.0 (X11; Linux i686; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox", "Linux", "Desktop"],
		["Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0", "Firefox", "Android", "Mobile"],
		["Mozilla/5.0 (Android 14; Tablet; rv:130.0) Gecko/130.0 Firefox/130.0", "Firefox", "Android", "Tablet"],
		[`${IPHONE} FxiOS/130.0 Mobile/15E148 Safari/605.1.15`, "Firefox", "iOS", "Mobile"],

		[
			`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${APPLE} Version/17.6 Safari/605.1.15`,
			"Safari",
			"macOS",
			"Desktop",
		],
		[`${IPHONE} Version/17.5 Mobile/15E148 Safari/604.1`, "Safari", "iOS", "Mobile"],
		[`${IPAD} Version/17.5 Mobile/15E148 Safari/604.1`, "Safari", "iOS", "Tablet"],
		[
			`Mozilla/5.0 (iPod touch; CPU iPhone OS 15_8 like Mac OS X) ${APPLE} Version/15.6 Mobile/15E148 Safari/604.1`,
			"Safari",
			"iOS",
			"Mobile",
		],

		[
			`Mozilla/5.0 (Linux; Android 9; KFTRWI) ${WEBKIT} Silk/128.3.1 like Chrome/128.0.6613.187 Safari/537.36`,
			"Chrome",
			"Android",
			"Tablet",
		],
		[`${IPHONE} Mobile/15E148`, "Other", "iOS", "Mobile"],
		["Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko", "Other", "Windows", "Desktop"],
		[
			`Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) ${WEBKIT} Chrome/129.0.0.0 Mobile Safari/537.36`,
			"Chrome",
			"Android",
			"Mobile",
		],
	])("%s", (agent, browser, os, device) => expect(agentOf(agent)).toEqual({ browser, os, device }));
});

describe("User-Agent of bots", () => {
	it.each<[string, object]>([
		[
			"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
			{ browser: "Other", device: "Desktop" },
		],
		[
			`Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) ${WEBKIT} Chrome/129.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)`,
			{ browser: "Chrome", os: "Android", device: "Mobile" },
		],
		[
			`Mozilla/5.0 ${WEBKIT}; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36`,
			{ browser: "Chrome", device: "Desktop" },
		],
		["Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)", { browser: "Other", device: "Desktop" }],
		["Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", { browser: "Other", device: "Desktop" }],
		[
			"Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)",
			{ browser: "Other", device: "Desktop" },
		],
		[
			"Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
			{ browser: "Other", device: "Desktop" },
		],
		[
			`Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} HeadlessChrome/129.0.0.0 Safari/537.36`,
			{ browser: "Chrome", os: "Linux", device: "Desktop" },
		],
		[
			`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Chrome/129.0.0.0 Safari/537.36 Chrome-Lighthouse`,
			{ browser: "Chrome", os: "macOS", device: "Desktop" },
		],
		["curl/8.7.1", { browser: "Other", device: "Desktop" }],
		["Wget/1.21.4", { browser: "Other", device: "Desktop" }],
		["python-requests/2.32.3", { browser: "Other", device: "Desktop" }],
		["Go-http-client/2.0", { browser: "Other", device: "Desktop" }],
		["axios/1.7.7", { browser: "Other", device: "Desktop" }],
	])("%s", (agent, found) => expect(agentOf(agent)).toEqual({ ...found, bot: true }));
});

describe("other User-Agents", () => {
	it.each([null, ""])("result in no browser, OS and device if absent: %j", (agent) =>
		expect(agentOf(agent)).toEqual({}),
	);

	it("are named Other if unknown", () => {
		expect(agentOf("x")).toEqual({ browser: "Other", device: "Desktop" });
		expect(agentOf(" ")).toEqual({ browser: "Other", device: "Desktop" });
	});

	it("are read up to 500 characters", () => {
		expect(agentOf(`${"x".repeat(500)} Firefox/130.0 (Windows)`)).toEqual({ browser: "Other", device: "Desktop" });
	});
});
