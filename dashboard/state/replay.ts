import { batch, computed, signal } from "@preact/signals";
import { type Activity, activity } from "../../src/analytics/activity.ts";
import { BURST_GAP_MS } from "../../src/contract/limits.ts";
import type { Trail } from "../../src/contract/trail.ts";
import { ApiError, api, type ChunkItem, read } from "../api.ts";
import { playable } from "../player/playable.ts";
import { type FromPlayer, offsetOf, type ToPlayer } from "../player/protocol.ts";
import { sentence } from "./sessions.ts";
import { recordingOf, type Source } from "./source.ts";

export const SPEEDS = [1, 2, 4, 8, 16];
const SKIP_MS = 5_000;

export type Trouble =
	| { kind: "gone" }
	| { kind: "no-snapshot" }
	| { kind: "one-event" }
	| { kind: "failed"; sentence: string };

/**
 * One window's replay. The clock is here and nowhere else: the player, the timeline, the list and the keyboard read it
 * and ask it to change.
 */
export function createReplay(
	sid: string,
	wid: string | null,
	project: string | undefined,
	wanted: string | null,
	source: Source = recordingOf(sid, project),
) {
	const detail = signal<Awaited<ReturnType<Source["detail"]>> | null>(null);
	const windowId = signal(wid);
	const chunks = signal<ChunkItem[]>([]);
	const trouble = signal<Trouble | null>(null);
	/** Parts that could not be fetched; the rest plays. */
	const missing = signal(0);
	const started = signal(false);
	const playing = signal(false);
	const waiting = signal(false);
	const offset = signal(0);
	const speed = signal(1);
	const skip = signal(true);
	/** The end of what the player has, as an offset. */
	const loaded = signal(0);
	const complete = signal(false);
	/** Epoch ms of offset 0. From the trail at first, then from the player, which starts at a snapshot. */
	const from = signal(0);

	const to = computed(() => chunks.value.reduce((end, { lastAt }) => Math.max(end, lastAt), 0));
	const duration = computed(() => Math.max(0, to.value - from.value));
	// Hono's types have it that what may be missing at the end of a tuple comes as null.
	const entries = computed<Activity[]>(() => activity(chunks.value.map(({ trail }) => trail as Trail)));
	const gaps = computed(() => quiet(chunks.value, from.value));

	let frame: HTMLIFrameElement | null = null;
	let closed = false;
	let pending: number | null = null;

	const tell = (message: ToPlayer) => frame?.contentWindow?.postMessage(message, location.origin);

	/** Moves the clock, and the player with it as soon as it has that much of the recording. */
	const seek = (to: number) => {
		const target = Math.min(Math.max(0, to), duration.value);
		offset.value = target;
		if (!started.value || (target > loaded.value && !complete.value)) {
			pending = target;
			waiting.value = true;
			return;
		}
		pending = null;
		waiting.value = false;
		tell(playing.value ? { kind: "play", offset: target } : { kind: "pause", offset: target });
	};
	const play = () => {
		if (!started.value || playing.value) return;
		playing.value = true;
		seek(offset.value >= duration.value ? 0 : offset.value);
	};
	const pause = () => {
		if (!playing.value) return;
		playing.value = false;
		seek(offset.value);
	};
	const resumePending = () => {
		if (pending !== null && started.value && (pending <= loaded.value || complete.value)) seek(pending);
	};

	const onMessage = ({ origin, source, data }: MessageEvent<FromPlayer>) => {
		if (origin !== location.origin || !frame || source !== frame.contentWindow) return;
		if (data.kind === "ready") void stream();
		else if (data.kind === "started") {
			batch(() => {
				from.value = data.from;
				started.value = true;
			});
			tell({ kind: "speed", speed: speed.value });
			tell({ kind: "skip", on: skip.value });
			pending ??= offsetOf(wanted, data.from);
			resumePending();
		} else if (data.kind === "time") {
			if (playing.value && pending === null) offset.value = Math.min(data.offset, duration.value);
		} else if (data.kind === "finished") {
			if (!playing.value) return;
			if (complete.value) {
				playing.value = false;
				offset.value = duration.value;
			} else {
				// It has caught up with what was fetched.
				pending = offset.value;
				waiting.value = true;
			}
		} else
			trouble.value =
				data.reason === "failed"
					? { kind: "failed", sentence: "This recording could not be drawn." }
					: { kind: data.reason };
	};

	/** Chunk by chunk, in order; playing begins with the first. */
	const stream = async () => {
		for (const chunk of chunks.value) {
			try {
				const events = await source.events(windowId.value ?? "", chunk.cursor);
				if (closed) return;
				tell({ kind: "add", events: playable(events, chunk.trail.shift ?? 0, location.host) });
			} catch (failure) {
				if (closed) return;
				missing.value++;
				if (!(failure instanceof ApiError)) console.error(failure);
			}
			loaded.value = chunk.lastAt - from.value;
			resumePending();
		}
		complete.value = true;
		tell({ kind: "end" });
		resumePending();
	};

	const open = async () => {
		try {
			detail.value = await source.detail();
			windowId.value ??= detail.value.windows.toSorted((a, b) => b.lastAt - a.lastAt)[0]?.id ?? null;
			if (!windowId.value) throw new ApiError(404, "");
			const trail = await source.trail(windowId.value);
			batch(() => {
				chunks.value = trail.chunks;
				from.value = Math.min(...trail.chunks.map(({ firstAt }) => firstAt));
			});
		} catch (failure) {
			const isGone = failure instanceof ApiError && (failure.status === 404 || failure.status === 400);
			trouble.value = isGone ? { kind: "gone" } : { kind: "failed", sentence: sentence(failure) };
		}
	};

	return {
		sid,
		project,
		player: source.player,
		detail,
		windowId,
		chunks,
		trouble,
		missing,
		started,
		playing,
		waiting,
		offset,
		speed,
		skip,
		loaded,
		complete,
		from,
		duration,
		entries,
		gaps,
		seek,
		play,
		pause,
		toggle: () => (playing.value ? pause() : play()),
		skipBy: (steps: number) => seek(offset.value + steps * SKIP_MS),
		setSpeed(value: number) {
			speed.value = value;
			tell({ kind: "speed", speed: value });
		},
		faster(steps: number) {
			const at = SPEEDS.indexOf(speed.value) + steps;
			this.setSpeed(SPEEDS[Math.min(Math.max(at, 0), SPEEDS.length - 1)]!);
		},
		toggleSkip() {
			skip.value = !skip.value;
			tell({ kind: "skip", on: skip.value });
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
		attach(it: HTMLIFrameElement | null) {
			frame = it;
		},
		start(): () => void {
			addEventListener("message", onMessage);
			void open();
			return () => {
				closed = true;
				removeEventListener("message", onMessage);
			};
		},
		/** @throws ApiError */
		remove: () => read(api.sessions[":sid"].$delete({ param: { sid }, query: { project } })),
	};
}

export type Replay = ReturnType<typeof createReplay>;

/** Spans without activity, as offsets. */
function quiet(chunks: ChunkItem[], from: number): [number, number][] {
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
