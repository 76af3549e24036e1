/**
 * `npm run backup -- FOLDER` copies all objects in R2 to a folder, with checksums, and downloads only new or changed
 * objects. `npm run restore -- FOLDER` uploads them, except data deleted since the backup, and rebuilds the index. Both
 * use the Worker's API. The variables URL and BASIC_AUTH are the Worker's address and login (default: the demo's).
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const url = process.env.URL || `http://localhost:${process.env.PORT || 8787}`;
const credentials = process.env.BASIC_AUTH || "demo:demo";
const authorization = `Basic ${btoa(credentials)}`;

interface Entry {
	key: string;
	etag: string;
	sha256: string;
	/** Metadata of the object in R2, as URI-encoded JSON. */
	beside: string;
}

const [operation, folder] = process.argv.slice(2);
if ((operation !== "backup" && operation !== "restore") || !folder)
	fail("Usage: npm run backup -- FOLDER, or npm run restore -- FOLDER");
const manifest = join(folder, "manifest.json");
await (operation === "backup" ? backUp() : restore());

async function backUp(): Promise<void> {
	const previous = new Map(existsSync(manifest) ? readManifest().map((entry) => [entry.key, entry]) : []);
	const entries = new Map<string, Entry>();
	let fetched = 0;
	let cursor: string | null = null;
	do {
		const page: { objects: { key: string; etag: string }[]; cursor: string | null } = await (
			await request(`/backup${cursor ? `?cursor=${cursor}` : ""}`)
		).json();
		for (const { key, etag } of page.objects) {
			const existing = previous.get(key);
			if (existing?.etag === etag && isIntact(existing)) {
				entries.set(key, existing);
				continue;
			}
			const response = await request(`/backup/object?key=${encodeURIComponent(key)}`, {}, [404]);
			// The object was deleted after it was listed.
			if (response.status === 404) continue;
			const bytes = new Uint8Array(await response.arrayBuffer());
			const entry = { key, etag, sha256: sha256(bytes), beside: response.headers.get("x-beside") ?? "" };
			mkdirSync(dirname(fileOf(key)), { recursive: true });
			writeFileSync(fileOf(key), bytes);
			entries.set(key, entry);
			fetched++;
		}
		// The manifest is written after each page and keeps the entries of earlier runs, so that it lists every file in the
		// folder even if this run is interrupted.
		writeManifest(new Map([...previous, ...entries]));
		cursor = page.cursor;
		console.log(`${entries.size} objects, ${fetched} downloaded`);
	} while (cursor);
	writeManifest(entries);
	const deleted = [...previous.keys()].filter((key) => !entries.has(key));
	if (deleted.length)
		console.log(`${deleted.length} objects were deleted from R2: their files stay here but will not be restored`);
}

async function restore(): Promise<void> {
	if (!existsSync(manifest)) fail(`No backup found in ${folder}. Run npm run backup -- ${folder} first.`);
	const entries = readManifest();
	const damaged = entries.filter((entry) => !isIntact(entry));
	for (const { key } of damaged) console.warn(`Skipping ${key}: the file is damaged or missing.`);
	const intact = entries.filter((entry) => !damaged.includes(entry));
	// The ledger of erasures and the nightly export are restored first, so that deleted sessions stay deleted.
	const ledgerAndExport = intact.filter(({ key }) => key.startsWith("."));
	for (const entry of ledgerAndExport) await put(entry);
	await runSteps("backup/begin", ({ rows }) =>
		rows === undefined ? "The backup has no nightly export." : `${rows} rows of the nightly export restored`,
	);
	let stored = 0;
	for (const entry of intact) if (!entry.key.startsWith(".") && (await put(entry))) stored++;
	console.log(`${intact.length} objects, ${stored} restored`);
	await runSteps("maintenance/reindex", ({ seen, indexed }) => `${seen} chunks checked, ${indexed} indexed`);
	await runSteps(
		"maintenance/check",
		({ seen, dropped }) => `${seen} rows checked, ${dropped} without a recording deleted`,
	);
	if (damaged.length) process.exitCode = 1;
}

async function put({ key, beside }: Entry): Promise<boolean> {
	const response = await request(`/backup/object?key=${encodeURIComponent(key)}`, {
		method: "PUT",
		headers: { "x-beside": beside },
		body: new Uint8Array(readFileSync(fileOf(key))),
	});
	return ((await response.json()) as { stored: boolean }).stored;
}

/** Runs all steps of an operation, until the returned cursor is null, and prints the sums of the steps' counts. */
async function runSteps(path: string, summarize: (sums: Record<string, number>) => string): Promise<void> {
	const sums: Record<string, number> = {};
	let cursor: string | null = null;
	do {
		const answer: Record<string, unknown> = await (
			await request(`/${path}${cursor ? `?cursor=${cursor}` : ""}`, { method: "POST" })
		).json();
		for (const [name, value] of Object.entries(answer)) {
			if (typeof value === "number") sums[name] = (sums[name] ?? 0) + value;
		}
		cursor = answer.cursor as string | null;
	} while (cursor);
	console.log(summarize(sums));
}

/** Calls the API. Ends the program if the call fails. @param expected error statuses that the caller handles */
async function request(path: string, init: RequestInit = {}, expected: number[] = []): Promise<Response> {
	const headers = { ...init.headers, authorization };
	const response = await fetch(`${url}/api${path}`, { ...init, headers }).catch(() =>
		fail(`No response from ${url}. Set URL to the address of your Worker, or start the demo: npm run demo`),
	);
	if (!response.ok && !expected.includes(response.status))
		fail(`${url} responded with ${response.status}: ${await response.text()}`);
	return response;
}

/** Returns the path of an object's file. Encodes each segment of the key, so that the path stays inside the folder. */
function fileOf(key: string): string {
	return join(
		folder!,
		"objects",
		...key.split("/").map((part) => encodeURIComponent(part).replace(/^\.+$/, "_").replaceAll("*", "%2A")),
	);
}

function isIntact({ key, sha256: expected }: Entry): boolean {
	return existsSync(fileOf(key)) && sha256(readFileSync(fileOf(key))) === expected;
}

function sha256(bytes: Uint8Array): string {
	return createHash("sha256").update(bytes).digest("hex");
}

function readManifest(): Entry[] {
	return JSON.parse(readFileSync(manifest, "utf8")) as Entry[];
}

/** Replaces the manifest atomically. */
function writeManifest(entries: ReadonlyMap<string, Entry>): void {
	mkdirSync(folder!, { recursive: true });
	writeFileSync(`${manifest}.new`, JSON.stringify([...entries.values()], null, "\t"));
	renameSync(`${manifest}.new`, manifest);
}

function fail(message: string): never {
	console.error(message);
	process.exit(1);
}
