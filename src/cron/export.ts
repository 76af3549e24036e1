import { configOf, type Env } from "../env.ts";
import { deleteOldExports, restoreExport, scrubExports, writeExport } from "../storage/backup.ts";
import { restoreTombstones } from "../storage/erasures.ts";
import { readJobs } from "../storage/jobs.ts";
import type { Job } from "./job.ts";

/** What R2 does not hold of itself, into R2: so that R2 alone is enough to begin again with. */
export const exportRows: Job = async (env, now, cursor) => {
	if (cursor === null ? !(await readJobs(env.DB)).has("export") : cursor.startsWith(PUTTING_BACK)) {
		return putBack(env, cursor?.slice(PUTTING_BACK.length) ?? null);
	}
	const next = await writeExport(env.DB, env.CHUNKS, now, cursor);
	if (next === null) await deleteOldExports(env.CHUNKS, now);
	return next;
};

const PUTTING_BACK = "back:";

/** A D1 that never made one is new, or was lost: what it would write must not stand before what is in R2. */
async function putBack(env: Env, after: string | null): Promise<string | null> {
	if (after === null) await restoreTombstones(env.DB, env.CHUNKS);
	const { cursor } = await restoreExport(env.DB, env.CHUNKS, after);
	return cursor && PUTTING_BACK + cursor;
}

/** What was added to sessions that are gone, and what is past retention, goes from the copies too. */
export const scrubCopies: Job = (env, now, cursor) => {
	const { projects, retentionMs } = configOf(env);
	return scrubExports(env.DB, env.CHUNKS, cursor, (id) => {
		const project = projects.find((it) => it.id === id);
		return now - ((project ? project.retentionMs : retentionMs) ?? now);
	});
};
