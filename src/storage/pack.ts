import { brotliCompressSync, brotliDecompressSync, constants, crc32 } from "node:zlib";
import type { Receipt } from "../analytics/summary.ts";

/**
 * Several chunks of one window as one object: brotli, which looks back far enough to know a page again, where gzip's 32 KB
 * are less than one snapshot. Its first line is JSON and tells what is in it; then come the batches' JSON, one after the
 * other.
 */

export interface Packed {
	id: string;
	receipt: Receipt;
	/** Of its gzip, as the index knows it. */
	bytes: number;
	/** The batch's JSON, as it was to the letter. */
	json: Uint8Array;
}

interface Entry extends Omit<Packed, "json"> {
	/** Of its JSON, bytes. */
	length: number;
}

/** Of the JSON of a pack's chunks, and the line about them: to read one takes some milliseconds. */
export const MAX_PACK_JSON = 320 * 1024;
const MAX_UNPACKED = MAX_PACK_JSON + 64 * 1024;

/** Half of the time of brotli's usual ways, for a twentieth more. */
const QUALITY = 4;
const LINE_END = 10;

export function pack(chunks: readonly Packed[]): Uint8Array {
	const entries: Entry[] = chunks.map(({ json, ...rest }) => ({ ...rest, length: json.length }));
	const plain = joined([new TextEncoder().encode(`${JSON.stringify(entries)}\n`), ...chunks.map(({ json }) => json)]);
	const params = { [constants.BROTLI_PARAM_QUALITY]: QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
	return brotliCompressSync(plain, { params });
}

/** @throws of what is no pack */
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

/** As in a chunk's id. */
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
