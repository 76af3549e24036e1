import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
/** File with the hash of the package-lock.json whose packages are installed. */
const stamp = `${folder}node_modules/.installed`;

/** Installs the suite's libraries if package-lock.json has changed since they were installed. @throws if npm fails */
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
