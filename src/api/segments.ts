import { Hono } from "hono";
import { validator } from "hono/validator";
import { filterOf } from "../contract/filter.ts";
import { MAX_SEGMENT_NAME_CHARS, MAX_SEGMENTS } from "../contract/limits.ts";
import { isRecord } from "../contract/redact.ts";
import type { Env } from "../env.ts";
import { fail } from "../http/errors.ts";
import { firstValues, idParam } from "../http/params.ts";
import { deleteSegment, listSegments, saveSegment } from "../storage/segments.ts";
import { projectOf } from "./scope.ts";

const inProject = validator("query", firstValues("project"));

/** Saved segments (named filters) of the project `?project=` (default: the first project). */
export const segments = new Hono<{ Bindings: Env }>()

	.get("/", inProject, async (c) =>
		c.json({ segments: await listSegments(c.env.DB, projectOf(c.env, c.req.valid("query").project)) }),
	)

	/** Saves a segment or replaces the one with the same name. Body: `{name, query}`; `query` is a URL query string. */
	.post("/", inProject, validator("json", segmentOf), async (c) => {
		const { name, query } = c.req.valid("json");
		const project = projectOf(c.env, c.req.valid("query").project);
		const segment = { id: crypto.randomUUID(), name, query };
		if (!(await saveSegment(c.env.DB, project, segment, MAX_SEGMENTS, Date.now()))) {
			fail("too_many_segments", { max: MAX_SEGMENTS });
		}
		return c.json({ segment });
	})

	.delete("/:id", inProject, async (c) => {
		await deleteSegment(c.env.DB, projectOf(c.env, c.req.valid("query").project), idParam(c.req.param("id")));
		return c.json({ deleted: true });
	});

/** @throws invalid_parameter */
function segmentOf(body: unknown): { name: string; query: string } {
	const { name, query } = isRecord(body) ? body : {};
	const title = typeof name === "string" ? name.trim() : "";
	if (!title || title.length > MAX_SEGMENT_NAME_CHARS) fail("invalid_parameter", { name: "name" });
	const filter = filterOf(Object.fromEntries(new URLSearchParams(typeof query === "string" ? query : "")));
	if (!Object.keys(filter).length) fail("invalid_parameter", { name: "query" });
	return { name: title, query: new URLSearchParams(filter).toString() };
}
