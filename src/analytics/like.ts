import { constantOf, DIRECT, type Filter, hostOf, isEntry, pathAndQuery, rangeOf } from "../contract/filter.ts";
import { type Facts, STEP_CLICK, STEP_TAG, STEP_VIEW } from "./digest.ts";

/** Whether a session is like a filter, in what only its facts tell. @param days the facts of each of its days, in order */
export function isLike(
	{ page, clicked, tag, error, entry, referrer, source, medium, campaign, score, frustrated }: Filter,
	days: readonly Facts[],
): boolean {
	const first = days[0];
	if (!first) return false;
	const { head, signals } = first;
	return (
		(!page ||
			did(days, STEP_VIEW, (url) => (page.startsWith("/") ? isEntry(pathAndQuery(url), page) : url === page))) &&
		(!clicked || did(days, STEP_CLICK, (selector) => selector === clicked)) &&
		(!tag || did(days, STEP_TAG, (name) => name === tag)) &&
		(!error || hadError(days, constantOf(error))) &&
		(!entry || isEntry(head.entry ?? "", entry)) &&
		(!referrer || isReferrer(head.referrer, referrer)) &&
		(!source || head.source === source) &&
		(!medium || head.medium === medium) &&
		(!campaign || head.campaign === campaign) &&
		(!frustrated || signals.rage + signals.dead > 0) &&
		(!score || isWithin(first.score, rangeOf(score)))
	);
}

function did(days: readonly Facts[], wanted: number, isIt: (word: string) => boolean): boolean {
	return days.some(({ steps }) =>
		steps.list.some(([, kind, word]) => kind === wanted && isIt(steps.words[word] ?? "")),
	);
}

/** @param constant one that is empty is of every message that is nothing but a number */
function hadError(days: readonly Facts[], constant: string): boolean {
	const isIt = (message: string) => (constant ? message.includes(constant) : !/[^0-9]/.test(message));
	return days.some(({ moments }) => moments.errors.some(([, , , message]) => isIt(moments.words[message] ?? "")));
}

function isReferrer(url: string | undefined, wanted: string): boolean {
	if (url === undefined) return wanted === DIRECT;
	return url === wanted || hostOf(url) === wanted;
}

function isWithin(value: number, [from, below]: [number, number]): boolean {
	return value >= from && value < below;
}
