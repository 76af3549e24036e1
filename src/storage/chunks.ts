import type { ChunkSummary, Receipt } from "../analytics/summary.ts";
import { isId } from "../contract/ids.ts";
import type { Batch } from "../contract/wire.ts";
import { decrypt, ENCRYPTION_OVERHEAD_BYTES, type EncryptionKey, encrypt } from "./encryption.ts";
import { type Packed, unpack } from "./pack.ts";

/**
 * Chunks in R2: the events, immutable, the source of truth; gzip, each an object of its own, and some days later several in
 * a pack. Keys are made and read here and nowhere else.
 */

export interface ChunkRef {
	project: string;
	/** UTC day of receipt, yyyymmdd. */
	day: number;
	sessionId: string;
	windowId: string;
	/** `{first timestamp, 13 digits}-{seq, 5 digits, or x}-{CRC-32 of the inflated, redacted body, 8 hex digits}` */
	id: string;
	/** The first chunk's id of the pack that this one is in; none: it is an object of its own. */
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

/** Its own object, and the pack that may be named by it. */
export function possibleKeys(ref: ChunkRef): string[] {
	return [chunkKey({ ...ref, pack: null }), chunkKey({ ...ref, pack: ref.id })];
}

/** The CRC-32 of its batch's JSON. */
export function checksumIn(id: string): number {
	return Number.parseInt(id.slice(-8), 16);
}

/** −1 for a foreign recorder's chunk, which carries no number. */
export function seqOf(id: string): number {
	const part = id.split("-")[1];
	return part === undefined || part === "x" ? -1 : Number(part);
}

export function isChunkId(value: string): boolean {
	return CHUNK_ID.test(value);
}

/** Of the object that the chunk is in. */
export function chunkKey({ project, day, sessionId, windowId, id, pack }: ChunkRef): string {
	return `${dayPrefix(project, day)}${sessionId}/${windowId}/${pack ? pack + PACK : id}`;
}

export function dayPrefix(project: string, day: number): string {
	return `${project}/${day}/`;
}

/** Of a pack its first chunk. */
export function parseChunkKey(key: string): ChunkRef | null {
	const [project, day, sessionId, windowId, name, rest] = key.split("/");
	if (rest !== undefined || !isId(project) || !isId(sessionId) || !isId(windowId)) return null;
	const isPack = name?.endsWith(PACK);
	const id = isPack ? name!.slice(0, -PACK.length) : name;
	if (!/^\d{8}$/.test(day ?? "") || !id || !isChunkId(id)) return null;
	return { project, day: Number(day), sessionId, windowId, id, ...(isPack && { pack: id }) };
}

/** The chunks, and the packs' first ones, among these keys; others are none of ours. */
export function chunkRefs(keys: readonly string[]): ChunkRef[] {
	return keys.map(parseChunkKey).filter((ref) => ref !== null);
}

/**
 * Create-only: the very same chunk put twice is one object.
 * @returns whether this call created it
 * @throws when R2 does not answer
 */
export async function putChunk(store: ChunkStore, ref: ChunkRef, gzip: Uint8Array, receipt: Receipt): Promise<boolean> {
	const onlyIf = { etagDoesNotMatch: "*" };
	return (await putObject(store, ref, gzip, { wire: "1", receipt: JSON.stringify(receipt) }, onlyIf)) !== null;
}

/** @returns whether there was none. @throws when R2 does not answer */
export async function putPack(store: ChunkStore, ref: ChunkRef, packed: Uint8Array): Promise<boolean> {
	return (await putObject(store, ref, packed, { wire: "1" }, { etagDoesNotMatch: "*" })) !== null;
}

/** R2, and the keys that open what is in it, newest first; none: chunks are stored as they are. */
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
 * Seals a chunk, or a pack, with the newest key, or opens it when there is none.
 * @returns whether it had to be; false as well when it is gone
 * @throws MissingKey
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

/** The gzip, or the pack, in an object. @throws MissingKey */
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
	/** The batch's JSON; gzip, as the browser made it, but for one that was in a pack. */
	body: ReadableStream<Uint8Array>;
	isGzip: boolean;
	/** The first chunk's id of the pack that it was in. */
	pack?: string | undefined;
	/** Of the gzip, sealed or not. */
	bytes: number;
	receipt: Receipt;
}

/** The batch's JSON, to be read by `json()` or `text()`, or passed on. */
export function inflate({ body, isGzip }: StoredChunk): Response {
	return new Response(isGzip ? body.pipeThrough(new DecompressionStream("gzip")) : body);
}

/** One of some. @throws MissingKey */
export type ReadChunk = (ref: ChunkRef) => Promise<StoredChunk | null>;

/** Reads chunks one after another: a pack is fetched once for all of them that follow each other. */
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
		// Beside the pack, if it came later, or R2 is as it was before.
		const standalone = { ...ref, pack: null };
		const object = await store.bucket.get(chunkKey(standalone));
		if (object) {
			const body = await openBody(store, standalone, object);
			return { body, isGzip: true, bytes: plainSize(object), receipt: parseReceipt(object) };
		}
		// It was packed since the caller asked where it is, or D1 is as it was before.
		const pack = await findPack(store, ref);
		return pack && pack !== ref.pack ? readFromPack({ ...ref, pack }) : null;
	};
}

/** The pack of a chunk's window that may hold it: the last one that begins before. */
async function findPack({ bucket }: ChunkStore, ref: ChunkRef): Promise<string | null> {
	const window = chunkKey({ ...ref, id: "", pack: null });
	const packs = chunkRefs(await listKeys(bucket, window)).flatMap(({ pack }) => pack ?? []);
	return packs.findLast((first) => first <= ref.id) ?? null;
}

/** Without a seal. */
function plainSize(object: R2Object): number {
	return object.size - (object.customMetadata?.key === undefined ? 0 : ENCRYPTION_OVERHEAD_BYTES);
}

/** What a pack weighs, without a seal; null when it is gone. */
export async function packSize({ bucket }: ChunkStore, ref: ChunkRef): Promise<number | null> {
	const object = await bucket.head(chunkKey(ref));
	return object && plainSize(object);
}

/** What is in a pack; null when it is gone. @throws MissingKey */
export async function readPack(store: ChunkStore, ref: ChunkRef): Promise<Packed[] | null> {
	const object = await store.bucket.get(chunkKey(ref));
	return object && unpack(await readBytes(await openBody(store, ref, object)));
}

/** @throws MissingKey */
export function getChunk(store: ChunkStore, ref: ChunkRef): Promise<StoredChunk | null> {
	return chunkReader(store)(ref);
}

function parseReceipt(object: R2Object): Receipt {
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
export async function readEntry(store: ChunkStore, ref: ChunkRef, summarize: Summarize): Promise<IndexEntry | null> {
	const chunk = await getChunk(store, ref);
	if (!chunk) return null;
	const batch = await inflate(chunk).json<Batch>();
	return { ref, bytes: chunk.bytes, receipt: chunk.receipt, summary: summarize(batch, chunk.receipt) };
}

/** The same of the chunks of a pack. */
export function entriesIn(ref: ChunkRef, chunks: readonly Packed[], summarize: Summarize): IndexEntry[] {
	return chunks.map(({ id, receipt, bytes, json }) => ({
		...{ ref: { ...ref, id, pack: null }, bytes, receipt },
		summary: summarize(JSON.parse(new TextDecoder().decode(json)), receipt),
	}));
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
