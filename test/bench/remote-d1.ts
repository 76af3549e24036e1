import type { Env } from "../../src/env.ts";
import worker from "../../src/index.ts";

/** Statement sent to `sqlite.ts`. */
export interface Query {
	sql: string;
	values: unknown[];
}

/** The Worker with a D1 in another process, so that queries do not run on the Worker's thread, as on Cloudflare. */
export default {
	fetch(request: Request<unknown, IncomingRequestCfProperties>, env: Env, ctx: ExecutionContext) {
		// All requests get the same `env`, as on Cloudflare, because the configuration is cached per `env` object.
		remoteEnv ??= { ...env, DB: remoteDb(String(env.D1_URL)) };
		return worker.fetch(request, remoteEnv, ctx);
	},
};

let remoteEnv: Env | undefined;

interface Statement extends Query {
	bind(...values: unknown[]): Statement;
	all(): Promise<D1Result<Record<string, unknown>>>;
	run(): Promise<D1Result<Record<string, unknown>>>;
	raw(): Promise<unknown[][]>;
	first(column?: string): Promise<unknown>;
}

function remoteDb(url: string): D1Database {
	const batch = async (statements: readonly Query[]) => {
		const body = JSON.stringify(statements.map(({ sql, values }) => ({ sql, values })));
		const response = await fetch(url, { method: "POST", body });
		if (!response.ok) throw new Error(`the remote D1 responded with ${response.status}`);
		return response.json<D1Result<Record<string, unknown>>[]>();
	};
	const prepare = (sql: string, values: unknown[] = []): Statement => {
		const all = async () => (await batch([{ sql, values }]))[0]!;
		return {
			...{ sql, values, all, run: all },
			bind: (...bound) => prepare(sql, bound),
			raw: async () => (await all()).results.map((row) => Object.values(row)),
			first: async (column) => {
				const [row] = (await all()).results;
				return row === undefined ? null : column === undefined ? row : row[column];
			},
		};
	};
	return { prepare, batch } as unknown as D1Database;
}
