/**
 * `npm run reindex` rebuilds D1's rows from R2. `npm run reencrypt` encrypts every chunk with the newest encryption
 * key. Both call the Worker's API in steps and print their progress; they can be stopped and run again. The variables
 * URL and BASIC_AUTH are the Worker's address and login (default: the demo's).
 */

const url = process.env.URL || `http://localhost:${process.env.PORT || 8787}`;
const credentials = process.env.BASIC_AUTH || "demo:demo";
const headers = { authorization: `Basic ${btoa(credentials)}` };

interface Step {
	seen: number;
	indexed?: number;
	sealed?: number;
	unreadable: string[];
	cursor: string | null;
}

const operation = process.argv[2];
if (operation !== "reindex" && operation !== "reencrypt") fail("Usage: npm run reindex, or npm run reencrypt");

let seen = 0;
let changed = 0;
let cursor: string | null = null;
do {
	const query: string = cursor ? `?cursor=${cursor}` : "";
	const response: Response = await fetch(`${url}/api/maintenance/${operation}${query}`, {
		method: "POST",
		headers,
	}).catch(() =>
		fail(`No response from ${url}. Set URL to the address of your Worker, or start the demo: npm run demo`),
	);
	if (!response.ok) fail(`${url} responded with ${response.status}: ${await response.text()}`);
	const step = (await response.json()) as Step;
	seen += step.seen;
	changed += step.indexed ?? step.sealed ?? 0;
	cursor = step.cursor;
	for (const key of step.unreadable) console.warn(`Cannot read ${key}. It stays in R2 unchanged.`);
	console.log(`${seen} chunks checked, ${changed} ${operation === "reindex" ? "indexed" : "re-encrypted"}`);
} while (cursor);

function fail(message: string): never {
	console.error(message);
	process.exit(1);
}

export {};
