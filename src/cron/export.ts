import { configOf, type Env } from "../env.ts";
import { deleteOldExports, restoreExport, scrubExports, writeExport } from "../storage/backup.ts";
import { restoreTombstones } from "../storage/erasures.ts";
import { readJobs } from "../storage/jobs.ts";
import type { Job } from "./job.ts";

/**
 * Exports the rows that cannot be rebuilt from recordings to R2, so that R2 alone is a complete backup. If this job has
 * never run with this D1, restores the newest export instead.
 */
export const exportRows: Job = async (env, now, cursor) => {
	const job = (await readJobs(env.DB)).get("export");
	// If the first run failed, its row has an error but no time, and the export still has to be restored.
	const isNew = !job || (job.ranAt === 0 && job.error !== null);
	if (cursor === null ? isNew : cursor.startsWith(RESTORING)) {
		return restore(env, cursor?.slice(RESTORING.length) ?? null);
	}
	const next = await writeExport(env.DB, env.CHUNKS, now, cursor);
	if (next === null) await deleteOldExports(env.CHUNKS, now);
	return next;
};

/** Prefix of the cursor while an export is being restored. */
const RESTORING = "back:";

/**
 * Runs one step of restoring the newest export. A D1 in which the job has never run is new, or replaces a lost one. An
 * export of its few rows would become the newest one in R2, from which data is restored.
 */
async function restore(env: Env, after: string | null): Promise<string | null> {
	if (after === null) await restoreTombstones(env.DB, env.CHUNKS);
	const { cursor } = await restoreExport(env.DB, env.CHUNKS, after);
	return cursor && RESTORING + cursor;
}

/** Removes data of deleted sessions, and data older than the data retention, from the exports. */
export const scrubOldExports: Job = (env, now, cursor) => {
	const { projects, retentionMs } = configOf(env);
	return scrubExports(env.DB, env.CHUNKS, cursor, (id) => {
		const project = projects.find((it) => it.id === id);
		return now - ((project ? project.retentionMs : retentionMs) ?? now);
	});
};
