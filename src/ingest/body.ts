import { fail } from "../http/errors.ts";

/** Parsed JSON body, sent plain or as gzip. The content is not validated. */
export interface Body {
	value: unknown;
	/** The JSON after decompression, unchanged, as text and as bytes. */
	text: string;
	bytes: Uint8Array;
	/** The gzip as sent; null if the body was sent plain. */
	gzip: Uint8Array | null;
}

/**
 * Reads a JSON body.
 * @param max limit in bytes, for the body as sent and after decompression
 * @throws body_too_large, invalid_gzip, invalid_json
 */
export async function readBody(request: Request, max: number): Promise<Body> {
	const contentLength = request.headers.get("content-length");
	if (Number(contentLength ?? 0) > max) fail("body_too_large", { max });
	// A body cannot be longer than its Content-Length, which is checked above. Without this header, the body may never
	// end.
	const raw = contentLength ? new Uint8Array(await request.arrayBuffer()) : await readAtMost(request.body, max);
	const isGzip = (raw[0] === 0x1f && raw[1] === 0x8b) || /^gzip$/i.test(request.headers.get("content-encoding") ?? "");
	const bytes = isGzip ? await inflate(raw, max) : raw;
	const text = decodeUtf8(bytes);
	return { value: parse(text), text, bytes, gzip: isGzip ? raw : null };
}

/** Reads a stream up to the limit, so that an oversized body is never held in memory. */
async function readAtMost(stream: ReadableStream<Uint8Array> | null, max: number): Promise<Uint8Array> {
	const pieces: Uint8Array[] = [];
	let length = 0;
	for await (const piece of stream ?? []) {
		length += piece.byteLength;
		if (length > max) fail("body_too_large", { max });
		pieces.push(piece);
	}
	const bytes = new Uint8Array(length);
	let offset = 0;
	for (const piece of pieces) {
		bytes.set(piece, offset);
		offset += piece.byteLength;
	}
	return bytes;
}

/**
 * Decompresses a gzip into one buffer, because reading piece by piece costs four times as much. The last four bytes of
 * a gzip contain the length of its content; a gzip with longer content is rejected as damaged.
 */
async function inflate(gzip: Uint8Array, max: number): Promise<Uint8Array> {
	if (gzip.length < MIN_GZIP_BYTES) fail("invalid_gzip");
	const length = new DataView(gzip.buffer, gzip.byteOffset + gzip.length - 4, 4).getUint32(0, true);
	if (length > gzip.length * MAX_GZIP_RATIO) fail("invalid_gzip");
	if (length > max) fail("body_too_large", { max });
	try {
		const inflated = new Blob([gzip]).stream().pipeThrough(new DecompressionStream("gzip"));
		const reader = inflated.getReader({ mode: "byob" });
		const { value } = await reader.readAtLeast(length + 1, new Uint8Array(length + 1));
		if (value?.byteLength === length) return value;
		await reader.cancel();
	} catch {
		// A damaged gzip is rejected below.
	}
	return fail("invalid_gzip");
}

/** Length of the header and trailer of a gzip, in bytes. */
const MIN_GZIP_BYTES = 18;
/** The highest compression ratio of deflate. */
const MAX_GZIP_RATIO = 1032;

function decodeUtf8(bytes: Uint8Array): string {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		return fail("invalid_json");
	}
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return fail("invalid_json");
	}
}
