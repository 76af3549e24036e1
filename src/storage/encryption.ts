/**
 * Encryption of chunks at rest: AES-GCM with one key per session, derived from the operator's secret with HKDF (RFC
 * 5869). The object's key in R2 is authenticated as additional data, so that chunks cannot be swapped. An encrypted
 * chunk is a 12-byte nonce followed by the ciphertext; the object's metadata names the secret by its ID.
 */

export interface EncryptionKey {
	id: string;
	secret: Uint8Array<ArrayBuffer>;
}

/** Thrown when the secret that a chunk was encrypted with is not configured. */
export class MissingKeyError extends Error {
	readonly keyId: string;

	constructor(keyId: string) {
		super(`the chunk is encrypted with the key ${keyId}, which is not in ENCRYPTION_KEYS`);
		this.keyId = keyId;
	}
}

const NONCE_BYTES = 12;
/** Bytes that encryption adds: nonce and GCM tag. */
export const ENCRYPTION_OVERHEAD_BYTES = NONCE_BYTES + 16;

/**
 * Encrypts a chunk or pack.
 * @param owner project and session, from which the session's key is derived
 * @param objectKey key of the object in R2
 */
export async function encrypt(
	key: EncryptionKey,
	owner: string,
	objectKey: string,
	plain: Uint8Array,
): Promise<Uint8Array> {
	const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
	const ciphertext = await crypto.subtle.encrypt(paramsOf(nonce, objectKey), await deriveKey(key, owner), plain);
	const content = new Uint8Array(NONCE_BYTES + ciphertext.byteLength);
	content.set(nonce);
	content.set(new Uint8Array(ciphertext), NONCE_BYTES);
	return content;
}

/**
 * Decrypts a chunk or pack.
 * @throws MissingKeyError; WebCrypto's OperationError if the object is damaged or was moved to another key in R2
 */
export async function decrypt(
	keys: readonly EncryptionKey[],
	keyId: string,
	owner: string,
	objectKey: string,
	content: Uint8Array,
): Promise<Uint8Array> {
	const key = keys.find(({ id }) => id === keyId);
	if (!key) throw new MissingKeyError(keyId);
	const params = paramsOf(content.slice(0, NONCE_BYTES), objectKey);
	return new Uint8Array(await crypto.subtle.decrypt(params, await deriveKey(key, owner), content.slice(NONCE_BYTES)));
}

const paramsOf = (iv: Uint8Array, objectKey: string) => ({
	name: "AES-GCM",
	iv,
	additionalData: new TextEncoder().encode(objectKey),
});

/** Caches derived keys, because many batches of a session follow each other. */
const derivedKeys = new Map<string, Promise<CryptoKey>>();
const MAX_DERIVED_KEYS = 200;

function deriveKey({ id, secret }: EncryptionKey, owner: string): Promise<CryptoKey> {
	const name = `${id} ${owner}`;
	let key = derivedKeys.get(name);
	if (!key) {
		if (derivedKeys.size >= MAX_DERIVED_KEYS) derivedKeys.clear();
		key = crypto.subtle
			.importKey("raw", secret, "HKDF", false, ["deriveKey"])
			.then((base) =>
				crypto.subtle.deriveKey(
					{ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: new TextEncoder().encode(`chunk ${owner}`) },
					base,
					{ name: "AES-GCM", length: 256 },
					false,
					["encrypt", "decrypt"],
				),
			);
		derivedKeys.set(name, key);
	}
	return key;
}
