import { DIRECT, hostOf, pathAndQuery } from "../contract/filter.ts";
import { type Journey, originOf, type Profile, STEP_CLICK, STEP_TAG, STEP_VIEW } from "./digest.ts";
import { percentileOf } from "./histogram.ts";
import { type DIMENSIONS, dimensionOf } from "./rollup.ts";

/** Funnels and conversions, from the steps of each session. */

/** The steps of a session in time order, over all its days. */
export interface SessionJourney {
	sessionId: string;
	profile: Profile;
	/** `at`: milliseconds since the session began; `kind`: `STEP_…`; `value`: URL, selector or event name. */
	steps: { at: number; kind: number; value: string }[];
}

export interface Step {
	kind: "page" | "click" | "tag";
	/** URL or path, selector, or event name. */
	value: string;
}

const KINDS: Record<Step["kind"], number> = { page: STEP_VIEW, click: STEP_CLICK, tag: STEP_TAG };

/**
 * Adds the steps of facts to the journeys of their sessions.
 * @param rows in any order; a session may have several rows, also in several calls
 */
export function addJourneys(
	found: Map<string, SessionJourney>,
	rows: readonly { sessionId: string; profile: Profile; journey: Journey }[],
): void {
	for (const { sessionId, profile, journey } of rows) {
		const steps = journey.list.map(([at, kind, word]) => ({ at, kind, value: journey.words[word] ?? "" }));
		const known = found.get(sessionId);
		if (!known) found.set(sessionId, { sessionId, profile, steps });
		else known.steps = [...known.steps, ...steps].sort((a, b) => a.at - b.at);
	}
}

/**
 * Returns a function that tests whether a session's step is the given funnel step. Pages are compared by path, unless
 * the funnel step has a full URL.
 */
function stepMatcher({ kind, value }: Step): (step: SessionJourney["steps"][number]) => boolean {
	const kindNumber = KINDS[kind];
	if (kind !== "page" || originOf(value) !== null) return (step) => step.kind === kindNumber && step.value === value;
	const path = pathOnly(value);
	// Remembers the result for each URL, because most steps have one of a few URLs.
	const known = new Map<string, boolean>();
	return (step) => {
		if (step.kind !== kindNumber) return false;
		const matches = known.get(step.value) ?? pathOnly(step.value) === path;
		known.set(step.value, matches);
		return matches;
	};
}

