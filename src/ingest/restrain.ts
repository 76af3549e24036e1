import { bornAt, shareOfId } from "../contract/ids.ts";
import { MAX_ACCEPTED_AGE_MS } from "../contract/limits.ts";
import type { Env, Project } from "../env.ts";
import { fail } from "../http/errors.ts";
import { dayOf } from "../storage/chunks.ts";
import { readDay } from "../storage/counters.ts";
import type { Indexed } from "../storage/sessions.ts";

/**
 * What is too much: by the project's caps and draw, as far as this isolate knows. D1 is not asked on the way; what it
 * says is looked at after the answer, once a minute, and counts from the next batch on.
 */

const STATE_MS = 60_000;
/** Sessions that an isolate remembers to be full. */
const MAX_FULL = 5_000;

interface State {
	readAt: number;
	/** When this isolate first knew the day to be full; what began before goes on. */
	fullSince: number | null;
	/** Bytes stored since the day's counter was last written from here. */
	uncounted: number;
}

const states = new Map<string, State>();
const full = new Set<string>();

/** @throws sampled_out, session_too_old, session_full, day_full */
export function restrain(project: Project, sessionId: string, now: number): void {
	if (shareOfId(sessionId) >= project.sampleRate) fail("sampled_out");
	if (full.has(`${project.id}/${sessionId}`)) fail("session_full");
	const born = bornAt(sessionId);
	if (born !== null && now - born > MAX_ACCEPTED_AGE_MS) fail("session_too_old");
	const since = states.get(project.id)?.fullSince;
	if (since != null && dayOf(since) === dayOf(now) && (born ?? now + 1) > since) fail("day_full");
}

/** Bytes of this project's chunks that the day's counter has not had; whoever takes them counts them. */
export function takeUncounted(project: string): number {
	const state = stateOf(project);
	const { uncounted } = state;
	state.uncounted = 0;
	return uncounted;
}

/** They were not counted after all. */
export function giveBack(project: string, bytes: number): void {
	stateOf(project).uncounted += bytes;
}

/** After a chunk was indexed: what it made of its session, and of the day. */
export async function learn(
	env: Env,
	{ id, caps }: Project,
	sessionId: string,
	indexed: Indexed,
	now: number,
): Promise<void> {
	const isOld = now - indexed.startedAt > MAX_ACCEPTED_AGE_MS;
	if ((caps.eventsPerSession !== null && indexed.events >= caps.eventsPerSession) || isOld) {
		if (full.size >= MAX_FULL) full.clear();
		full.add(`${id}/${sessionId}`);
	}
	const { sessionsPerDay, bytesPerDay } = caps;
	const state = stateOf(id);
	if ((sessionsPerDay === null && bytesPerDay === null) || now - state.readAt < STATE_MS) return;
	state.readAt = now;
	const day = await readDay(env.DB, id, now);
	const isFull =
		(sessionsPerDay !== null && day.sessions >= sessionsPerDay) ||
		(bytesPerDay !== null && day.bytes + state.uncounted >= bytesPerDay);
	state.fullSince = isFull ? (state.fullSince ?? now) : null;
}

function stateOf(project: string): State {
	let state = states.get(project);
	if (!state) {
		state = { readAt: 0, fullSince: null, uncounted: 0 };
		states.set(project, state);
	}
	return state;
}

/** For tests: what this isolate knows. */
export function forgetStates(): void {
	states.clear();
	full.clear();
}
