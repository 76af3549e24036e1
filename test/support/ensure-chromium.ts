import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/**
 * Finds a Chromium for browser tests: the path in CHROMIUM, or an installed one. As a program, installs Debian's
 * Chromium.
 */

const PATHS = [
	"/usr/bin/chromium",
	"/usr/bin/chromium-browser",
	"/usr/bin/google-chrome",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	"/Applications/Chromium.app/Contents/MacOS/Chromium",
];

export function chromiumPath(): string | null {
	return [process.env.CHROMIUM ?? "", ...PATHS].find((path) => path && existsSync(path)) ?? null;
}

if (import.meta.main && !chromiumPath()) {
	console.log("No Chromium found; installing Debian's with apt-get.");
	const apt = (...args: string[]) => spawnSync("apt-get", args, { stdio: ["ignore", "ignore", "inherit"] });
	apt("update");
	apt("install", "-y", "--no-install-recommends", "chromium");
	if (!chromiumPath()) {
		console.error("Install Chromium or Chrome, or set CHROMIUM to its path, and run the tests again.");
		process.exit(1);
	}
}
