import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach } from "vitest";
import { resetLiveDigests } from "../../src/api/scope.ts";
import { resetLimits } from "../../src/ingest/admission-limits.ts";
import { resetRefusals } from "../../src/ingest/refusals.ts";
import { resetDayCache } from "../../src/storage/day-cache.ts";

/** Starts each test with an empty R2, an empty D1 with the real migrations, and empty caches in the isolate. */
beforeEach(async () => {
	resetLimits();
	resetRefusals();
	resetLiveDigests();
	resetDayCache();
	for (let tries = 0; tries < 10; tries++) {
		await reset();
		await applyD1Migrations(env.DB, env.MIGRATIONS);
		if (await isEmpty()) return;
	}
	throw new Error("the stores could not be emptied");
});

/** Returns whether D1 and R2 are empty. On a busy machine, data of the previous file may survive the first reset. */
async function isEmpty(): Promise<boolean> {
	const tables = [
		...["sessions", "chunks", "facts", "rollups", "erasures", "counters", "refusals", "jobs", "segments"],
		...["packs", "marks", "notes", "shares", "audit", "issues", "occurrences", "server_events"],
	];
	const sql = `SELECT ${tables.map((table) => `(SELECT count(*) FROM ${table})`).join(" + ")} AS n`;
	const rows = await env.DB.prepare(sql).first<number>("n");
	return rows === 0 && (await env.CHUNKS.list({ limit: 1 })).objects.length === 0;
}
