import { batch, computed, signal } from "@preact/signals";
import { type Activity, activity } from "../../src/analytics/activity.ts";
import { type PageView, readTimeline } from "../../src/analytics/timeline.ts";
import type { RecordedEvent } from "../../src/contract/events.ts";
import { BURST_GAP_MS, SESSION_IDLE_MS } from "../../src/contract/limits.ts";
import type { Trail } from "../../src/contract/trail.ts";
import { ApiError, api, type ChunkItem, read, type ServerItemList, type WindowItem } from "../api.ts";
import * as text from "../pages/replay.text.ts";
import { type FromPlayer, offsetOf, type ToPlayer, type View } from "../player/protocol.ts";
import { isKnown, sanitizeEvents } from "../player/sanitize.ts";
import { createChunkLoader, type MissingChunk } from "./chunk-loader.ts";
import { firstFrameOf } from "./loading.ts";
import { mergeRecords, type Records, readRecords } from "./records.ts";
import { activityOf, placeServerItems, skewOf } from "./server-items.ts";
import { messageOf } from "./sessions.ts";
import { dashboardSource, type Source } from "./source.ts";
import { type TabSpan, tabSpans } from "./tab-path.ts";
import { inactivityEnd, skipInactivity } from "./time-scale.ts";
import { nearest } from "./timeline-ticks.ts";

export const SPEEDS = [1, 2, 4, 8, 16];
const SKIP_MS = 5_000;
/** Poll interval of a live session. */
const POLL_MS = 5_000;
/** Poll interval of a session that sends nothing but may continue, for example because the visitor is reading. */
const IDLE_POLL_MS = 30_000;
/** During playback, jumping back ignores entries of the last second: the clock has just passed them. */
const JUST_PASSED_MS = 1_000;
/** Maximum number of tabs whose trails are read to follow the visitor. */
const MAX_TABS = 30;

/** Settings of the person who watches. They apply to all tabs and sessions until the page is reloaded. */
const speed = signal(1);
const skip = signal(true);

export type ReplayError =
	| { kind: "not-found" }
	| { kind: "no-snapshot" }
	| { kind: "one-event" }
	| { kind: "failed"; message: string };

export interface ReplayOptions {
	sid: string;
	/** Tab to play; null for the tab that was open at `t`, or else the tab that was active last. */
	wid: string | null;
	project: string | undefined;
	/** Value of the URL parameter `t`: the moment to start at. */
	t: string | null;
	/** ID of a server item (exception or event) to seek to, once its moment on the recording's clock is known. */
	item?: string | null;
	/** Whether playback starts without a click, as when it continues from another tab. */
	isPlaying: boolean;
	/** Where to read the recording from; by default, the dashboard's API. */
	source?: Source;
	/** The replay that was shown before this one. Its data is reused if it is of the same session. */
	previous?: {
		sid: string;
		detail: { value: Detail | null };
		reported: { value: ServerReports };
		tabPath: { value: readonly TabSpan[] };
		hasPlayed: { value: boolean };
	} | null;
}

type Detail = Awaited<ReturnType<Source["detail"]>>;

/** Server exceptions and events of the session. `count` is how many the session had when `items` was loaded. */
type ServerReports = ServerItemList & { count: number };

/**
 * Creates the replay of one window. The replay owns the clock: player, timeline, activity list and keyboard shortcuts
 * use the clock only through the signals and functions that are returned here.
 */
