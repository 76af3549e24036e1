import { BEACON_BUDGET_BYTES, MAX_QUEUED_BATCHES, RETRY_FIRST_MS, RETRY_MAX_MS } from "../src/contract/limits.ts";
import type { BatchResponse, Refusal } from "../src/contract/wire.ts";
import { guard } from "./guard.ts";
import type { BatchLabel, PendingBatch, Store } from "./pending-batch.ts";

/** Sends numbered batches in order and retries each until it is accepted or rejected. A batch's bytes never change. */
export interface Transport {
	/** Creates a batch from its JSON and begins to compress it. */
	freeze(body: string, label: BatchLabel): PendingBatch;
	send(batch: PendingBatch): void;
	/** Holds back the batches of a session, also those in the store; null: holds back none. */
	hold(sessionId: string | null): void;
	/** Discards the held-back batches that precede the last full snapshot taken at or before `time`. */
	discardBefore(time: number): void;
	/** Saves queued batches to the store from now on, and takes over the batches that earlier pages left in it. */
	attach(store: Store): void;
	/** Called when the page is hidden or closed. Sends as many batches by beacon as fit. */
	leave(isClosing: boolean): void;
	/**
	 * Called when the page is shown again or, with `isNetwork`, when the network is back. Ends the pause that follows a
	 * failed attempt. Without `isNetwork`, a pause that the server requested continues.
	 */
	resume(isNetwork: boolean): void;
	/**
	 * Discards held-back batches. With `forGood`, discards every batch, including the one in flight, and accepts no more.
	 */
	clear(forGood: boolean): void;
}

/** `stopped`: the server asked the recorder to stop. `refused`: the server refuses this visitor. */
export type StopReason = "stopped" | "refused";

/** Callbacks that report what became of the batches. */
export interface Outcome {
	/** Called when the response to a batch stops its session. */
	onStop(batch: PendingBatch, reason: StopReason): void;
	/** Called with the reason when a batch is dropped: the server's error message, or a message of the recorder. */
	onLost(problem: string): void;
	onSent(bytes: number): void;
}

/**
 * Number of strikes after which a batch is dropped. A batch that exceeds the Worker's CPU limit fails at every attempt,
 * and a page of another origin cannot read the response. A failure without a readable response is therefore a strike,
 * too, if other batches succeeded since the last such failure of this batch.
 */
const MAX_STRIKES = 2;
/** Requests are aborted after this time, so that one without a response does not block the others. */
const TIMEOUT_MS = 60_000;

export function createTransport(eventsUrl: string, { onStop, onLost, onSent }: Outcome): Transport {
	let queue: PendingBatch[] = [];
	let inFlight: PendingBatch | null = null;
	let abort: AbortController | null = null;
	let failures = 0;
	let delivered = 0;
	/** Timer that ends the current pause, in which no batch is sent; undefined when there is no pause. */
	let pause: ReturnType<typeof setTimeout> | undefined;
	/** Whether the server requested the pause. */
	let isServerPause = false;
	/** Whether the pause follows an attempt without a response. Another batch may still get through. */
	let isNetworkPause = false;
	let budget = BEACON_BUDGET_BYTES;
	let heldSession: string | null = null;
	let store: Store | null = null;
	let isClosed = false;

	/** Adds the browser's time to the URL rather than to the body, which must be the same at every attempt. */
	const urlWithTime = () => `${eventsUrl}${eventsUrl.includes("?") ? "&" : "?"}at=${Date.now()}`;
	const isHeld = ({ sessionId }: PendingBatch) => sessionId === heldSession;

	const finish = (batch: PendingBatch) => {
		batch.isDone = true;
		queue = queue.filter((it) => it !== batch);
		store?.delete(batch);
	};
	const lose = (batch: PendingBatch, problem: string) => {
		finish(batch);
		onLost(problem);
	};

	const pump = () => void next().catch(() => {});
	const next = async () => {
		const [batch] = queue.filter((it) => !isHeld(it));
		if (inFlight || pause !== undefined || !batch) return;
		inFlight = batch;
		abort = new AbortController();
		const timer = setTimeout(() => abort?.abort(), TIMEOUT_MS);
		const result = await attempt(urlWithTime, batch, abort.signal);
		clearTimeout(timer);
		inFlight = null;
		if (batch.isDone) return pump();
		if (result.isNoResponse) {
			if (delivered > batch.failedAt) batch.strikes++;
			batch.failedAt = delivered;
			// The other batches are sent before this batch is tried again.
			queue = [...queue.filter((it) => it !== batch), batch];
		}
		if (result.retryMs !== null && batch.strikes < MAX_STRIKES) {
			const backoff = Math.min(RETRY_FIRST_MS * 2 ** failures, RETRY_MAX_MS);
			failures++;
			isServerPause = result.retryMs > 0;
			isNetworkPause = result.isNoResponse === true;
			pause = setTimeout(endPause, Math.max(result.retryMs, backoff * (0.5 + Math.random() / 2)));
			return;
		}
		failures = 0;
		if (result.problem) lose(batch, result.problem);
		else {
			delivered++;
			finish(batch);
			if (result.stop !== "refused") onSent(batch.bytes!.length);
		}
		if (result.stop) onStop(batch, result.stop);
		pump();
	};

	const endPause = () => {
		clearTimeout(pause);
		pause = undefined;
		isServerPause = false;
		pump();
	};

	return {
		freeze: createBatch,
		send(batch) {
			if (isClosed) return;
			queue.push(batch);
			store?.save(batch, isHeld(batch));
			if (queue.length > MAX_QUEUED_BATCHES) {
				// If the batch is held back, drops the oldest batches up to the next full snapshot, if the queue contains one.
				// Otherwise drops the second oldest batch, because the oldest may be in flight and contain the first snapshot.
				const next = isHeld(batch) ? queue.findIndex((it, i) => i > 0 && isHeld(it) && it.isStart) : -1;
				if (next > 0) for (const it of queue.slice(0, next)) finish(it);
				else lose(queue[1]!, "too many unsent batches");
			}
			const isNext = isNetworkPause && pause !== undefined && !isHeld(batch);
			if (isNext) queue = [batch, ...queue.filter((it) => it !== batch)];
			// Deferred, so that a closing page can send the batch by beacon first.
			queueMicrotask(isNext ? endPause : pump);
		},
		hold(sessionId) {
			heldSession = sessionId;
			for (const batch of queue) store?.save(batch, isHeld(batch));
			pump();
		},
		discardBefore(time) {
			const held = queue.filter(isHeld);
			let start = 0;
			held.forEach(({ isStart, from }, i) => {
				if (isStart && from <= time) start = i;
			});
			for (const batch of held.slice(0, start)) finish(batch);
		},
		attach(opened) {
			if (isClosed) return;
			store = opened;
			const leftovers = opened.leftovers();
			for (const batch of queue) opened.save(batch, isHeld(batch));
			leftovers.then(
				(found) => {
					if (isClosed) return;
					// Earlier pages could not send these batches. They may fail here, too, so this page's batches are sent first.
					// Held-back batches are queued first, so that all held-back batches are in the order of recording.
					queue = [...found.filter(isHeld), ...queue, ...found.filter((it) => !isHeld(it))];
					pump();
				},
				() => {},
			);
		},
		leave(isClosing) {
			// The response to a beacon cannot be read. On an unreliable connection, a hidden page therefore sends no batch,
			// and a closing page also leaves its batches in the store, from which the next page sends them again.
			const isUnreliable = pause !== undefined || navigator.onLine === false;
			for (const batch of isUnreliable && !isClosing ? [] : queue.filter((it) => !isHeld(it))) {
				// A batch in flight is sent again only when the page closes: the repeat is harmless, but R2 bills it.
				if (batch === inFlight && !isClosing) continue;
				const body = new Blob([batch.bytes ?? batch.text], { type: "text/plain" });
				if (body.size > budget || !navigator.sendBeacon?.(urlWithTime(), body)) continue;
				budget -= body.size;
				onSent(body.size);
				if (!isUnreliable) finish(batch);
			}
			for (const batch of queue) store?.save(batch, isHeld(batch), true);
		},
		resume(isNetwork) {
			budget = BEACON_BUDGET_BYTES;
			if (isNetwork || !isServerPause) endPause();
		},
		clear(forGood) {
			for (const batch of forGood ? [...queue] : queue.filter(isHeld)) finish(batch);
			if (!forGood) return;
			isClosed = true;
			clearTimeout(pause);
			guard(() => abort?.abort());
		},
	};
}

