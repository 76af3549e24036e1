import { BEACON_BUDGET_BYTES, MAX_QUEUED_BATCHES, RETRY_FIRST_MS, RETRY_MAX_MS } from "../src/contract/limits.ts";
import type { Answer, Refusal } from "../src/contract/wire.ts";

/** Sends numbered batches in order, each until it is answered for good. A batch's bytes never change once made. */
export interface Transport {
	/** Freezes a body and begins to compress it. */
	seal(body: string): Parcel;
	send(parcel: Parcel): void;
	/** The page is hidden, or going for good: what fits goes by beacon, at once. */
	leave(forGood: boolean): void;
	/** The page, or the network, is back. */
	resume(): void;
	/** Forgets everything unsent. */
	discard(): void;
}

export interface Parcel {
	text: string;
	/** gzip, or the text itself where the browser cannot. */
	body: Promise<Blob>;
	/** The same, once it is there. */
	ready: Blob | null;
}

/** @param onStop the server wants nothing more of this session */
export function createTransport(eventsUrl: string, onStop: () => void): Transport {
	let queue: Parcel[] = [];
	let underWay: Parcel | null = null;
	let failures = 0;
	/** Set while a pause lasts: whatever else comes waits too. */
	let pause: ReturnType<typeof setTimeout> | undefined;
	let budget = BEACON_BUDGET_BYTES;

	/** The sender's clock rides in the address, so that the bytes stay the same from try to try. */
	const address = () => `${eventsUrl}${eventsUrl.includes("?") ? "&" : "?"}at=${Date.now()}`;

	const pump = async () => {
		const parcel = queue[0];
		if (underWay || pause !== undefined || !parcel) return;
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
		queue = queue.filter((it) => it !== parcel);
		if (verdict.stop) onStop();
		else void pump();
	};

	const endPause = () => {
		clearTimeout(pause);
		pause = undefined;
		void pump();
	};

	return {
		seal(text) {
			const parcel: Parcel = { text, body: compressed(text), ready: null };
			void parcel.body.then((body) => {
				parcel.ready = body;
			});
			return parcel;
		},
		send(parcel) {
			queue.push(parcel);
			// The oldest may be under way, and holds the first snapshot, without which nothing replays.
			if (queue.length > MAX_QUEUED_BATCHES) queue.splice(1, 1);
			// Not now: whoever is leaving sends by beacon first.
			queueMicrotask(() => void pump());
		},
		leave(forGood) {
			queue = queue.filter((parcel) => {
				// Repeated for good only: the same bytes are the same chunk, but each put is billed.
				if (parcel === underWay && !forGood) return true;
				const body = parcel.ready ?? new Blob([parcel.text], { type: "text/plain" });
				if (body.size > budget || !navigator.sendBeacon?.(address(), body)) return true;
				budget -= body.size;
				return false;
			});
		},
		resume() {
			budget = BEACON_BUDGET_BYTES;
			endPause();
		},
		discard() {
			clearTimeout(pause);
			queue = [];
		},
	};
}

/** retryMs: null when this parcel is done with; else how long the server asks to wait at least. */
interface Verdict {
	retryMs: number | null;
	stop?: boolean;
}

async function attempt(url: string, parcel: Parcel): Promise<Verdict> {
	try {
		// text/plain and no header of ours: the browser asks no preflight. Not keepalive, whose budget is 64 KB in all.
		const response = await fetch(url, { method: "POST", body: await parcel.body });
		if (response.ok) {
			const answer: Partial<Answer> = response.status === 200 ? await response.json().catch(() => ({})) : {};
			return { retryMs: null, stop: answer.stop === true };
		}
		if (response.status < 500 && response.status !== 429 && response.status !== 408) return { retryMs: null };
		const refusal: Partial<Refusal> = await response.json().catch(() => ({}));
		return { retryMs: Number(refusal.retryAfter ?? response.headers.get("retry-after") ?? 0) * 1000 || 0 };
	} catch {
		return { retryMs: 0 };
	}
}

/** Off the main thread. */
async function compressed(text: string): Promise<Blob> {
	const type = "text/plain";
	const plain = new Blob([text], { type });
	if (typeof CompressionStream === "undefined") return plain;
	try {
		const bytes = await new Response(plain.stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
		return new Blob([bytes], { type });
	} catch {
		return plain;
	}
}