/** Removes scheme, host, query and fragment. */
function pathOnly(url: string): string {
	return pathAndQuery(url).replace(/[?#].*$/s, "") || "/";
}

export interface FunnelStep extends Step {
	sessions: number;
	/** Percentage of the sessions at the first step that reached this step; null if the first step has no sessions. */
	rate: number | null;
	/** Median time in milliseconds since the previous step; null for the first step and for steps without sessions. */
	medianMs: number | null;
	/** Examples of sessions that reached this step. `at` is in milliseconds since the session began. */
	came: { sessionId: string; at: number }[];
	/** Examples of sessions that reached this step and got no further. */
	lost: { sessionId: string; at: number }[];
}

const MAX_EXAMPLES = 10;

/**
 * Counts the sessions that completed each step. Steps count only in order, each later than the previous one. A session
 * counts once and starts with the first occurrence of step 1.
 * @param withinMs longest time from the first step to the last; null: any time
 */
export function funnel(
	journeys: readonly SessionJourney[],
	steps: readonly Step[],
	withinMs: number | null,
): FunnelStep[] {
	const reached = steps.map(() => 0);
	const waits: number[][] = steps.map(() => []);
	const came: FunnelStep["came"][] = steps.map(() => []);
	const lost: FunnelStep["lost"][] = steps.map(() => []);
	const tests = steps.map(stepMatcher);
	for (const { sessionId, steps: taken } of journeys) {
		let next = 0;
		let last = Number.NEGATIVE_INFINITY;
		let first = 0;
		for (const step of taken) {
			if (next === tests.length) break;
			if (step.at <= last || !tests[next]!(step)) continue;
			if (next === 0) first = step.at;
			else if (withinMs !== null && step.at - first > withinMs) break;
			else waits[next]!.push(step.at - last);
			last = step.at;
			if (came[next]!.length < MAX_EXAMPLES) came[next]!.push({ sessionId, at: last });
			reached[next]!++;
			next++;
		}
		const examples = lost[next - 1];
		if (next > 0 && next < tests.length && examples!.length < MAX_EXAMPLES) examples!.push({ sessionId, at: last });
	}
	return steps.map((step, i) => ({
		...step,
		sessions: reached[i]!,
		rate: reached[0] ? Math.round((reached[i]! / reached[0]) * 1000) / 10 : null,
		medianMs: waits[i]!.length
			? percentileOf(
					waits[i]!.sort((a, b) => a - b),
					50,
				)
			: null,
		...{ came: came[i]!, lost: lost[i]! },
	}));
}

/** The funnel of the sessions with one value of a breakdown. */
export interface FunnelRow {
	value: string;
	/** Number of sessions that completed each step. */
	sessions: number[];
	/** Percentage of the sessions at the first step that completed the last step. */
	rate: number;
	/** Whether the first step has fewer than five sessions, so that the rate is not meaningful. */
	isLow: boolean;
}

/** Returns one funnel per value of a profile field, for the values with the most sessions at the first step. */
export function breakdown(
	journeys: readonly SessionJourney[],
	steps: readonly Step[],
	withinMs: number | null,
	by: (typeof FACETS)[number],
): FunnelRow[] {
	const groups = new Map<string, SessionJourney[]>();
	for (const journey of journeys) {
		const value = facetOf(journey.profile, by);
		if (!value) continue;
		const group = groups.get(value);
		if (group) group.push(journey);
		else groups.set(value, [journey]);
	}
	return [...groups]
		.map(([value, group]) => {
			const sessions = funnel(group, steps, withinMs).map((step) => step.sessions);
			const [first = 0, last = 0] = [sessions[0], sessions.at(-1)];
			const rate = first ? Math.round((last / first) * 1000) / 10 : 0;
			return { value, sessions, rate, isLow: first < LOW_VOLUME };
		})
		.filter(({ sessions: [first] }) => first)
		.sort((a, b) => b.sessions[0]! - a.sessions[0]! || (a.value < b.value ? -1 : 1))
		.slice(0, TOP_ROWS);
}

/** The sessions with one value of a facet, and how many of them converted. */
export interface ConversionRow {
	value: string;
	sessions: number;
	conversions: number;
	/** Percentage of the sessions that converted. */
	rate: number;
	/** Whether there are fewer than five sessions, so that the rate is not meaningful. */
	isLow: boolean;
	/** An example of a session that converted, and one of a session that did not. */
	converted: { sessionId: string; at: number } | null;
	notConverted: { sessionId: string; at: number } | null;
}

/** Properties of a session by which funnels and conversions are broken down. */
export const FACETS = ["entry", "referrer", "source", "medium", "campaign", "device", "country"] as const;
const TOP_ROWS = 15;
const LOW_VOLUME = 5;

/**
 * Counts the sessions that reached a goal, in total and for each value of each facet. A session without a value for a
 * facet is in none of the rows of that facet.
 */
export function conversions(journeys: readonly SessionJourney[], goal: Step) {
	const test = stepMatcher(goal);
	const facets = new Map(FACETS.map((name) => [name, new Map<string, ConversionRow>()]));
	let converted = 0;
	for (const { sessionId, profile, steps } of journeys) {
		const at = steps.find(test)?.at ?? null;
		if (at !== null) converted++;
		for (const [name, rows] of facets) {
			const value = facetOf(profile, name);
			if (!value) continue;
			let row = rows.get(value);
			if (!row) {
				row = { value, sessions: 0, conversions: 0, rate: 0, isLow: false, converted: null, notConverted: null };
				rows.set(value, row);
			}
			row.sessions++;
			if (at !== null) {
				row.conversions++;
				row.converted ??= { sessionId, at };
			} else row.notConverted ??= { sessionId, at: 0 };
		}
	}
	return {
		...{ sessions: journeys.length, converted },
		facets: Object.fromEntries(
			[...facets].map(([name, rows]) => [
				name,
				[...rows.values()]
					.sort((a, b) => b.sessions - a.sessions || (a.value < b.value ? -1 : 1))
					.slice(0, TOP_ROWS)
					.map((row) => ({
						...row,
						rate: Math.round((row.conversions / row.sessions) * 1000) / 10,
						isLow: row.sessions < LOW_VOLUME,
					})),
			]),
		) as Record<(typeof FACETS)[number], ConversionRow[]>,
	};
}

/** Returns the value of a session for a facet. The entry page has no query; the referrer is a host, or `DIRECT`. */
function facetOf(profile: Profile, name: (typeof FACETS)[number]): string | undefined {
	if (name === "entry") return profile.entry?.replace(/[?#].*$/s, "");
	if (name === "referrer") return profile.referrer ? hostOf(profile.referrer) : DIRECT;
	return dimensionOf(profile, name as (typeof DIMENSIONS)[number]);
}
