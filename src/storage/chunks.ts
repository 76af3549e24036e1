import type { ChunkSummary, Receipt } from "../analytics/summary.ts";
import { isId } from "../contract/ids.ts";
import type { Batch } from "../contract/wire.ts";
import { decrypt, ENCRYPTION_OVERHEAD_BYTES, type EncryptionKey, encrypt } from "./encryption.ts";
import { type Packed, unpack } from "./pack.ts";

/**
 * Chunks in R2: immutable batches of events, the source of truth. A chunk is first stored as a gzip object of its own;
 * after some days, several chunks are combined into a pack. Only this file builds and parses the keys of these objects.
 */

export interface ChunkRef {
	project: string;
	/** UTC day of receipt, yyyymmdd. */
	day: number;
	sessionId: string;
	windowId: string;
	/** `{first timestamp, 13 digits}-{seq, 5 digits, or x}-{CRC-32 of the inflated, redacted body, 8 hex digits}` */
	id: string;
	/** ID of the first chunk in this chunk's pack; absent or null: the chunk has its own object. */
	pack?: string | null;
}

const CHUNK_ID = /^\d{13}-(?:\d{5}|x)-[0-9a-f]{8}$/;
const MAX_SEQ = 99_999;
const PACK = ".pack";

export function chunkId(firstTimestamp: number, seq: number | undefined, checksum: string): string {
	const first = String(Math.min(Math.max(Math.trunc(firstTimestamp), 0), 9_999_999_999_999)).padStart(13, "0");
	const seqPart = seq === undefined ? "x" : String(Math.min(seq, MAX_SEQ)).padStart(5, "0");
	return `${first}-${seqPart}-${checksum}`;
}

/** Returns the keys of objects that may exist for a chunk: its own object, and a pack that starts with the chunk. */
export function possibleKeys(ref: ChunkRef): string[] {
	return [chunkKey({ ...ref, pack: null }), chunkKey({ ...ref, pack: ref.id })];
}

/** Returns the CRC-32 of the batch's JSON, from the chunk's ID. */
export function checksumFromId(id: string): number {
	return Number.parseInt(id.slice(-8), 16);
}

/** Returns the batch number in a chunk's ID; −1 if a third-party recorder sent the batch without a number. */
export function seqOf(id: string): number {
	const part = id.split("-")[1];
	return part === undefined || part === "x" ? -1 : Number(part);
}

export function isChunkId(value: string): boolean {
	return CHUNK_ID.test(value);
}

/** Returns the key of the object that contains the chunk. */
export function chunkKey({ project, day, sessionId, windowId, id, pack }: ChunkRef): string {
	return `${dayPrefix(project, day)}${sessionId}/${windowId}/${pack ? pack + PACK : id}`;
}

export function dayPrefix(project: string, day: number): string {
	return `${project}/${day}/`;
}

/** Parses the key of a chunk or pack. For a pack, returns the pack's first chunk; for any other key, null. */
export function parseChunkKey(key: string): ChunkRef | null {
	const [project, day, sessionId, windowId, name, rest] = key.split("/");
	if (rest !== undefined || !isId(project) || !isId(sessionId) || !isId(windowId)) return null;
	const isPack = name?.endsWith(PACK);
	const id = isPack ? name!.slice(0, -PACK.length) : name;
	if (!/^\d{8}$/.test(day ?? "") || !id || !isChunkId(id)) return null;
	return { project, day: Number(day), sessionId, windowId, id, ...(isPack && { pack: id }) };
}

/** Parses keys with `parseChunkKey`, and leaves out the keys of objects that are neither chunks nor packs. */
export function chunkRefs(keys: readonly string[]): ChunkRef[] {
	return keys.map(parseChunkKey).filter((ref) => ref !== null);
}

/**
 * Stores a chunk unless it exists.
 * @returns whether this call created it
 * @throws when R2 does not answer
 */
export async function putChunk(store: ChunkStore, ref: ChunkRef, gzip: Uint8Array, receipt: Receipt): Promise<boolean> {
	const onlyIf = { etagDoesNotMatch: "*" };
	return (await putObject(store, ref, gzip, { wire: "1", receipt: JSON.stringify(receipt) }, onlyIf)) !== null;
}

