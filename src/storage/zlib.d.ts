/** Types of the functions of workerd's `node:zlib` that the Worker uses. */
declare module "node:zlib" {
	export function brotliCompressSync(plain: Uint8Array, options: { params: Record<number, number> }): Uint8Array;
	/** @throws when the input is damaged or the output is longer than `maxOutputLength` */
	export function brotliDecompressSync(packed: Uint8Array, options: { maxOutputLength: number }): Uint8Array;
	export function deflateRawSync(plain: Uint8Array, options: RawOptions): Uint8Array;
	/** @throws when the input is damaged */
	export function inflateRawSync(packed: Uint8Array, options: RawOptions): Uint8Array;
	interface RawOptions {
		dictionary: Uint8Array;
		memLevel?: number;
	}
	export function crc32(bytes: Uint8Array): number;
	export const constants: Record<"BROTLI_PARAM_QUALITY" | "BROTLI_PARAM_SIZE_HINT", number>;
}
