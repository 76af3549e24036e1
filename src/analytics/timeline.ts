import { CLICK } from "../contract/events.ts";
import { ANSWER_HORIZON_MS, BURST_GAP_MS } from "../contract/limits.ts";
import { INPUT_OPEN, INPUT_TYPED_FIRST, type Trail } from "../contract/trail.ts";
import { createLabels } from "./labels.ts";

/**
 * The events of a window, from the trails of its chunks. Times are epoch milliseconds, lists are in time order, and
 * `pageView` is an index in `pageViews`.
 */
export interface WindowTimeline {
	windowId: string;
	from: number;
	to: number;
	/** At least one. The first page view begins with the window. */
	pageViews: PageView[];
	/** Spans of activity (start, end), separated by more than five seconds of inactivity. */
	bursts: [number, number][];
	clicks: Click[];
	scrolls: { at: number; node: number; y: number }[];
	fields: Field[];
	submits: { at: number; pageView: number }[];
	links: { at: number; pageView: number; url: string; text: string | null; isExternal: boolean }[];
	vitals: { at: number; url: string | null; metric: string; value: number; rating: string | null }[];
	/** `count` is the number of occurrences that the entry stands for. */
	errors: { at: number; pageView: number; message: string; location: string | null; count: number }[];
	tags: { at: number; pageView: number; name: string }[];
}

/**
 * Time spent on one URL, until the URL changes. A reload of the same URL continues the page view; a route change of a
 * single-page application begins another one.
 */
export interface PageView {
	/** null: unknown. */
	url: string | null;
	title: string | null;
	at: number;
	/** Time of the last activity in the page view. */
	to: number;
	/** Size of the viewport in CSS pixels; null: unknown. */
	width: number | null;
	height: number | null;
	/** Deepest scroll position, in CSS pixels. */
	depth: number;
}

export interface Click {
	at: number;
	pageView: number;
	x: number;
	y: number;
	/** Vertical position on the page: `y` plus the scroll position. */
	pageY: number;
	selector: string | null;
	/** Milliseconds until the page responded; infinite if the page did not respond. */
	answerMs: number;
	/** Whether the clicked element, such as a form control or a link, needs no response of the page. */
	answersItself: boolean;
}

/** A form field in one page view. */
export interface Field {
	pageView: number;
	label: string;
	/** Time of the first change. */
	first: number;
	/** Time of the last change. */
	last: number;
	/** Number of changes. */
	count: number;
}

/** rrweb's ID of the document, the first node that rrweb numbers. */
const PAGE_NODE = 1;

/** Builds the timeline of a window. @param trails trails of the window, at least one, in time order */
export function readTimeline(windowId: string, trails: readonly Trail[]): WindowTimeline {
	const from = Math.min(...trails.map((trail) => trail.from));
	const to = Math.max(...trails.map((trail) => trail.from + trail.to));
	const bursts = mergeBursts(trails);
	const { pageViews, loads } = readPageViews(trails, from, bursts);
	const pageViewAt = (at: number) => Math.max(0, lastUpTo(pageViews, at));
	const scrolls = listOf(trails, "scrolls", (at, [, node, y]) => ({ at, node, y }));
	const scrollAt = readScroll(pageViews, loads, scrolls, pageViewAt);
	return {
		windowId,
		from,
		to,
		pageViews,
		bursts,
		scrolls,
		clicks: readClicks(trails, pageViewAt, scrollAt),
		fields: readFields(trails, pageViewAt),
		submits: listOf(trails, "submits", (at) => ({ at, pageView: pageViewAt(at) })),
		links: listOf(trails, "links", (at, [, url, text, external]) => ({
			...{ at, pageView: pageViewAt(at), url, text },
			isExternal: external === 1,
		})),
		vitals: listOf(trails, "vitals", (at, [, metric, value, rating, url]) => ({
			...{ at, metric, value, rating },
			url: url ?? pageViews[pageViewAt(at)]!.url,
		})),
		errors: listOf(trails, "errors", (at, [, message, , , location, , repeats]) => ({
			...{ at, pageView: pageViewAt(at), message, location },
			count: repeats ?? 1,
		})),
		tags: listOf(trails, "tags", (at, [, name]) => ({ at, pageView: pageViewAt(at), name })),
	};
}

type Lists = "scrolls" | "submits" | "links" | "vitals" | "errors" | "tags" | "pages";

/** Collects the entries of the list `name` of all trails, converts them with `make`, and sorts them by time. */
function listOf<K extends Lists, T>(
	trails: readonly Trail[],
	name: K,
	make: (at: number, entry: NonNullable<Trail[K]>[number]) => T,
): T[] {
	const found: { at: number; item: T }[] = [];
	for (const trail of trails) {
		for (const entry of (trail[name] ?? []) as NonNullable<Trail[K]>[number][]) {
			const at = trail.from + entry[0];
			found.push({ at, item: make(at, entry) });
		}
	}
	return found.sort((a, b) => a.at - b.at).map(({ item }) => item);
}

function mergeBursts(trails: readonly Trail[]): [number, number][] {
	const all = trails
		.flatMap(({ from, to, bursts = [[0, to]] }) => bursts.map(([a, b]): [number, number] => [from + a, from + b]))
		.sort((a, b) => a[0] - b[0]);
	return mergeSpans(all, BURST_GAP_MS);
}

