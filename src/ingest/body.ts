import { fail } from "../http/errors.ts";

/** A body that is JSON, plain or gzip. Nothing is known of what it says. */
export interface Body {
	value: unknown;
	/** The JSON as it came, inflated, and its bytes. */
	text: string;
	bytes: Uint8Array;
	/** The bytes as they came, when they came as gzip. */
	gzip: Uint8Array | null;
}

/**
 * @param max bytes, as they come and inflated
 * @throws body_too_large, invalid_gzip, invalid_json
 */
export async function readBody(request: Request, max: number): Promise<Body> {
	const said = request.headers.get("content-length");
	if (Number(said ?? 0) > max) fail("body_too_large", { max });
	// HTTP holds a body to its length; one without is not known to end.
	const raw = said ? new Uint8Array(await request.arrayBuffer()) : await readAtMost(request.body, max);
	const isGzip = (raw[0] === 0x1f && raw[1] === 0x8b) || /^gzip$/i.test(request.headers.get("content-encoding") ?? "");
	const bytes = isGzip ? await inflate(raw, max) : raw;
	const text = textOf(bytes);
	return { value: parse(text), text, bytes, gzip: isGzip ? raw : null };
}

/** Stops reading as soon as it is too much: a bomb is never held in memory. */
async function readAtMost(stream: ReadableStream<Uint8Array> | null, max: number): Promise<Uint8Array> {
	const pieces: Uint8Array[] = [];
	let length = 0;
	for await (const piece of stream ?? []) {
		length += piece.byteLength;
		if (length > max) fail("body_too_large", { max });
		pieces.push(piece);
	}
	const whole = new Uint8Array(length);
	let at = 0;
	for (const piece of pieces) {
		whole.set(piece, at);
		at += piece.byteLength;
	}
	return whole;
}

/**
 * Into a buffer of the length that the gzip's last four bytes tell, filled in one go: piece by piece costs four times as
 * much. What is longer than it says is damaged.
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
		// Told below.
	}
	return fail("invalid_gzip");
}

/** Head and tail of an empty one; and as far as deflate can shrink anything. */
const MIN_GZIP_BYTES = 18;
const MAX_GZIP_RATIO = 1032;

function textOf(bytes: Uint8Array): string {
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
