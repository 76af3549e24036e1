import { Hono } from "hono";
import { validator } from "hono/validator";
import type { Env } from "../env.ts";
import { fail } from "../http/errors.ts";
import { firstValues, parseCursor, withCursor } from "../http/params.ts";
import { listObjects, readObject, restoreExport, writeObject } from "../storage/backup.ts";
import { restoreTombstones } from "../storage/erasures.ts";

/** Header that contains the metadata of an object, as URI-encoded JSON. */
const METADATA_HEADER = "x-beside";

/** Limit of R2 for the name of an object. */
const MAX_KEY_BYTES = 1_024;

/** @throws invalid_parameter */
function keyOf({ key = "" }: { key?: string | undefined }): string {
	if (!key || new TextEncoder().encode(key).length > MAX_KEY_BYTES) fail("invalid_parameter", { name: "key" });
	return key;
}

/** Lists, reads and writes the objects in R2, for `npm run backup` and `npm run restore`. */
export const backup = new Hono<{ Bindings: Env }>()

	.get("/", validator("query", firstValues("cursor")), async (c) => {
		const page = await listObjects(c.env.CHUNKS, parseCursor(c.req.valid("query").cursor));
		return c.json(withCursor(page));
	})

	.get("/object", validator("query", firstValues("key")), async (c) => {
		const object = await readObject(c.env.CHUNKS, keyOf(c.req.valid("query")));
		if (!object) fail("chunk_not_found");
		return new Response(object.body, {
			headers: {
				"content-type": "application/octet-stream",
				"x-content-type-options": "nosniff",
				[METADATA_HEADER]: encodeURIComponent(JSON.stringify(object.metadata)),
			},
		});
	})

	/**
	 * Runs one step of restoring the nightly export; call again with the returned cursor until it is null. Must run after
	 * the ledger of erasures is written back to R2 and before any recording is, so that deleted sessions stay deleted.
	 */
	.post("/begin", validator("query", firstValues("cursor")), async (c) => {
		const after = parseCursor(c.req.valid("query").cursor);
		if (after === null) await restoreTombstones(c.env.DB, c.env.CHUNKS);
		return c.json(withCursor(await restoreExport(c.env.DB, c.env.CHUNKS, after)));
	})

	.put("/object", validator("query", firstValues("key")), async (c) => {
		const key = keyOf(c.req.valid("query"));
		let metadata: object;
		try {
			metadata = JSON.parse(decodeURIComponent(c.req.header(METADATA_HEADER) ?? "{}"));
		} catch {
			fail("invalid_parameter", { name: METADATA_HEADER });
		}
		return c.json({ stored: await writeObject(c.env.DB, c.env.CHUNKS, key, await c.req.arrayBuffer(), metadata) });
	});
