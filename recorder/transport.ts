import { BEACON_BUDGET_BYTES, MAX_QUEUED_BATCHES, RETRY_FIRST_MS, RETRY_MAX_MS } from "../src/contract/limits.ts";
import type { BatchResponse, Refusal } from "../src/contract/wire.ts";
import { guard } from "./guard.ts";
import type { BatchLabel, PendingBatch, Store } from "./pending-batch.ts";

/** Sends numbered batches in order, each until it is answered for good. A batch's bytes never change once made. */
export interface Transport {
	/** Freezes a body and begins to compress it. */
	freeze(body: string, label: BatchLabel): PendingBatch;
	send(batch: PendingBatch): void;
	/** Nothing of this session is sent: its batches wait, in the store as well. null: of none. */
	hold(sessionId: string | null): void;
	/** Of what is held, forgets what waits from before the last fresh start that is at least this old. */
	forgetBefore(time: number): void;
	/** Puts what waits, and will, where the next page finds it; takes over what the last page left there. */
	attach(store: Store): void;
	/** The page is hidden, or going for good: what fits goes by beacon, at once. */
	leave(forGood: boolean): void;
	/** The page is back; or the network, which ends any pause. */
	resume(isNetwork: boolean): void;
	/** Forgets what is held and unsent; or everything, for good, what is under way too. */
	clear(forGood: boolean): void;
}

export interface Outcome {
	/** The server wants nothing more of the session of this one. */
	onStop(batch: PendingBatch): void;
	/** Given up; why, in the server's words. */
	onLost(problem: string): void;
	onSent(bytes: number): void;
}

/**
 * A Worker that is over its time limit is cut off, and would be each time: the second such answer to a batch is final.
 * Across origins it cannot even be read; then a batch that fails while others get through is taken for one.
 */
const MAX_STRIKES = 2;
/** A request that is never answered must not hold up the rest. */
const TIMEOUT_MS = 60_000;

export function createTransport(eventsUrl: string, { onStop, onLost, onSent }: Outcome): Transport {
	let queue: PendingBatch[] = [];
	let underWay: PendingBatch | null = null;
	let abort: AbortController | null = null;
	let failures = 0;
	let delivered = 0;
	/** Set while a pause lasts: whatever else comes waits too. */
	let pause: ReturnType<typeof setTimeout> | undefined;
	/** The server asked for it; or nothing answered, and the next batch may have more luck. */
	let isAsked = false;
	let isSilent = false;
	let budget = BEACON_BUDGET_BYTES;
	let heldSession: string | null = null;
	let store: Store | null = null;
	let isClosed = false;

	/** The sender's clock rides in the address, so that the bytes stay the same from try to try. */
	const address = () => `${eventsUrl}${eventsUrl.includes("?") ? "&" : "?"}at=${Date.now()}`;
	const isHeld = ({ sessionId }: PendingBatch) => sessionId === heldSession;

	const done = (batch: PendingBatch) => {
		batch.isDone = true;
		queue = queue.filter((it) => it !== batch);
		store?.delete(batch);
	};
	const lose = (batch: PendingBatch, problem: string) => {
		done(batch);
		onLost(problem);
	};

	const pump = () => void next().catch(() => {});
	const next = async () => {
		const [batch] = queue.filter((it) => !isHeld(it));
		if (underWay || pause !== undefined || !batch) return;
		underWay = batch;
		abort = new AbortController();
		const timer = setTimeout(() => abort?.abort(), TIMEOUT_MS);
		const verdict = await attempt(address, batch, abort.signal);
		clearTimeout(timer);
		underWay = null;
		if (batch.isDone) return pump();
		if (verdict.isNoAnswer) {
			if (delivered > batch.failedAt) batch.strikes++;
			batch.failedAt = delivered;
			// The others may have more luck.
			queue = [...queue.filter((it) => it !== batch), batch];
		}
		if (verdict.retryMs !== null && batch.strikes < MAX_STRIKES) {
			const backoff = Math.min(RETRY_FIRST_MS * 2 ** failures, RETRY_MAX_MS);
			failures++;
			isAsked = verdict.retryMs > 0;
			isSilent = verdict.isNoAnswer === true;
			pause = setTimeout(endPause, Math.max(verdict.retryMs, backoff * (0.5 + Math.random() / 2)));
			return;
		}
		failures = 0;
		if (verdict.problem) lose(batch, verdict.problem);
		else {
			delivered++;
			done(batch);
			onSent(batch.bytes!.length);
		}
		if (verdict.stop) onStop(batch);
		pump();
	};

	const endPause = () => {
		clearTimeout(pause);
		pause = undefined;
		isAsked = false;
		pump();
	};

	return {
		freeze: pack,
		send(batch) {
			if (isClosed) return;
			queue.push(batch);
			store?.save(batch, isHeld(batch));
			if (queue.length > MAX_QUEUED_BATCHES) {
				// Of what is held whole stretches go; else not the oldest, which may be under way and hold the first snapshot.
				const next = isHeld(batch) ? queue.findIndex((it, i) => i > 0 && isHeld(it) && it.isStart) : -1;
				if (next > 0) for (const it of queue.slice(0, next)) done(it);
				else lose(queue[1]!, "too many unsent batches");
			}
			const isNext = isSilent && pause !== undefined && !isHeld(batch);
			if (isNext) queue = [batch, ...queue.filter((it) => it !== batch)];
			// Not now: whoever is leaving sends by beacon first.
			queueMicrotask(isNext ? endPause : pump);
		},
		hold(sessionId) {
			heldSession = sessionId;
			for (const batch of queue) store?.save(batch, isHeld(batch));
			pump();
		},
		forgetBefore(time) {
			const held = queue.filter(isHeld);
			let start = 0;
			held.forEach(({ isStart, from }, i) => {
				if (isStart && from <= time) start = i;
			});
			for (const batch of held.slice(0, start)) done(batch);
		},
		attach(opened) {
			if (isClosed) return;
			store = opened;
			const leftovers = opened.leftovers();
			for (const batch of queue) opened.save(batch, isHeld(batch));
			leftovers.then(
				(found) => {
					if (isClosed) return;
					// The page's own first snapshot comes before what may fail again; what is held stays in its order.
					queue = [...found.filter(isHeld), ...queue, ...found.filter((it) => !isHeld(it))];
					pump();
				},
				() => {},
			);
		},
		leave(forGood) {
			// A beacon's answer is nobody's to read: what is unlikely to arrive is for the next page, or this one's next try.
			const isShaky = pause !== undefined || navigator.onLine === false;
			for (const batch of isShaky && !forGood ? [] : queue.filter((it) => !isHeld(it))) {
				// Repeated for good only: the same bytes are the same chunk, but each put is billed.
				if (batch === underWay && !forGood) continue;
				const body = new Blob([batch.bytes ?? batch.text], { type: "text/plain" });
				if (body.size > budget || !navigator.sendBeacon?.(address(), body)) continue;
				budget -= body.size;
				onSent(body.size);
				if (!isShaky) done(batch);
			}
			for (const batch of queue) store?.save(batch, isHeld(batch), true);
		},
		resume(isNetwork) {
			budget = BEACON_BUDGET_BYTES;
			if (isNetwork || !isAsked) endPause();
		},
		clear(forGood) {
			for (const batch of forGood ? [...queue] : queue.filter(isHeld)) done(batch);
			if (!forGood) return;
			isClosed = true;
			clearTimeout(pause);
			guard(() => abort?.abort());
		},
	};
}

