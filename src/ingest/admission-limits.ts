import { dayOf } from "../contract/days.ts";
import { createdAtOf, samplePointOf } from "../contract/ids.ts";
import { MAX_ACCEPTED_AGE_MS } from "../contract/limits.ts";
import type { Batch } from "../contract/wire.ts";
import type { Env, Project } from "../env.ts";
import { fail } from "../http/errors.ts";
import { readDayUsage } from "../storage/counters.ts";
import type { IndexedSession } from "../storage/sessions.ts";

/**
 * What is too much: by the project's caps and draw, as far as this isolate knows. D1 is not asked on the way; what it
 * says is looked at after the answer, once a minute, and counts from the next batch on.
 */

const REFRESH_MS = 60_000;
/** What goes on may take a day this far above its cap, and no further. */
const HARD_LIMIT_RATIO = 1.25;
/** Sessions that an isolate remembers to be full, and windows to be erased. */
const MAX_STOPPED = 5_000;

interface ProjectState {
	readAt: number;
	/** When this isolate first knew the day to be full; what began before goes on. */
	limitReachedAt: number | null;
	/** Far above its cap: ids that only say that they began before have been coming in. */
	isOverHardLimit: boolean;
	/** Bytes stored since the day's counter was last written from here. */
	uncountedBytes: number;
}

const states = new Map<string, ProjectState>();
const stoppedSessions = new Set<string>();

/** @throws sampled_out, session_too_old, session_full, day_full */
export function enforceLimits(
	project: Project,
	{ sessionId, windowId }: Pick<Batch, "sessionId" | "windowId">,
	now: number,
): void {
	if (samplePointOf(sessionId) >= project.sampleRate) fail("sampled_out");
	const place = `${project.id}/${sessionId}`;
	if (stoppedSessions.has(place) || stoppedSessions.has(`${place}/${windowId}`)) fail("session_full");
	const born = createdAtOf(sessionId);
	if (born !== null && now - born > MAX_ACCEPTED_AGE_MS) fail("session_too_old");
	const { limitReachedAt: fullSince = null, isOverHardLimit: isOverfull = false } = states.get(project.id) ?? {};
	if (fullSince === null || dayOf(fullSince) !== dayOf(now)) return;
	if (isOverfull || (born ?? now + 1) > fullSince) fail("day_full");
}

/** Bytes of this project's chunks that the day's counter has not had; whoever takes them counts them. */
export function drainUncountedBytes(project: string): number {
	const state = stateOf(project);
	const { uncountedBytes: uncounted } = state;
	state.uncountedBytes = 0;
	return uncounted;
}

/** They were not counted after all. */
export function returnUncountedBytes(project: string, bytes: number): void {
	stateOf(project).uncountedBytes += bytes;
}

/** After a chunk was indexed: what it made of its session, and of the day. */
export async function refreshLimits(
	env: Env,
	{ id, caps }: Project,
	sessionId: string,
	indexed: IndexedSession,
	now: number,
): Promise<void> {
	const isOld = now - indexed.startedAt > MAX_ACCEPTED_AGE_MS;
	if ((caps.eventsPerSession !== null && indexed.events >= caps.eventsPerSession) || isOld) {
		markStopped(id, sessionId);
	}
	const { sessionsPerDay, bytesPerDay } = caps;
	const state = stateOf(id);
	if ((sessionsPerDay === null && bytesPerDay === null) || now - state.readAt < REFRESH_MS) return;
	state.readAt = now;
	const day = await readDayUsage(env.DB, id, now);
	const share = Math.max(
		day.sessions / (sessionsPerDay ?? Infinity),
		(day.bytes + state.uncountedBytes) / (bytesPerDay ?? Infinity),
	);
	// What another day's cap was reached at says nothing of this day.
	const isSameDay = state.limitReachedAt !== null && dayOf(state.limitReachedAt) === dayOf(now);
	state.limitReachedAt = share < 1 ? null : isSameDay ? state.limitReachedAt : now;
	state.isOverHardLimit = share >= HARD_LIMIT_RATIO;
}

/** Nothing more of this session, or of this window of it, is stored, and the recorder is asked to stop. */
export function markStopped(project: string, sessionId: string, windowId?: string): void {
	if (stoppedSessions.size >= MAX_STOPPED) stoppedSessions.clear();
	stoppedSessions.add(windowId === undefined ? `${project}/${sessionId}` : `${project}/${sessionId}/${windowId}`);
}

function stateOf(project: string): ProjectState {
	let state = states.get(project);
	if (!state) {
		state = { readAt: 0, limitReachedAt: null, isOverHardLimit: false, uncountedBytes: 0 };
		states.set(project, state);
	}
	return state;
}

/** For tests: what this isolate knows. */
export function resetLimits(): void {
	states.clear();
	stoppedSessions.clear();
}
