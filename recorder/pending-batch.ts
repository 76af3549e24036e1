/** A numbered, immutable batch that is queued or in flight. */
export interface PendingBatch extends BatchLabel {
	/** JSON text; empty once `bytes` is set. */
	text: string;
	/** The text in gzip, or plain if the browser cannot compress; null until ready. */
	bytes: Uint8Array<ArrayBuffer> | null;
	compressed: Promise<unknown>;
	/** Whether the batch was accepted, rejected or dropped. */
	isDone: boolean;
	/** Number of server errors that the Worker did not write itself, and of failures while other batches succeeded. */
	strikes: number;
	/** Number of batches that this page had delivered when this batch last failed without a response. */
	failedAt: number;
}

export interface BatchLabel {
	sessionId: string;
	windowId: string;
	/** Time of the first event in epoch milliseconds. */
	from: number;
	/** Whether the batch begins with a full snapshot, so that it can be replayed without earlier batches. */
	isStart: boolean;
}

/** Stores batches beyond the life of their page. */
export interface Store {
	/**
	 * Saves a batch, or updates whether it is held back.
	 * @param atOnce true when the page is hidden or closed: saves in the current task, even if uncompressed
	 */
	save(batch: PendingBatch, held: boolean, atOnce?: boolean): void;
	delete(batch: PendingBatch): void;
	/** Returns the batches that earlier pages left unsent, oldest first. */
	leftovers(): Promise<PendingBatch[]>;
}

/**
 * Opens the store.
 * @param ids batches of this tab are taken over immediately, those of other tabs after a minute
 */
export type OpenStore = (
	ids: { sessionId: string; windowId: string; formerWindowId: string | null },
	eventsUrl: string,
	now: () => number,
) => Promise<Store>;
