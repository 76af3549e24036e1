import { Hono } from "hono";
import { validator } from "hono/validator";
import { isId } from "../contract/ids.ts";
import { LEVELS } from "../contract/reports.ts";
import type { Env } from "../env.ts";
import { fail } from "../http/errors.ts";
import { countParam, firstValues, idParam, periodOf } from "../http/params.ts";
import { countLevels, findServerEvent, listServerEvents } from "../storage/server-events.ts";
import { projectOf, projectsIn } from "./scope.ts";

const PAGE = 50;
const MAX_PAGE = 200;

/** Events reported by servers. */
export const serverEvents = new Hono<{ Bindings: Env }>()

	/** `?project=&level=&q=&since=&until=&limit=&cursor=` → a page of events, newest first, and the count per level. */
	.get(
		"/",
		validator("query", firstValues("project", "level", "q", "since", "until", "limit", "cursor")),
		async (c) => {
			const query = c.req.valid("query");
			const project = projectOf(c.env, query.project);
			const level = LEVELS.find((it) => it === query.level);
			const filter = { ...periodOf(query), search: query.q?.trim() || undefined, level };
			if (query.cursor && !isId(query.cursor)) fail("invalid_parameter", { name: "cursor" });
			const limit = countParam(query.limit, PAGE, MAX_PAGE);
			const [page, counts] = await Promise.all([
				listServerEvents(c.env.DB, project, filter, limit, query.cursor || null),
				countLevels(c.env.DB, project, filter),
			]);
			return c.json({ ...page, counts, ...projectsIn(c.env, project) });
		},
	)

	.get("/:id", validator("query", firstValues("project")), async (c) => {
		const project = projectOf(c.env, c.req.valid("query").project);
		const event = await findServerEvent(c.env.DB, project, idParam(c.req.param("id")));
		return c.json({ event: event ?? fail("event_not_found"), ...projectsIn(c.env, project) });
	});
