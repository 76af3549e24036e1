import { configOf, type Env } from "../env.ts";
import { deleteOldExports, restoreExport, scrubExports, writeExport } from "../storage/backup.ts";
import { restoreTombstones } from "../storage/erasures.ts";
import { readJobs } from "../storage/jobs.ts";
import type { Job } from "./job.ts";

/** Exports the tables that cannot be rebuilt from R2 to R2, so that R2 alone is a complete backup. */
export const exportRows: Job = async (env, now, cursor) => {
	if (cursor === null ? !(await readJobs(env.DB)).has("export") : cursor.startsWith(RESTORING)) {
		return restore(env, cursor?.slice(RESTORING.length) ?? null);
	}
	const next = await writeExport(env.DB, env.CHUNKS, now, cursor);
	if (next === null) await deleteOldExports(env.CHUNKS, now);
	return next;
};

/** Prefix of the cursor while an export is restored. */
const RESTORING = "back:";

/**
 * Restores the newest export. A D1 without this job is new or was lost: its own export must not replace the one in R2.
 */
async function restore(env: Env, after: string | null): Promise<string | null> {
	if (after === null) await restoreTombstones(env.DB, env.CHUNKS);
	const { cursor } = await restoreExport(env.DB, env.CHUNKS, after);
	return cursor && RESTORING + cursor;
}

/** Removes data of deleted sessions, and data past retention, from the exports. */
export const scrubCopies: Job = (env, now, cursor) => {
	const { projects, retentionMs } = configOf(env);
	return scrubExports(env.DB, env.CHUNKS, cursor, (id) => {
		const project = projects.find((it) => it.id === id);
		return now - ((project ? project.retentionMs : retentionMs) ?? now);
	});
};
