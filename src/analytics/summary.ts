import type { Client } from "../contract/client.ts";
import { FULL_SNAPSHOT } from "../contract/events.ts";
import type { Trail } from "../contract/trail.ts";
import type { Batch } from "../contract/wire.ts";
import { extract } from "./extract.ts";

/** What the index keeps of one chunk, worked out from its batch and from what the edge noted at its receipt. */
export interface ChunkSummary {
	/** Epoch milliseconds, clamped to the receipt. */
	firstAt: number;
	lastAt: number;
	events: number;
	snapshots: number;
	pages: number;
	clicks: number;
	errors: number;
	trail: Trail;
	/** Clamped and redacted; empty when the batch brought none. */
	metadata: Record<string, string | number | boolean>;
}

/** What the edge notes beside the body, because the body does not hold it. */
export interface Receipt {
	/** Epoch milliseconds, the server's clock. */
	receivedAt: number;
	/** Server's clock minus sender's, milliseconds; absent when the sender gave no time. */
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
