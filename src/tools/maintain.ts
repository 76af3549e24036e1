/**
 * `npm run reindex` rebuilds D1's rows from R2; `npm run reseal` seals every recording with the newest encryption key, or
 * opens all when there is none. Both through the Worker's API, step by step, with progress; they may be stopped and run
 * again. URL and BASIC_AUTH name the Worker and its login; unset, they are the demo's.
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

const verb = process.argv[2];
if (verb !== "reindex" && verb !== "reseal") fail("Say what to do: reindex, or reseal.");

let seen = 0;
let changed = 0;
let cursor: string | null = null;
do {
	const query: string = cursor ? `?cursor=${cursor}` : "";
	const response: Response = await fetch(`${url}/api/maintenance/${verb}${query}`, { method: "POST", headers }).catch(
		() => fail(`Nothing answered on ${url}. Set URL to your Worker's address, or start npm run demo.`),
	);
	if (!response.ok) fail(`${url} answered ${response.status}: ${await response.text()}`);
	const step = (await response.json()) as Step;
	seen += step.seen;
	changed += step.indexed ?? step.sealed ?? 0;
	cursor = step.cursor;
	for (const key of step.unreadable) console.warn(`could not be read, and stays in R2: ${key}`);
	console.log(`${seen} chunks looked at, ${changed} ${verb === "reindex" ? "put back" : "sealed anew"}`);
} while (cursor);

function fail(sentence: string): never {
	console.error(sentence);
	process.exit(1);
}

export {};
