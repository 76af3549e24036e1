import { chunkStore, configOf } from "../env.ts";
import { packStep, placesIn } from "../storage/packs.ts";
import type { Job } from "./job.ts";

const PROJECTS_PER_TICK = 3;

/**
 * Packs the chunks of old sessions. The cursor holds each project's position and is never reset, so that each session
 * is read once.
 */
export const packOldChunks: Job = async (env, now, cursor) => {
	const { projects, packsPerMinute } = configOf(env);
	const places = placesIn(cursor);
	// A few projects per tick, in rotation: each costs a call.
	const turn = (Math.floor(now / 60_000) * PROJECTS_PER_TICK) % projects.length;
	let room = packsPerMinute;
	for (const { id } of [...projects.slice(turn), ...projects.slice(0, turn)].slice(0, PROJECTS_PER_TICK)) {
		if (room <= 0) break;
		const { packed, place } = await packStep(env.DB, chunkStore(env), id, places[id] ?? null, now, room);
		places[id] = place;
		room -= packed;
	}
	return JSON.stringify(Object.fromEntries(projects.map(({ id }) => [id, places[id] ?? null])));
};