export function createReplay({ sid, wid, project, t, item = null, isPlaying, previous, ...options }: ReplayOptions) {
	const { source = dashboardSource(sid, project) } = options;
	const reused = previous?.sid === sid ? previous : null;
	const detail = signal<Detail | null>(reused?.detail.value ?? null);
	const reported = signal<ServerReports>(reused?.reported.value ?? { items: [], isCut: false, count: 0 });
	/** The tabs in which the visitor was, and when. Empty unless "Follow the visitor" is selected. */
	const tabPath = signal<readonly TabSpan[]>(reused?.tabPath.value ?? []);
	/** URL of the player document; empty until it is known. */
	const playerUrl = signal(source.playerUrl());
	const windowId = signal(wid);
	const error = signal<ReplayError | null>(null);
	const records = signal<Records>({ lines: [], calls: [] });
	/** Number of events of types that the player does not support. */
	const unknownEvents = signal(0);
	const view = signal<View | null>(null);
	const started = signal(false);
	const playing = signal(false);
	/** Whether playback has been started at least once, in this tab or another tab of the session. */
	const hasPlayed = signal(reused?.hasPlayed.value ?? false);
	/** Whether the playhead waits until the events at its target are loaded. */
	const waiting = signal(false);
	/** Whether the playhead is at the end of a live session, where new events are shown as they arrive. */
	const following = signal(false);
	/** Whether playback has reached the end. */
	const ended = signal(false);
	const offset = signal(0);
	/** Time of offset 0, the first frame of the recording, in epoch milliseconds. */
	const from = signal(0);
	/** ID of the server item to seek to; null once reached, or when the user seeks elsewhere first. */
	let pendingItem = item;
	/** Tab and moment of the server item, if the item belongs to another tab. */
	const itemInOtherTab = signal<{ windowId: string; at: number } | null>(null);

	/** Project of the session. Once the session has loaded, it is known even if the URL does not name it. */
	const sessionProject = computed(() => detail.value?.session?.project ?? project);
	const to = computed(() => chunks.value.reduce((end, { lastAt }) => Math.max(end, lastAt), 0));
	const duration = computed(() => Math.max(0, to.value - from.value));
	// The cast is needed because Hono's client types optional tuple elements as null.
	const trails = computed(() => chunks.value.map(({ trail }) => trail as Trail));
	const timeline = computed(() => (trails.value.length ? readTimeline(windowId.value ?? "", trails.value) : null));
	const recordedEntries = computed<Activity[]>(() => activity(trails.value, timeline.value));
	const placedItems = computed(() => {
		const id = windowId.value ?? "";
		const others = (detail.value?.windows ?? []).filter((window) => window.id !== id);
		const startedAt = chunks.value.reduce((begin, { firstAt }) => Math.min(begin, firstAt), Number.POSITIVE_INFINITY);
		const windows = [...others, { id, startedAt, lastAt: to.value }].sort((a, b) => a.startedAt - b.startedAt);
		return placeServerItems(reported.value.items, windows, skewOf(trails.value), tabPath.value);
	});
	/** Entries of the activity list: those of the recording and, once loaded, the server items. */
	const entries = computed<Activity[]>(() => {
		const ofWindow = placedItems.value.filter(({ windowIds }) => windowIds.includes(windowId.value ?? ""));
		const shownAt = (moment: number) => Math.min(Math.max(moment, from.value), to.value);
		const reportEntries = ofWindow.map(({ item, moment }) => activityOf(item, shownAt(moment), sessionProject.value));
		return reportEntries.length
			? [...recordedEntries.value, ...reportEntries].sort((a, b) => a.at - b.at)
			: recordedEntries.value;
	});
	const inactiveSpans = computed(() => findInactiveSpans(chunks.value, from.value));
	/** Spans that playback and 5-second steps skip, and that the timeline folds. */
	const skippedSpans = computed(() => (skip.value ? inactiveSpans.value : []));
	const isLive = computed(() => detail.value?.session?.live ?? false);
	/** Whether the last batch of the session is recent enough for the session to continue. */
	const mayGrow = signal(false);
	/** Whether more events may arrive: the session is live, or `following` is true and the session may continue. */
	const isGrowing = computed(() => isLive.value || (following.value && mayGrow.value));

	let frame: HTMLIFrameElement | null = null;
	let closed = false;
	/** Time of the last poll. */
	let polledAt = 0;
	/** Offset at which playback waits for chunks; null if it does not wait. */
	let pendingOffset: number | null = null;
	/** Time at which playback reaches a chunk that is not loaded, epoch milliseconds. */
	let loadedUntil = 0;
	let resolvePlayerReady = () => {};
	const playerReady = new Promise<void>((resolve) => {
		resolvePlayerReady = resolve;
	});

	const postToPlayer = (message: ToPlayer) => frame?.contentWindow?.postMessage(message, location.origin);
	const now = () => from.value + (pendingOffset ?? offset.value);

	const loader = createChunkLoader({
		fetchEvents: ({ cursor }) => source.events(windowId.value ?? "", cursor),
		playhead: now,
		playerReady,
		deliver(chunk, events) {
			const shift = chunk.trail.shift ?? 0;
			records.value = mergeRecords(records.value, readRecords(events, shift));
			unknownEvents.value += events.filter((event) => !isKnown(event)).length;
			postToPlayer({ kind: "add", events: sanitizeEvents(events, shift, location.host) });
		},
		onChunkDone(chunk) {
			if (pendingOffset === null) loadedUntil = loader.playableUntil(now());
			// While a live session is followed, the playhead skips the inactivity before a new chunk.
			else if (following.value && chunk.firstAt > now() + BURST_GAP_MS) pendingOffset = chunk.firstAt - from.value;
			resumePending();
		},
		onIdle() {
			const cannotStartAt = ({ cursor, snapshots }: ChunkItem) =>
				!snapshots || missingChunks.value.some((missing) => missing.cursor === cursor);
			if (chunks.value.every(cannotStartAt)) error.value ??= blockedBy(missingChunks.value);
			if (!isGrowing.value) postToPlayer({ kind: "end" });
		},
	});
	const { chunks, missingChunks, complete, load } = loader;

	/** Moves the clock. The player follows as soon as it has the chunks that the moment needs. */
	const moveTo = (requested: number) => {
		const target = Math.min(Math.max(0, requested), duration.value);
		const at = from.value + target;
		offset.value = target;
		ended.value = false;
		if (!started.value || !loader.isReady(at)) {
			waitAt(target);
			void load();
			return;
		}
		pendingOffset = null;
		waiting.value = false;
		loadedUntil = loader.playableUntil(at);
		postToPlayer({ kind: playing.value ? "play" : "pause", at });
	};
	const waitAt = (target: number) => {
		pendingOffset = target;
		waiting.value = true;
	};
	const seek = (target: number) => {
		pendingItem = null;
		following.value = false;
		moveTo(target);
	};
	const setPlaying = () => {
		playing.value = true;
		hasPlayed.value = true;
	};
	const play = () => {
		if (!started.value || playing.value) return;
		setPlaying();
		moveTo(offset.value >= duration.value && !isGrowing.value ? 0 : offset.value);
	};
	const pause = () => {
		if (!playing.value) return;
		playing.value = false;
		seek(offset.value);
	};
	const finish = () => {
		batch(() => {
			pendingOffset = null;
			waiting.value = false;
			playing.value = false;
			following.value = false;
			offset.value = duration.value;
			ended.value = true;
		});
	};
	const resumePending = () => {
		if (pendingOffset !== null && started.value && loader.isReady(from.value + pendingOffset)) moveTo(pendingOffset);
	};

	/** Returns the tab in which the session continues after this tab, and the moment; null if there is none. */
	const nextTab = (): { window: WindowItem; at: number } | null => {
		const after = (detail.value?.windows ?? [])
			.filter(({ id, lastAt }) => id !== windowId.value && lastAt > to.value)
			.map((window) => ({ window, at: Math.max(window.startedAt, to.value) }));
		return after.sort((a, b) => a.at - b.at)[0] ?? null;
	};

	const onMessage = ({ origin, source, data }: MessageEvent<FromPlayer>) => {
		if (origin !== location.origin || !frame || source !== frame.contentWindow) return;
		if (data.kind === "ready") resolvePlayerReady();
		else if (data.kind === "view") view.value = data.view;
		else if (data.kind === "started") {
			started.value = true;
			postToPlayer({ kind: "speed", speed: speed.value });
			postToPlayer({ kind: "skip", on: skip.value });
			if (isPlaying) setPlaying();
			resumePending();
		} else if (data.kind === "time") {
			if (!playing.value || pendingOffset !== null) return;
			offset.value = Math.min(Math.max(0, data.at - from.value), duration.value);
			// Seeks past inactivity. rrweb would start to skip only at the event before a span, and fast-forward for seconds.
			const end = inactivityEnd(skippedSpans.value, offset.value);
			if (end !== null) return moveTo(end);
			if (data.at < loadedUntil) return;
			// Pauses until the next chunk is loaded. rrweb would leave it out and continue with later chunks.
			waitAt(offset.value);
			postToPlayer({ kind: "pause", at: loadedUntil });
		} else if (data.kind === "finished") {
			if (!playing.value || pendingOffset !== null) return;
			if (complete.value && (!isGrowing.value || nextTab())) finish();
			// Playback has caught up with the loaded chunks or with the visitor.
			else waitAt(offset.value);
		} else
			error.value =
				data.reason === "failed"
					? { kind: "failed", message: text.playerFailed }
					: (blockedBy(missingChunks.value) ?? { kind: data.reason });
	};

	const open = async () => {
		try {
			// If the window ID is known, the trail loads in parallel with the session.
			const earlyTrail = wid === null ? null : source.trail(wid);
			earlyTrail?.catch(() => {});
			const details = source.detail();
			details.catch(() => {});
			// A link to a server item may name a tab that was not recorded. Such a link is treated as if it named no tab.
			const namedTrail = await earlyTrail?.catch((failure) =>
				item !== null && isNotFound(failure) ? null : Promise.reject(failure),
			);
			if (!namedTrail) {
				const { windows } = await details;
				const at = offsetOf(t, 0) ?? 0;
				const contains = (it: WindowItem) => Number(it.startedAt <= at && at <= it.lastAt);
				windowId.value = windows.toSorted((a, b) => contains(b) - contains(a) || b.lastAt - a.lastAt)[0]?.id ?? null;
			}
			if (!windowId.value) throw new ApiError(404, "");
			const { chunks: list } = namedTrail ?? (await source.trail(windowId.value));
			if (closed) return;
			batch(() => {
				playerUrl.value = source.playerUrl();
				chunks.value = list;
				from.value = firstFrameOf(list);
				error.value = missingReason(list);
			});
			moveTo(offsetOf(t, from.value) ?? 0);
			// The recording can be played without the session's details.
			detail.value = await details.catch(() => detail.value);
			void readReported();
		} catch (failure) {
			error.value = isNotFound(failure) ? { kind: "not-found" } : { kind: "failed", message: messageOf(failure) };
		}
	};

	/** Loads the server items if their number in the session has changed, then seeks to the item that the URL names. */
	const readReported = async () => {
		const count = detail.value?.session?.reported ?? 0;
		if (source.reported && count !== reported.value.count) {
			// If the request fails, the next poll tries again.
			const found = await source.reported().catch(() => null);
			if (!found || closed) return;
			reported.value = { ...found, count };
		}
		seekToItem();
	};

	/** Seeks to the server item that the URL names, unless that was done before. */
	const seekToItem = () => {
		const found = placedItems.value.find((it) => it.item.id === pendingItem);
		pendingItem = null;
		if (!found) return;
		const { moment, windowIds } = found;
		if (!windowIds.length || windowIds.includes(windowId.value ?? "")) moveTo(moment - from.value);
		else itemInOtherTab.value = { windowId: windowIds[0]!, at: Math.round(moment) };
	};

	/** Loads new data of the session, if the session may have grown. */
	const poll = async () => {
		if (document.hidden || closed) return;
		const now = Date.now();
		mayGrow.value = now - (detail.value?.session?.receivedAt ?? 0) < SESSION_IDLE_MS;
		finishIfOver();
		if (!isLive.value && (!mayGrow.value || now - polledAt < IDLE_POLL_MS)) return;
		polledAt = now;
		try {
			const newer = await source.detail();
			const isMore = newer.session?.events !== detail.value?.session?.events;
			const list = isMore && windowId.value ? (await source.trail(windowId.value)).chunks : chunks.value;
			if (closed) return;
			batch(() => {
				detail.value = newer;
				chunks.value = list;
				if (!started.value) from.value = firstFrameOf(list);
				if (error.value?.kind === "no-snapshot" || error.value?.kind === "one-event") error.value = missingReason(list);
			});
			void load();
			void readReported();
			finishIfOver();
		} catch {
			// The next poll tries again.
		}
	};
	/** Ends playback that waits for events which will not arrive. */
	const finishIfOver = () => {
		if (!isGrowing.value && complete.value && pendingOffset !== null && playing.value) finish();
	};

	return {
		sid,
		project,
		sessionProject,
		playerUrl,
		detail,
		windowId,
		chunks,
		error,
		missingChunks,
		records,
		unknownEvents,
		view,
		started,
		playing,
		hasPlayed,
		waiting,
		following,
		ended,
		itemInOtherTab,
		offset,
		speed,
		skip,
		/** Spans that are loaded, as offsets. */
		loaded: computed(() =>
			complete.value
				? [[0, duration.value] as const]
				: loader.loaded.value.map(([a, b]) => [a - from.value, b - from.value] as const),
		),
		complete,
		from,
		to,
		duration,
		entries,
		reported,
		/** The items of `reported`, each with its moment and its windows. */
		placedItems,
		tabPath,
		trails,
		timeline,
		/** Page views of this window, in time order. */
		pageViews: computed<readonly PageView[]>(() => timeline.value?.pageViews ?? []),
		inactiveSpans,
		skippedSpans,
		isGrowing,
		seek,
		play,
		pause,
		toggle: () => (playing.value ? pause() : play()),
		skipBy: (steps: number) => seek(skipInactivity(skippedSpans.value, offset.value, offset.value + steps * SKIP_MS)),
		/**
		 * Seeks to the nearest matching entry after or before the playhead and returns the entry. The playhead cannot be
		 * before the first frame, so an entry at the first frame counts as after the playhead unless the entry is selected.
		 */
		jump(step: 1 | -1, matches: (entry: Activity) => boolean, selected: Activity | null = null): Activity | null {
			const slack = step < 0 && playing.value ? JUST_PASSED_MS : 0;
			const isFirst = step > 0 && offset.value === 0 && !(selected && selected.at <= from.value && matches(selected));
			const at = isFirst ? Number.NEGATIVE_INFINITY : from.value + offset.value - slack;
			const found = nearest(entries.value, at, step, matches);
			if (found) seek(found.at - from.value);
			return found;
		},
		/** Seeks to the newest moment of a live session and follows it. */
		goLive() {
			pendingItem = null;
			following.value = true;
			setPlaying();
			moveTo(duration.value);
		},
		setSpeed(value: number) {
			speed.value = value;
			postToPlayer({ kind: "speed", speed: value });
		},
		faster(steps: number) {
			const at = SPEEDS.indexOf(speed.value) + steps;
			this.setSpeed(SPEEDS[Math.min(Math.max(at, 0), SPEEDS.length - 1)]!);
		},
		toggleSkip() {
			skip.value = !skip.value;
			postToPlayer({ kind: "skip", on: skip.value });
		},
		/** Index of the last entry at or before the playhead; −1 before the first. */
		current: computed(() => {
			const now = from.value + offset.value;
			let low = 0;
			let high = entries.value.length;
			while (low < high) {
				const middle = (low + high) >> 1;
				if (entries.value[middle]!.at <= now) low = middle + 1;
				else high = middle;
			}
			return low - 1;
		}),
		nextTab,
		/** Returns the events of the chunk at a moment, as they are stored. @throws ApiError */
		async eventsAt(at: number): Promise<RecordedEvent[]> {
			const chunk = loader.chunkAt(at);
			return chunk ? source.events(windowId.value ?? "", chunk.cursor) : [];
		},
		/** Loads the tabs in which the visitor was, and when. @throws ApiError */
		async loadTabSpans(): Promise<TabSpan[]> {
			const ids = (detail.value?.windows ?? []).slice(0, MAX_TABS).map(({ id }) => id);
			const windows = await Promise.all(ids.map(async (id) => ({ id, chunks: (await source.trail(id)).chunks })));
			return tabSpans(windows.map(({ id, chunks: list }) => ({ id, trails: list.map(({ trail }) => trail as Trail) })));
		},
		/** Loads the sessions of the same person, including this session. @throws ApiError */
		loadPerson: () => read(api.sessions[":sid"].person.$get({ param: { sid }, query: { project } })),
		/** Repeats failed requests for chunks. */
		retry() {
			error.value = null;
			loader.retry();
		},
		/** Sets the frame of the player document; null when the frame is removed. */
		attach(it: HTMLIFrameElement | null) {
			frame = it;
		},
		start(): () => void {
			addEventListener("message", onMessage);
			polledAt = Date.now();
			const timer = setInterval(() => void poll(), POLL_MS);
			void open();
			return () => {
				closed = true;
				loader.close();
				clearInterval(timer);
				removeEventListener("message", onMessage);
			};
		},
		/** Deletes this window, but not the other windows of the session. @throws ApiError */
		async deleteWindow(): Promise<void> {
			const id = windowId.value ?? "";
			await read(api.sessions[":sid"].windows[":wid"].$delete({ param: { sid, wid: id }, query: { project } }));
			if (detail.value) {
				detail.value = { ...detail.value, windows: detail.value.windows.filter((window) => window.id !== id) };
			}
		},
		/** @throws ApiError */
		deleteSession: () => read(api.sessions[":sid"].$delete({ param: { sid }, query: { project } })),
	};
}

