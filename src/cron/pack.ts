import { configOf, type Env, vaultOf } from "../env.ts";
import { packStep } from "../storage/packs.ts";
import type { Job } from "./job.ts";

const HOUR_MS = 3_600_000;
/** Nothing was heard of it for a day, and it began a day before that: whoever still looks at it does so rarely. */
const BEGAN_MS = 48 * HOUR_MS;
const RECEIVED_MS = 24 * HOUR_MS;

/**
 * Recordings of sessions that are long over are put together. The cursor tells of each project where it is, and stays: a
 * session is looked at once.
 */
export const packOld: Job = async (env: Env, now, cursor) => {
	const { projects, packsPerMinute } = configOf(env);
	if (!packsPerMinute) return cursor;
	const places: Record<string, string | null> = JSON.parse(cursor ?? "{}");
	const over = { began: now - BEGAN_MS, received: now - RECEIVED_MS };
	// Each is the first in its turn.
	const turn = Math.floor(now / 60_000) % projects.length;
	let room = packsPerMinute;
	for (const { id } of [...projects.slice(turn), ...projects.slice(0, turn)]) {
		if (room <= 0) break;
		const { packed, place } = await packStep(env.DB, vaultOf(env), id, places[id] ?? null, over, room);
		places[id] = place;
		room -= packed;
	}
	return JSON.stringify(Object.fromEntries(projects.map(({ id }) => [id, places[id] ?? null])));
};
