import { DIRECT, hostOf, pathAndQuery } from "../contract/filter.ts";
import { type Journey, originOf, type Profile, STEP_CLICK, STEP_TAG, STEP_VIEW } from "./digest.ts";
import { percentileOf } from "./histogram.ts";
import { type DIMENSIONS, dimensionOf } from "./rollup.ts";

/** What sessions did one after another. */

/** One session in the order of its steps; of a session over midnight all its days. */
export interface SessionJourney {
	sessionId: string;
	profile: Profile;
	/** `at`: milliseconds since the session's beginning. */
	steps: { at: number; kind: number; value: string }[];
}

export interface Step {
	kind: "page" | "click" | "tag";
	/** An address, whole or its path; a selector; a name. */
	value: string;
}

const KINDS: Record<Step["kind"], number> = { page: STEP_VIEW, click: STEP_CLICK, tag: STEP_TAG };

/** @param rows of any order; those of one session may be several, and may be added at different times */
export function addJourneys(
	found: Map<string, SessionJourney>,
	rows: readonly { sessionId: string; profile: Profile; journey: Journey }[],
): void {
	for (const { sessionId, profile, journey } of rows) {
		const done = journey.list.map(([at, kind, word]) => ({ at, kind, value: journey.words[word] ?? "" }));
		const known = found.get(sessionId);
		if (!known) found.set(sessionId, { sessionId, profile, steps: done });
		else known.steps = [...known.steps, ...done].sort((a, b) => a.at - b.at);
	}
}

function stepMatcher({ kind, value }: Step): (step: SessionJourney["steps"][number]) => boolean {
	const wanted = KINDS[kind];
	if (kind !== "page" || originOf(value) !== null) return (step) => step.kind === wanted && step.value === value;
	const path = pathOnly(value);
	// The same few addresses come again and again.
	const known = new Map<string, boolean>();
	return (step) => {
		if (step.kind !== wanted) return false;
		const isIt = known.get(step.value) ?? pathOnly(step.value) === path;
		known.set(step.value, isIt);
		return isIt;
	};
}

/** Without scheme and host, query and fragment. */
function pathOnly(url: string): string {
	return pathAndQuery(url).replace(/[?#].*$/s, "") || "/";
}

export interface FunnelStep extends Step {
	sessions: number;
	/** Percent of those of the first step; null: there were none. */
	rate: number | null;
	/** From the step before; null on the first, and where nobody came. */
	medianMs: number | null;
	/** Sessions that came this far, and those of them that came no further; `at` is when, since their beginning. */
	came: { sessionId: string; at: number }[];
	lost: { sessionId: string; at: number }[];
}

const MAX_EXAMPLES = 10;

/**
 * Who went through all steps in order, each strictly after the one before. A session counts once; it begins with the first
 * of its first steps.
 * @param withinMs from the first step to the last; null: any time
 */
export function funnel(
	sequences: readonly SessionJourney[],
	steps: readonly Step[],
	withinMs: number | null,
): FunnelStep[] {
	const reached = steps.map(() => 0);
	const waits: number[][] = steps.map(() => []);
	const came: FunnelStep["came"][] = steps.map(() => []);
	const lost: FunnelStep["lost"][] = steps.map(() => []);
	const tests = steps.map(stepMatcher);
	for (const { sessionId, steps: done } of sequences) {
		let next = 0;
		let last = Number.NEGATIVE_INFINITY;
		let first = 0;
		for (const step of done) {
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
		const at = lost[next - 1];
		if (next > 0 && next < tests.length && at!.length < MAX_EXAMPLES) at!.push({ sessionId, at: last });
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

/** The same of some sessions. */
export interface FunnelRow {
	value: string;
	/** That came to each step. */
	sessions: number[];
	/** Percent of those of the first step that came to the last. */
	rate: number;
	isLow: boolean;
}

/** Told apart by what they have: the values that most of those at the first step have. */
export function breakdown(
	sequences: readonly SessionJourney[],
	steps: readonly Step[],
	withinMs: number | null,
	by: (typeof FACETS)[number],
): FunnelRow[] {
	const groups = new Map<string, SessionJourney[]>();
	for (const sequence of sequences) {
		const value = facetOf(sequence.profile, by);
		if (!value) continue;
		const group = groups.get(value);
		if (group) group.push(sequence);
		else groups.set(value, [sequence]);
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

export interface ConversionRow {
	value: string;
	sessions: number;
	conversions: number;
	/** Percent. */
	rate: number;
	/** Fewer than five sessions: a rate of those says little. */
	isLow: boolean;
	converted: { sessionId: string; at: number } | null;
	notConverted: { sessionId: string; at: number } | null;
}

export const FACETS = ["entry", "referrer", "source", "medium", "campaign", "device", "country"] as const;
const TOP_ROWS = 15;
const LOW_VOLUME = 5;

/** Of which sessions reached a goal, by where they came from. A session without the value is in none of its rows. */
export function conversions(sequences: readonly SessionJourney[], goal: Step) {
	const test = stepMatcher(goal);
	const facets = new Map(FACETS.map((name) => [name, new Map<string, ConversionRow>()]));
	let converted = 0;
	for (const { sessionId, profile, steps } of sequences) {
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
		...{ sessions: sequences.length, converted },
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

/** Entry pages without their query; referrers by their host, and those that came by themselves. */
function facetOf(profile: Profile, name: (typeof FACETS)[number]): string | undefined {
	if (name === "entry") return profile.entry?.replace(/[?#].*$/s, "");
	if (name === "referrer") return profile.referrer ? hostOf(profile.referrer) : DIRECT;
	return dimensionOf(profile, name as (typeof DIMENSIONS)[number]);
}
