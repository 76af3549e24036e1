import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/**
 * Finds the browser for browser tests: the path in CHROMIUM, or an installed one. If run as a program, it installs
 * Debian's if there is none. The headless shell is Chromium without a window: tests take 40 % less time with it.
 */

const HEADLESS_SHELL = "/usr/bin/chromium-headless-shell";
const PATHS = [
	HEADLESS_SHELL,
	"/usr/bin/chromium",
	"/usr/bin/chromium-browser",
	"/usr/bin/google-chrome",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	"/Applications/Chromium.app/Contents/MacOS/Chromium",
];

export function chromiumPath(): string | null {
	return [process.env.CHROMIUM ?? "", ...PATHS].find((path) => path && existsSync(path)) ?? null;
}

if (import.meta.main) {
	// A CI machine gets the headless shell even if it has a Chromium.
	const isWanted = process.env.CI && !process.env.CHROMIUM && existsSync("/usr/bin/apt-get");
	if (!chromiumPath() || (isWanted && !existsSync(HEADLESS_SHELL))) install();
	if (!chromiumPath()) {
		console.error("Install Chromium or Chrome, or set CHROMIUM to its path, and run the tests again.");
		process.exit(1);
	}
}

function install(): void {
	console.log("Installing Debian's Chromium for browser tests with apt-get.");
	const apt = (...args: string[]) => spawnSync("apt-get", args, { stdio: ["ignore", "ignore", "inherit"] });
	apt("update");
	const { status } = apt("install", "-y", "--no-install-recommends", "chromium-headless-shell");
	if (status !== 0 && !chromiumPath()) apt("install", "-y", "--no-install-recommends", "chromium");
}
