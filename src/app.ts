import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { analytics } from "./api/analytics.ts";
import { audit } from "./api/audit.ts";
import { backup } from "./api/backup.ts";
import { erasures } from "./api/erasures.ts";
import { issues } from "./api/issues.ts";
import { maintenance } from "./api/maintenance.ts";
import { marks } from "./api/marks.ts";
import { notes } from "./api/notes.ts";
import { recordings } from "./api/recordings.ts";
import { replay } from "./api/replay.ts";
import { segments } from "./api/segments.ts";
import { serverEvents } from "./api/server-events.ts";
import { sessions } from "./api/sessions.ts";
import { sharedReplay, shares } from "./api/shares.ts";
import { ConfigError, configOf, type Env } from "./env.ts";
import { logIn, logOut, requireLogin, sameOriginOnly } from "./http/auth.ts";
import { Failure, failureResponse } from "./http/errors.ts";
import { page } from "./http/pages.ts";
import { eventsRoute } from "./ingest/events-route.ts";
import { reportsRoute } from "./ingest/reports-route.ts";
import { checkStores } from "./storage/health.ts";

/** API of the dashboard. */
const api = new Hono<{ Bindings: Env }>()
	.use(async (c, next) => {
		await next();
		c.res.headers.set("cache-control", "no-store");
	})
	.route("/sessions", sessions)
	.route("/sessions", replay)
	.route("/sessions", marks)
	.route("/sessions", notes)
	.route("/sessions", shares)
	.route("/sessions", recordings)
	.route("/analytics", analytics)
	.route("/issues", issues)
	.route("/server-events", serverEvents)
	.route("/segments", segments)
	.route("/maintenance", maintenance)
	.route("/erasures", erasures)
	.route("/audit", audit)
	.route("/backup", backup);

export type Api = typeof api;
/** API of share links. */
export type SharedApi = typeof sharedReplay;

export const app = new Hono<{ Bindings: Env }>()
	// With an invalid configuration, every request fails with a message that names the variable.
	.use(async (c, next) => {
		configOf(c.env);
		await next();
	})

	// `POST /events`: batches from recorders.
	.route("/events", eventsRoute)
	// `POST /errors` and `POST /track`: reports from servers.
	.route("/", reportsRoute)

	// Health checks: /healthz succeeds if the Worker runs, /readyz if D1 and R2 respond, too.
	.get("/healthz", (c) => c.text("ok"))
	.get("/readyz", async (c) => {
		await checkStores(c.env.DB, c.env.CHUNKS);
		return c.text("ok");
	})

	.use(secureHeaders({ xFrameOptions: false, crossOriginEmbedderPolicy: false }))

	// Share links to single recordings.
	.route("/share", sharedReplay)

	.post("/login", sameOriginOnly, logIn)
	.post("/logout", sameOriginOnly, logOut)

	// Everything below requires a login.
	.use(requireLogin)
	.route("/api", api)
	.get("/player", (c) => page(c, "player"))
	.get("/", (c) => page(c, "index"))
	.get("/sessions/:sid", (c) => page(c, "index"))
	.get("/sessions/:sid/windows/:wid", (c) => page(c, "index"))
	.get("/analytics", (c) => page(c, "index"))
	.get("/analytics/:report", (c) => page(c, "index"))
	.get("/issues", (c) => page(c, "index"))
	.get("/issues/:fingerprint", (c) => page(c, "index"))
	.get("/server-events", (c) => page(c, "index"))
	.get("/server-events/:id", (c) => page(c, "index"))
	// Redirects the path that /server-events had in Sentiero (the Ruby gem) and in earlier versions.
	.get("/custom-events/:id?", (c) => {
		const { pathname, search } = new URL(c.req.url);
		return c.redirect(pathname.replace("custom", "server") + search, 301);
	})
	.get("/maintenance", (c) => page(c, "index"))
	.get("/import", (c) => page(c, "index"))
	.get("/login", (c) => c.redirect("/", 303))

	.notFound((c) => (c.req.path.startsWith("/api/") ? failureResponse(new Failure("not_found")) : page(c, "index", 404)))
	.onError((error, c) => {
		if (error instanceof Failure) return failureResponse(error);
		if (error instanceof ConfigError) return c.text(`Sentiero Edge is misconfigured.\n\n${error.message}\n`, 500);
		if ("getResponse" in error) {
			const response = error.getResponse();
			if (!c.req.path.startsWith("/api/")) return response;
			return failureResponse(new Failure(response.status === 403 ? "forbidden" : "invalid_json"));
		}
		console.error(error);
		return failureResponse(new Failure("internal"));
	});
