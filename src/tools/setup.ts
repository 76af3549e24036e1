import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * `npm run setup` creates the D1 database and the R2 bucket named in wrangler.toml, in the Cloudflare account that
 * wrangler is logged in to, and writes the database's ID to wrangler.toml. It can be run again: an existing database or
 * bucket is not changed.
 */

const root = fileURLToPath(new URL("../../", import.meta.url));
const config = `${root}wrangler.toml`;
const toml = readFileSync(config, "utf8");
const database = settingOf("database_name");
const bucket = settingOf("bucket_name");

const id = databaseId() ?? createDatabase();
writeFileSync(config, toml.replace(/^database_id = ".*"$/m, `database_id = "${id}"`));
console.log(`D1 database ${database} is ready; its ID ${id} is in wrangler.toml`);

const created = wrangler("r2", "bucket", "create", bucket);
if (created.status !== 0 && !/already exists|already own/i.test(created.text)) {
	fail(`Cannot create the R2 bucket. Enable R2 once in Cloudflare's dashboard, then try again.\n\n${created.text}`);
}
console.log(`R2 bucket ${bucket} is ready`);
console.log(`
Next:
  1. Set CORS_ORIGINS in wrangler.toml to the origin of your site, such as https://shop.example
  2. npm run deploy
  3. npx wrangler secret put BASIC_AUTH        the dashboard's login, as name:a-long-password
`);

function databaseId(): string | null {
	const listed = wrangler("d1", "list", "--json");
	if (listed.status !== 0) fail(`Cannot list D1 databases. Log in first: npx wrangler login\n\n${listed.text}`);
	const found = (JSON.parse(listed.text) as { name: string; uuid: string }[]).find(({ name }) => name === database);
	return found?.uuid ?? null;
}

function createDatabase(): string {
	const created = wrangler("d1", "create", database);
	if (created.status !== 0) fail(`Cannot create the D1 database.\n\n${created.text}`);
	return databaseId() ?? fail("The D1 database was created but is not listed yet. Run npm run setup again.");
}

function settingOf(key: string): string {
	return (
		new RegExp(`^${key} = "(.*)"$`, "m").exec(toml)?.[1] ??
		fail(`wrangler.toml has no ${key}. Add it as in the original wrangler.toml.`)
	);
}

function wrangler(...args: string[]): { status: number | null; text: string } {
	const cli = `${root}node_modules/wrangler/bin/wrangler.js`;
	const run = spawnSync(process.execPath, [cli, ...args], { cwd: root, encoding: "utf8" });
	return { status: run.status, text: run.status === 0 ? run.stdout : run.stdout + run.stderr };
}

function fail(message: string): never {
	console.error(`\n${message}\n`);
	process.exit(1);
}
