import { dropOldExports, scrubExport, writeExport } from "../storage/backup.ts";
import type { Job } from "./job.ts";

/** What R2 does not hold of itself, into R2: so that R2 alone is enough to begin again with. */
export const exportRows: Job = async (env, now) => {
	await writeExport(env.DB, env.CHUNKS, now);
	await dropOldExports(env.CHUNKS, now);
	return null;
};

/** One export a step: what was added to sessions that are gone goes from the copies too. */
export const scrubExports: Job = (env, _now, cursor) => scrubExport(env.DB, env.CHUNKS, cursor);
