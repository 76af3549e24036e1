import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { readMatching, readScores, readSequences } from "../../src/storage/scans.ts";
import { dbWith } from "../support/worker.ts";

/** On four days, some summed up and some not. */
const COUNT = 1_250;
const DAYS = [20260607, 20260608, 20260609, 20260610];
const ALL = { since: DAYS[0]!, until: DAYS[3]!, filter: {} };
const LIMIT = 5_000;
const P = "default";
const BOUGHT = { needle: "/bought", told: ["entry"], onlyThose: true, but: [] } as const;

interface Row {
	id: string;
	day: number;
	rolled: number;
	begins: number;
	score: number;
	words: string[];
	entry?: string;
}

/** `night` ones go over midnight, from the first day to the last of all, so that a limit may part their days. */
const NIGHTS = ["a-night", "m-night", "z-night"];
const ROWS: Row[] = [
	...Array.from({ length: COUNT }, (_, i) => ({
		...{ id: `s${String((i * 7_919) % COUNT).padStart(4, "0")}`, day: DAYS[i % 4]!, rolled: i % 3 ? 1 : 0, begins: 1 },
		...{ score: (i * 37) % 101, words: [i % 5 ? "/" : "/bought"], entry: `/${i % 7}` },
	})),
	...NIGHTS.flatMap((id) => [
		{ id, day: DAYS[0]!, rolled: 1, begins: 1, score: 100, words: ["/bought"] },
		{ id, day: DAYS[3]!, rolled: 0, begins: 0, score: 0, words: ["/late"] },
	]),
];

async function fill() {
	const json = JSON.stringify(
		ROWS.map(({ id, day, rolled, begins, score, words, entry }) => [
			...[P, id, day, rolled, begins, 1, 2, 2, score, 1, 1, 0, 0, 0, 0, "{}", JSON.stringify({ exit: id, entry })],
			...[JSON.stringify({ words, list: [[0, 0, 0]] }), "{}"],
		]),
	);
	const values = Array.from({ length: 19 }, (_, i) => `value ->> ${i}`).join();
	await env.DB.prepare(`INSERT INTO facts SELECT ${values} FROM json_each(?1)`).bind(json).run();
}

const keys = (rows: readonly { sessionId: string }[]) => rows.map(({ sessionId }) => sessionId).sort();
const ids = (rows: readonly Row[]) => rows.map(({ id }) => id).sort();
/** Newest first. */
const NEWEST = [...ROWS].sort((a, b) => b.day - a.day || (a.id < b.id ? 1 : -1));

describe("a scan", () => {
	it("has each row once", async () => {
		await fill();
		const { facts, isCut } = await readMatching(env.DB, P, ALL, LIMIT);
		expect(keys(facts)).toEqual(ids(ROWS));
		expect(isCut).toBe(false);
	});

	it("counts sessions without the needle, those that are told the same as one, and has the others one by one", async () => {
		await fill();
		const query = { ...BOUGHT, onlyThose: false };
		for (const limit of [LIMIT, ROWS.length - 1, 500, 7]) {
			const looked = NEWEST.slice(0, limit);
			const { rows, isCut } = await readSequences(env.DB, P, ALL, limit, query);
			expect(isCut).toBe(limit < ROWS.length);
			const isItself = ({ id, words }: Row) => words[0] === "/bought" || NIGHTS.includes(id);
			const alike = (entry?: string) => looked.filter((row) => !isItself(row) && row.entry === entry);
			expect(
				rows.map(({ sessionId, sessions, head, steps }) => [sessionId, sessions, head.entry, steps.words]),
			).toEqual(
				looked
					.filter((row) => isItself(row) || alike(row.entry)[0] === row)
					.map((row) =>
						isItself(row) ? [row.id, 1, row.entry, row.words] : [row.id, alike(row.entry).length, row.entry, []],
					),
			);
		}
	});

	it("leaves out sessions that are counted elsewhere", async () => {
		await fill();
		const but = ["a-night", "s0000", "s0001", "other"];
		const counted = await readSequences(env.DB, P, ALL, LIMIT, { ...BOUGHT, onlyThose: false, but });
		expect(counted.rows.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(ROWS.length - 4);
		const { rows } = await readSequences(env.DB, P, ALL, LIMIT, { ...BOUGHT, but });
		expect(keys(rows)).toEqual(
			ids(ROWS.filter(({ id, words }) => !but.includes(id) && (words[0] === "/bought" || NIGHTS.includes(id)))),
		);
	});

	it("ends with its period, its project and its limit, the newest first, and says so", async () => {
		await fill();
		const { facts } = await readMatching(env.DB, P, { ...ALL, since: DAYS[1]!, until: DAYS[2]! }, LIMIT);
		expect(keys(facts)).toEqual(ids(ROWS.filter(({ day }) => day === DAYS[1] || day === DAYS[2])));
		expect((await readMatching(env.DB, "other", ALL, LIMIT)).facts).toEqual([]);
		for (const limit of [1, 500, 1_001, ROWS.length - 1]) {
			const found = await readMatching(env.DB, P, ALL, limit);
			expect(keys(found.facts)).toEqual(ids(NEWEST.slice(0, limit)));
			expect(found.isCut).toBe(true);
		}
		expect(await readMatching(env.DB, P, ALL, ROWS.length)).toMatchObject({ isCut: false });
	});

	it("keeps the days of a session together", async () => {
		await fill();
		const { rows } = await readSequences(env.DB, P, ALL, LIMIT, BOUGHT);
		expect(rows.filter(({ sessionId }) => NIGHTS.includes(sessionId)).map(({ steps }) => steps.words[0])).toEqual([
			...["/late", "/late", "/late", "/bought", "/bought", "/bought"],
		]);
		const bought = ROWS.filter(({ words, id }) => words[0] === "/bought" || NIGHTS.includes(id));
		expect(keys(rows)).toEqual(ids(bought));
	});

	it("finds no row by its key: that would be one more that is read, and the slowest", async () => {
		await fill();
		let read = 0;
		const batch = async (statements: D1PreparedStatement[]) => {
			const results = await env.DB.batch(statements);
			for (const { meta } of results) read += meta.rows_read;
			return results;
		};
		const db = dbWith({ batch });
		await readSequences(db, P, ALL, LIMIT, BOUGHT);
		expect(read / ROWS.length).toBeLessThan(4);
		read = 0;
		await readSequences(db, P, ALL, LIMIT, { ...BOUGHT, onlyThose: false });
		expect(read / ROWS.length).toBeLessThan(7.5);
	});

	it("has the first by score, and counts all", async () => {
		await fill();
		const { rows, scores } = await readScores(env.DB, P, ALL, LIMIT, "score", 120);
		const begun = ROWS.filter(({ begins }) => begins);
		const expected = [...begun].sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1)).slice(0, 120);
		expect(rows.map(({ sessionId }) => sessionId)).toEqual(expected.map(({ id }) => id));
		expect(scores).toEqual(
			[0, 1, 2, 3, 4].map((fifth) => begun.filter(({ score }) => Math.min(Math.floor(score / 20), 4) === fifth).length),
		);
	});
});
