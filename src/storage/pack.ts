import { brotliCompressSync, brotliDecompressSync, constants, crc32 } from "node:zlib";
import type { Receipt } from "../analytics/summary.ts";

/**
 * Format of packs: several chunks of a tab, compressed together with brotli. Unlike gzip, which looks back only 32 KB,
 * brotli finds snapshots that repeat. A decompressed pack is one line with the JSON of the list of `Entry`, followed by
 * the JSON of each batch, without separators.
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

/**
 * Limits of a decompressed pack in bytes, without its first line and in total, so that reading a pack takes only
 * milliseconds.
 */
export const MAX_PACK_JSON = 320 * 1024;
const MAX_UNPACKED = MAX_PACK_JSON + 64 * 1024;

/** Quality 4 takes half the time of 5, for a few percent more bytes. Brotli's default, 11, takes far longer. */
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

/** Returns the CRC-32 of a batch's JSON, which is also part of the chunk's ID. */
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
