import { brotliCompressSync, brotliDecompressSync, constants, crc32 } from "node:zlib";
import type { Receipt } from "../analytics/summary.ts";

/**
 * Format of packs: several chunks of a window in one brotli object. Brotli finds snapshots that repeat; gzip
 * does not, because its window of 32 KB is smaller than one snapshot. The first line is JSON of the entries; the
 * batches' JSON follows, concatenated.
 */

export interface Packed {
	id: string;
	receipt: Receipt;
	/** Size of its gzip, as in the row. */
	bytes: number;
	/** JSON of the batch, byte for byte. */
	json: Uint8Array;
}

interface Entry extends Omit<Packed, "json"> {
	/** Bytes of JSON. */
	length: number;
}

/** Limits of JSON in a pack, without and with the first line, in bytes: reading that much takes some milliseconds. */
export const MAX_PACK_JSON = 320 * 1024;
const MAX_UNPACKED = MAX_PACK_JSON + 64 * 1024;

/** Takes half the time of brotli's default quality, for 5% more bytes. */
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
	let at = plain.indexOf(LINE_END) + 1;
	const entries: Entry[] = JSON.parse(new TextDecoder().decode(plain.subarray(0, at)));
	return entries.map(({ length, ...rest }) => {
		const json = plain.subarray(at, at + length);
		at += length;
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
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}
