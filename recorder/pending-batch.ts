/** A numbered, immutable batch that is queued or in flight. */
export interface PendingBatch extends BatchLabel {
	/** JSON text; empty once `bytes` is set. */
	text: string;
	/** The text, compressed with gzip if the browser can compress; null until `compressed` is fulfilled. */
	bytes: Uint8Array<ArrayBuffer> | null;
	compressed: Promise<unknown>;
	/** Whether the batch was accepted, rejected or dropped. */
	isDone: boolean;
	/**
	 * Number of failures that the batch itself may have caused: server errors without a message of the Worker, and
	 * attempts without a response while other batches succeeded.
	 */
	strikes: number;
	/** Number of batches that this page had delivered when this batch last failed without a response. */
	failedAt: number;
}

/** Properties of a batch that must be known without parsing its JSON. */
export interface BatchLabel {
	sessionId: string;
	windowId: string;
	/** Time of the first event in epoch milliseconds. */
	from: number;
	/** Whether the batch begins with a full snapshot, so that it can be replayed without earlier batches. */
	isStart: boolean;
}

/** Stores unsent batches, so that a later page can send them. */
export interface Store {
	/**
	 * Saves a batch, or updates whether it is held back.
	 * @param atOnce true when the page is hidden or closed: saves in the current task, even if not compressed yet
	 */
	save(batch: PendingBatch, held: boolean, atOnce?: boolean): void;
	delete(batch: PendingBatch): void;
	/** Returns the batches that earlier pages left unsent, oldest first. */
	leftovers(): Promise<PendingBatch[]>;
}

/**
 * Opens the store.
 * @param ids IDs of this tab. The tab's batches are taken over immediately, those of other tabs after a minute
 */
export type OpenStore = (
	ids: { sessionId: string; windowId: string; formerWindowId: string | null },
	eventsUrl: string,
	now: () => number,
) => Promise<Store>;
