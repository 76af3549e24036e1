/** A numbered, immutable batch that is queued or in flight. */
export interface PendingBatch extends BatchLabel {
	/** The JSON; empty once `bytes` are there. */
	text: string;
	/** gzip of the text, or the plain text where the browser cannot compress; null until ready. */
	bytes: Uint8Array<ArrayBuffer> | null;
	compressed: Promise<unknown>;
	/** Accepted, rejected or dropped. */
	isDone: boolean;
	/** Responses that were not the Worker's own, and failures while other batches succeeded. */
	strikes: number;
	/** Number of batches delivered when this one last failed. */
	failedAt: number;
}

export interface BatchLabel {
	sessionId: string;
	windowId: string;
	/** Epoch milliseconds of its first event. */
	from: number;
	/** It begins with a full snapshot and can be replayed without earlier batches. */
	isStart: boolean;
}

/** Stores batches beyond the life of their page. */
export interface Store {
	/**
	 * Saves a batch, or updates whether it is held back.
	 * @param atOnce true when the page is closing: saves in the current task, uncompressed if need be
	 */
	save(batch: PendingBatch, held: boolean, atOnce?: boolean): void;
	delete(batch: PendingBatch): void;
	/** Returns the batches that earlier pages left, oldest first. */
	leftovers(): Promise<PendingBatch[]>;
}

/** Opens the store. @param ids batches of this tab are taken over at once, those of other tabs once they are older */
export type OpenStore = (
	ids: { sessionId: string; windowId: string; formerWindowId: string | null },
	eventsUrl: string,
	now: () => number,
) => Promise<Store>;
