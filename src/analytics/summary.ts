import type { Client } from "../contract/client.ts";
import { FULL_SNAPSHOT } from "../contract/events.ts";
import type { Trail } from "../contract/trail.ts";
import type { Batch } from "../contract/wire.ts";
import { extract } from "./extract.ts";

/** Summary of a chunk for the index, from its batch and the receipt. */
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
	/** Metadata of the batch, limited and redacted; empty if it has none. */
	metadata: Record<string, string | number | boolean>;
}

/** What the Worker knows about a request besides its body. */
export interface Receipt {
	/** Epoch milliseconds of the server's clock. */
	receivedAt: number;
	/** Server's clock minus sender's, in milliseconds; absent if the sender sent no time. */
	skew?: number;
	client: Client;
}

/** Summarizes a batch. */
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
