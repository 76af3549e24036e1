import { Hono } from "hono";
import { validator } from "hono/validator";
import { MAX_LABEL_CHARS, MAX_LABELS } from "../contract/limits.ts";
import { isRecord } from "../contract/redact.ts";
import type { Env } from "../env.ts";
import { fail } from "../http/errors.ts";
import { firstValues } from "../http/params.ts";
import { changeMark, type MarkChanges } from "../storage/marks.ts";
import { sessionOf } from "./sessions.ts";

/** A session's star, labels and viewed state. Responses that contain the session also contain these. */
export const marks = new Hono<{ Bindings: Env }>()

	/** Changes a session's mark. Body: `{starred?, labels?, viewed?: true}`; omitted fields do not change. */
	.put("/:sid/mark", validator("query", firstValues("project")), validator("json", changesOf), async (c) => {
		const { project, id } = await sessionOf(c.env, c.req.param("sid"), c.req.valid("query").project);
		const mark = await changeMark(c.env.DB, project, id, c.req.valid("json"), Date.now());
		return c.json({ mark: mark ?? fail("session_not_found") });
	});

/** @throws invalid_parameter, invalid_label, too_many_labels */
function changesOf(body: unknown): MarkChanges {
	if (!isRecord(body)) fail("invalid_parameter", { name: "mark" });
	const changes: MarkChanges = {};
	const { starred, labels, viewed } = body;
	if (starred !== undefined) {
		if (typeof starred !== "boolean") fail("invalid_parameter", { name: "starred" });
		changes.starred = starred;
	}
	if (viewed !== undefined) {
		if (viewed !== true) fail("invalid_parameter", { name: "viewed" });
		changes.viewed = viewed;
	}
	if (labels !== undefined) {
		if (!Array.isArray(labels)) fail("invalid_parameter", { name: "labels" });
		const trimmed = [...new Set(labels.map((label) => (typeof label === "string" ? label.trim() : "")))];
		if (trimmed.some((it) => !it || it.length > MAX_LABEL_CHARS)) fail("invalid_label", { max: MAX_LABEL_CHARS });
		if (trimmed.length > MAX_LABELS) fail("too_many_labels", { max: MAX_LABELS });
		changes.labels = trimmed;
	}
	return changes;
}
