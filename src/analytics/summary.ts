import type { Client } from "../contract/client.ts";
import { FULL_SNAPSHOT } from "../contract/events.ts";
import type { Trail } from "../contract/trail.ts";
import type { Batch } from "../contract/wire.ts";
import { extract } from "./extract.ts";

/** Summary of a chunk for the index, from its batch and the receipt. */
export interface ChunkSummary {
	/** Time of the first event, in epoch milliseconds, clamped to a range around the time of receipt. */
	firstAt: number;
	lastAt: number;
	events: number;
	snapshots: number;
	pages: number;
	clicks: number;
	errors: number;
	trail: Trail;
	/** Metadata of the batch, limited and redacted; empty if the batch has none. */
	metadata: Record<string, string | number | boolean>;
}

/** Data about the arrival of a batch. */
export interface Receipt {
	/** Time of arrival in epoch milliseconds, by the server's clock. */
	receivedAt: number;
	/** Server's clock minus the sender's, in milliseconds; absent if the request does not contain the sender's time. */
	skew?: number;
	client: Client;
}

export function summarize(batch: Batch, { receivedAt, skew }: Receipt): ChunkSummary {
	const trail = extract(batch.events, receivedAt, skew);
	const [pages, clicks, errors] = trail.sums;
	return {
		firstAt: trail.from,
		lastAt: trail.from + trail.to,
		events: batch.events.length,
		snapshots: trail.types[FULL_SNAPSHOT] ?? 0,
		pages,
		clicks,
		errors,
		trail,
		metadata: (batch.metadata ?? {}) as ChunkSummary["metadata"],
	};
}
