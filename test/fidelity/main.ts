import { existsSync, readdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openStage } from "../support/stage.ts";
import { installLibraries } from "./install.ts";
import type { Moment } from "./record.ts";
import type { Stack } from "./stack.ts";

/**
 * `npm run fidelity`: records pages that are built with front-end libraries (stacks), and compares pictures of each
 * page with pictures of its replay. `npm run fidelity -- mui radix` runs only these stacks, and `--no-plain` leaves out
 * the comparison with plain rrweb. The pictures are written to `.cache/fidelity`. The command fails if more than two
 * stacks have a picture in which more than 1 % of the pixels differ.
 */

const MAX_PERCENT = 1;
const MAX_STACKS_ABOVE = 2;
const OPERATOR_VIEW = { width: 2000, height: 1300 };

const folder = new URL("stacks/", import.meta.url);
const pictures = fileURLToPath(new URL("../../.cache/fidelity/", import.meta.url));

installLibraries();
const [{ bundle }, { compare }, { recordPlain, recordSession }, { replayPlain, replaySession }, { serveSite }] =
	await Promise.all([
		import("./build.ts"),
		import("./compare.ts"),
		import("./record.ts"),
		import("./replay.ts"),
		import("./serve.ts"),
	]);

const args = process.argv.slice(2);
const withPlain = !args.includes("--no-plain");
const chosen = args.filter((arg) => !arg.startsWith("--"));
const names = readdirSync(folder).filter((name) => chosen.length === 0 || chosen.includes(name));
const unknown = chosen.filter((name) => !names.includes(name));
if (unknown.length) throw new Error(`No such stack: ${unknown.join(", ")}`);

await mkdir(pictures, { recursive: true });
let recorderUrl = "";
const [record, replay] = await Promise.all([bundle("plain/record.ts"), bundle("plain/replay.ts")]);
const site = await serveSite(() => recorderUrl, { record, replay });
const stage = await openStage({}, { CORS_ORIGINS: [site.origin] as unknown as string });
recorderUrl = `${stage.worker}/recorder.js`;
const operator = await stage.operator({ viewport: OPERATOR_VIEW });

interface Result {
	title: string;
	percents: number[];
	plain: number[];
}
const results: Result[] = [];
try {
	for (const name of names) {
		const started = Date.now();
		try {
			const result = await run(name);
			results.push(result);
			console.log(`${row(result)}   ${Math.round((Date.now() - started) / 1000)} s`);
		} catch (error) {
			results.push({ title: name, percents: [], plain: [] });
			console.error(`${name}: ${error}`);
		}
	}
} finally {
	await stage.close();
	await site.close();
}

const above = results.filter(({ percents }) => !percents.length || Math.max(...percents) > MAX_PERCENT);
console.log(`\n${row(null)}\n${results.map(row).join("\n")}`);
console.log(`\n${above.length} of ${results.length} stacks above ${MAX_PERCENT} %. Pictures: ${pictures}`);
process.exit(above.length > MAX_STACKS_ABOVE ? 1 : 0);

async function run(name: string): Promise<Result> {
	const { stack } = (await import(new URL(`${name}/stack.ts`, folder).href)) as { stack: Stack };
	const entry = ["page.tsx", "page.ts"].find((file) => existsSync(new URL(`${name}/${file}`, folder)));
	site.add(name, stack, await bundle(`stacks/${name}/${entry}`));
	const url = `${site.origin}/${name}/`;
	const { sessionId, moments } = await recordSession(stage, url, stack);
	const percents = await compareAll(name, moments, await replaySession(operator, sessionId, moments));
	if (!withPlain) return { title: stack.title, percents, plain: [] };
	const plainRun = await recordPlain(stage.browser, url, stack);
	const plainPictures = await replayPlain(operator, site.origin, plainRun.events, plainRun.moments);
	const plain = await compareAll(`${name}-plain`, plainRun.moments, plainPictures);
	return { title: stack.title, percents, plain };
}

async function compareAll(name: string, moments: readonly Moment[], replayed: readonly Buffer[]): Promise<number[]> {
	const percents: number[] = [];
	for (const [i, { live }] of moments.entries()) {
		const { percent, diff } = compare(live, replayed[i]!);
		percents.push(percent);
		for (const [kind, picture] of Object.entries({ live, replay: replayed[i]!, diff })) {
			await writeFile(`${pictures}${name}-${i + 1}-${kind}.png`, picture);
		}
	}
	return percents;
}

function row(result: Result | null): string {
	const number = (percent: number) => (Number.isFinite(percent) ? percent.toFixed(2) : "-").padStart(8);
	if (!result)
		return ["stack".padEnd(34), ...["1", "2", "3", "worst", "plain rrweb"].map((it) => it.padStart(8))].join("");
	const { title, percents, plain } = result;
	const cells = [0, 1, 2].map((i) => number(percents[i] ?? Number.NaN));
	return [title.padEnd(34), ...cells, number(Math.max(...percents)), number(Math.max(...plain)).padStart(11)].join("");
}
