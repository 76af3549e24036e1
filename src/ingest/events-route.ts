import { Hono } from "hono";
import { configOf, type Env } from "../env.ts";
import { Failure, failureResponse } from "../http/errors.ts";
import { projectsFor } from "./admit.ts";
import { ingest } from "./pipeline.ts";
import { noteRefusal } from "./refusals.ts";

/** `POST /events` receives batches of recorders, from any allowed origin. It never redirects and never returns HTML. */
export const eventsRoute = new Hono<{ Bindings: Env }>().all("/", async (c) => {
	const request = c.req.raw;
	if (request.method === "OPTIONS")
		return withCors(new Response(null, { status: 204, headers: PREFLIGHT }), request, c.env);
	let project = configOf(c.env).projects[0]!.id;
	try {
		const answer = await ingest(request, c.env, c.executionCtx, (id) => {
			project = id;
		});
		return withCors(Response.json(answer, { headers: { "cache-control": "no-store" } }), request, c.env);
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		noteRefusal(c.env, c.executionCtx, project, error, Date.now());
		return withCors(failureResponse(error), request, c.env);
	}
});

const PREFLIGHT = {
	"access-control-allow-methods": "POST",
	"access-control-allow-headers": "Content-Type, Content-Encoding",
	"access-control-max-age": "86400",
	"content-type": "text/plain",
};

/**
 * Adds CORS headers that allow the origin of the request if a project accepts it; never a wildcard, never credentials.
 */
function withCors(response: Response, request: Request, env: Env): Response {
	response.headers.set("x-content-type-options", "nosniff");
	response.headers.append("vary", "Origin");
	const origin = request.headers.get("origin");
	if (origin && projectsFor(origin, request, configOf(env)).length) {
		response.headers.set("access-control-allow-origin", origin);
	}
	return response;
}