/**
 * Result of an attempt. `retryMs` is null when the batch is finished, otherwise the minimum wait before the next
 * attempt.
 */
interface AttemptResult {
	retryMs: number | null;
	stop?: StopReason;
	/** Why the attempt failed; empty after a success. */
	problem: string;
	/** Whether no response could be read. */
	isNoResponse?: boolean;
}

async function attempt(urlWithTime: () => string, batch: PendingBatch, signal: AbortSignal): Promise<AttemptResult> {
	const success = { retryMs: null, problem: "" };
	try {
		await batch.compressed;
		// The batch was discarded while it was being compressed.
		if (batch.isDone) return success;
		// `text/plain` without custom headers needs no preflight. `keepalive` would limit all requests together to 64 KB.
		const body = new Blob([batch.bytes!], { type: "text/plain" });
		const response = await fetch(urlWithTime(), { method: "POST", body, signal });
		const { status } = response;
		// The server stored nothing, because this is bot traffic or the browser sent an opt-out or a privacy signal.
		if (status === 204) return { ...success, stop: "refused" };
		const json: Partial<BatchResponse & Refusal> | null = await response.json().catch(() => null);
		if (response.ok) return json?.stop === true ? { ...success, stop: "stopped" } : success;
		const problem = `${status} ${json?.error ?? ""}`.trim();
		if (status < 500 && status !== 429 && status !== 408) return { retryMs: null, problem };
		if (status >= 500 && !json?.error) batch.strikes++;
		const seconds = Number(json?.retryAfter ?? response.headers.get("retry-after") ?? 0);
		return { retryMs: seconds * 1000 || 0, problem };
	} catch {
		return { retryMs: 0, problem: "no response", isNoResponse: true };
	}
}

function createBatch(text: string, label: BatchLabel): PendingBatch {
	const progress = { isDone: false, strikes: 0, failedAt: 0 };
	const batch: PendingBatch = { ...label, text, bytes: null, compressed: Promise.resolve(), ...progress };
	batch.compressed = gzip(text).then((bytes) => {
		batch.bytes = bytes;
		batch.text = "";
	});
	return batch;
}

/** Number of characters that are compressed in one task. */
const PIECE_CHARS = 64 * 1024;

/** Compresses a text with gzip, off the main thread. If the browser cannot compress, returns uncompressed bytes. */
async function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
	try {
		let at = 0;
		// The text is passed in pieces, so that no task is long. A Blob would be copied to another process and back.
		const pieces = new ReadableStream<string>({
			pull(controller) {
				if (at >= text.length) return controller.close();
				controller.enqueue(text.slice(at, at + PIECE_CHARS));
				at += PIECE_CHARS;
			},
		});
		const stream = pieces.pipeThrough(new TextEncoderStream()).pipeThrough(new CompressionStream("gzip"));
		return new Uint8Array(await new Response(stream).arrayBuffer());
	} catch {
		return new TextEncoder().encode(text);
	}
}