/** Stores a pack unless it exists. @returns whether this call created it @throws when R2 does not answer */
export async function putPack(store: ChunkStore, ref: ChunkRef, packed: Uint8Array): Promise<boolean> {
	return (await putObject(store, ref, packed, { wire: "1" }, { etagDoesNotMatch: "*" })) !== null;
}

/** R2 bucket, and the encryption keys, newest first. Without keys, chunks are stored unencrypted. */
export interface ChunkStore {
	bucket: R2Bucket;
	keys: readonly EncryptionKey[];
}

const encryptionOwner = ({ project, sessionId }: ChunkRef) => `${project}/${sessionId}`;

async function putObject(
	{ bucket, keys: [newest] }: ChunkStore,
	ref: ChunkRef,
	content: Uint8Array,
	customMetadata: Record<string, string>,
	onlyIf: R2Conditional,
): Promise<R2Object | null> {
	const objectKey = chunkKey(ref);
	const httpMetadata = { contentType: "application/octet-stream" };
	if (!newest) {
		const asJson = { contentType: "application/json", contentEncoding: "gzip" };
		return bucket.put(objectKey, content, { onlyIf, httpMetadata: ref.pack ? httpMetadata : asJson, customMetadata });
	}
	const encrypted = await encrypt(newest, encryptionOwner(ref), objectKey, content);
	return bucket.put(objectKey, encrypted, {
		onlyIf,
		httpMetadata,
		customMetadata: { ...customMetadata, key: newest.id },
	});
}

/**
 * Re-encrypts a chunk or pack with the newest key.
 * @returns whether the object was rewritten; false if it already has the newest key or no longer exists
 * @throws MissingKeyError
 */
export async function reencryptChunk(store: ChunkStore, ref: ChunkRef): Promise<boolean> {
	const object = await store.bucket.get(chunkKey(ref));
	if (!object || object.customMetadata?.key === store.keys[0]?.id) return false;
	const { key: _, ...customMetadata } = object.customMetadata ?? {};
	const content = await readBytes(await openBody(store, ref, object));
	return (await putObject(store, ref, content, customMetadata, { etagMatches: object.etag })) !== null;
}

async function readBytes(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
	return new Uint8Array(await new Response(body).arrayBuffer());
}

/** Returns the content of an object (a gzip or a pack), decrypted. @throws MissingKeyError */
async function openBody(
	{ keys }: ChunkStore,
	ref: ChunkRef,
	object: R2ObjectBody,
): Promise<ReadableStream<Uint8Array>> {
	const keyId = object.customMetadata?.key;
	if (keyId === undefined) return object.body;
	const encrypted = new Uint8Array(await object.arrayBuffer());
	const decrypted = await decrypt(keys, keyId, encryptionOwner(ref), chunkKey(ref), encrypted);
	return new Blob([decrypted]).stream();
}

export interface StoredChunk {
	/** JSON of the batch: gzip as stored, or uncompressed if it was read from a pack. */
	body: ReadableStream<Uint8Array>;
	isGzip: boolean;
	/** ID of the first chunk in the pack that this chunk was read from. */
	pack?: string | undefined;
	/** Size of the chunk's gzip in bytes, without encryption, even if the chunk was read from a pack. */
	bytes: number;
	receipt: Receipt;
}

/** Returns a response with the batch's JSON as its body, decompressed. */
export function jsonResponseOf({ body, isGzip }: StoredChunk): Response {
	return new Response(isGzip ? body.pipeThrough(new DecompressionStream("gzip")) : body);
}

/** Reads a chunk; null when it does not exist. @throws MissingKeyError */
export type ReadChunk = (ref: ChunkRef) => Promise<StoredChunk | null>;