/** Merges spans that are at most `gap` apart. @param spans sorted by their start */
export function mergeSpans(spans: readonly [number, number][], gap: number): [number, number][] {
	const merged: [number, number][] = [];
	for (const [a, b] of spans) {
		const last = merged.at(-1);
		if (last && a - last[1] <= gap) last[1] = Math.max(last[1], b);
		else merged.push([a, b]);
	}
	return merged;
}

interface Load {
	at: number;
	y: number;
}

function readPageViews(trails: readonly Trail[], from: number, bursts: readonly [number, number][]) {
	const pageViews: PageView[] = [];
	/** Initial scroll position of each document. */
	const loads: Load[] = [];
	for (const [at, entry] of listOf(trails, "pages", (at, entry) => [at, entry] as const)) {
		const [, url, title, width, height, y, cause] = entry;
		const last = pageViews.at(-1);
		if (cause === "load" || !last) loads.push({ at, y: y ?? 0 });
		if (last?.url === url) {
			last.title ??= title;
			last.width ??= width;
			last.height ??= height;
			continue;
		}
		const size = { width: width ?? last?.width ?? null, height: height ?? last?.height ?? null };
		// The first page view includes the events before its URL was recorded.
		pageViews.push({ url, title, at: last ? at : from, to: at, ...size, depth: 0 });
	}
	if (!pageViews.length)
		pageViews.push({ url: null, title: null, at: from, to: from, width: null, height: null, depth: 0 });
	const burstStarts = bursts.map(([at]) => ({ at }));
	pageViews.forEach((pageView, i) => {
		const next = pageViews[i + 1]?.at ?? Number.POSITIVE_INFINITY;
		const burst = bursts[lastUpTo(burstStarts, next - 1)];
		pageView.to = Math.max(pageView.at, burst ? Math.min(burst[1], next) : pageView.at);
	});
	return { pageViews, loads };
}

/**
 * Sets the depth of each page view.
 * @returns a function that returns the scroll position of the page at a given time
 */
function readScroll(
	pageViews: PageView[],
	loads: readonly Load[],
	scrolls: WindowTimeline["scrolls"],
	pageViewAt: (at: number) => number,
): (at: number) => number {
	const points = [...loads, ...scrolls.filter(({ node }) => node === PAGE_NODE)].sort((a, b) => a.at - b.at);
	for (const { at, y } of points) {
		const pageView = pageViews[pageViewAt(at)]!;
		pageView.depth = Math.max(pageView.depth, y);
	}
	return (at) => points[lastUpTo(points, at)]?.y ?? 0;
}

/** Returns the index of the last entry at or before a time; −1 if there is none. @param list in time order */
export function lastUpTo(list: readonly { at: number }[], at: number): number {
	let low = 0;
	let high = list.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (list[middle]!.at <= at) low = middle + 1;
		else high = middle;
	}
	return low - 1;
}

function readClicks(
	trails: readonly Trail[],
	pageViewAt: (at: number) => number,
	scrollAt: (at: number) => number,
): Click[] {
	const clicks: Click[] = [];
	trails.forEach(({ from, clicks: list = [] }, i) => {
		for (const [offset, x, y, kind, , selector, answer, target] of list) {
			if (kind !== CLICK) continue;
			const at = from + offset;
			const laterAnswer = () => firstAnswer(trails, i + 1, at) - at;
			clicks.push({
				...{ at, pageView: pageViewAt(at), x, y, pageY: y + scrollAt(at), selector },
				answerMs: answer === null ? laterAnswer() : answer < 0 ? Number.POSITIVE_INFINITY : answer,
				answersItself: target !== undefined,
			});
		}
	});
	return clicks.sort((a, b) => a.at - b.at);
}

/**
 * Returns the time of the response to a click whose chunk ended before the response; infinite if there was none.
 * @param start index of the trail after that of the click
 * @param after time of the click
 */
function firstAnswer(trails: readonly Trail[], start: number, after: number): number {
	for (let i = start; i < trails.length; i++) {
		const { from, answer } = trails[i]!;
		if (answer !== undefined && from + answer >= after) return from + answer;
		// A response in a later chunk would come too late to count.
		if (from > after + ANSWER_HORIZON_MS) break;
	}
	return Number.POSITIVE_INFINITY;
}

function readFields(trails: readonly Trail[], pageViewAt: (at: number) => number): Field[] {
	const labels = createLabels();
	const found = new Map<string, Field>();
	/** Keys of the fields whose last edit has not ended. */
	const openFields = new Set<string>();
	for (const trail of trails) {
		const labelOf = labels(trail);
		for (const [page, node, ownLabel, first, last, count, flags = 0] of trail.inputs ?? []) {
			const label = ownLabel ?? labelOf(page, node) ?? `Field #${node}`;
			const pageView = pageViewAt(trail.from + first);
			const key = `${pageView} ${label}`;
			const field = found.get(key);
			if (field) {
				field.first = Math.min(field.first, trail.from + first);
				field.last = Math.max(field.last, trail.from + last);
				// A `change` event that ends an edit begun in an earlier chunk is not counted as another edit.
				const isContinued = openFields.has(key) && !(flags & INPUT_TYPED_FIRST);
				field.count += count - (isContinued ? 1 : 0);
			} else found.set(key, { pageView, label, first: trail.from + first, last: trail.from + last, count });
			if (flags & INPUT_OPEN) openFields.add(key);
			else openFields.delete(key);
		}
	}
	return [...found.values()].sort((a, b) => a.first - b.first);
}
