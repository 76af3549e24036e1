import { batch, computed, signal } from "@preact/signals";
import type { RecordedEvent } from "../../src/contract/events.ts";
import { ApiError, type ChunkItem } from "../api.ts";
import { tooDeep } from "../pages/replay.text.ts";
import { chunkIndexAt, isReady, loadedSpans, nextChunkIndex, playableUntil } from "./loading.ts";
import { messageOf } from "./sessions.ts";

/** Chunks requested at the same time: a request is mostly waiting. */
const CHUNKS_AHEAD = 6;

/** A chunk that is not available; the other chunks play. */
export interface MissingChunk {
	cursor: string;
	/** Epoch milliseconds. */
	from: number;
	to: number;
	reason: "missing" | "encrypted" | "unreachable" | "undrawable";
	message: string;
}

export interface ChunkLoaderOptions {
	/** @throws ApiError */
	fetchEvents(chunk: ChunkItem): Promise<RecordedEvent[]>;
	/** Returns the playback position, epoch milliseconds. Its chunks are loaded first. */
	playhead(): number;
	/** Nothing is delivered before. */
	playerReady: Promise<void>;
	/** Called in the order of loading, not of time. @throws when the player cannot take the events */
	deliver(chunk: ChunkItem, events: RecordedEvent[]): void;
	/** Called after each chunk, whether it was delivered or is missing. */
	onChunkDone(chunk: ChunkItem): void;
	/** Called when every known chunk is done. */
	onIdle(): void;
}

/** Loads the chunks of a window: those that the playhead needs first, then the others. */
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
			while (requests.size < CHUNKS_AHEAD) {
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
	 * Returns the events that the player does not have. Recorders of other makers may send a batch again with more events:
	 * it replaces the shorter one, whose events were delivered already.
	 */
	const withoutDelivered = (chunk: ChunkItem, events: RecordedEvent[]): RecordedEvent[] => {
		const shorter = delivered.get(chunk.firstAt);
		delivered.set(chunk.firstAt, chunk);
		if (!shorter || chunks.value.some(({ cursor }) => cursor === shorter.cursor)) return events;
		const shift = chunk.trail.shift ?? 0;
		return events.filter(({ timestamp = 0 }) => timestamp + shift > shorter.lastAt);
	};
	return {
		/** In time order. */
		chunks,
		missingChunks,
		complete,
		/** Spans that are done, epoch milliseconds. */
		loaded: computed(() => loadedSpans(chunks.value, isDone)),
		/** Returns whether this moment can be displayed. */
		isReady: (at: number) => isReady(chunks.value, isDone, at),
		/** Returns how far playback from a moment can get, epoch milliseconds. */
		playableUntil: (at: number) => playableUntil(chunks.value, isDone, at),
		/** Returns the chunk that contains a moment. */
		chunkAt: (at: number): ChunkItem | undefined => chunks.value[chunkIndexAt(chunks.value, at)],
		load,
		/** Requests again the chunks whose request failed. */
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
