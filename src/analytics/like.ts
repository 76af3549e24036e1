import { DIRECT, type Filter, hostOf, isEntry, rangeOf } from "../contract/filter.ts";
import type { Facts } from "./digest.ts";

/** Whether a session is like a filter, in what only its facts tell. @param first its first day's */
export function isLike(
	{ entry, referrer, source, medium, campaign, score, frustrated }: Filter,
	first: Facts,
): boolean {
	const { head, signals } = first;
	return (
		(!entry || isEntry(head.entry ?? "", entry)) &&
		(!referrer || isReferrer(head.referrer, referrer)) &&
		(!source || head.source === source) &&
		(!medium || head.medium === medium) &&
		(!campaign || head.campaign === campaign) &&
		(!frustrated || signals.rage + signals.dead > 0) &&
		(!score || isWithin(first.score, rangeOf(score)))
	);
}

function isReferrer(url: string | undefined, wanted: string): boolean {
	if (url === undefined) return wanted === DIRECT;
	return url === wanted || hostOf(url) === wanted;
}

function isWithin(value: number, [from, below]: [number, number]): boolean {
	return value >= from && value < below;
}
