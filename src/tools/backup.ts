/**
 * `npm run backup -- FOLDER` copies everything that is in R2 into a folder, with checksums; what is there already is not
 * fetched again. `npm run restore -- FOLDER` puts it back, but for what was erased since, and rebuilds the index. Both
 * through the Worker's API: URL and BASIC_AUTH name it and its login; unset, they are the demo's.
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
	beside: string;
}

const [verb, folder] = process.argv.slice(2);
if ((verb !== "backup" && verb !== "restore") || !folder)
	fail("Say where: npm run backup -- FOLDER, npm run restore -- FOLDER.");
const manifest = join(folder, "manifest.json");
await (verb === "backup" ? backUp() : restore());

async function backUp(): Promise<void> {
	const known = new Map(existsSync(manifest) ? readManifest().map((entry) => [entry.key, entry]) : []);
	const entries = new Map<string, Entry>();
	let fetched = 0;
	let cursor: string | null = null;
	do {
		const page: { objects: { key: string; etag: string }[]; cursor: string | null } = await (
			await ask(`/backup${cursor ? `?cursor=${cursor}` : ""}`)
		).json();
		for (const { key, etag } of page.objects) {
			const before = known.get(key);
			if (before?.etag === etag && isWhole(before)) {
				entries.set(key, before);
				continue;
			}
			const response = await ask(`/backup/object?key=${encodeURIComponent(key)}`, {}, [404]);
			// Retention, or somebody, was faster.
			if (response.status === 404) continue;
			const bytes = new Uint8Array(await response.arrayBuffer());
			const entry = { key, etag, sha256: sha256(bytes), beside: response.headers.get("x-beside") ?? "" };
			mkdirSync(dirname(fileOf(key)), { recursive: true });
			writeFileSync(fileOf(key), bytes);
			entries.set(key, entry);
			fetched++;
		}
		// Now and then, with what an earlier run had: whatever stops this, nothing that is there is forgotten.
		writeManifest(new Map([...known, ...entries]));
		cursor = page.cursor;
		console.log(`${entries.size} objects, ${fetched} of them new`);
	} while (cursor);
	writeManifest(entries);
	const gone = [...known.keys()].filter((key) => !entries.has(key));
	if (gone.length)
		console.log(`${gone.length} are no longer in R2: their copies stay in the folder, and are not restored`);
}

async function restore(): Promise<void> {
	if (!existsSync(manifest)) fail(`${folder} holds no backup.`);
	const entries = readManifest();
	const broken = entries.filter((entry) => !isWhole(entry));
	for (const { key } of broken) console.warn(`damaged or missing, and left out: ${key}`);
	const whole = entries.filter((entry) => !broken.includes(entry));
	// What was erased, and the last night's export, come first.
	const first = whole.filter(({ key }) => key.startsWith("."));
	for (const entry of first) await put(entry);
	await inSteps("backup/begin", ({ rows }) =>
		rows === undefined ? "no nightly export in it" : `${rows} rows of the nightly export put back`,
	);
	let stored = 0;
	for (const entry of whole) if (!entry.key.startsWith(".") && (await put(entry))) stored++;
	console.log(`${whole.length} objects, ${stored} of them put back`);
	await inSteps(
		"maintenance/reindex",
		({ seen, indexed }) => `${seen} chunks looked at, ${indexed} put into the index`,
	);
	await inSteps(
		"maintenance/check",
		({ seen, dropped }) => `${seen} rows looked at, ${dropped} without a recording dropped`,
	);
	if (broken.length) process.exitCode = 1;
}

async function put({ key, beside }: Entry): Promise<boolean> {
	const response = await ask(`/backup/object?key=${encodeURIComponent(key)}`, {
		method: "PUT",
		headers: { "x-beside": beside },
		body: new Uint8Array(readFileSync(fileOf(key))),
	});
	return ((await response.json()) as { stored: boolean }).stored;
}

async function inSteps(step: string, tell: (sums: Record<string, number>) => string): Promise<void> {
	const sums: Record<string, number> = {};
	let cursor: string | null = null;
	do {
		const answer: Record<string, unknown> = await (
			await ask(`/${step}${cursor ? `?cursor=${cursor}` : ""}`, { method: "POST" })
		).json();
		for (const [name, value] of Object.entries(answer)) {
			if (typeof value === "number") sums[name] = (sums[name] ?? 0) + value;
		}
		cursor = answer.cursor as string | null;
	} while (cursor);
	console.log(tell(sums));
}

/** @param expected statuses, beside good ones, that the caller knows what to do with */
async function ask(path: string, init: RequestInit = {}, expected: number[] = []): Promise<Response> {
	const headers = { ...init.headers, authorization };
	const response = await fetch(`${url}/api${path}`, { ...init, headers }).catch(() =>
		fail(`Nothing answered on ${url}. Set URL to your Worker's address, or start npm run demo.`),
	);
	if (!response.ok && !expected.includes(response.status))
		fail(`${url} answered ${response.status}: ${await response.text()}`);
	return response;
}

/** Keys are ids, days and hashes, and never lead out of the folder. */
function fileOf(key: string): string {
	return join(
		folder!,
		"objects",
		...key.split("/").map((part) => encodeURIComponent(part).replace(/^\.+$/, "_").replaceAll("*", "%2A")),
	);
}

function isWhole({ key, sha256: expected }: Entry): boolean {
	return existsSync(fileOf(key)) && sha256(readFileSync(fileOf(key))) === expected;
}

function sha256(bytes: Uint8Array): string {
	return createHash("sha256").update(bytes).digest("hex");
}

function readManifest(): Entry[] {
	return JSON.parse(readFileSync(manifest, "utf8")) as Entry[];
}

/** Whole, or not at all. */
function writeManifest(entries: ReadonlyMap<string, Entry>): void {
	mkdirSync(folder!, { recursive: true });
	writeFileSync(`${manifest}.new`, JSON.stringify([...entries.values()], null, "\t"));
	renameSync(`${manifest}.new`, manifest);
}

function fail(sentence: string): never {
	console.error(sentence);
	process.exit(1);
}
