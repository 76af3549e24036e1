import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { fullFacts, MAX_SCANNED, type NewestRow, newestFacts, resetDayCache } from "../../src/storage/day-cache.ts";
import { deleteFacts } from "../../src/storage/facts.ts";
import { dbWith } from "../support/worker.ts";

/** Number of sessions, which are spread over four days. The facts of a third of them are not in rollups. */
const SESSION_COUNT = 1_250;
const DAYS = [20260607, 20260608, 20260609, 20260610];
const ALL = { since: DAYS[0]!, until: DAYS[3]! };
const P = "default";

interface Row {
	id: string;
	day: number;
	rolled: number;
	page: string;
}

/** Rows of `facts`. Three more sessions have two rows, on the first and the last day, which a limit may separate. */
const ROWS: Row[] = [
	...Array.from({ length: SESSION_COUNT }, (_, i) => ({
		...{
			id: `s${String((i * 7_919) % SESSION_COUNT).padStart(4, "0")}`,
			day: DAYS[i % 4]!,
			rolled: i % 3 ? 1 : 0,
			page: "/",
		},
	})),
	...["a-night", "m-night", "z-night"].flatMap((id) => [
		{ id, day: DAYS[0]!, rolled: 1, page: "/bought" },
		{ id, day: DAYS[3]!, rolled: 0, page: "/late" },
	]),
];

async function fill(rows: readonly Row[] = ROWS, project = P) {
	for (let i = 0; i < rows.length; i += 500) {
		const json = JSON.stringify(
			rows
				.slice(i, i + 500)
				.map(({ id, day, rolled, page }) => [
					...[project, id, day, rolled, 1, 1, 2, 2, 3, 1, 1, 0, 0, 0, 0, "{}", JSON.stringify({ exit: id })],
					...[JSON.stringify({ words: [page], list: [[0, 0, 0]] }), JSON.stringify({ words: [id] })],
				]),
		);
		const values = Array.from({ length: 19 }, (_, n) => `value ->> ${n}`).join();
		await env.DB.prepare(`INSERT INTO facts SELECT ${values} FROM json_each(?1)`).bind(json).run();
	}
	const sql = "INSERT INTO rollup_days SELECT ?1, value, 1, 0 FROM json_each(?2)";
	const days = new Set(rows.filter(({ rolled }) => rolled).map(({ day }) => day));
	await env.DB.prepare(sql)
		.bind(project, JSON.stringify([...days]))
		.run();
}

/** Returns a D1 that counts calls of `batch`, and the rows that they read. @param before runs before each call */
function countingDb(before: (call: number) => Promise<unknown> = async () => {}) {
	const count = { rows: 0, calls: 0 };
	const batch = async (statements: D1PreparedStatement[]) => {
		await before(count.calls++);
		const results = await env.DB.batch(statements);
		for (const { meta } of results) count.rows += meta.rows_read;
		return results;
	};
	return { db: dbWith({ batch }), count };
}

const keysOf = (rows: readonly { sessionId: string; day: number }[]) =>
	rows.map(({ day, sessionId }) => `${day}/${sessionId}`);
/** Returns the keys of rows, newest first. */
const newestFirst = (rows: readonly Row[]) =>
	[...rows].sort((a, b) => b.day - a.day || (a.id < b.id ? 1 : -1)).map(({ day, id }) => `${day}/${id}`);

