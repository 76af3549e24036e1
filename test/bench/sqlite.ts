import { fork } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { constants, setPriority } from "node:os";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { sampleSessions } from "../support/sample-sessions.ts";
import { seed } from "../support/seed.ts";
import type { Query } from "./remote-d1.ts";

/**
 * Runs SQLite in a separate process, because D1 on Cloudflare runs on another machine. The process has low priority, so
 * that the benchmark measures the time that batches spend in the Worker.
 */

type Options = Parameters<typeof sampleSessions>[0];

/** Starts the process and fills its database with sample sessions. */
export async function serveSqlite(options: Options): Promise<{ url: string; close(): void }> {
	const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(options)]);
	const port = await new Promise<unknown>((resolve, reject) => child.once("message", resolve).once("error", reject));
	setPriority(child.pid!, constants.priority.PRIORITY_LOW);
	return { url: `http://localhost:${port}`, close: () => child.kill() };
}

if (process.send) await serve(JSON.parse(process.argv[2]!));

async function serve(options: Options) {
	const db = new DatabaseSync(":memory:");
	const folder = new URL("../../migrations/", import.meta.url);
	const files = readdirSync(folder).filter((name) => name.endsWith(".sql"));
	for (const name of files.sort()) db.exec(readFileSync(new URL(name, folder), "utf8"));
	const prepare = (sql: string) => ({
		bind: (...values: unknown[]) => ({ run: async () => db.prepare(sql).run(...(values as never[])) }),
	});
	await seed({ prepare }, { project: "default", sessions: sampleSessions(options) });
	const server = createServer(async (request, response) => {
		let body = "";
		for await (const part of request) body += part;
		response.end(JSON.stringify(transact(db, JSON.parse(body) as Query[])));
	});
	server.listen(0, () => process.send!((server.address() as AddressInfo).port));
}

/** Runs statements in one transaction and returns their results, as `D1Database.batch` does. */
function transact(db: DatabaseSync, statements: readonly Query[]) {
	const changed = db.prepare("SELECT total_changes() AS n");
	const countOf = () => changed.get()!.n as number;
	db.exec("BEGIN");
	try {
		const results = statements.map(({ sql, values }) => {
			const before = countOf();
			const found = db
				.prepare(sql)
				.all(...(values.map((it) => (typeof it === "boolean" ? Number(it) : it)) as never[]));
			return { success: true, results: found, meta: { changes: countOf() - before } };
		});
		db.exec("COMMIT");
		return results;
	} catch (error) {
		db.exec("ROLLBACK");
		throw error;
	}
}
