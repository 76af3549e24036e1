import { FULL_SNAPSHOT, INCREMENTAL, MUTATION, type RecordedEvent } from "../src/contract/events.ts";
import { isRecord } from "../src/contract/redact.ts";
import { guard } from "./guard.ts";

/**
 * Some pages change an attribute of a node at every frame, all day long. Of one node this many changes pass at once and
 * ten a second from then on; the others are merged and come together a second later, so that none is lost in the end.
 */
const BURST_CHANGES = 60;
const PER_SECOND = 10;
const MERGE_MS = 1_000;

/** How many changes of the page, in how long, count towards the limit. */
const LIMIT_WINDOW_MS = 10_000;

export interface Throttle {
	/** Takes out of the event, in place, what has to wait. @returns false when nothing of it is left */
	pass(event: RecordedEvent): boolean;
	/** Stops the timer; what waits is forgotten. */
	stop(): void;
}

/**
 * @param limit changes within ten seconds that are too many; 0: no limit
 * @param later takes what had to wait
 * @param onLimit hears of the changes that were too many
 * @param styleOf an element's style as it is now
 */
export function createThrottle(
	limit: number,
	later: (event: RecordedEvent) => void,
	onLimit: (changes: number) => void,
	styleOf: (id: unknown) => string,
	now: () => number = Date.now,
): Throttle {
	const buckets = new Map<unknown, { left: number; at: number }>();
	let waiting = new Map<unknown, Change>();
	let timer: ReturnType<typeof setTimeout> | undefined;
	let since = 0;
	let changes = 0;

	const release = () => {
		timer = undefined;
		const attributes = [...waiting.values()];
		for (const { id, attributes: it } of attributes) if (it.style === MIXED) it.style = styleOf(id);
		waiting = new Map();
		later({
			type: INCREMENTAL,
			data: { source: MUTATION, texts: [], attributes, removes: [], adds: [] },
			timestamp: now(),
		});
	};
	const mayPass = (id: unknown, at: number) => {
		const bucket = buckets.get(id) ?? { left: BURST_CHANGES, at };
		bucket.left = Math.min(BURST_CHANGES, bucket.left + ((at - bucket.at) / 1000) * PER_SECOND);
		bucket.at = at;
		buckets.set(id, bucket);
		if (bucket.left < 1) return false;
		bucket.left--;
		return true;
	};
	const stop = () => {
		clearTimeout(timer);
		timer = undefined;
		waiting.clear();
	};
	return {
		pass({ type, data }) {
			// It shows every node as it is.
			if (type === FULL_SNAPSHOT) stop();
			if (type !== INCREMENTAL || !isRecord(data) || data.source !== MUTATION) return true;
			const { attributes, adds, removes, texts } = data as unknown as Mutation;
			const at = now();
			if (at - since > LIMIT_WINDOW_MS) {
				since = at;
				changes = 0;
				buckets.clear();
			}
			changes += attributes.length + adds.length + removes.length + texts.length;
			if (limit && changes > limit) {
				stop();
				onLimit(changes);
				return false;
			}
			// What waits of a node that goes, or comes anew, is past.
			for (const { id } of removes) waiting.delete(id);
			for (const { node } of adds) waiting.delete(node.id);
			data.attributes = attributes.filter((change) => {
				const earlier = waiting.get(change.id);
				if (!earlier && mayPass(change.id, at)) return true;
				waiting.set(change.id, earlier ? merged(earlier, change) : change);
				timer ??= setTimeout(() => guard(release), MERGE_MS);
				return false;
			});
			return (
				(data.attributes as Change[]).length > 0 ||
				!attributes.length ||
				adds.length + removes.length + texts.length > 0
			);
		},
		stop,
	};
}

interface Change {
	id: unknown;
	attributes: Record<string, unknown>;
}

interface Mutation {
	attributes: Change[];
	adds: { node: { id: unknown } }[];
	removes: { id: unknown }[];
	texts: unknown[];
}

/** Stands for a style told both whole and as what changed in it, which do not merge. */
const MIXED = "\u0000";

/** rrweb tells a style whole, or as what changed in it. */
function merged(earlier: Change, later: Change): Change {
	const attributes = { ...earlier.attributes, ...later.attributes };
	const [before, after] = [earlier.attributes.style, later.attributes.style];
	if (isRecord(after)) {
		if (isRecord(before)) attributes.style = { ...before, ...after };
		else if (before !== undefined) attributes.style = MIXED;
	}
	return { id: later.id, attributes };
}
