import type { ChunkSummary, Receipt } from "../analytics/summary.ts";
import { isId } from "../contract/ids.ts";
import type { Batch } from "../contract/wire.ts";
import { SEAL_BYTES, type SealKey, seal, unseal } from "./seal.ts";

/** Chunks in R2: the events, gzip, immutable, the source of truth. Keys are made and read here and nowhere else. */

export interface ChunkRef {
	project: string;
	/** UTC day of receipt, yyyymmdd. */
	day: number;
	sessionId: string;
	windowId: string;
	/** `{first timestamp, 13 digits}-{seq, 5 digits, or x}-{CRC-32 of the inflated, redacted body, 8 hex digits}` */
	id: string;
}

const CHUNK_ID = /^\d{13}-(?:\d{5}|x)-[0-9a-f]{8}$/;
const MAX_SEQ = 99_999;

export function chunkId(firstTimestamp: number, seq: number | undefined, checksum: string): string {
	const first = String(Math.min(Math.max(Math.trunc(firstTimestamp), 0), 9_999_999_999_999)).padStart(13, "0");
	const number = seq === undefined ? "x" : String(Math.min(seq, MAX_SEQ)).padStart(5, "0");
	return `${first}-${number}-${checksum}`;
}

/** −1 for a foreign recorder's chunk, which carries no number. */
export function seqOf(id: string): number {
	const part = id.split("-")[1];
	return part === undefined || part === "x" ? -1 : Number(part);
}

export function isChunkId(value: string): boolean {
	return CHUNK_ID.test(value);
}

export function chunkKey({ project, day, sessionId, windowId, id }: ChunkRef): string {
	return `${dayPrefix(project, day)}${sessionId}/${windowId}/${id}`;
}

export function dayPrefix(project: string, day: number): string {
	return `${project}/${day}/`;
}

export function parseChunkKey(key: string): ChunkRef | null {
	const [project, day, sessionId, windowId, id, more] = key.split("/");
	if (more !== undefined || !isId(project) || !isId(sessionId) || !isId(windowId)) return null;
	if (!/^\d{8}$/.test(day ?? "") || !id || !isChunkId(id)) return null;
	return { project, day: Number(day), sessionId, windowId, id };
}

/** The chunks among these keys; others are none of ours. */
export function chunkRefs(keys: readonly string[]): ChunkRef[] {
	return keys.map(parseChunkKey).filter((ref) => ref !== null);
}

/**
 * Create-only: the very same chunk put twice is one object.
 * @returns whether this call created it
 * @throws when R2 does not answer
 */
export async function putChunk(vault: Vault, ref: ChunkRef, gzip: Uint8Array, receipt: Receipt): Promise<boolean> {
	const onlyIf = { etagDoesNotMatch: "*" };
	return (await write(vault, ref, gzip, { wire: "1", receipt: JSON.stringify(receipt) }, onlyIf)) !== null;
}

/** R2, and the keys that open what is in it, newest first; none: chunks are stored as they are. */
export interface Vault {
	bucket: R2Bucket;
	keys: readonly SealKey[];
}

const ownerOf = ({ project, sessionId }: ChunkRef) => `${project}/${sessionId}`;

async function write(
	{ bucket, keys: [newest] }: Vault,
	ref: ChunkRef,
	gzip: Uint8Array,
	customMetadata: Record<string, string>,
	onlyIf: R2Conditional,
): Promise<R2Object | null> {
	const place = chunkKey(ref);
	if (!newest) {
		const httpMetadata = { contentType: "application/json", contentEncoding: "gzip" };
		return bucket.put(place, gzip, { onlyIf, httpMetadata, customMetadata });
	}
	const sealed = await seal(newest, ownerOf(ref), place, gzip);
	const httpMetadata = { contentType: "application/octet-stream" };
	return bucket.put(place, sealed, { onlyIf, httpMetadata, customMetadata: { ...customMetadata, key: newest.id } });
}

/**
 * Seals a chunk with the newest key, or opens it when there is none.
 * @returns whether it had to be; false as well when it is gone
 * @throws MissingKey
 */
export async function resealChunk(vault: Vault, ref: ChunkRef): Promise<boolean> {
	const object = await vault.bucket.get(chunkKey(ref));
	if (!object || object.customMetadata?.key === vault.keys[0]?.id) return false;
	const { key: _, ...customMetadata } = object.customMetadata ?? {};
	const gzip = new Uint8Array(await new Response(await openBody(vault, ref, object)).arrayBuffer());
	return (await write(vault, ref, gzip, customMetadata, { etagMatches: object.etag })) !== null;
}

/** The gzip in an object. @throws MissingKey */
async function openBody({ keys }: Vault, ref: ChunkRef, object: R2ObjectBody): Promise<ReadableStream<Uint8Array>> {
	const keyId = object.customMetadata?.key;
	if (keyId === undefined) return object.body;
	const sealed = new Uint8Array(await object.arrayBuffer());
	const plain = await unseal(keys, keyId, ownerOf(ref), chunkKey(ref), sealed);
	return new Blob([plain]).stream();
}

export interface StoredChunk {
	/** gzip of the batch's JSON */
	body: ReadableStream<Uint8Array>;
	/** Of the gzip, sealed or not. */
	bytes: number;
	receipt: Receipt;
}

/** @throws MissingKey */
export async function getChunk(vault: Vault, ref: ChunkRef): Promise<StoredChunk | null> {
	const object = await vault.bucket.get(chunkKey(ref));
	if (!object) return null;
	const bytes = object.size - (object.customMetadata?.key === undefined ? 0 : SEAL_BYTES);
	return { body: await openBody(vault, ref, object), bytes, receipt: receiptOf(object) };
}

function receiptOf(object: R2Object): Receipt {
	try {
		const receipt = JSON.parse(object.customMetadata?.receipt ?? "");
		if (Number.isFinite(receipt.receivedAt)) return { client: {}, ...receipt };
	} catch {
		// Written by hand or by another tool: the upload's own time is the next best.
	}
	return { receivedAt: object.uploaded.getTime(), client: {} };
}

/** A stored chunk as the index wants it. */
export interface IndexEntry {
	ref: ChunkRef;
	bytes: number;
	receipt: Receipt;
	summary: ChunkSummary;
}

/** How a batch becomes its index entry: pure, and passed in, because this room does not know how. */
export type Summarize = (batch: Batch, receipt: Receipt) => ChunkSummary;

/** Reads a chunk back from R2 and works out its index entry again; null when it is gone. */
export async function readEntry(vault: Vault, ref: ChunkRef, summarize: Summarize): Promise<IndexEntry | null> {
	const chunk = await getChunk(vault, ref);
	if (!chunk) return null;
	const batch = await new Response(chunk.body.pipeThrough(new DecompressionStream("gzip"))).json<Batch>();
	return { ref, bytes: chunk.bytes, receipt: chunk.receipt, summary: summarize(batch, chunk.receipt) };
}

/** Deletes by the thousand, R2's most for one call. Absent keys are no error. */
export async function deleteKeys(bucket: R2Bucket, keys: readonly string[]): Promise<void> {
	for (let i = 0; i < keys.length; i += 1000) await bucket.delete(keys.slice(i, i + 1000));
}

/** All keys below a prefix. Each thousand is one billed operation. */
export async function listKeys(bucket: R2Bucket, prefix: string): Promise<string[]> {
	const keys: string[] = [];
	let cursor: string | undefined;
	do {
		const page: R2Objects = await bucket.list({ prefix, cursor });
		for (const object of page.objects) keys.push(object.key);
		cursor = page.truncated ? page.cursor : undefined;
	} while (cursor);
	return keys;
}
