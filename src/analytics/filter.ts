import {
	DIRECT,
	type Filter,
	hostOf,
	matchesPage,
	messageTemplate,
	pathAndQuery,
	rangeOf,
} from "../contract/filter.ts";
import { type Facts, type Profile, STEP_CLICK, STEP_TAG, STEP_VIEW } from "./digest.ts";
import { dimensionOf } from "./rollup.ts";

/** What the head tells, which is the same on each of a session's days. */
export const PROFILE_FILTERS = [
	...(["device", "browser", "os", "country", "city"] as const),
	...(["entry", "referrer", "source", "medium", "campaign"] as const),
] as const;

/** Whether a session is like a filter, in what its head tells. */
export function matchesProfile(filter: Filter, profile: Profile): boolean {
	return PROFILE_FILTERS.every((name) => {
		const wanted = filter[name];
		if (wanted === undefined) return true;
		if (name === "entry") return matchesPage(profile.entry ?? "", wanted);
		if (name === "referrer") return matchesReferrer(profile.referrer, wanted);
		return profile[name] === wanted || (name === "city" && dimensionOf(profile, name) === wanted);
	});
}

/** The same in all that its facts tell. @param days the facts of each of its days, in order */
export function matchesFilter(filter: Filter, days: readonly Facts[]): boolean {
	const { page, clicked, tag, error, score, frustrated } = filter;
	const first = days[0];
	if (!first) return false;
	return (
		matchesProfile(filter, first.profile) &&
		(!page ||
			hasStep(days, STEP_VIEW, (url) =>
				page.startsWith("/") ? matchesPage(pathAndQuery(url), page) : url === page,
			)) &&
		(!clicked || hasStep(days, STEP_CLICK, (selector) => selector === clicked)) &&
		(!tag || hasStep(days, STEP_TAG, (name) => name === tag)) &&
		(!error || hadError(days, messageTemplate(error))) &&
		(!frustrated || first.signals.rage + first.signals.dead > 0) &&
		(!score || isInRange(first.score, rangeOf(score)))
	);
}

function hasStep(days: readonly Facts[], wanted: number, isIt: (word: string) => boolean): boolean {
	return days.some(({ journey: steps }) =>
		steps.list.some(([, kind, word]) => kind === wanted && isIt(steps.words[word] ?? "")),
	);
}

/** @param constant one that is empty is of every message that is nothing but a number */
function hadError(days: readonly Facts[], constant: string): boolean {
	const isIt = (message: string) => (constant ? message.includes(constant) : !/[^0-9]/.test(message));
	return days.some(({ details }) => details.errors.some(([, , , message]) => isIt(details.words[message] ?? "")));
}

function matchesReferrer(url: string | undefined, wanted: string): boolean {
	if (url === undefined) return wanted === DIRECT;
	return url === wanted || hostOf(url) === wanted;
}

function isInRange(value: number, [from, below]: [number, number]): boolean {
	return value >= from && value < below;
}
