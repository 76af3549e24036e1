import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * `npm run setup`: makes the D1 database and the R2 bucket of wrangler.toml in the Cloudflare account that wrangler is
 * logged in to, and writes the database's id into wrangler.toml. May be run again: what is there stays.
 */

const root = fileURLToPath(new URL("../../", import.meta.url));
const config = `${root}wrangler.toml`;
const toml = readFileSync(config, "utf8");
const database = settingOf("database_name");
const bucket = settingOf("bucket_name");

const id = databaseId() ?? createDatabase();
writeFileSync(config, toml.replace(/^database_id = ".*"$/m, `database_id = "${id}"`));
console.log(`D1 database ${database}: ${id}, written to wrangler.toml`);

const made = wrangler("r2", "bucket", "create", bucket);
if (made.status !== 0 && !/already exists|already own/i.test(made.text)) {
	fail(`The R2 bucket could not be made. R2 must be enabled once, in Cloudflare's dashboard.\n\n${made.text}`);
}
console.log(`R2 bucket ${bucket}: ready`);
console.log(`
Next:
  1. Put your site's address into CORS_ORIGINS in wrangler.toml
  2. npm run deploy
  3. npx wrangler secret put BASIC_AUTH        name:a-long-password, for the dashboard
`);

function databaseId(): string | null {
	const listed = wrangler("d1", "list", "--json");
	if (listed.status !== 0)
		fail(`wrangler could not list databases. Log in first: npx wrangler login\n\n${listed.text}`);
	const found = (JSON.parse(listed.text) as { name: string; uuid: string }[]).find(({ name }) => name === database);
	return found?.uuid ?? null;
}

function createDatabase(): string {
	const created = wrangler("d1", "create", database);
	if (created.status !== 0) fail(`The D1 database could not be made.\n\n${created.text}`);
	return databaseId() ?? fail("The D1 database was made, but is not in the account's list yet. Run this again.");
}

function settingOf(key: string): string {
	return new RegExp(`^${key} = "(.*)"$`, "m").exec(toml)?.[1] ?? fail(`wrangler.toml has no ${key}.`);
}

function wrangler(...args: string[]): { status: number | null; text: string } {
	const cli = `${root}node_modules/wrangler/bin/wrangler.js`;
	const run = spawnSync(process.execPath, [cli, ...args], { cwd: root, encoding: "utf8" });
	return { status: run.status, text: run.status === 0 ? run.stdout : run.stdout + run.stderr };
}

function fail(sentence: string): never {
	console.error(`\n${sentence}\n`);
	process.exit(1);
}
