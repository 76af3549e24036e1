/**
 * Chunks sealed at rest: AES-GCM with a key of the session's own, made from the operator's secret (HKDF, RFC 5869). The
 * object's key in R2 is sealed along, so that no chunk can take another's place. A sealed chunk is 12 bytes of nonce and
 * the ciphertext; the id of the secret stands beside it in the object's metadata.
 */

export interface EncryptionKey {
	id: string;
	secret: Uint8Array<ArrayBuffer>;
}

/** The secret that sealed a chunk is not among the operator's any more. */
export class MissingKeyError extends Error {
	readonly keyId: string;

	constructor(keyId: string) {
		super(`the chunk is encrypted with the key ${keyId}, which is not in ENCRYPTION_KEYS`);
		this.keyId = keyId;
	}
}

const NONCE_BYTES = 12;
/** What a seal adds: the nonce, and GCM's tag. */
export const ENCRYPTION_OVERHEAD_BYTES = NONCE_BYTES + 16;

/** @param owner whose chunk it is: the project and the session @param objectKey the object's key */
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

/** @throws MissingKey; and what WebCrypto throws of a chunk that is damaged, or not where it was put */
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

/** The last few sessions' keys: a session's batches come one after another. */
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
