/** A batch that is numbered and frozen, on its way. */
export interface PendingBatch extends BatchLabel {
	/** The JSON; empty once `bytes` are there. */
	text: string;
	/** gzip, or the text itself where the browser cannot. */
	bytes: Uint8Array<ArrayBuffer> | null;
	compressed: Promise<unknown>;
	/** Answered, or given up. */
	isDone: boolean;
	/** Answers that were none of ours, and failures while others got through. */
	strikes: number;
	/** Batches that had got through when this one failed last. */
	failedAt: number;
}

export interface BatchLabel {
	sessionId: string;
	windowId: string;
	/** Epoch milliseconds of its first event. */
	from: number;
	/** It begins with a full snapshot, and can be replayed without what came before. */
	isStart: boolean;
}

/** Where parcels outlive their page. */
export interface Store {
	/**
	 * Again with another word on whether it is held: that is noted.
	 * @param atOnce the page is going: its bytes as they are, in this very task
	 */
	save(batch: PendingBatch, held: boolean, atOnce?: boolean): void;
	delete(batch: PendingBatch): void;
	/** What earlier pages left, in the order it was made; nothing of what is kept from here on. */
	leftovers(): Promise<PendingBatch[]>;
}

/** @param ids whose leftovers to take over at once; others' must be older */
export type OpenStore = (
	ids: { sessionId: string; windowId: string; formerWindowId: string | null },
	eventsUrl: string,
	now: () => number,
) => Promise<Store>;
