import { configOf } from "../env.ts";
import { dropOldExports, scrubExports, writeExport } from "../storage/backup.ts";
import type { Job } from "./job.ts";

/** What R2 does not hold of itself, into R2: so that R2 alone is enough to begin again with. */
export const exportRows: Job = async (env, now, cursor) => {
	const next = await writeExport(env.DB, env.CHUNKS, now, cursor);
	if (next === null) await dropOldExports(env.CHUNKS, now);
	return next;
};

/** What was added to sessions that are gone, and what is past retention, goes from the copies too. */
export const scrubCopies: Job = (env, now, cursor) => {
	const { projects, retentionMs } = configOf(env);
	return scrubExports(env.DB, env.CHUNKS, cursor, (id) => {
		const project = projects.find((it) => it.id === id);
		return now - ((project ? project.retentionMs : retentionMs) ?? now);
	});
};
