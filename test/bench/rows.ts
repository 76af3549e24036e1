import { resetLiveDigests } from "../../src/api/scope.ts";
import type { Env } from "../../src/env.ts";
import worker from "../../src/index.ts";
import { resetDayCache } from "../../src/storage/day-cache.ts";

/**
 * The Worker with a D1 that counts the rows read. The response header `x-rows-read` contains their number. A request
 * with the header `x-first` empties the Worker's caches first.
 */
export default {
	async fetch(request: Request<unknown, IncomingRequestCfProperties>, env: Env, ctx: ExecutionContext) {
		if (request.headers.has("x-first")) {
			resetLiveDigests();
			resetDayCache();
		}
		// All requests get the same `env`, as on Cloudflare, because the configuration is cached per `env` object.
		countingEnv ??= { ...env, DB: countingDb(env.DB, count) };
		const before = count.rows;
		const response = await worker.fetch(request, countingEnv, ctx);
		const answer = new Response(response.body, response);
		// This number includes rows that concurrent requests read.
		answer.headers.set("x-rows-read", String(count.rows - before));
		return answer;
	},
};

const count = { rows: 0 };
let countingEnv: Env | undefined;

const REAL = new WeakMap<D1PreparedStatement, D1PreparedStatement>();

function countingDb(db: D1Database, count: { rows: number }): D1Database {
	const add = <T extends D1Result>(result: T): T => {
		count.rows += result.meta.rows_read;
		return result;
	};
	const wrapped = (statement: D1PreparedStatement): D1PreparedStatement => {
		const it = {
			bind: (...values: unknown[]) => wrapped(statement.bind(...values)),
			all: async () => add(await statement.all()),
			run: async () => add(await statement.run()),
			raw: (options: never) => statement.raw(options),
			first: async (column?: string) => {
				const row = add(await statement.all<Record<string, unknown>>()).results[0];
				return row === undefined ? null : column === undefined ? row : row[column];
			},
		} as unknown as D1PreparedStatement;
		REAL.set(it, statement);
		return it;
	};
	return {
		prepare: (sql: string) => wrapped(db.prepare(sql)),
		batch: async (statements: D1PreparedStatement[]) =>
			(await db.batch(statements.map((it) => REAL.get(it) ?? it))).map(add),
	} as unknown as D1Database;
}