/** Returns a function that reads chunks and caches the last pack, so that consecutive chunks fetch each pack once. */
export function chunkReader(store: ChunkStore): ReadChunk {
	let cached = { key: "", chunks: [] as Packed[] };
	const readFromPack = async (ref: ChunkRef): Promise<StoredChunk | null> => {
		const key = chunkKey(ref);
		if (cached.key !== key) cached = { key, chunks: (await readPack(store, ref)) ?? [] };
		const found = cached.chunks.find(({ id }) => id === ref.id);
		if (!found) return null;
		const { bytes, receipt, json } = found;
		return { body: new Blob([json]).stream(), isGzip: false, pack: ref.pack ?? undefined, bytes, receipt };
	};
	return async (ref) => {
		const packed = ref.pack ? await readFromPack(ref) : null;
		if (packed) return packed;
		// The chunk has no pack, or is missing in its pack: it arrived later, or R2 was restored to an earlier state.
		const standalone = { ...ref, pack: null };
		const object = await store.bucket.get(chunkKey(standalone));
		if (object) {
			const body = await openBody(store, standalone, object);
			return { body, isGzip: true, bytes: plainSize(object), receipt: parseReceipt(object) };
		}
		// The chunk was packed after the caller read its row, or D1 was restored to an earlier state.
		const pack = await findPack(store, ref);
		return pack && pack !== ref.pack ? readFromPack({ ...ref, pack }) : null;
	};
}

/** Finds the pack that may contain a chunk: the last pack of its window that starts with this or an earlier chunk. */
async function findPack({ bucket }: ChunkStore, ref: ChunkRef): Promise<string | null> {
	const window = chunkKey({ ...ref, id: "", pack: null });
	const packs = chunkRefs(await listKeys(bucket, window)).flatMap(({ pack }) => pack ?? []);
	return packs.findLast((first) => first <= ref.id) ?? null;
}

/** Returns an object's size without encryption. */
function plainSize(object: R2Object): number {
	return object.size - (object.customMetadata?.key === undefined ? 0 : ENCRYPTION_OVERHEAD_BYTES);
}

/** Returns a pack's size without encryption; null when it does not exist. */
export async function packSize({ bucket }: ChunkStore, ref: ChunkRef): Promise<number | null> {
	const object = await bucket.head(chunkKey(ref));
	return object && plainSize(object);
}

/** Reads the chunks of a pack; null when it does not exist. @throws MissingKeyError */
export async function readPack(store: ChunkStore, ref: ChunkRef): Promise<Packed[] | null> {
	const object = await store.bucket.get(chunkKey(ref));
	return object && unpack(await readBytes(await openBody(store, ref, object)));
}

/** Reads one chunk; null when it does not exist. @throws MissingKeyError */
export function getChunk(store: ChunkStore, ref: ChunkRef): Promise<StoredChunk | null> {
	return chunkReader(store)(ref);
}

function parseReceipt(object: R2Object): Receipt {
	try {
		const receipt = JSON.parse(object.customMetadata?.receipt ?? "");
		if (Number.isFinite(receipt.receivedAt)) return { client: {}, ...receipt };
	} catch {
		// Another tool wrote the object, without a receipt. Its upload time is the best approximation.
	}
	return { receivedAt: object.uploaded.getTime(), client: {} };
}

/** Data that `indexChunk` writes for a chunk. */
export interface IndexEntry {
	ref: ChunkRef;
	bytes: number;
	receipt: Receipt;
	summary: ChunkSummary;
}

/** Pure function that summarizes a batch. Callers pass it in, because storage imports only types from analytics. */
export type Summarize = (batch: Batch, receipt: Receipt) => ChunkSummary;

/** Computes the index entry of a chunk from R2; null when the chunk does not exist. */
export async function readEntry(store: ChunkStore, ref: ChunkRef, summarize: Summarize): Promise<IndexEntry | null> {
	const chunk = await getChunk(store, ref);
	if (!chunk) return null;
	const batch = await jsonResponseOf(chunk).json<Batch>();
	return { ref, bytes: chunk.bytes, receipt: chunk.receipt, summary: summarize(batch, chunk.receipt) };
}

/** Computes the index entries of the chunks in a pack. @param ref the pack */
export function entriesIn(ref: ChunkRef, chunks: readonly Packed[], summarize: Summarize): IndexEntry[] {
	return chunks.map(({ id, receipt, bytes, json }) => ({
		...{ ref: { ...ref, id, pack: null }, bytes, receipt },
		summary: summarize(JSON.parse(new TextDecoder().decode(json)), receipt),
	}));
}

/** Deletes objects, a thousand per call, which is R2's limit. Absent keys are not an error. */
export async function deleteKeys(bucket: R2Bucket, keys: readonly string[]): Promise<void> {
	for (let i = 0; i < keys.length; i += 1000) await bucket.delete(keys.slice(i, i + 1000));
}

/** Returns all keys with a prefix. Every thousand keys are one billed operation. */
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
