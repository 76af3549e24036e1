import { dayOf } from "../contract/days.ts";
import { configOf, type Env } from "../env.ts";
import { chunkKey, chunkRefs, dayPrefix, deleteKeys } from "../storage/chunks.ts";
import { purgeStep } from "../storage/erasures.ts";
import { enforceReportCaps, purgeOldReports } from "../storage/server-retention.ts";
import { findUnindexed, storedProjects } from "../storage/sessions.ts";
import type { Job } from "./job.ts";

/** A foreign recorder's session may last a week; no day is cleared while one that began in it may still count. */
const STRAY_MARGIN_MS = 8 * 86_400_000;

/** Sessions whose last moment is past retention, from R2 and D1. */
export const purge: Job = async (env, now) => {
	const { more } = await purgeStep(env.DB, env.CHUNKS, configOf(env).projects, now);
	return more ? "more" : null;
};

/** What servers reported that is past it too. */
export const purgeReports: Job = async (env, now, cursor) => {
	const projects = [...configOf(env).projects, ...(await removedProjects(env))];
	return stepOf(projects, cursor, async ({ id, retentionMs }) => {
		return retentionMs !== null && (await purgeOldReports(env.DB, id, now - retentionMs));
	});
};

/** And what is more of it than may be. */
export const capReports: Job = (env, _now, cursor) =>
	stepOf(configOf(env).projects, cursor, async ({ id, caps }) => {
		await enforceReportCaps(env.DB, id, caps);
		return false;
	});

/**
 * One project, by their ids.
 * @param cursor the one whose turn it is, or that comes after it
 * @param run tells whether there is more of it
 */
async function stepOf<P extends { id: string }>(
	projects: readonly P[],
	cursor: string | null,
	run: (project: P) => Promise<boolean>,
): Promise<string | null> {
	const [project, next] = projects
		.filter(({ id }) => id >= (cursor ?? ""))
		.sort((one, other) => (one.id < other.id ? -1 : 1));
	if (!project) return null;
	return (await run(project)) ? project.id : (next?.id ?? null);
}

/** Of projects that are configured no more, whose recordings nobody would ever look for. */
export const purgeRemovedProjects: Job = async (env, now) => {
	const { more } = await purgeStep(env.DB, env.CHUNKS, await removedProjects(env), now);
	return more ? "more" : null;
};

async function removedProjects(env: Env) {
	const { projects, retentionMs } = configOf(env);
	const known = new Set(projects.map(({ id }) => id));
	return (await storedProjects(env.DB)).filter((id) => !known.has(id)).map((id) => ({ id, retentionMs }));
}

/**
 * Objects that no row knows of, of days so long ago that no session of theirs can still count. The sweep would have found
 * them had it ever seen them.
 */
export const purgeStrays: Job = async (env, now, cursor) => {
	const projects = configOf(env).projects.filter(({ retentionMs }) => retentionMs !== null);
	const ids = projects.map(({ id }) => id).sort();
	const id = cursor?.split("/")[0] ?? ids[0];
	const retentionMs = projects.find((project) => project.id === id)?.retentionMs;
	if (!id || retentionMs == null) return null;
	const lastDay = dayOf(now - retentionMs - STRAY_MARGIN_MS);
	const { objects } = await env.CHUNKS.list({ prefix: `${id}/`, startAfter: cursor ?? undefined });
	const old = objects.map(({ key }) => key).filter((key) => key < dayPrefix(id, lastDay));
	await deleteKeys(env.CHUNKS, (await findUnindexed(env.DB, chunkRefs(old))).map(chunkKey));
	if (old.length && old.length === objects.length) return old.at(-1)!;
	const next = ids.find((it) => it > id);
	return next ? `${next}/` : null;
};
