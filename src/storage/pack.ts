import { brotliCompressSync, brotliDecompressSync, constants, crc32 } from "node:zlib";
import type { Receipt } from "../analytics/summary.ts";

/**
 * Format of packs: several chunks of a window in one brotli object. Brotli finds snapshots that repeat; gzip does not,
 * because its window of 32 KB is smaller than one snapshot. The decompressed content is one line with the JSON of the
 * entries, followed by the JSON of the batches, concatenated.
 */

export interface Packed {
	id: string;
	receipt: Receipt;
	/** Size of the chunk's gzip in bytes, as in its row. */
	bytes: number;
	/** JSON of the batch, byte for byte. */
	json: Uint8Array;
}

interface Entry extends Omit<Packed, "json"> {
	/** Length of the batch's JSON, in bytes. */
	length: number;
}

/** Limits of a pack's JSON, without and with the first line, in bytes. Reading a pack must take only milliseconds. */
export const MAX_PACK_JSON = 320 * 1024;
const MAX_UNPACKED = MAX_PACK_JSON + 64 * 1024;

/** Takes half the time of quality 5, for a few percent more bytes. Brotli's default, 11, takes far longer. */
const QUALITY = 4;
const LINE_END = 10;

export function pack(chunks: readonly Packed[]): Uint8Array {
	const entries: Entry[] = chunks.map(({ json, ...rest }) => ({ ...rest, length: json.length }));
	const plain = joined([new TextEncoder().encode(`${JSON.stringify(entries)}\n`), ...chunks.map(({ json }) => json)]);
	const params = { [constants.BROTLI_PARAM_QUALITY]: QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
	return brotliCompressSync(plain, { params });
}

/** @throws when the input is not a pack */
export function unpack(packed: Uint8Array): Packed[] {
	const plain = brotliDecompressSync(packed, { maxOutputLength: MAX_UNPACKED });
	let offset = plain.indexOf(LINE_END) + 1;
	const entries: Entry[] = JSON.parse(new TextDecoder().decode(plain.subarray(0, offset)));
	return entries.map(({ length, ...rest }) => {
		const json = plain.subarray(offset, offset + length);
		offset += length;
		if (json.length < length) throw new Error("a pack ends before its last chunk");
		return { ...rest, json };
	});
}

/** CRC-32, as in a chunk's ID. */
export function checksumOf(json: Uint8Array): number {
	return crc32(json);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
	const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
	let offset = 0;
	for (const part of parts) {
		whole.set(part, offset);
		offset += part.length;
	}
	return whole;
}
