import { BEACON_BUDGET_BYTES, MAX_QUEUED_BATCHES, RETRY_FIRST_MS, RETRY_MAX_MS } from "../src/contract/limits.ts";
import type { Answer, Refusal } from "../src/contract/wire.ts";
import type { Label, Parcel, Store } from "./parcel.ts";

/** Sends numbered batches in order, each until it is answered for good. A batch's bytes never change once made. */
export interface Transport {
	/** Freezes a body and begins to compress it. */
	seal(body: string, label: Label): Parcel;
	send(parcel: Parcel): void;
	/** While held nothing is sent: batches wait, in the store as well. */
	hold(held: boolean): void;
	/** Forgets what waits from before the last fresh start that is at least this old. */
	forgetBefore(time: number): void;
	/** Puts what waits, and will, where the next page finds it; takes over what the last page left there. */
	attach(store: Store): void;
	/** The page is hidden, or going for good: what fits goes by beacon, at once. */
	leave(forGood: boolean): void;
	/** The page, or the network, is back. */
	resume(): void;
	/** Forgets everything unsent. */
	clear(): void;
}

export interface Outcome {
	/** The server wants nothing more of the session of this one. */
	onStop(parcel: Parcel): void;
	/** Given up; why, in the server's words. */
	onLost(problem: string): void;
	onSent(bytes: number): void;
}

/** A Worker that is over its time limit is cut off, and would be each time: the second such answer to a batch is final. */
const MAX_STRIKES = 2;

export function createTransport(eventsUrl: string, { onStop, onLost, onSent }: Outcome): Transport {
	let queue: Parcel[] = [];
	let underWay: Parcel | null = null;
	let failures = 0;
	/** Set while a pause lasts: whatever else comes waits too. */
	let pause: ReturnType<typeof setTimeout> | undefined;
	let budget = BEACON_BUDGET_BYTES;
	let held = false;
	let store: Store | null = null;

	/** The sender's clock rides in the address, so that the bytes stay the same from try to try. */
	const address = () => `${eventsUrl}${eventsUrl.includes("?") ? "&" : "?"}at=${Date.now()}`;

	const done = (parcel: Parcel) => {
		parcel.isDone = true;
		queue = queue.filter((it) => it !== parcel);
		store?.drop(parcel);
	};

	const pump = async () => {
		const parcel = queue[0];
		if (held || underWay || pause !== undefined || !parcel) return;
		underWay = parcel;
		const verdict = await attempt(address(), parcel);
		underWay = null;
		if (verdict.retryMs !== null) {
			const backoff = Math.min(RETRY_FIRST_MS * 2 ** failures, RETRY_MAX_MS);
			failures++;
			pause = setTimeout(endPause, Math.max(verdict.retryMs, backoff * (0.5 + Math.random() / 2)));
			return;
		}
		failures = 0;
		done(parcel);
		if (verdict.problem) onLost(verdict.problem);
		else onSent(parcel.bytes!.length);
		if (verdict.stop) onStop(parcel);
		void pump();
	};

	const endPause = () => {
		clearTimeout(pause);
		pause = undefined;
		void pump();
	};

	return {
		seal: pack,
		send(parcel) {
			queue.push(parcel);
			store?.keep(parcel, held);
			// The oldest may be under way, and holds the first snapshot, without which nothing replays.
			if (queue.length > MAX_QUEUED_BATCHES) {
				done(queue[1]!);
				onLost("too many unsent batches");
			}
			// Not now: whoever is leaving sends by beacon first.
			queueMicrotask(() => void pump());
		},
		hold(next) {
			held = next;
			void pump();
		},
		forgetBefore(time) {
			const start = queue.findLast(({ isStart, from }) => isStart && from <= time);
			for (const parcel of queue.slice(0, start ? queue.indexOf(start) : 0)) done(parcel);
		},
		attach(opened) {
			store = opened;
			const leftovers = opened.leftovers();
			for (const parcel of queue) opened.keep(parcel, held);
			void leftovers.then((found) => {
				queue.unshift(...found);
				void pump();
			});
		},
		leave(forGood) {
			for (const parcel of held ? [] : [...queue]) {
				// Repeated for good only: the same bytes are the same chunk, but each put is billed.
				if (parcel === underWay && !forGood) continue;
				const body = new Blob([parcel.bytes ?? parcel.text], { type: "text/plain" });
				if (body.size > budget || !navigator.sendBeacon?.(address(), body)) continue;
				budget -= body.size;
				onSent(body.size);
				done(parcel);
			}
			for (const parcel of queue) store?.keep(parcel, held, true);
		},
		resume() {
			budget = BEACON_BUDGET_BYTES;
			endPause();
		},
		clear() {
			for (const parcel of [...queue]) done(parcel);
		},
	};
}

/** retryMs: null when this parcel is done with; else how long the server asks to wait at least. */
interface Verdict {
	retryMs: number | null;
	stop?: boolean;
	/** Why it was given up. */
	problem?: string;
}

async function attempt(url: string, parcel: Parcel): Promise<Verdict> {
	try {
		await parcel.packed;
		// text/plain and no header of ours: the browser asks no preflight. Not keepalive, whose budget is 64 KB in all.
		const body = new Blob([parcel.bytes!], { type: "text/plain" });
		const response = await fetch(url, { method: "POST", body });
		const { status } = response;
		if (status === 204) return { retryMs: null };
		const answer: Partial<Answer & Refusal> | null = await response.json().catch(() => null);
		if (response.ok) return { retryMs: null, stop: answer?.stop === true };
		const problem = `${status} ${answer?.error ?? ""}`.trim();
		if (status < 500 && status !== 429 && status !== 408) return { retryMs: null, problem };
		if (status >= 500 && !answer?.error && ++parcel.strikes >= MAX_STRIKES) return { retryMs: null, problem };
		return { retryMs: Number(answer?.retryAfter ?? response.headers.get("retry-after") ?? 0) * 1000 || 0 };
	} catch {
		return { retryMs: 0 };
	}
}

function pack(text: string, label: Label): Parcel {
	const parcel: Parcel = { ...label, text, bytes: null, packed: Promise.resolve(), isDone: false, strikes: 0 };
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
