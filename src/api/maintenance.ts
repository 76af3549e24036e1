import { Hono } from "hono";
import { validator } from "hono/validator";
import { summarize } from "../analytics/summary.ts";
import { chunkStore, configOf, type Env } from "../env.ts";
import { fail } from "../http/errors.ts";
import { firstValues, parseCursor, withCursor } from "../http/params.ts";
import { checkStep } from "../storage/backup.ts";
import { purgeStep, restoreTombstones } from "../storage/erasures.ts";
import { readJobs } from "../storage/jobs.ts";
import { oldestUnpackedStart, parsePositions } from "../storage/packs.ts";
import { listRefusals } from "../storage/refusals.ts";
import { reencryptStep, reindexStep } from "../storage/reindex.ts";
import { purgeOldReports } from "../storage/server-retention.ts";

/** State of the background jobs, and operations started by hand, which run in small steps that the client repeats. */
export const maintenance = new Hono<{ Bindings: Env }>()

	.get("/", async (c) => {
		const { projects } = configOf(c.env);
		const states = await readJobs(c.env.DB);
		const refusals = [];
		for (const { id } of projects) {
			for (const row of await listRefusals(c.env.DB, id)) refusals.push({ project: id, ...row });
		}
		return c.json({
			projects: projects.map(({ id, name, origins, retentionMs }) => ({
				...{ id, name, origins: [...origins] },
				retentionDays: retentionMs === null ? null : retentionMs / 86_400_000,
			})),
			packing: await packingOf(c.env, states.get("packs")?.cursor ?? null),
			encryptionKey: configOf(c.env).encryptionKeys[0]?.id ?? null,
			upkeepRanAt: states.get("lease")?.ranAt ?? null,
			/** Jobs whose last run failed, with the error. */
			troubles: [...states].flatMap(([job, { error, ranAt }]) => (error ? [{ job, error, ranAt }] : [])),
			refusals,
		});
	})

	/** Runs one step of data retention; call again until `more` is false. @throws retention_unset */
	.post("/purge", async (c) => {
		const { projects } = configOf(c.env);
		if (projects.every(({ retentionMs }) => retentionMs === null)) fail("retention_unset");
		const now = Date.now();
		const step = await purgeStep(c.env.DB, c.env.CHUNKS, projects, now);
		// Server reports are deleted only when all old sessions are.
		if (step.more) return c.json(step);
		let more = false;
		for (const { id, retentionMs } of projects) {
			if (retentionMs !== null) more = (await purgeOldReports(c.env.DB, id, now - retentionMs)) || more;
		}
		return c.json({ ...step, more });
	})

	/** Runs one step of rebuilding D1's rows from R2; call again with the returned cursor until it is null. */
	.post("/reindex", validator("query", firstValues("cursor")), async (c) => {
		const after = parseCursor(c.req.valid("query").cursor);
		if (after === null) await restoreTombstones(c.env.DB, c.env.CHUNKS);
		const step = await reindexStep(c.env.DB, chunkStore(c.env), summarize, after);
		return c.json(withCursor(step));
	})

	/**
	 * Runs one step of encrypting every chunk with the newest key; call again with the returned cursor until it is null.
	 * `/reseal` is the route's former name.
	 */
	.on("POST", ["/reencrypt", "/reseal"], validator("query", firstValues("cursor")), async (c) => {
		const after = parseCursor(c.req.valid("query").cursor);
		const step = await reencryptStep(chunkStore(c.env), after);
		return c.json(withCursor(step));
	})

	/** Runs one step of deleting rows whose chunk is not in R2; call again with the returned cursor until it is null. */
	.post("/check", validator("query", firstValues("cursor")), async (c) => {
		const after = parseCursor(c.req.valid("query").cursor);
		// Project, session, window and chunk.
		if (after !== null && after.split("/").length !== 4) fail("invalid_parameter", { name: "cursor" });
		const step = await checkStep(c.env.DB, chunkStore(c.env), after);
		return c.json(withCursor(step));
	});

/** @returns `oldestUnpackedStart`: start of the oldest session to pack now, epoch milliseconds; null: none */
async function packingOf(
	env: Env,
	cursor: string | null,
): Promise<{ perMinute: number; oldestUnpackedStart: number | null }> {
	const { projects, packsPerMinute: perMinute } = configOf(env);
	const positions = parsePositions(cursor);
	const now = Date.now();
	const waiting = await Promise.all(
		projects.map(({ id }) => oldestUnpackedStart(env.DB, id, positions[id] ?? null, now)),
	);
	const starts = waiting.filter((it) => it !== null);
	return { perMinute, oldestUnpackedStart: starts.length ? Math.min(...starts) : null };
}
