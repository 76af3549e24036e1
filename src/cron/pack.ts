import { configOf, type Env, vaultOf } from "../env.ts";
import { packStep, placesIn } from "../storage/packs.ts";
import type { Job } from "./job.ts";

/**
 * Recordings of sessions that are long over are put together. The cursor tells of each project where it is, and stays: a
 * session is looked at once.
 */
export const packOld: Job = async (env: Env, now, cursor) => {
	const { projects, packsPerMinute } = configOf(env);
	const places = placesIn(cursor);
	// Each is the first in its turn.
	const turn = Math.floor(now / 60_000) % projects.length;
	let room = packsPerMinute;
	for (const { id } of [...projects.slice(turn), ...projects.slice(0, turn)]) {
		if (room <= 0) break;
		const { packed, place } = await packStep(env.DB, vaultOf(env), id, places[id] ?? null, now, room);
		places[id] = place;
		room -= packed;
	}
	return JSON.stringify(Object.fromEntries(projects.map(({ id }) => [id, places[id] ?? null])));
};