describe("newestFacts", () => {
	it("returns each row once, with an empty and with a filled cache", async () => {
		await fill();
		for (const most of [1.3 * ROWS.length, 0.5 * ROWS.length]) {
			const { db, count } = countingDb();
			const { rows, isCut, goneUntil } = await newestFacts(db, P, ALL);
			expect(keysOf(rows)).toEqual(newestFirst(ROWS));
			expect([isCut, goneUntil, count.calls]).toEqual([false, null, 1]);
			expect(count.rows).toBeLessThan(most);
			expect(rows[0]).toMatchObject({ isFirstDay: true, score: 3, durationMs: 2, profile: { exit: "z-night" } });
			expect(rows[0]!.journey).toEqual({ words: ["/late"], list: [[0, 0, 0]] });
		}
	});

	it("reads a covering index in the order of the index", async () => {
		const queries: string[] = [];
		const prepare = (sql: string) => {
			queries.push(sql);
			return env.DB.prepare(sql);
		};
		await newestFacts(dbWith({ prepare }), P, ALL);
		const scans = queries.filter((sql) => sql.includes("FROM facts"));
		expect(scans).toHaveLength(2);
		for (const sql of scans) {
			const plan = env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`).bind(P, ALL.since, ALL.until);
			const { results } = await plan.all<{ detail: string }>();
			expect(results.map(({ detail }) => detail)).toEqual([
				expect.stringContaining("USING COVERING INDEX facts_in_order"),
			]);
		}
	});

	it("respects period, project and limit, and reports truncation", async () => {
		await fill();
		for (const part of [DAYS.slice(3), DAYS.slice(1, 3), DAYS]) {
			const { rows } = await newestFacts(env.DB, P, { since: part[0]!, until: part.at(-1)! });
			expect(keysOf(rows)).toEqual(newestFirst(ROWS.filter(({ day }) => part.includes(day))));
		}
		expect((await newestFacts(env.DB, "other", ALL)).rows).toEqual([]);
		for (const limit of [1, 500, 1_001, ROWS.length - 1]) {
			const { rows, isCut } = await newestFacts(env.DB, P, ALL, limit);
			expect(keysOf(rows)).toEqual(newestFirst(ROWS).slice(0, limit));
			expect(isCut).toBe(true);
		}
		expect(await newestFacts(env.DB, P, ALL, ROWS.length)).toMatchObject({ isCut: false });
	});

	it("returns at most MAX_SCANNED rows of a period that has more", async () => {
		const many: Row[] = Array.from({ length: 4 * 2_100 }, (_, i) => ({
			...{ id: `s${String(i).padStart(5, "0")}`, day: DAYS[i % 4]!, rolled: i % 500 ? 1 : 0, page: "/" },
		}));
		await fill(many);
		// For each request, the expected number of calls and the limit of rows read. The first request reads the last day
		// only in part. The second reads that day in full and caches it. The third reads only the cache.
		for (const [calls, most] of [
			[1, 5_500],
			[2, 5_500],
			[1, 100],
		] as const) {
			const { db, count } = countingDb();
			const { rows, isCut } = await newestFacts(db, P, ALL);
			expect(keysOf(rows)).toEqual(newestFirst(many).slice(0, MAX_SCANNED));
			expect([isCut, count.calls]).toEqual([true, calls]);
			expect(count.rows).toBeLessThan(most);
		}
		const { db, count } = countingDb();
		const { rows, isCut } = await newestFacts(db, P, { since: DAYS[0]!, until: DAYS[0]! });
		expect(keysOf(rows)).toEqual(newestFirst(many.filter(({ day }) => day === DAYS[0])));
		expect([isCut, count.calls]).toEqual([false, 1]);
	});

	it("returns the newest rows of a day with more than MAX_SCANNED", async () => {
		const many: Row[] = Array.from({ length: MAX_SCANNED + 900 }, (_, i) => ({
			...{ id: `s${String(i).padStart(5, "0")}`, day: DAYS[i ? 2 : 1]!, rolled: 1, page: "/" },
		}));
		await fill(many);
		for (let i = 0; i < 2; i++) {
			const { db, count } = countingDb();
			const { rows, isCut } = await newestFacts(db, P, ALL);
			expect(keysOf(rows)).toEqual(newestFirst(many).slice(0, MAX_SCANNED));
			expect([isCut, count.calls]).toEqual([true, 1]);
		}
		// The requests above did not reach the day before, but its facts can be read.
		const { rows } = await newestFacts(env.DB, P, { since: DAYS[0]!, until: DAYS[1]! });
		expect(keysOf(rows)).toEqual([`${DAYS[1]}/s00000`]);
	});

	it("returns even while days keep changing", async () => {
		await fill();
		await newestFacts(env.DB, P, ALL);
		const { db, count } = countingDb(async (call) => {
			await env.DB.exec(`UPDATE rollup_days SET rev = rev + 1 WHERE day = ${call % 2 ? DAYS[0] : DAYS[3]}`);
		});
		expect(keysOf((await newestFacts(db, P, ALL)).rows)).toEqual(newestFirst(ROWS));
		expect(count.calls).toBe(3);
	});

	it("reads changed days again, and only those", async () => {
		await fill();
		await newestFacts(env.DB, P, ALL);
		const deleted = ROWS.find(({ day, rolled }) => day === DAYS[1] && rolled)!;
		await env.DB.batch(deleteFacts(env.DB, P, JSON.stringify([deleted.id])));
		await env.DB.exec(`UPDATE rollup_days SET closed = 1 WHERE day = ${DAYS[2]}`);
		const frozen = ROWS.find(({ day, rolled }) => day === DAYS[2] && rolled)!;
		await env.DB.batch(deleteFacts(env.DB, P, JSON.stringify([frozen.id])));
		const rest = ROWS.filter((row) => row !== deleted && row !== frozen);
		const { db, count } = countingDb();
		const { rows, goneUntil } = await newestFacts(db, P, ALL);
		expect(keysOf(rows)).toEqual(newestFirst(rest));
		expect([goneUntil, count.calls]).toEqual([DAYS[2], 2]);
		expect(await matchesEmptyCache()).toBe(true);
	});

	it("returns a consistent state when a day changes during the read", async () => {
		await fill();
		const victims = ROWS.filter(({ rolled }) => rolled).slice(0, 6);
		const { db, count } = countingDb(async (call) => {
			const victim = victims[call];
			if (victim && call) await env.DB.batch(deleteFacts(env.DB, P, JSON.stringify([victim.id])));
		});
		// One day is cached, so that the other days are read only after the first call has found them missing.
		await newestFacts(env.DB, P, { since: DAYS[3]!, until: DAYS[3]! });
		const { rows } = await newestFacts(db, P, ALL);
		expect(count.calls).toBeGreaterThan(1);
		const rest = ROWS.filter((row) => !victims.slice(1, count.calls).includes(row));
		expect(keysOf(rows)).toEqual(newestFirst(rest));
	});

	it("keeps projects apart", async () => {
		await fill();
		await fill([{ id: "x", day: DAYS[1]!, rolled: 1, page: "/" }], "other");
		for (let i = 0; i < 2; i++) {
			expect((await newestFacts(env.DB, P, ALL)).rows).toHaveLength(ROWS.length);
			expect(keysOf((await newestFacts(env.DB, "other", ALL)).rows)).toEqual([`${DAYS[1]}/x`]);
		}
	});

	it("evicts days when the cache is full", async () => {
		const long = (project: string) =>
			DAYS.flatMap((day) =>
				Array.from({ length: 250 }, (_, i) => ({ id: `${project}${i}`, day, rolled: 1, page: "w".repeat(6_000) })),
			);
		for (const project of ["a", "b"]) await fill(long(project), project);
		const rowsRead = async (project: string, since = ALL.since) => {
			const { db, count } = countingDb();
			const { rows } = await newestFacts(db, project, { ...ALL, since });
			expect(keysOf(rows)).toEqual(newestFirst(long(project).filter(({ day }) => day >= since)));
			return count.rows;
		};
		// The facts of each project have six million characters; the cache holds eight million.
		expect(await rowsRead("a")).toBeGreaterThan(1_000);
		expect(await rowsRead("a")).toBeLessThan(20);
		expect(await rowsRead("b")).toBeGreaterThan(1_000);
		expect(await rowsRead("b")).toBeLessThan(20);
		expect(await rowsRead("a")).toBeGreaterThan(500);
		// Full facts count towards the limit, too.
		await fill(long("c"), "c");
		await env.DB.exec(`UPDATE facts SET moments = json_object('words', json_array(steps)) WHERE project = 'c'`);
		expect(await rowsRead("c")).toBeGreaterThan(1_000);
		expect(await rowsRead("c")).toBeLessThan(20);
		const { rows } = await newestFacts(env.DB, "c", ALL);
		expect(await fullFacts(env.DB, "c", rows)).toHaveLength(1_000);
		expect(await rowsRead("c")).toBeGreaterThan(500);
	}, 30_000);
});

describe("fullFacts", () => {
	it("returns the facts of all rows, with an empty and with a filled cache", async () => {
		await fill();
		for (const isFirst of [true, false]) {
			const { rows } = await newestFacts(env.DB, P, ALL);
			const { db, count } = countingDb();
			const facts = await fullFacts(db, P, rows);
			expect(keysOf(facts)).toEqual(newestFirst(ROWS));
			for (const { sessionId, details, startedAt, events } of facts) {
				expect([details.words, startedAt, events]).toEqual([[sessionId], 1, 1]);
			}
			expect(Object.keys(facts[0]!)).not.toContain("rev");
			// Facts that are not in rollups yet are read each time.
			const unrolled = ROWS.filter(({ rolled }) => !rolled).length;
			if (isFirst) expect(count.rows).toBeGreaterThan(ROWS.length);
			else expect(count.rows).toBeLessThan(4 * unrolled);
		}
	});

	it("omits deleted rows, and reads changed rows again", async () => {
		await fill();
		const { rows } = await newestFacts(env.DB, P, ALL);
		const [deleted, changed] = rows.filter(({ day, rev }) => day === DAYS[1] && rev !== null);
		await env.DB.batch(deleteFacts(env.DB, P, JSON.stringify([deleted!.sessionId])));
		await env.DB.prepare("UPDATE facts SET events = 7 WHERE session_id = ?1").bind(changed!.sessionId).run();
		expect(await fullFacts(env.DB, P, [deleted!, changed!])).toMatchObject([
			{ sessionId: changed!.sessionId, events: 7 },
		]);
		// The row was read before the revision of its day rose, so the call above did not cache its facts.
		await env.DB.prepare("UPDATE facts SET events = 8 WHERE session_id = ?1").bind(changed!.sessionId).run();
		expect(await fullFacts(env.DB, P, [changed!])).toMatchObject([{ events: 8 }]);
	});
});

/** Returns whether reading with an empty cache gives the same rows as with the current cache. */
async function matchesEmptyCache(): Promise<boolean> {
	const read = async () => (await newestFacts(env.DB, P, ALL)).rows.map(({ rev: _, ...row }: NewestRow) => row);
	const cached = JSON.stringify(await read());
	resetDayCache();
	return JSON.stringify(await read()) === cached;
}
