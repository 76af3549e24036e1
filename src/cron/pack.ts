import { chunkStore, configOf } from "../env.ts";
import { packStep, parsePositions } from "../storage/packs.ts";
import type { Job } from "./job.ts";

const PROJECTS_PER_TICK = 3;

/**
 * Packs the chunks of old sessions. The cursor contains the position that each project has reached. It is never reset,
 * so that each session is read only once.
 */
export const packOldChunks: Job = async (env, now, cursor) => {
	const { projects, packsPerMinute } = configOf(env);
	const positions = parsePositions(cursor);
	// Each tick processes only a few projects, in rotation, because each project costs a call to D1.
	const start = (Math.floor(now / 60_000) * PROJECTS_PER_TICK) % projects.length;
	let remaining = packsPerMinute;
	for (const { id } of [...projects.slice(start), ...projects.slice(0, start)].slice(0, PROJECTS_PER_TICK)) {
		if (remaining <= 0) break;
		const { packed, position } = await packStep(env.DB, chunkStore(env), id, positions[id] ?? null, now, remaining);
		positions[id] = position;
		remaining -= packed;
	}
	return JSON.stringify(Object.fromEntries(projects.map(({ id }) => [id, positions[id] ?? null])));
};