/** retryMs: null when this parcel is done with; else how long the server asks to wait at least. */
interface Verdict {
	retryMs: number | null;
	stop?: boolean;
	/** Why it was given up, or will be. */
	problem: string;
	/** It cannot be told whether it was an answer, and of whom. */
	isNoAnswer?: boolean;
}

async function attempt(address: () => string, batch: PendingBatch, signal: AbortSignal): Promise<Verdict> {
	const fine = { retryMs: null, problem: "" };
	try {
		await batch.compressed;
		// Forgotten meanwhile: nothing of it leaves.
		if (batch.isDone) return fine;
		// text/plain and no header of ours: the browser asks no preflight. Not keepalive, whose budget is 64 KB in all.
		const body = new Blob([batch.bytes!], { type: "text/plain" });
		const response = await fetch(address(), { method: "POST", body, signal });
		const { status } = response;
		if (status === 204) return fine;
		const answer: Partial<BatchResponse & Refusal> | null = await response.json().catch(() => null);
		if (response.ok) return { ...fine, stop: answer?.stop === true };
		const problem = `${status} ${answer?.error ?? ""}`.trim();
		if (status < 500 && status !== 429 && status !== 408) return { retryMs: null, problem };
		if (status >= 500 && !answer?.error) batch.strikes++;
		const seconds = Number(answer?.retryAfter ?? response.headers.get("retry-after") ?? 0);
		return { retryMs: seconds * 1000 || 0, problem };
	} catch {
		return { retryMs: 0, problem: "no answer", isNoAnswer: true };
	}
}

function pack(text: string, label: BatchLabel): PendingBatch {
	const progress = { isDone: false, strikes: 0, failedAt: 0 };
	const batch: PendingBatch = { ...label, text, bytes: null, compressed: Promise.resolve(), ...progress };
	batch.compressed = compressed(text).then((bytes) => {
		batch.bytes = bytes;
		batch.text = "";
	});
	return batch;
}

/** Off the main thread. */
async function compressed(text: string): Promise<Uint8Array<ArrayBuffer>> {
	const plain = new Blob([text]);
	try {
		const stream = plain.stream().pipeThrough(new CompressionStream("gzip"));
		return new Uint8Array(await new Response(stream).arrayBuffer());
	} catch {
		return new Uint8Array(await plain.arrayBuffer());
	}
}
