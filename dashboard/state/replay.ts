import { batch, computed, signal } from "@preact/signals";
import { type Activity, activity } from "../../src/analytics/activity.ts";
import { type PageView, readTimeline } from "../../src/analytics/timeline.ts";
import type { RecordedEvent } from "../../src/contract/events.ts";
import { BURST_GAP_MS, SESSION_IDLE_MS } from "../../src/contract/limits.ts";
import type { Trail } from "../../src/contract/trail.ts";
import { ApiError, api, type ChunkItem, read, type ServerItemList, type WindowItem } from "../api.ts";
import { type FromPlayer, offsetOf, type ToPlayer, type View } from "../player/protocol.ts";
import { isKnown, sanitizeEvents } from "../player/sanitize.ts";
import { createChunkLoader, type MissingChunk } from "./chunk-loader.ts";
import { firstFrameOf } from "./loading.ts";
import { joinRecords, type Records, readRecords } from "./records.ts";
import { activityOf, placeServerItems, skewOf } from "./server-items.ts";
import { messageOf } from "./sessions.ts";
import { recordingOf, type Source } from "./source.ts";
import { type TabSpan, tabSpans } from "./tab-path.ts";
import { inactivityEnd, skipInactivity } from "./time-scale.ts";
import { nearest } from "./timeline-ticks.ts";

export const SPEEDS = [1, 2, 4, 8, 16];
const SKIP_MS = 5_000;
/** How often a session that goes on is asked for more. */
const POLL_MS = 5_000;
/** And one that is silent, which a visitor who only reads is too. */
const IDLE_POLL_MS = 30_000;
/** While it plays, "the one before" is not the one that was just passed. */
const BEFORE_MS = 1_000;
/** Nobody follows a visitor through more. */
const MAX_TABS = 30;

/** How somebody watches is theirs, and not a recording's: it is the same in the next tab and the next session. */
const speed = signal(1);
const skip = signal(true);

export type Trouble =
	| { kind: "gone" }
	| { kind: "no-snapshot" }
	| { kind: "one-event" }
	| { kind: "failed"; sentence: string };

export interface ReplayOptions {
	sid: string;
	/** null: the one that was active last. */
	wid: string | null;
	project: string | undefined;
	/** The moment to begin at, as `?t=` has it. */
	t: string | null;
	/** What a server reported, to begin at: its own moment, once that is known. */
	item?: string | null;
	/** Plays by itself: it is the next tab of a session that plays. */
	isPlaying: boolean;
	/** Where the recording is from; unset, the dashboard's own. */
	source?: Source;
	/** What was shown before. Of the same session, what is known of that need not be waited for. */
	before?: {
		sid: string;
		detail: { value: Detail | null };
		reported: { value: PlayerState };
		path: { value: readonly TabSpan[] };
	} | null;
}

type Detail = Awaited<ReturnType<Source["detail"]>>;

/** What servers reported, and how much there was when it was asked for. */
type PlayerState = ServerItemList & { count: number };

/**
 * One window's replay. The clock is here and nowhere else: the player, the timeline, the list and the keyboard read it
 * and ask it to change.
 */
