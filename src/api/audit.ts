import { Hono } from "hono";
import { validator } from "hono/validator";
import type { Env } from "../env.ts";
import { firstValues } from "../http/params.ts";
import { listAudit } from "../storage/audit.ts";
import { projectsOf } from "./sessions.ts";

const MAX_ENTRIES = 500;

/** Audit log of share links and exported recordings: the newest entries of each project. */
export const audit = new Hono<{ Bindings: Env }>().get("/", validator("query", firstValues("project")), async (c) => {
	const entries = [];
	for (const project of projectsOf(c.env, c.req.valid("query").project)) {
		for (const { id: _, ...entry } of await listAudit(c.env.DB, project, MAX_ENTRIES)) entries.push(entry);
	}
	return c.json({ entries });
});
