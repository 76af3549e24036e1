import { FULL_SNAPSHOT, INCREMENTAL, INPUT, MUTATION, type RecordedEvent } from "../src/contract/events.ts";
import { isRecord } from "../src/contract/redact.ts";
import { guard } from "./guard.ts";

/**
 * Limits of the attribute changes of a node, because some pages change an attribute in every frame. `BURST_CHANGES` are
 * recorded at once, then `PER_SECOND`. Further changes are merged and emitted after `MERGE_MS`, so that the final state
 * is recorded.
 */
const BURST_CHANGES = 60;
const PER_SECOND = 10;
const MERGE_MS = 1_000;

/** Minimum time between two recorded typing events of a field. The event that ends the typing is always recorded. */
const TYPING_MS = 500;

/** Period over which DOM changes are counted for the limit that pauses recording. */
const LIMIT_WINDOW_MS = 10_000;

export interface Throttle {
	/**
	 * Moves changes that exceed the rate limit from the event to a later one.
	 * @returns false when nothing is left of the event
	 */
	pass(event: RecordedEvent): boolean;
	/** Stops the timer and discards deferred changes. */
	stop(): void;
}

/**
 * @param limit maximum number of DOM changes within ten seconds; 0: no limit
 * @param emitDeferred receives deferred changes
 * @param onLimit called with the number of changes when the limit is exceeded
 * @param styleOf returns an element's current style
 */
export function createThrottle(
	limit: number,
	emitDeferred: (event: RecordedEvent) => void,
	onLimit: (changes: number) => void,
	styleOf: (id: unknown) => string,
	now: () => number = Date.now,
): Throttle {
	const buckets = new Map<unknown, { left: number; at: number }>();
	/**
	 * Fields in which typing was recorded less than `TYPING_MS` ago, by node ID. The value is the typing event that waits
	 * to be recorded when this time has passed; null if none waits.
	 */
	const typing = new Map<unknown, RecordedEvent | null>();
	let deferred = new Map<unknown, Change>();
	let timer: ReturnType<typeof setTimeout> | undefined;
	let windowStart = 0;
	let changes = 0;

	const release = () => {
		timer = undefined;
		const attributes = [...deferred.values()];
		for (const { id, attributes: it } of attributes) if (it.style === MIXED) it.style = styleOf(id);
		deferred = new Map();
		emitDeferred({
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
	const discardDeferred = () => {
		clearTimeout(timer);
		timer = undefined;
		deferred.clear();
	};
	/**
	 * Returns whether to record a typing event now. Of the events that follow within `TYPING_MS`, only the last is
	 * recorded, when this time has passed.
	 */
	const mayType = (id: unknown, event: RecordedEvent) => {
		if (typing.has(id)) {
			typing.set(id, event);
			return false;
		}
		typing.set(id, null);
		setTimeout(() => {
			const last = typing.get(id);
			typing.delete(id);
			if (last && mayType(id, last)) emitDeferred({ ...last, timestamp: now() });
		}, TYPING_MS);
		return true;
	};
	const discardAll = () => {
		discardDeferred();
		typing.clear();
	};
	return {
		pass(event) {
			const { type, data } = event;
			// A full snapshot contains the current state of every node, so deferred changes are obsolete.
			if (type === FULL_SNAPSHOT) discardAll();
			if (type !== INCREMENTAL || !isRecord(data)) return true;
			if (data.source === INPUT) {
				if (data.typing) return mayType(data.id, event);
				// This event ends the typing and has the same text as the deferred typing event.
				if (typing.has(data.id)) typing.set(data.id, null);
			}
			if (data.source !== MUTATION) return true;
			const { attributes, adds, removes, texts } = data as unknown as Mutation;
			const at = now();
			if (at - windowStart > LIMIT_WINDOW_MS) {
				windowStart = at;
				changes = 0;
				buckets.clear();
			}
			changes += attributes.length + adds.length + removes.length + texts.length;
			if (limit && changes > limit) {
				discardAll();
				onLimit(changes);
				return false;
			}
			// Deferred changes of a node that is removed or added again are obsolete.
			if (deferred.size) {
				for (const { id } of removes) deferred.delete(id);
				for (const { node } of adds) deferred.delete(node.id);
			}
			data.attributes = attributes.filter((change) => {
				const earlier = deferred.get(change.id);
				if (!earlier && mayPass(change.id, at)) return true;
				deferred.set(change.id, earlier ? mergeChanges(earlier, change) : change);
				timer ??= setTimeout(() => guard(release), MERGE_MS);
				return false;
			});
			return (
				(data.attributes as Change[]).length > 0 ||
				!attributes.length ||
				adds.length + removes.length + texts.length > 0
			);
		},
		stop: discardAll,
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

/** Stands for a style whose deferred changes, a full value and single properties, cannot be merged. */
const MIXED = "\u0000";

/** Merges two changes of a node. rrweb records a style as a full value or as the changed properties. */
function mergeChanges(earlier: Change, later: Change): Change {
	const attributes = { ...earlier.attributes, ...later.attributes };
	const [before, after] = [earlier.attributes.style, later.attributes.style];
	if (isRecord(after)) {
		if (isRecord(before)) attributes.style = { ...before, ...after };
		else if (before !== undefined) attributes.style = MIXED;
	}
	return { id: later.id, attributes };
}
