import { BEACON_BUDGET_BYTES, MAX_QUEUED_BATCHES, RETRY_FIRST_MS, RETRY_MAX_MS } from "../src/contract/limits.ts";
import type { BatchResponse, Refusal } from "../src/contract/wire.ts";
import { guard } from "./guard.ts";
import type { Label, Parcel, Store } from "./parcel.ts";

/** Sends numbered batches in order, each until it is answered for good. A batch's bytes never change once made. */
export interface Transport {
	/** Freezes a body and begins to compress it. */
	seal(body: string, label: Label): Parcel;
	send(parcel: Parcel): void;
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
	onStop(parcel: Parcel): void;
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
	let queue: Parcel[] = [];
	let underWay: Parcel | null = null;
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
	const isHeld = ({ sessionId }: Parcel) => sessionId === heldSession;

	const done = (parcel: Parcel) => {
		parcel.isDone = true;
		queue = queue.filter((it) => it !== parcel);
		store?.drop(parcel);
	};
	const lose = (parcel: Parcel, problem: string) => {
		done(parcel);
		onLost(problem);
	};

	const pump = () => void next().catch(() => {});
	const next = async () => {
		const [parcel] = queue.filter((it) => !isHeld(it));
		if (underWay || pause !== undefined || !parcel) return;
		underWay = parcel;
		abort = new AbortController();
		const timer = setTimeout(() => abort?.abort(), TIMEOUT_MS);
		const verdict = await attempt(address, parcel, abort.signal);
		clearTimeout(timer);
		underWay = null;
		if (parcel.isDone) return pump();
		if (verdict.isNoAnswer) {
			if (delivered > parcel.failedAt) parcel.strikes++;
			parcel.failedAt = delivered;
			// The others may have more luck.
			queue = [...queue.filter((it) => it !== parcel), parcel];
		}
		if (verdict.retryMs !== null && parcel.strikes < MAX_STRIKES) {
			const backoff = Math.min(RETRY_FIRST_MS * 2 ** failures, RETRY_MAX_MS);
			failures++;
			isAsked = verdict.retryMs > 0;
			isSilent = verdict.isNoAnswer === true;
			pause = setTimeout(endPause, Math.max(verdict.retryMs, backoff * (0.5 + Math.random() / 2)));
			return;
		}
		failures = 0;
		if (verdict.problem) lose(parcel, verdict.problem);
		else {
			delivered++;
			done(parcel);
			onSent(parcel.bytes!.length);
		}
		if (verdict.stop) onStop(parcel);
		pump();
	};

	const endPause = () => {
		clearTimeout(pause);
		pause = undefined;
		isAsked = false;
		pump();
	};

	return {
		seal: pack,
		send(parcel) {
			if (isClosed) return;
			queue.push(parcel);
			store?.keep(parcel, isHeld(parcel));
			if (queue.length > MAX_QUEUED_BATCHES) {
				// Of what is held whole stretches go; else not the oldest, which may be under way and hold the first snapshot.
				const next = isHeld(parcel) ? queue.findIndex((it, i) => i > 0 && isHeld(it) && it.isStart) : -1;
				if (next > 0) for (const it of queue.slice(0, next)) done(it);
				else lose(queue[1]!, "too many unsent batches");
			}
			const isNext = isSilent && pause !== undefined && !isHeld(parcel);
			if (isNext) queue = [parcel, ...queue.filter((it) => it !== parcel)];
			// Not now: whoever is leaving sends by beacon first.
			queueMicrotask(isNext ? endPause : pump);
		},
		hold(sessionId) {
			heldSession = sessionId;
			for (const parcel of queue) store?.keep(parcel, isHeld(parcel));
			pump();
		},
		forgetBefore(time) {
			const held = queue.filter(isHeld);
			let start = 0;
			held.forEach(({ isStart, from }, i) => {
				if (isStart && from <= time) start = i;
			});
			for (const parcel of held.slice(0, start)) done(parcel);
		},
		attach(opened) {
			if (isClosed) return;
			store = opened;
			const leftovers = opened.leftovers();
			for (const parcel of queue) opened.keep(parcel, isHeld(parcel));
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
			for (const parcel of isShaky && !forGood ? [] : queue.filter((it) => !isHeld(it))) {
				// Repeated for good only: the same bytes are the same chunk, but each put is billed.
				if (parcel === underWay && !forGood) continue;
				const body = new Blob([parcel.bytes ?? parcel.text], { type: "text/plain" });
				if (body.size > budget || !navigator.sendBeacon?.(address(), body)) continue;
				budget -= body.size;
				onSent(body.size);
				if (!isShaky) done(parcel);
			}
			for (const parcel of queue) store?.keep(parcel, isHeld(parcel), true);
		},
		resume(isNetwork) {
			budget = BEACON_BUDGET_BYTES;
			if (isNetwork || !isAsked) endPause();
		},
		clear(forGood) {
			for (const parcel of forGood ? [...queue] : queue.filter(isHeld)) done(parcel);
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

async function attempt(address: () => string, parcel: Parcel, signal: AbortSignal): Promise<Verdict> {
	const fine = { retryMs: null, problem: "" };
	try {
		await parcel.packed;
		// Forgotten meanwhile: nothing of it leaves.
		if (parcel.isDone) return fine;
		// text/plain and no header of ours: the browser asks no preflight. Not keepalive, whose budget is 64 KB in all.
		const body = new Blob([parcel.bytes!], { type: "text/plain" });
		const response = await fetch(address(), { method: "POST", body, signal });
		const { status } = response;
		if (status === 204) return fine;
		const answer: Partial<BatchResponse & Refusal> | null = await response.json().catch(() => null);
		if (response.ok) return { ...fine, stop: answer?.stop === true };
		const problem = `${status} ${answer?.error ?? ""}`.trim();
		if (status < 500 && status !== 429 && status !== 408) return { retryMs: null, problem };
		if (status >= 500 && !answer?.error) parcel.strikes++;
		const seconds = Number(answer?.retryAfter ?? response.headers.get("retry-after") ?? 0);
		return { retryMs: seconds * 1000 || 0, problem };
	} catch {
		return { retryMs: 0, problem: "no answer", isNoAnswer: true };
	}
}

function pack(text: string, label: Label): Parcel {
	const progress = { isDone: false, strikes: 0, failedAt: 0 };
	const parcel: Parcel = { ...label, text, bytes: null, packed: Promise.resolve(), ...progress };
	parcel.packed = compressed(text).then((bytes) => {
		parcel.bytes = bytes;
		parcel.text = "";
	});
	return parcel;
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
