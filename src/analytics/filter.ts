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

/** Filters that need only the profile of a session, which is the same on each day of the session. */
export const PROFILE_FILTERS = [
	...(["device", "browser", "os", "country", "city"] as const),
	...(["entry", "referrer", "source", "medium", "campaign"] as const),
] as const;

/** Returns whether a session's profile matches a filter. Filters other than `PROFILE_FILTERS` are ignored. */
export function matchesProfile(filter: Filter, profile: Profile): boolean {
	return PROFILE_FILTERS.every((name) => {
		const value = filter[name];
		if (value === undefined) return true;
		if (name === "entry") return matchesPage(profile.entry ?? "", value);
		if (name === "referrer") return matchesReferrer(profile.referrer, value);
		return profile[name] === value || (name === "city" && dimensionOf(profile, name) === value);
	});
}

/**
 * Returns whether the facts of a session match a filter. Filters on other data, such as `label`, are ignored.
 * @param days facts of each day of the session, in order
 */
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

function hasStep(days: readonly Facts[], kind: number, matches: (word: string) => boolean): boolean {
	return days.some(({ journey: { list, words } }) =>
		list.some(([, stepKind, word]) => stepKind === kind && matches(words[word] ?? "")),
	);
}

/**
 * Returns whether a session had an error with a given message.
 * @param template part of the message, see `messageTemplate`; an empty part matches messages of digits only
 */
function hadError(days: readonly Facts[], template: string): boolean {
	const matches = (message: string) => (template ? message.includes(template) : !/[^0-9]/.test(message));
	return days.some(({ details }) => details.errors.some(([, , , message]) => matches(details.words[message] ?? "")));
}

function matchesReferrer(url: string | undefined, referrer: string): boolean {
	if (url === undefined) return referrer === DIRECT;
	return url === referrer || hostOf(url) === referrer;
}

function isInRange(value: number, [from, below]: [number, number]): boolean {
	return value >= from && value < below;
}
