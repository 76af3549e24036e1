import { type Receipt, summarize } from "../analytics/summary.ts";
import { dayOf } from "../contract/days.ts";
import type { Batch } from "../contract/wire.ts";
import { chunkStore, type Env, type Project } from "../env.ts";
import { fail } from "../http/errors.ts";
import { type ChunkRef, chunkId, type IndexEntry, putChunk, readEntry } from "../storage/chunks.ts";
import { findUnindexed, indexChunk } from "../storage/sessions.ts";
import { drainUncountedBytes, markStopped, refreshLimits, returnUncountedBytes } from "./admission-limits.ts";
import type { Decoded } from "./decode.ts";

/** Chunk stored in R2, with the input of its D1 rows. */
export interface Stored {
	ref: ChunkRef;
	batch: Batch;
	receipt: Receipt;
	/** Size of the stored content. */
	bytes: number;
	/** false: the same batch was stored before, and the receipt stored with it counts. */
	isNew: boolean;
}

/**
 * Writes a chunk to R2; it is durable when this resolves. The browser's gzip is stored as sent only if its content
 * equals the redacted batch exactly: otherwise a duplicate JSON key could carry a secret past redaction.
 * @throws storage_unavailable
 */
export async function store(
	env: Env,
	project: Project,
	batch: Batch,
	decoded: Decoded,
	receipt: Receipt,
): Promise<Stored> {
	const json = JSON.stringify(batch);
	const isVerbatim = json === decoded.text;
	const body =
		isVerbatim && decoded.gzip && isBare(decoded.gzip)
			? decoded.gzip
			: await deflate(isVerbatim ? decoded.bytes : json);
	const ref = {
		project: project.id,
		day: dayOf(receipt.receivedAt),
		sessionId: batch.sessionId,
		windowId: batch.windowId,
		id: chunkId(firstTimestamp(batch), batch.seq, checksumOf(body)),
	};
	try {
		const isNew = await putChunk(chunkStore(env), ref, body, receipt);
		return { ref, batch, receipt, bytes: body.byteLength, isNew };
	} catch (error) {
		console.error("cannot write a chunk to R2", error);
		return fail("storage_unavailable");
	}
}

/** Delays before the second and third attempt; `waitUntil` ends 30 s after the response. */
const RETRIES_MS = [200, 2_000];

/** Writes the chunk's rows to D1, after the response. If that fails, the sweep writes them later. */
export async function index(env: Env, project: Project, stored: Stored): Promise<void> {
	const uncounted = drainUncountedBytes(project.id);
	for (let attempt = 0; ; attempt++) {
		try {
			const entry = await entryOf(env, stored);
			const found = entry && (await indexChunk(env.DB, env.CHUNKS, entry, uncounted));
			// Possibly only this window was erased: the session's other windows continue.
			if (found === "erased") markStopped(project.id, stored.ref.sessionId, stored.ref.windowId);
			const indexed = found === "erased" ? null : found;
			// The day's counter is written with the first chunk of a session only.
			if (!indexed?.isNewSession) returnUncountedBytes(project.id, uncounted + (indexed ? stored.bytes : 0));
			if (indexed) await refreshLimits(env, project, stored.ref.sessionId, indexed, Date.now());
			return;
		} catch (error) {
			const delay = RETRIES_MS[attempt];
			if (delay === undefined) {
				returnUncountedBytes(project.id, uncounted);
				console.error("cannot write a chunk's rows to D1; the sweep will add them", error);
				return;
			}
			await new Promise((resolve) => setTimeout(resolve, delay));
		}
	}
}

/**
 * Returns the data to index for a chunk, or null if D1 has its rows already. A chunk that was sent again, and whose rows
 * are missing, is read from R2, as in a reindex.
 */
async function entryOf(env: Env, { ref, batch, receipt, bytes, isNew }: Stored): Promise<IndexEntry | null> {
	if (isNew) return { ref, bytes, receipt, summary: summarize(batch, receipt) };
	const [missing] = await findUnindexed(env.DB, [ref]);
	return missing ? readEntry(chunkStore(env), missing, summarize) : null;
}

/** Returns the earliest timestamp as sent, so that a repeat gets the same chunk ID; 0 if there is none. */
function firstTimestamp(batch: Batch): number {
	let first: number | null = null;
	for (const { timestamp } of batch.events) {
		if (typeof timestamp === "number" && (first === null || timestamp < first)) first = timestamp;
	}
	return first ?? 0;
}

/** Whether a gzip has no optional header fields: a file name or a comment would not be redacted. */
const isBare = (gzip: Uint8Array) => gzip[3] === 0;

/** Returns the CRC-32 of the content from the gzip trailer: independent of the compression, and free. */
function checksumOf(gzip: Uint8Array): string {
	const checksum = new DataView(gzip.buffer, gzip.byteOffset + gzip.length - 8, 4).getUint32(0, true);
	return checksum.toString(16).padStart(8, "0");
}

async function deflate(content: Uint8Array | string): Promise<Uint8Array> {
	const stream = new Blob([content]).stream().pipeThrough(new CompressionStream("gzip"));
	return new Uint8Array(await new Response(stream).arrayBuffer());
}
