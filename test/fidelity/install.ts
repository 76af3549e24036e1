import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
/** Holds the hash of the package-lock.json that is installed. */
const stamp = `${folder}node_modules/.installed`;

/** Installs the libraries of the suite, unless package-lock.json has not changed since. @throws if npm fails */
export function installLibraries(): void {
	const wanted = createHash("sha256")
		.update(readFileSync(`${folder}package-lock.json`))
		.digest("hex");
	if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
	console.log("Installing the libraries of test/fidelity");
	const args = ["ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"];
	const { status } = spawnSync("npm", args, { stdio: ["ignore", "ignore", "inherit"] });
	if (status !== 0) throw new Error("npm ci failed in test/fidelity");
	writeFileSync(stamp, wanted);
}
