/** Checks that D1 and R2 respond. @throws when one does not */
export async function checkStores(db: D1Database, bucket: R2Bucket): Promise<void> {
	await Promise.all([db.prepare("SELECT 1 FROM sessions LIMIT 1").first(), bucket.head(".ready")]);
}

/** Tells a rejected statement from an outage: returns whether D1 responds at all. */
export async function isD1Available(db: D1Database): Promise<boolean> {
	return db
		.prepare("SELECT 1")
		.first()
		.then(
			() => true,
			() => false,
		);
}
