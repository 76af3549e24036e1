import type { BatchLabel, PendingBatch } from "../../recorder/pending-batch.ts";

/** Returns an uncompressed batch in the form in which the recorder's transport queues it. */
export function pendingBatch(text: string, label: Partial<BatchLabel> = {}): PendingBatch {
	const bytes = new TextEncoder().encode(text);
	const fullLabel = { sessionId: "s", windowId: "w", from: 0, isStart: false, ...label };
	return { ...fullLabel, text, bytes, compressed: Promise.resolve(), isDone: false, strikes: 0, failedAt: 0 };
}