export type Replay = ReturnType<typeof createReplay>;

function isNotFound(failure: unknown): boolean {
	return failure instanceof ApiError && (failure.status === 404 || failure.status === 400);
}

/** Returns why the recording cannot be displayed, as far as its trails show; null if it can. */
function missingReason(chunks: readonly ChunkItem[]): ReplayError | null {
	if (chunks.reduce((sum, { events }) => sum + events, 0) <= 1) return { kind: "one-event" };
	return chunks.some(({ snapshots }) => snapshots > 0) ? null : { kind: "no-snapshot" };
}

/** Returns the error to show if nothing can be displayed because chunks are missing; null if none is missing. */
function blockedBy(missingChunks: readonly MissingChunk[]): ReplayError | null {
	const [missing] = missingChunks;
	if (!missing) return null;
	const messages = {
		encrypted: text.encrypted(missing.message),
		missing: text.missing,
		unreachable: missing.message,
		undrawable: text.undrawable(missing.message),
	};
	return { kind: "failed", message: messages[missing.reason] };
}

/** Returns the spans of inactivity, as offsets. */
function findInactiveSpans(chunks: ChunkItem[], from: number): [number, number][] {
	const bursts = chunks
		.flatMap(({ trail }) => (trail.bursts ?? []).map(([a, b]): [number, number] => [trail.from + a, trail.from + b]))
		.sort((a, b) => a[0] - b[0]);
	const gaps: [number, number][] = [];
	let end = bursts[0]?.[0] ?? 0;
	for (const [a, b] of bursts) {
		if (a - end > BURST_GAP_MS) gaps.push([end - from, a - from]);
		end = Math.max(end, b);
	}
	return gaps;
}
