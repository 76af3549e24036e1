import { MAX_ID_CHARS } from "./limits.ts";

const ID = new RegExp(`^[A-Za-z0-9_-]{1,${MAX_ID_CHARS}}$`);

/** Returns whether a value is a string of 1 to 128 ASCII letters, digits, `_` or `-`. Other types are not coerced. */
export function isId(value: unknown): value is string {
	return typeof value === "string" && ID.test(value);
}

/**
 * Returns a UUID version 7 (RFC 9562). Its first 48 bits are the time, so IDs sort by creation.
 * @param now epoch milliseconds
 * @param random 10 random bytes
 */
export function uuidv7(now: number, random: Uint8Array): string {
	const time = Math.max(0, Math.floor(now)).toString(16).padStart(12, "0").slice(-12);
	const byte = (i: number) => random[i] ?? 0;
	const hex = (n: number) => n.toString(16).padStart(2, "0");
	const tail = [hex(0x70 | (byte(0) & 0x0f)), hex(byte(1)), hex(0x80 | (byte(2) & 0x3f)), hex(byte(3))];
	for (let i = 4; i < 10; i++) tail.push(hex(byte(i)));
	const t = tail.join("");
	return `${time.slice(0, 8)}-${time.slice(8)}-${t.slice(0, 4)}-${t.slice(4, 8)}-${t.slice(8)}`;
}

/** Returns the creation time of a UUIDv7, in epoch milliseconds; null for any other ID. */
export function createdAtOf(id: string): number | null {
	const match = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.exec(id);
	return match ? Number.parseInt(match[1]! + match[2]!, 16) : null;
}

/**
 * Returns a number from 0 to 1 that depends on the ID only (FNV-1a), so that every isolate samples the same sessions.
 */
export function samplePointOf(id: string): number {
	let hash = 0x811c9dc5;
	for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
	// Mixes the bits, because the last characters hardly change the high bits of FNV-1a.
	hash ^= hash >>> 15;
	hash = Math.imul(hash, 0x2c1b3c6d);
	return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
