import { batch, computed, signal } from "@preact/signals";
import type { RecordedEvent } from "../../src/contract/events.ts";
import { ApiError, type ChunkItem } from "../api.ts";
import { tooDeep } from "../pages/replay.text.ts";
import { chunkIndexAt, isReady, loadedSpans, nextChunkIndex, playableUntil } from "./loading.ts";
import { messageOf } from "./sessions.ts";

/** Number of parallel requests. A request spends most of its time waiting. */
const MAX_REQUESTS = 6;

/** A chunk that cannot be played. The other chunks can be. */
export interface MissingChunk {
	cursor: string;
	/** Start and end, epoch milliseconds. */
	from: number;
	to: number;
	reason: "missing" | "encrypted" | "unreachable" | "undrawable";
	message: string;
}

export interface ChunkLoaderOptions {
	/** Loads the events of a chunk. @throws ApiError */
	fetchEvents(chunk: ChunkItem): Promise<RecordedEvent[]>;
	/** Returns the playback position, epoch milliseconds. Chunks that this position needs are loaded first. */
	playhead(): number;
	/** Resolves when the player can receive events. */
	playerReady: Promise<void>;
	/** Sends events to the player. Called in the order of loading, not of time. @throws if they cannot be sent */
	deliver(chunk: ChunkItem, events: RecordedEvent[]): void;
	/** Called after each chunk, whether it was delivered or is missing. */
	onChunkDone(chunk: ChunkItem): void;
	/** Called when all known chunks are delivered or missing. */
	onIdle(): void;
}

/** Loads the chunks of a window, starting with those that the playhead needs. */
export function createChunkLoader(options: ChunkLoaderOptions) {
	const { fetchEvents, playhead, playerReady, deliver, onChunkDone, onIdle } = options;
	const chunks = signal<ChunkItem[]>([]);
	const missingChunks = signal<readonly MissingChunk[]>([]);
	/** Cursors of the chunks that are delivered or missing. */
	const done = signal<ReadonlySet<string>>(new Set());
	const complete = computed(
		() => chunks.value.length > 0 && chunks.value.every(({ cursor }) => done.value.has(cursor)),
	);
	const isDone = (i: number) => done.value.has(chunks.value[i]!.cursor);
	/** Delivered chunks by first timestamp. */
	const delivered = new Map<number, ChunkItem>();
	let loading = false;
	let closed = false;

	const load = async () => {
		if (loading) return;
		loading = true;
		const requests = new Map<string, Promise<RecordedEvent[] | MissingChunk>>();
		const isRequested = (i: number) => isDone(i) || requests.has(chunks.value[i]!.cursor);
		for (;;) {
			while (requests.size < MAX_REQUESTS) {
				const next = nextChunkIndex(chunks.value, isRequested, playhead());
				if (next === null) break;
				const chunk = chunks.value[next]!;
				requests.set(
					chunk.cursor,
					fetchEvents(chunk).catch((failure) => missingChunk(chunk, failure)),
				);
			}
			const [oldest] = requests;
			if (!oldest) break;
			const [cursor, request] = oldest;
			const [result] = await Promise.all([request, playerReady]);
			if (closed) return;
			requests.delete(cursor);
			const chunk = chunks.value.find((it) => it.cursor === cursor);
			if (chunk) finishChunk(chunk, result);
		}
		loading = false;
		onIdle();
	};
	const finishChunk = (chunk: ChunkItem, result: RecordedEvent[] | MissingChunk) => {
		batch(() => {
			done.value = new Set([...done.value, chunk.cursor]);
			const missing = Array.isArray(result) ? tryDeliver(chunk, result) : result;
			if (missing) missingChunks.value = [...missingChunks.value, missing];
		});
		onChunkDone(chunk);
	};
	const tryDeliver = (chunk: ChunkItem, events: RecordedEvent[]): MissingChunk | null => {
		try {
			deliver(chunk, withoutDelivered(chunk, events));
			return null;
		} catch (failure) {
			// `postMessage` cannot clone a page that is nested too deeply.
			console.error(failure);
			return {
				cursor: chunk.cursor,
				from: chunk.firstAt,
				to: chunk.lastAt,
				reason: "undrawable",
				message: tooDeep,
			};
		}
	};
	/**
	 * Returns the events that were not delivered before. Third-party recorders may send a batch again with more events.
	 * The longer chunk then replaces the shorter one, whose events the player already has.
	 */
	const withoutDelivered = (chunk: ChunkItem, events: RecordedEvent[]): RecordedEvent[] => {
		const shorter = delivered.get(chunk.firstAt);
		delivered.set(chunk.firstAt, chunk);
		if (!shorter || chunks.value.some(({ cursor }) => cursor === shorter.cursor)) return events;
		const shift = chunk.trail.shift ?? 0;
		return events.filter(({ timestamp = 0 }) => timestamp + shift > shorter.lastAt);
	};
	return {
		/** Chunks of the window, in time order. */
		chunks,
		missingChunks,
		complete,
		/** Spans of the chunks that are done, epoch milliseconds. */
		loaded: computed(() => loadedSpans(chunks.value, isDone)),
		/** Returns whether a moment can be displayed. */
		isReady: (at: number) => isReady(chunks.value, isDone, at),
		/** Returns the time at which playback from a moment reaches a chunk that is not done; infinite if there is none. */
		playableUntil: (at: number) => playableUntil(chunks.value, isDone, at),
		/** Returns the last chunk that starts at or before a moment, or else the first chunk. */
		chunkAt: (at: number): ChunkItem | undefined => chunks.value[chunkIndexAt(chunks.value, at)],
		load,
		/** Repeats the requests that failed, except for chunks that are not stored or cannot be decrypted. */
		retry() {
			const unreachable = new Set(
				missingChunks.value.filter(({ reason }) => reason === "unreachable").map(({ cursor }) => cursor),
			);
			batch(() => {
				missingChunks.value = missingChunks.value.filter(({ cursor }) => !unreachable.has(cursor));
				done.value = new Set([...done.value].filter((cursor) => !unreachable.has(cursor)));
			});
			void load();
		},
		close() {
			closed = true;
		},
	};
}

function missingChunk(chunk: ChunkItem, failure: unknown): MissingChunk {
	const status = failure instanceof ApiError ? failure.status : 0;
	if (!(failure instanceof ApiError)) console.error(failure);
	return {
		cursor: chunk.cursor,
		from: chunk.firstAt,
		to: chunk.lastAt,
		reason: status === 404 ? "missing" : status === 409 ? "encrypted" : "unreachable",
		message: messageOf(failure),
	};
}
