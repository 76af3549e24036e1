import { batch, computed, signal } from "@preact/signals";
import type { RecordedEvent } from "../../src/contract/events.ts";
import { ApiError, type ChunkItem } from "../api.ts";
import { isReady, loadedSpans, nextPart, partAt, reachOf } from "./loading.ts";
import { messageOf } from "./sessions.ts";

/** Chunks that are asked for at once: an answer is mostly waiting. */
const CHUNKS_AHEAD = 6;

const UNDRAWABLE = "its page is nested too deeply for this browser";

/** A chunk that could not be had; the rest plays. */
export interface MissingChunk {
	cursor: string;
	/** Epoch milliseconds. */
	from: number;
	to: number;
	reason: "missing" | "locked" | "unreachable" | "undrawable";
	sentence: string;
}

export interface ChunkLoaderOptions {
	/** @throws ApiError */
	ask(chunk: ChunkItem): Promise<RecordedEvent[]>;
	/** The moment whose chunks come first, epoch milliseconds. */
	wanted(): number;
	/** Whoever is given the events; nothing is given before. */
	ready: Promise<void>;
	/** In no order of time. @throws when nothing can be made of them */
	give(chunk: ChunkItem, events: RecordedEvent[]): void;
	/** After each chunk, had or not. */
	onTaken(chunk: ChunkItem): void;
	/** All that is known of was asked for. */
	onIdle(): void;
}

/** The chunks of a window as they are fetched: first what the moment needs, then the rest. */
export function createChunkLoader({ ask, wanted, ready, give, onTaken, onIdle }: ChunkLoaderOptions) {
	const chunks = signal<ChunkItem[]>([]);
	const missingChunks = signal<readonly MissingChunk[]>([]);
	/** Cursors of the chunks that were given, or that nobody has. */
	const done = signal<ReadonlySet<string>>(new Set());
	const complete = computed(
		() => chunks.value.length > 0 && chunks.value.every(({ cursor }) => done.value.has(cursor)),
	);
	const isDone = (i: number) => done.value.has(chunks.value[i]!.cursor);
	/** By first timestamp. */
	const given = new Map<number, ChunkItem>();
	let loading = false;
	let closed = false;

	const load = async () => {
		if (loading) return;
		loading = true;
		const flights = new Map<string, Promise<RecordedEvent[] | MissingChunk>>();
		const isAsked = (i: number) => isDone(i) || flights.has(chunks.value[i]!.cursor);
		for (;;) {
			while (flights.size < CHUNKS_AHEAD) {
				const next = nextPart(chunks.value, isAsked, wanted());
				if (next === null) break;
				const chunk = chunks.value[next]!;
				flights.set(
					chunk.cursor,
					ask(chunk).catch((failure) => missingChunk(chunk, failure)),
				);
			}
			const [flight] = flights;
			if (!flight) break;
			const [cursor, coming] = flight;
			const [came] = await Promise.all([coming, ready]);
			if (closed) return;
			flights.delete(cursor);
			const chunk = chunks.value.find((it) => it.cursor === cursor);
			if (chunk) take(chunk, came);
		}
		loading = false;
		onIdle();
	};
	const take = (chunk: ChunkItem, came: RecordedEvent[] | MissingChunk) => {
		batch(() => {
			done.value = new Set([...done.value, chunk.cursor]);
			const missing = Array.isArray(came) ? handOver(chunk, came) : came;
			if (missing) missingChunks.value = [...missingChunks.value, missing];
		});
		onTaken(chunk);
	};
	const handOver = (chunk: ChunkItem, events: RecordedEvent[]): MissingChunk | null => {
		try {
			give(chunk, newIn(chunk, events));
			return null;
		} catch (failure) {
			// A page may be nested more deeply than a browser can copy from one document to another.
			console.error(failure);
			return {
				cursor: chunk.cursor,
				from: chunk.firstAt,
				to: chunk.lastAt,
				reason: "undrawable",
				sentence: UNDRAWABLE,
			};
		}
	};
	/**
	 * A foreign recorder sends a batch again, grown by newer events, and the larger one takes its place: what was given of it
	 * is not given twice.
	 */
	const newIn = (chunk: ChunkItem, events: RecordedEvent[]): RecordedEvent[] => {
		const before = given.get(chunk.firstAt);
		given.set(chunk.firstAt, chunk);
		if (!before || chunks.value.some(({ cursor }) => cursor === before.cursor)) return events;
		const shift = chunk.trail.shift ?? 0;
		return events.filter(({ timestamp = 0 }) => timestamp + shift > before.lastAt);
	};
	return {
		/** In time order. */
		chunks,
		missingChunks,
		complete,
		/** What is there, as spans of epoch milliseconds. */
		loaded: computed(() => loadedSpans(chunks.value, isDone)),
		/** Can this moment be drawn? */
		isReady: (at: number) => isReady(chunks.value, isDone, at),
		/** How far it can be played from a moment on. */
		reach: (at: number) => reachOf(chunks.value, isDone, at),
		/** The one that a moment lies in. */
		at: (at: number): ChunkItem | undefined => chunks.value[partAt(chunks.value, at)],
		load,
		/** Asks again for what could not be reached. */
		retry() {
			const again = new Set(
				missingChunks.value.filter(({ reason }) => reason === "unreachable").map(({ cursor }) => cursor),
			);
			batch(() => {
				missingChunks.value = missingChunks.value.filter(({ cursor }) => !again.has(cursor));
				done.value = new Set([...done.value].filter((cursor) => !again.has(cursor)));
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
		reason: status === 404 ? "missing" : status === 409 ? "locked" : "unreachable",
		sentence: messageOf(failure),
	};
}
