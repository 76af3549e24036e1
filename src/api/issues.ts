import { Hono } from "hono";
import { validator } from "hono/validator";
import { isId } from "../contract/ids.ts";
import { isRecord } from "../contract/redact.ts";
import { ISSUE_STATUSES } from "../contract/reports.ts";
import type { Env } from "../env.ts";
import { fail } from "../http/errors.ts";
import { choiceParam, countParam, decodeCursor, encodeCursor, firstValues, idParam, periodOf } from "../http/params.ts";
import {
	countIssues,
	findIssue,
	ISSUE_SORTS,
	type IssueCursor,
	listIssues,
	listOccurrences,
	readOccurrenceStats,
	setIssueStatus,
} from "../storage/issues.ts";
import { projectOf, projectsIn } from "./scope.ts";

const PAGE = 50;
const MAX_PAGE = 200;
const OCCURRENCES = 50;

/** Exceptions reported by servers, grouped into issues. */
export const issues = new Hono<{ Bindings: Env }>()

	/** `?project=&status=&q=&since=&until=&sort=&limit=&cursor=` → a page of issues, and the count per status. */
	.get(
		"/",
		validator("query", firstValues("project", "status", "q", "since", "until", "sort", "limit", "cursor")),
		async (c) => {
			const query = c.req.valid("query");
			const project = projectOf(c.env, query.project);
			const filter = {
				...periodOf(query),
				search: query.q?.trim() || undefined,
				status: ISSUE_STATUSES.find((it) => it === query.status),
				sort: choiceParam(query.sort, ISSUE_SORTS),
			};
			const limit = countParam(query.limit, PAGE, MAX_PAGE);
			const [page, counts] = await Promise.all([
				listIssues(c.env.DB, project, filter, limit, cursorOf(query.cursor)),
				countIssues(c.env.DB, project, filter),
			]);
			return c.json({
				issues: page.issues,
				next: page.next && encodeCursor([page.next.rank, page.next.fingerprint]),
				counts,
				...projectsIn(c.env, project),
			});
		},
	)

	/** One issue with statistics of its occurrences, and the newest occurrences. */
	.get("/:fingerprint", validator("query", firstValues("project")), async (c) => {
		const { project, fingerprint } = keyOf(c.env, c.req.valid("query").project, c.req.param("fingerprint"));
		const [issue, spread, page] = await Promise.all([
			findIssue(c.env.DB, project, fingerprint),
			readOccurrenceStats(c.env.DB, project, fingerprint, Date.now()),
			listOccurrences(c.env.DB, project, fingerprint, OCCURRENCES, null),
		]);
		if (!issue) fail("issue_not_found");
		return c.json({ issue, spread, ...page, ...projectsIn(c.env, project) });
	})

	/** Older occurrences; `?cursor=` is the ID of the last occurrence received. */
	.get("/:fingerprint/occurrences", validator("query", firstValues("project", "cursor")), async (c) => {
		const query = c.req.valid("query");
		const { project, fingerprint } = keyOf(c.env, query.project, c.req.param("fingerprint"));
		if (query.cursor && !isId(query.cursor)) fail("invalid_parameter", { name: "cursor" });
		return c.json(await listOccurrences(c.env.DB, project, fingerprint, OCCURRENCES, query.cursor || null));
	})

	/** Changes the status of an issue. Body: `{status}`, which is open, resolved or ignored. */
	.put("/:fingerprint/status", validator("query", firstValues("project")), validator("json", statusOf), async (c) => {
		const { project, fingerprint } = keyOf(c.env, c.req.valid("query").project, c.req.param("fingerprint"));
		const isFound = await setIssueStatus(c.env.DB, project, fingerprint, c.req.valid("json").status, Date.now());
		if (!isFound) fail("issue_not_found");
		return c.json({ issue: await findIssue(c.env.DB, project, fingerprint) });
	});

function keyOf(env: Env, project: string | undefined, fingerprint: string) {
	return { project: projectOf(env, project), fingerprint: idParam(fingerprint) };
}

/** @throws invalid_parameter */
function statusOf(body: unknown) {
	const status = isRecord(body) ? ISSUE_STATUSES.find((it) => it === body.status) : undefined;
	return { status: status ?? fail("invalid_parameter", { name: "status" }) };
}

function cursorOf(value: string | undefined): IssueCursor | null {
	const parts = decodeCursor(value);
	if (!parts) return null;
	const rank = Number(parts[0]);
	if (parts.length !== 2 || !Number.isFinite(rank)) fail("invalid_parameter", { name: "cursor" });
	return { rank, fingerprint: parts[1]! };
}
