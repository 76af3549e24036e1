import { type Receipt, summarize } from "../analytics/summary.ts";
import { dayOf } from "../contract/days.ts";
import type { Batch } from "../contract/wire.ts";
import { chunkStore, type Env, type Project } from "../env.ts";
import { fail } from "../http/errors.ts";
import { type ChunkRef, chunkId, type IndexEntry, putChunk, readEntry } from "../storage/chunks.ts";
import { findUnindexed, indexChunk } from "../storage/sessions.ts";
import { drainUncountedBytes, markStopped, refreshLimits, returnUncountedBytes } from "./admission-limits.ts";
import type { Decoded } from "./decode.ts";

/** A chunk that R2 holds, and what its rows are made of. */
export interface Stored {
	ref: ChunkRef;
	batch: Batch;
	receipt: Receipt;
	/** At rest. */
	bytes: number;
	/** false: the very same batch came before, and what was noted at its receipt then is what counts. */
	isNew: boolean;
}

/**
 * The chunk, in R2, once this returns. The browser's own gzip is kept when the batch as it may be stored is, to the
 * letter, what that gzip holds; else a duplicate key could carry a secret past redaction.
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
		console.error("R2 did not take a chunk", error);
		return fail("storage_unavailable");
	}
}

/** Pauses before the second and third try; `waitUntil` ends 30 s after the answer. */
const RETRIES_MS = [200, 2_000];

/** The rows. Runs after the answer; what it cannot write, the sweep finds in R2. */
export async function index(env: Env, project: Project, stored: Stored): Promise<void> {
	const uncounted = drainUncountedBytes(project.id);
	for (let attempt = 0; ; attempt++) {
		try {
			const entry = await entryOf(env, stored);
			const found = entry && (await indexChunk(env.DB, env.CHUNKS, entry, uncounted));
			// Perhaps of this window only: the others go on.
			if (found === "erased") markStopped(project.id, stored.ref.sessionId, stored.ref.windowId);
			const indexed = found === "erased" ? null : found;
			// With a session's first chunk the day is counted.
			if (!indexed?.isNewSession) returnUncountedBytes(project.id, uncounted + (indexed ? stored.bytes : 0));
			if (indexed) await refreshLimits(env, project, stored.ref.sessionId, indexed, Date.now());
			return;
		} catch (error) {
			const pause = RETRIES_MS[attempt];
			if (pause === undefined) {
				returnUncountedBytes(project.id, uncounted);
				console.error("D1 did not take a chunk's rows; the sweep will", error);
				return;
			}
			await new Promise((resolve) => setTimeout(resolve, pause));
		}
	}
}

/** A repeat usually has its rows: null. If not, they are made of what R2 holds, as a rebuilt index would make them. */
async function entryOf(env: Env, { ref, batch, receipt, bytes, isNew }: Stored): Promise<IndexEntry | null> {
	if (isNew) return { ref, bytes, receipt, summary: summarize(batch, receipt) };
	const [missing] = await findUnindexed(env.DB, [ref]);
	return missing ? readEntry(chunkStore(env), missing, summarize) : null;
}

/** As the sender said it, so that a repeat has the same name whenever it comes; 0 when it said nothing. */
function firstTimestamp(batch: Batch): number {
	let first: number | null = null;
	for (const { timestamp } of batch.events) {
		if (typeof timestamp === "number" && (first === null || timestamp < first)) first = timestamp;
	}
	return first ?? 0;
}

/** Its head may hold a name or a comment, which nobody redacts. */
const isBare = (gzip: Uint8Array) => gzip[3] === 0;

/** The CRC-32 of what is in a gzip, which stands near its end: the same however it was compressed, and costs nothing. */
function checksumOf(gzip: Uint8Array): string {
	const checksum = new DataView(gzip.buffer, gzip.byteOffset + gzip.length - 8, 4).getUint32(0, true);
	return checksum.toString(16).padStart(8, "0");
}

async function deflate(content: Uint8Array | string): Promise<Uint8Array> {
	const stream = new Blob([content]).stream().pipeThrough(new CompressionStream("gzip"));
	return new Uint8Array(await new Response(stream).arrayBuffer());
}
