/**
 * `npm run reindex`: rebuilds D1's rows from R2 through the Worker's API, step by step, with progress. May be stopped
 * and run again. URL and BASIC_AUTH name the Worker and its login; unset, they are the demo's.
 */

const url = process.env.URL || `http://localhost:${process.env.PORT || 8787}`;
const credentials = process.env.BASIC_AUTH || "demo:demo";
const headers = { authorization: `Basic ${btoa(credentials)}` };

interface Step {
	seen: number;
	indexed: number;
	unreadable: string[];
	cursor: string | null;
}

let seen = 0;
let indexed = 0;
let cursor: string | null = null;
do {
	const query: string = cursor ? `?cursor=${cursor}` : "";
	const response: Response = await fetch(`${url}/api/maintenance/reindex${query}`, { method: "POST", headers }).catch(
		() => fail(`Nothing answered on ${url}. Set URL to your Worker's address, or start npm run demo.`),
	);
	if (!response.ok) fail(`${url} answered ${response.status}: ${await response.text()}`);
	const step = (await response.json()) as Step;
	seen += step.seen;
	indexed += step.indexed;
	cursor = step.cursor;
	for (const key of step.unreadable) console.warn(`could not be read, and stays in R2: ${key}`);
	console.log(`${seen} chunks looked at, ${indexed} put back`);
} while (cursor);

function fail(sentence: string): never {
	console.error(sentence);
	process.exit(1);
}

export {};
