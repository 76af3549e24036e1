import { type Receipt, summarize } from "../analytics/summary.ts";
import { dayOf } from "../contract/days.ts";
import type { Batch } from "../contract/wire.ts";
import { chunkStore, type Env, type Project } from "../env.ts";
import { fail } from "../http/errors.ts";
import { type ChunkRef, chunkId, type IndexEntry, putChunk, readEntry } from "../storage/chunks.ts";
import { findUnindexed, indexChunk } from "../storage/sessions.ts";
import { drainUncountedBytes, markStopped, refreshLimits, returnUncountedBytes } from "./admission-limits.ts";
import type { Decoded } from "./decode.ts";

/** A chunk in R2, and the data from which its rows in D1 are written. */
export interface Stored {
	ref: ChunkRef;
	batch: Batch;
	receipt: Receipt;
	/** Size of the chunk's gzip in bytes, without encryption. */
	bytes: number;
	/** false: the same batch was stored before, and the chunk keeps its first receipt. */
	isNew: boolean;
}

/**
 * Writes a chunk to R2. The chunk is durable when the promise resolves. The browser's gzip is stored as sent only if
 * its content equals the redacted batch exactly: otherwise a duplicate JSON key could carry a secret past redaction.
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
			// Stops only this window, because the other windows of the session may not be erased.
			if (found === "erased") markStopped(project.id, stored.ref.sessionId, stored.ref.windowId);
			const indexed = found === "erased" ? null : found;
			// `indexChunk` adds the bytes to the day's counter only with the first chunk of a session.
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
 * Returns the data of a chunk to write to D1, or null if D1 already has the chunk's rows. If a batch was sent again and
 * the rows of its chunk are missing, reads the chunk from R2, as when reindexing.
 */
async function entryOf(env: Env, { ref, batch, receipt, bytes, isNew }: Stored): Promise<IndexEntry | null> {
	if (isNew) return { ref, bytes, receipt, summary: summarize(batch, receipt) };
	const [missing] = await findUnindexed(env.DB, [ref]);
	return missing ? readEntry(chunkStore(env), missing, summarize) : null;
}

/**
 * Returns the earliest timestamp of a batch, exactly as sent, so that the chunk ID is the same if the batch is sent
 * again; 0 if there is no timestamp.
 */
function firstTimestamp(batch: Batch): number {
	let first: number | null = null;
	for (const { timestamp } of batch.events) {
		if (typeof timestamp === "number" && (first === null || timestamp < first)) first = timestamp;
	}
	return first ?? 0;
}

/** Returns whether a gzip has no optional header fields. A file name or comment in them would not be redacted. */
const isBare = (gzip: Uint8Array) => gzip[3] === 0;

/** Returns the CRC-32 of the uncompressed content, which is part of the trailer of a gzip. */
function checksumOf(gzip: Uint8Array): string {
	const checksum = new DataView(gzip.buffer, gzip.byteOffset + gzip.length - 8, 4).getUint32(0, true);
	return checksum.toString(16).padStart(8, "0");
}

async function deflate(content: Uint8Array | string): Promise<Uint8Array> {
	const stream = new Blob([content]).stream().pipeThrough(new CompressionStream("gzip"));
	return new Uint8Array(await new Response(stream).arrayBuffer());
}
