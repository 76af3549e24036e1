import { dayOf } from "../contract/days.ts";
import { configOf, type Env } from "../env.ts";
import { chunkKey, chunkRefs, dayPrefix, deleteKeys } from "../storage/chunks.ts";
import { purgeStep } from "../storage/erasures.ts";
import { enforceReportCaps, purgeOldReports } from "../storage/server-retention.ts";
import { findUnindexed, storedProjects } from "../storage/sessions.ts";
import type { Job } from "./job.ts";

/**
 * Stray objects are kept for this time after the data retention has ended. By then, no session of their day can be
 * live: sessions of third-party recorders may last a week.
 */
const STRAY_MARGIN_MS = 8 * 86_400_000;

/** Deletes sessions from R2 and D1 if their last event is older than the data retention. */
export const purge: Job = async (env, now) => {
	const { more } = await purgeStep(env.DB, env.CHUNKS, configOf(env).projects, now);
	return more ? "more" : null;
};

/** Deletes reports from servers that are older than the data retention. */
export const purgeExpiredReports: Job = async (env, now, cursor) => {
	const projects = [...configOf(env).projects, ...(await removedProjects(env))];
	return stepOf(projects, cursor, async ({ id, retentionMs }) => {
		return retentionMs !== null && (await purgeOldReports(env.DB, id, now - retentionMs));
	});
};

/** Deletes reports from servers that exceed the caps of their project. */
export const capReports: Job = (env, _now, cursor) =>
	stepOf(configOf(env).projects, cursor, async ({ id, caps }) => {
		await enforceReportCaps(env.DB, id, caps);
		return false;
	});

/**
 * Runs a step for one of the projects. The projects take turns, in the order of their IDs.
 * @param cursor ID of the project; null: the first project. If the project was removed, the next one has its turn.
 * @param run returns whether the project needs another step
 * @returns cursor of the next step; null: all projects are done
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

/**
 * Deletes the sessions of projects that were removed from the configuration, once they are older than the data
 * retention.
 */
export const purgeRemovedProjects: Job = async (env, now) => {
	const { more } = await purgeStep(env.DB, env.CHUNKS, await removedProjects(env), now);
	return more ? "more" : null;
};

async function removedProjects(env: Env) {
	const { projects, retentionMs } = configOf(env);
	const configured = new Set(projects.map(({ id }) => id));
	return (await storedProjects(env.DB)).filter((id) => !configured.has(id)).map((id) => ({ id, retentionMs }));
}

/**
 * Deletes stray objects: objects without rows in D1 that are older than the data retention. The sweep indexes objects
 * without rows while they are recent, so only those that it missed are left.
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
