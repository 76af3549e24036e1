/** Asks both stores for something small. @throws when one does not answer */
export async function checkStores(db: D1Database, bucket: R2Bucket): Promise<void> {
	await Promise.all([db.prepare("SELECT 1 FROM sessions LIMIT 1").first(), bucket.head(".ready")]);
}

/** Whether D1 answers at all: then what it refused is what it will not take. */
export async function isD1Available(db: D1Database): Promise<boolean> {
	return db
		.prepare("SELECT 1")
		.first()
		.then(
			() => true,
			() => false,
		);
}
