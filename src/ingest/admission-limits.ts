import { dayOf } from "../contract/days.ts";
import { createdAtOf, samplePointOf } from "../contract/ids.ts";
import { MAX_ACCEPTED_AGE_MS } from "../contract/limits.ts";
import type { Batch } from "../contract/wire.ts";
import type { Env, Project } from "../env.ts";
import { fail } from "../http/errors.ts";
import { readDayUsage } from "../storage/counters.ts";
import type { IndexedSession } from "../storage/sessions.ts";

/**
 * Sampling and caps of projects, checked against values that this isolate has cached. D1 is read only after the
 * response, at most once a minute per project, and the result applies from the next batch on.
 */

const REFRESH_MS = 60_000;
/** Running sessions continue until the usage reaches this multiple of a daily cap. */
const HARD_LIMIT_RATIO = 1.25;
/** Limit of the sessions and windows that an isolate remembers as stopped (full, too old, or erased). */
const MAX_STOPPED = 5_000;

interface ProjectState {
	/** Time at which the usage was last read from D1, in epoch milliseconds. */
	readAt: number;
	/**
	 * Epoch milliseconds at which this isolate noticed that a daily cap is reached; null: not reached. Sessions that
	 * started earlier continue.
	 */
	limitReachedAt: number | null;
	/**
	 * Whether the usage has reached `HARD_LIMIT_RATIO` times a cap. If so, every batch is rejected, whatever start time
	 * its session ID contains.
	 */
	isOverHardLimit: boolean;
	/** Bytes that this isolate has stored since it last wrote the day's counter. */
	uncountedBytes: number;
}

const states = new Map<string, ProjectState>();
const stoppedSessions = new Set<string>();

/**
 * Rejects batches that exceed the project's caps or fall outside its sample, using the limits cached in this isolate.
 * @throws sampled_out, session_too_old, session_full, day_full
 */
export function enforceLimits(
	project: Project,
	{ sessionId, windowId }: Pick<Batch, "sessionId" | "windowId">,
	now: number,
): void {
	if (samplePointOf(sessionId) >= project.sampleRate) fail("sampled_out");
	const key = `${project.id}/${sessionId}`;
	if (stoppedSessions.has(key) || stoppedSessions.has(`${key}/${windowId}`)) fail("session_full");
	const createdAt = createdAtOf(sessionId);
	if (createdAt !== null && now - createdAt > MAX_ACCEPTED_AGE_MS) fail("session_too_old");
	const { limitReachedAt = null, isOverHardLimit = false } = states.get(project.id) ?? {};
	if (limitReachedAt === null || dayOf(limitReachedAt) !== dayOf(now)) return;
	if (isOverHardLimit || (createdAt ?? now + 1) > limitReachedAt) fail("day_full");
}

/**
 * Returns the project's stored bytes that the day's counter does not include yet, and resets them to 0, because the
 * caller counts them.
 */
export function drainUncountedBytes(project: string): number {
	const state = stateOf(project);
	const { uncountedBytes } = state;
	state.uncountedBytes = 0;
	return uncountedBytes;
}

/** Adds stored bytes that the day's counter does not include yet. */
export function returnUncountedBytes(project: string, bytes: number): void {
	stateOf(project).uncountedBytes += bytes;
}

/** Stops the session of an indexed chunk if the session is full or too old, and refreshes the day's usage from D1. */
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
	const usage = await readDayUsage(env.DB, id, now);
	const ratio = Math.max(
		usage.sessions / (sessionsPerDay ?? Infinity),
		(usage.bytes + state.uncountedBytes) / (bytesPerDay ?? Infinity),
	);
	// A limit reached on an earlier day does not apply today.
	const isSameDay = state.limitReachedAt !== null && dayOf(state.limitReachedAt) === dayOf(now);
	state.limitReachedAt = ratio < 1 ? null : isSameDay ? state.limitReachedAt : now;
	state.isOverHardLimit = ratio >= HARD_LIMIT_RATIO;
}

/** Makes this isolate reject further batches of a session, or of one of its windows, so that the recorders stop. */
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

/** Clears the values that this isolate has cached; for tests. */
export function resetLimits(): void {
	states.clear();
	stoppedSessions.clear();
}
