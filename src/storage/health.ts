/** Checks that D1 and R2 respond. @throws when one does not */
export async function checkStores(db: D1Database, bucket: R2Bucket): Promise<void> {
	await Promise.all([db.prepare("SELECT 1 FROM sessions LIMIT 1").first(), bucket.head(".ready")]);
}

/** Returns whether D1 responds at all, to tell a rejected statement from an outage. */
export async function isD1Available(db: D1Database): Promise<boolean> {
	return db
		.prepare("SELECT 1")
		.first()
		.then(
			() => true,
			() => false,
		);
}