export function createReplay({ sid, wid, project, t, item = null, isPlaying, before, ...options }: ReplayOptions) {
	const { source = recordingOf(sid, project) } = options;
	const known = before?.sid === sid ? before : null;
	const detail = signal<Detail | null>(known?.detail.value ?? null);
	const reported = signal<PlayerState>(known?.reported.value ?? { items: [], isCut: false, count: 0 });
	/** Which tab the visitor was in, while that is followed; empty: nobody asked. */
	const path = signal<readonly TabSpan[]>(known?.path.value ?? []);
	/** The address of the player document; empty: not known yet. */
	const player = signal(source.player());
	const windowId = signal(wid);
	const trouble = signal<Trouble | null>(null);
	const records = signal<Records>({ lines: [], calls: [] });
	/** How many events are of a kind that the player does not know. */
	const unknown = signal(0);
	const view = signal<View | null>(null);
	const started = signal(false);
	const playing = signal(false);
	const waiting = signal(false);
	/** At the end of a session that goes on: what comes is shown as it comes. */
	const following = signal(false);
	/** It has played to its end. */
	const ended = signal(false);
	const offset = signal(0);
	/** Epoch ms of offset 0. */
	const from = signal(0);
	/** What is still to begin at; whoever goes elsewhere meanwhile is left there. */
	let awaited = item;
	/** That is in another tab. */
	const elsewhere = signal<{ windowId: string; at: number } | null>(null);

	/** Where it was found, when the address names none. */
	const home = computed(() => detail.value?.session?.project ?? project);
	const to = computed(() => chunks.value.reduce((end, { lastAt }) => Math.max(end, lastAt), 0));
	const duration = computed(() => Math.max(0, to.value - from.value));
	// Hono's types have it that what may be missing at the end of a tuple comes as null.
	const trails = computed(() => chunks.value.map(({ trail }) => trail as Trail));
	const timeline = computed(() => (trails.value.length ? readTimeline(windowId.value ?? "", trails.value) : null));
	const recorded = computed<Activity[]>(() => activity(trails.value, timeline.value));
	const placed = computed(() => {
		const id = windowId.value ?? "";
		const others = (detail.value?.windows ?? []).filter((window) => window.id !== id);
		const startedAt = chunks.value.reduce((begin, { firstAt }) => Math.min(begin, firstAt), Number.POSITIVE_INFINITY);
		const windows = [...others, { id, startedAt, lastAt: to.value }].sort((a, b) => a.startedAt - b.startedAt);
		return placeServerItems(reported.value.items, windows, skewOf(trails.value), path.value);
	});
	/** What servers reported is in it once the rest is shown. */
	const entries = computed<Activity[]>(() => {
		const here = placed.value.filter(({ windowIds }) => windowIds.includes(windowId.value ?? ""));
		const shownAt = (moment: number) => Math.min(Math.max(moment, from.value), to.value);
		const told = here.map(({ item, moment }) => activityOf(item, shownAt(moment), home.value));
		return told.length ? [...recorded.value, ...told].sort((a, b) => a.at - b.at) : recorded.value;
	});
	const gaps = computed(() => inactivity(chunks.value, from.value));
	/** Those that playing passes over; shown and stepped through, they take no time either. */
	const passed = computed(() => (skip.value ? gaps.value : []));
	const isLive = computed(() => detail.value?.session?.live ?? false);
	/** It is silent, but not for so long that its visitor would begin another session. */
	const mayGrow = signal(false);
	/** Whoever follows it waits through its silence. */
	const isGrowing = computed(() => isLive.value || (following.value && mayGrow.value));

	let frame: HTMLIFrameElement | null = null;
	let closed = false;
	/** When it was asked for last. */
	let askedAt = 0;
	let pending: number | null = null;
	/** Where the player will have to wait, epoch milliseconds. */
	let edge = 0;
	let letIn = () => {};
	const playerReady = new Promise<void>((resolve) => {
		letIn = resolve;
	});

	const postToPlayer = (message: ToPlayer) => frame?.contentWindow?.postMessage(message, location.origin);
	const now = () => from.value + (pending ?? offset.value);

	const loader = createChunkLoader({
		ask: ({ cursor }) => source.events(windowId.value ?? "", cursor),
		wanted: now,
		ready: playerReady,
		give(chunk, events) {
			const shift = chunk.trail.shift ?? 0;
			records.value = joinRecords(records.value, readRecords(events, shift));
			unknown.value += events.filter((event) => !isKnown(event)).length;
			postToPlayer({ kind: "add", events: sanitizeEvents(events, shift, location.host) });
		},
		onTaken(chunk) {
			if (pending === null) edge = loader.reach(now());
			// Nobody waits through the minutes in which the visitor did nothing.
			else if (following.value && chunk.firstAt > now() + BURST_GAP_MS) pending = chunk.firstAt - from.value;
			resumePending();
		},
		onIdle() {
			const isLost = ({ cursor, snapshots }: ChunkItem) =>
				!snapshots || missingChunks.value.some((missing) => missing.cursor === cursor);
			if (chunks.value.every(isLost)) trouble.value ??= blockedBy(missingChunks.value);
			if (!isGrowing.value) postToPlayer({ kind: "end" });
		},
	});
	const { chunks, missingChunks, complete, load } = loader;

	/** Moves the clock, and the player with it as soon as it has that much of the recording. */
	const move = (to: number) => {
		const target = Math.min(Math.max(0, to), duration.value);
		const at = from.value + target;
		offset.value = target;
		ended.value = false;
		if (!started.value || !loader.isReady(at)) {
			hold(target);
			void load();
			return;
		}
		pending = null;
		waiting.value = false;
		edge = loader.reach(at);
		postToPlayer({ kind: playing.value ? "play" : "pause", at });
	};
	const hold = (target: number) => {
		pending = target;
		waiting.value = true;
	};
	const seek = (to: number) => {
		awaited = null;
		following.value = false;
		move(to);
	};
	const play = () => {
		if (!started.value || playing.value) return;
		playing.value = true;
		move(offset.value >= duration.value && !isGrowing.value ? 0 : offset.value);
	};
	const pause = () => {
		if (!playing.value) return;
		playing.value = false;
		seek(offset.value);
	};
	const finish = () => {
		batch(() => {
			pending = null;
			waiting.value = false;
			playing.value = false;
			following.value = false;
			offset.value = duration.value;
			ended.value = true;
		});
	};
	const resumePending = () => {
		if (pending !== null && started.value && loader.isReady(from.value + pending)) move(pending);
	};

	/** The tab that the visitor went on in after this one. */
	const next = (): { window: WindowItem; at: number } | null => {
		const after = (detail.value?.windows ?? [])
			.filter(({ id, lastAt }) => id !== windowId.value && lastAt > to.value)
			.map((window) => ({ window, at: Math.max(window.startedAt, to.value) }));
		return after.sort((a, b) => a.at - b.at)[0] ?? null;
	};

	const onMessage = ({ origin, source, data }: MessageEvent<FromPlayer>) => {
		if (origin !== location.origin || !frame || source !== frame.contentWindow) return;
		if (data.kind === "ready") letIn();
		else if (data.kind === "view") view.value = data.view;
		else if (data.kind === "started") {
			started.value = true;
			postToPlayer({ kind: "speed", speed: speed.value });
			postToPlayer({ kind: "skip", on: skip.value });
			if (isPlaying) playing.value = true;
			resumePending();
		} else if (data.kind === "time") {
			if (!playing.value || pending !== null) return;
			offset.value = Math.min(Math.max(0, data.at - from.value), duration.value);
			// rrweb passes over it only when it comes from an event before, and takes seconds.
			const end = inactivityEnd(passed.value, offset.value);
			if (end !== null) return move(end);
			if (data.at < edge) return;
			// The next chunk is not there yet; what comes after it may be.
			hold(offset.value);
			postToPlayer({ kind: "pause", at: edge });
		} else if (data.kind === "finished") {
			if (!playing.value || pending !== null) return;
			if (complete.value && (!isGrowing.value || next())) finish();
			// It has caught up with what was fetched, or with the visitor.
			else hold(offset.value);
		} else
			trouble.value =
				data.reason === "failed"
					? { kind: "failed", sentence: "This recording could not be drawn." }
					: (blockedBy(missingChunks.value) ?? { kind: data.reason });
	};

	const open = async () => {
		try {
			// Whoever names the window need not wait for the session.
			const early = wid === null ? null : source.trail(wid);
			early?.catch(() => {});
			const found = source.detail();
			found.catch(() => {});
			// A server may name a tab of which nothing was recorded: then it is as if it named none.
			const named = await early?.catch((failure) =>
				item !== null && isDeleted(failure) ? null : Promise.reject(failure),
			);
			if (!named) {
				const { windows } = await found;
				const at = offsetOf(t, 0) ?? 0;
				const holds = (it: WindowItem) => Number(it.startedAt <= at && at <= it.lastAt);
				windowId.value = windows.toSorted((a, b) => holds(b) - holds(a) || b.lastAt - a.lastAt)[0]?.id ?? null;
			}
			if (!windowId.value) throw new ApiError(404, "");
			const { chunks: list } = named ?? (await source.trail(windowId.value));
			if (closed) return;
			batch(() => {
				player.value = source.player();
				chunks.value = list;
				from.value = firstFrameOf(list);
				trouble.value = missingReason(list);
			});
			move(offsetOf(t, from.value) ?? 0);
			// Without it there is less to read; the recording plays.
			detail.value = await found.catch(() => detail.value);
			void readReported();
		} catch (failure) {
			trouble.value = isDeleted(failure) ? { kind: "gone" } : { kind: "failed", sentence: messageOf(failure) };
		}
	};

	/** Only what is known to be there, and only anew when it is more. */
	const readReported = async () => {
		const count = detail.value?.session?.reported ?? 0;
		if (source.reported && count !== reported.value.count) {
			// Without it there is less to read; the next time will do.
			const found = await source.reported().catch(() => null);
			if (!found || closed) return;
			reported.value = { ...found, count };
		}
		land();
	};

	/** Once: to what was to begin at, on the clock of the recording. */
	const land = () => {
		const found = placed.value.find((it) => it.item.id === awaited);
		awaited = null;
		if (!found) return;
		const { moment, windowIds } = found;
		if (!windowIds.length || windowIds.includes(windowId.value ?? "")) move(moment - from.value);
		else elsewhere.value = { windowId: windowIds[0]!, at: Math.round(moment) };
	};

	/** A session that goes on is at most one batch behind. */
	const poll = async () => {
		if (document.hidden || closed) return;
		const now = Date.now();
		mayGrow.value = now - (detail.value?.session?.receivedAt ?? 0) < SESSION_IDLE_MS;
		finishIfOver();
		if (!isLive.value && (!mayGrow.value || now - askedAt < IDLE_POLL_MS)) return;
		askedAt = now;
		try {
			const newer = await source.detail();
			const isMore = newer.session?.events !== detail.value?.session?.events;
			const list = isMore && windowId.value ? (await source.trail(windowId.value)).chunks : chunks.value;
			if (closed) return;
			batch(() => {
				detail.value = newer;
				chunks.value = list;
				if (!started.value) from.value = firstFrameOf(list);
				if (trouble.value?.kind === "no-snapshot" || trouble.value?.kind === "one-event")
					trouble.value = missingReason(list);
			});
			void load();
			void readReported();
			finishIfOver();
		} catch {
			// The next time will do.
		}
	};
	/** Nothing will come of what is waited for. */
	const finishIfOver = () => {
		if (!isGrowing.value && complete.value && pending !== null && playing.value) finish();
	};

	return {
		sid,
		project,
		home,
		player,
		detail,
		windowId,
		chunks,
		trouble,
		missingChunks,
		records,
		unknown,
		view,
		started,
		playing,
		waiting,
		following,
		ended,
		elsewhere,
		offset,
		speed,
		skip,
		/** What the player has, as offsets. */
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
		/** The same, each with its moment and its windows. */
		placed,
		path,
		trails,
		timeline,
		/** Which page from when to when. */
		pageViews: computed<readonly PageView[]>(() => timeline.value?.pageViews ?? []),
		gaps,
		passed,
		isGrowing,
		seek,
		play,
		pause,
		toggle: () => (playing.value ? pause() : play()),
		skipBy: (steps: number) => seek(skipInactivity(passed.value, offset.value, offset.value + steps * SKIP_MS)),
		/**
		 * To the nearest of its kind after this moment, or before it. No moment is before the first frame: from there, what
		 * stands at it is next, unless that is what was chosen.
		 */
		jump(step: 1 | -1, isWanted: (entry: Activity) => boolean, chosen: Activity | null = null): Activity | null {
			const slack = step < 0 && playing.value ? BEFORE_MS : 0;
			const isFirst = step > 0 && offset.value === 0 && !(chosen && chosen.at <= from.value && isWanted(chosen));
			const at = isFirst ? Number.NEGATIVE_INFINITY : from.value + offset.value - slack;
			const found = nearest(entries.value, at, step, isWanted);
			if (found) seek(found.at - from.value);
			return found;
		},
		/** To the newest moment of a session that goes on. */
		goLive() {
			awaited = null;
			following.value = true;
			playing.value = true;
			move(duration.value);
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
		/** Index of the last entry that has happened by now; −1 before the first. */
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
		next,
		/** The events of the chunk that a moment lies in, as they are stored. @throws ApiError */
		async eventsAt(at: number): Promise<RecordedEvent[]> {
			const chunk = loader.at(at);
			return chunk ? source.events(windowId.value ?? "", chunk.cursor) : [];
		},
		/** Which of its tabs the visitor was in. @throws ApiError */
		async stretches(): Promise<TabSpan[]> {
			const ids = (detail.value?.windows ?? []).slice(0, MAX_TABS).map(({ id }) => id);
			const found = await Promise.all(ids.map(async (id) => ({ id, chunks: (await source.trail(id)).chunks })));
			return tabSpans(found.map(({ id, chunks: list }) => ({ id, trails: list.map(({ trail }) => trail as Trail) })));
		},
		/** This person's sessions, this one too. @throws ApiError */
		person: () => read(api.sessions[":sid"].person.$get({ param: { sid }, query: { project } })),
		/** Asks again for what could not be reached. */
		retry() {
			trouble.value = null;
			loader.retry();
		},
		attach(it: HTMLIFrameElement | null) {
			frame = it;
		},
		start(): () => void {
			addEventListener("message", onMessage);
			askedAt = Date.now();
			const timer = setInterval(() => void poll(), POLL_MS);
			void open();
			return () => {
				closed = true;
				loader.close();
				clearInterval(timer);
				removeEventListener("message", onMessage);
			};
		},
		/** Of the session, only the tab that is shown. @throws ApiError */
		async removeWindow(): Promise<void> {
			const id = windowId.value ?? "";
			await read(api.sessions[":sid"].windows[":wid"].$delete({ param: { sid, wid: id }, query: { project } }));
			if (detail.value) {
				detail.value = { ...detail.value, windows: detail.value.windows.filter((window) => window.id !== id) };
			}
		},
		/** @throws ApiError */
		remove: () => read(api.sessions[":sid"].$delete({ param: { sid }, query: { project } })),
	};
}

export type Replay = ReturnType<typeof createReplay>;

function isDeleted(failure: unknown): boolean {
	return failure instanceof ApiError && (failure.status === 404 || failure.status === 400);
}

/** What there is too little of for a picture, as far as the trail can tell. */
function missingReason(chunks: readonly ChunkItem[]): Trouble | null {
	if (chunks.reduce((sum, { events }) => sum + events, 0) <= 1) return { kind: "one-event" };
	return chunks.some(({ snapshots }) => snapshots > 0) ? null : { kind: "no-snapshot" };
}

/** Why nothing can be drawn, when it is not the visitor's doing. */
function blockedBy(missingChunks: readonly MissingChunk[]): Trouble | null {
	const [missing] = missingChunks;
	if (!missing) return null;
	const sentences = {
		locked: `It is encrypted: ${missing.sentence}.`,
		missing: "The part that it begins with is missing from the store.",
		unreachable: missing.sentence,
		undrawable: `It cannot be drawn: ${missing.sentence}.`,
	};
	return { kind: "failed", sentence: sentences[missing.reason] };
}

/** Spans without activity, as offsets. */
function inactivity(chunks: ChunkItem[], from: number): [number, number][] {
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
